// Trace: see trace.hpp.
#include "trace.hpp"

#include "walk.hpp"

namespace anypage::check::litmus::axioms {
namespace {

Decisions with(Decisions decided, std::vector<std::optional<Value>> Decisions::*which,
               std::size_t number, Value value) {
    auto& of_kind = decided.*which;
    if (of_kind.size() <= number) of_kind.resize(number + 1);
    of_kind[number] = value;
    return decided;
}

/// Calls with the trace of each walk that comes to its end; false beyond the limits.
template <class Use>
bool for_each_trace(const Program& program, std::size_t process, Finds finds, const Values& values,
                    const TraceLimits& limits, Use&& use) {
    std::size_t traces = 0;
    std::vector<Decisions> waiting{{}};
    while (!waiting.empty()) {
        const Decisions decided = std::move(waiting.back());
        waiting.pop_back();
        Walk walk(program, program.processes[process], finds, decided);
        switch (walk.end()) {
            case Walk::End::finished:
            case Walk::End::astray:
                ++traces;
                use(std::move(walk).trace());
                break;
            case Walk::End::needs_value:
                for (const Value value : values.at(walk.cell())) {
                    waiting.push_back(with(decided, &Decisions::found, walk.number(), value));
                }
                break;
            case Walk::End::needs_turn:
                for (const Value taken : {0, 1}) {
                    waiting.push_back(with(decided, &Decisions::turns, walk.number(), taken));
                }
                break;
            case Walk::End::impossible:
                break;
            case Walk::End::too_long:
                return false;
        }
        if (traces + waiting.size() > limits.traces_max) return false;
    }
    return true;
}

}  // namespace

std::optional<std::vector<Trace>> traces_of(const Program& program, std::size_t process,
                                            const Values& values, const TraceLimits& limits) {
    std::vector<Trace> traces;
    const bool all = for_each_trace(program, process, Finds::before_going_on, values, limits,
                                    [&](Trace trace) { traces.push_back(std::move(trace)); });
    if (!all) return std::nullopt;
    return traces;
}

bool add_writable(const Program& program, std::size_t process, const Values& values,
                  const TraceLimits& limits, Values& written) {
    return for_each_trace(program, process, Finds::when_written, values, limits,
                          [&](const Trace& trace) { add_written(trace, written); });
}

void add_written(const Trace& trace, Values& values) {
    for (const Event& event : trace.events) {
        if (event.kind == Event::Kind::write) values[event.cell].insert(event.value);
    }
}

}  // namespace anypage::check::litmus::axioms
