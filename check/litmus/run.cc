// Run: see run.hpp.
#include "run.hpp"

#include <algorithm>
#include <set>

#include "../explore.hpp"
#include "interpreter.hpp"
#include "load_buffering_risk.hpp"
#include "text.hpp"

namespace anypage::check::litmus {
namespace {

constexpr unsigned steps_max = 10'000;
/// Joins of what values depend on are numbered with 16 bits, and there is no loop.
constexpr std::size_t joins_max = 50'000;

struct Size {
    std::size_t joins = 0;
    bool locks_are_seen = false;
};

void measure(const Expression& expression, Size& size) {
    ++size.joins;
    for (const Expression& operand : expression.operands) measure(operand, size);
}

void measure(const std::vector<Statement>& statements, Size& size) {
    for (const Statement& one : statements) {
        size.joins += 2;
        measure(one.expression, size);
        measure(one.operation.address, size);
        measure(one.operation.value, size);
        size.locks_are_seen |= looks_at_lock(one.operation.action);
        measure(one.then_part, size);
        measure(one.else_part, size);
    }
}

Size size_of(const Program& program) {
    Size size;
    for (const Process& process : program.processes) measure(process.body, size);
    return size;
}

/// Why this test cannot be run at all; empty if it can.
std::string excess(const Program& program, const Size& size) {
    if (program.processes.size() > contexts_max) {
        return concat("more than ", contexts_max, " processes; leave this test out");
    }
    if (program.cells() > locations_max) {
        return concat("more than ", locations_max, " cells of memory; leave this test out");
    }
    if (size.joins > joins_max) return "the test is too long; make it smaller";
    return {};
}

template <class T>
std::span<T> array_in(Setup& setup, std::size_t count) {
    return {static_cast<T*>(setup.bytes((count + 1) * sizeof(T), alignof(T))), count};
}

void lay_out(Setup& setup, Job& job) {
    const Program& program = job.program;
    Store& store = job.store;
    store.cells = array_in<std::uint64_t>(setup, program.cells());
    store.holders = array_in<std::uint8_t>(setup, program.cells());
    for (std::size_t cell = 0; cell < program.cells(); ++cell) {
        store.cells[cell] = static_cast<std::uint64_t>(program.initial_of(cell));
    }
    for (std::size_t i = 0; i < program.processes.size(); ++i) {
        const auto& registers = program.processes[i].registers;
        store.registers.push_back(array_in<Slot>(setup, registers.size()));
        for (std::size_t id = 0; id < registers.size(); ++id) {
            store.registers[i][id] = Slot{registers[id].initial, 0};
        }
        setup.thread(concat("P", i), static_cast<unsigned>(i), [&job, i] { interpret(job, i); });
    }
    setup.after([] {});  // cells get their last values where something asks for them
}

FinalState final_state(const Job& job) {
    FinalState state;
    for (const Place& place : job.program.observed) {
        state.push_back(place.process
                            ? job.store.registers[*place.process][place.index].value
                            : static_cast<Value>(job.store.cells[job.program.cell_of(place)]));
    }
    return state;
}

}  // namespace

result<Run, LitmusError> run(std::string_view file, const Program& program,
                             const RunConfig& config) {
    const Size size = size_of(program);
    const auto error = [&](LitmusError::Kind kind, SourcePosition at, std::string message) {
        return LitmusError{kind, std::string(file), at, std::move(message)};
    };
    if (std::string why = excess(program, size); !why.empty()) {
        return error(LitmusError::Kind::unsupported, {1, 1}, std::move(why));
    }
    Job job{program, config.model, size.locks_are_seen, {}, {}, {}};
    std::set<FinalState> finals;
    ExploreConfig exploration;
    exploration.execution.model = config.model;
    exploration.execution.steps_max = steps_max;
    exploration.execution.dependencies = config.model == Model::lkmm;
    const LoadBufferingRisk risk =
        config.model == Model::lkmm ? load_buffering_risk(program) : LoadBufferingRisk::none;
    exploration.execution.load_buffering = risk == LoadBufferingRisk::sought;
    exploration.execution.all_shared = true;  // a full barrier is one wherever its value goes
    exploration.states_max = config.states_max;
    exploration.seconds_max = config.seconds_max;
    exploration.first_only = false;
    exploration.at_end = [&](const Execution&) {
        FinalState state = final_state(job);
        if (program.filter && !holds(program, *program.filter, state)) return;
        finals.insert(std::move(state));
    };
    const Result result = explore(exploration, [&job](Setup& setup) { lay_out(setup, job); });
    if (job.complaint) {
        return error(LitmusError::Kind::malformed, job.complaint->at, job.complaint->message);
    }
    Run made;
    made.finals.assign(finals.begin(), finals.end());
    if (result.load_buffering) made.load_buffering = result.load_buffering->violation.cause;
    // What it might add is said beside the states, which herd7 prints, too.
    if (result.limit != "load buffering") made.limit = result.limit;
    made.deadlocks = std::any_of(result.found.begin(), result.found.end(), [](const Found& found) {
        return found.violation.property != goes_astray;
    });
    const bool has_ways_unseen = made.deadlocks || job.astray;
    if (risk == LoadBufferingRisk::stays ||
        (risk == LoadBufferingRisk::sought && has_ways_unseen)) {
        made.load_buffering = "what is read may decide what is done";
    }
    if (job.astray) made.astray = LitmusWarning{job.astray->at, job.astray->message};
    made.states = result.states;
    made.seconds = result.seconds;
    return made;
}

}  // namespace anypage::check::litmus
