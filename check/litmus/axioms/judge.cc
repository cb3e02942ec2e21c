// Judge: see judge.hpp.
#include "judge.hpp"

#include <algorithm>
#include <chrono>

#include "endings.hpp"
#include "kernel.hpp"
#include "thin_air.hpp"

namespace anypage::check::litmus::axioms {
namespace {

using Clock = std::chrono::steady_clock;

constexpr TraceLimits trace_limits{.traces_max = 200'000};
constexpr TraceLimits turning_limits{.traces_max = 20'000};
constexpr const char* ways = "ways that a process may go";

std::size_t writes_in(const std::vector<Statement>& statements) {
    std::size_t writes = 0;
    for (const Statement& one : statements) {
        const bool may_write = one.kind == Statement::Kind::operation &&
                               one.operation.action != Action::load &&
                               one.operation.action != Action::fence;
        writes += (may_write ? 1 : 0) + writes_in(one.then_part) + writes_in(one.else_part);
    }
    return writes;
}

class Judge {
public:
    Judge(const Program& program, const Limits& limits) : program_(program), limits_(limits) {}

    Judged run() {
        if (find_values() && find_traces()) {
            leave_strayed();
            find_later();
            combine(0);
        }
        made_.finals.assign(finals_.begin(), finals_.end());
        if (data_race_) made_.flags.emplace_back("data-race");
        if (mixed_accesses_) made_.flags.emplace_back("mixed-accesses");
        made_.seconds = std::chrono::duration<double>(Clock::now() - began_).count();
        return std::move(made_);
    }

private:
    bool stop(const char* limit) {
        made_.limit = limit;
        return false;
    }

    /// What cells may be found to hold: what is written when reads find what cells may hold. A
    /// value that takes more writes than there are is none. What more it holds than is right, no
    /// read finds: nobody writes it.
    bool find_values() {
        for (std::size_t cell = 0; cell < program_.cells(); ++cell) {
            values_[cell] = {program_.initial_of(cell)};
        }
        std::size_t writes = 0;
        for (const Process& process : program_.processes) writes += writes_in(process.body);
        for (std::size_t round = 0; round < writes; ++round) {
            Values found = values_;
            for (std::size_t process = 0; process < program_.processes.size(); ++process) {
                if (!add_values(process, found)) return stop(ways);
            }
            if (found == values_) break;
            values_ = std::move(found);
        }
        return true;
    }

    bool add_values(std::size_t process, Values& found) {
        if (!made_.load_buffering &&
            add_writable(program_, process, values_, turning_limits, found)) {
            return true;
        }
        // Without those that nothing but themselves lets be written.
        made_.load_buffering = true;
        const auto traces = traces_of(program_, process, values_, trace_limits);
        if (!traces) return false;
        for (const Trace& trace : *traces) add_written(trace, found);
        return true;
    }

    /// None of them is in an execution: what really goes astray is found by whoever explores.
    void leave_strayed() {
        for (auto& traces : traces_) {
            std::erase_if(traces, [](const Trace& trace) { return trace.strayed; });
        }
    }

    bool find_traces() {
        for (std::size_t process = 0; process < program_.processes.size(); ++process) {
            auto traces = traces_of(program_, process, values_, trace_limits);
            if (!traces) return stop(ways);
            traces_.push_back(*std::move(traces));
        }
        return true;
    }

    /// Most choices of traces are none, because nobody writes what somebody reads; most of these
    /// are left as soon as those who could are chosen.
    bool combine(std::size_t process) {
        if (!all_read_may_be_written(process)) return true;
        if (process == traces_.size()) return judge_chosen();
        return std::all_of(traces_[process].begin(), traces_[process].end(),
                           [&](const Trace& trace) {
                               chosen_.push_back(&trace);
                               const bool on = combine(process + 1);
                               chosen_.pop_back();
                               return on;
                           });
    }

    bool judge_chosen() {
        const std::size_t events = events_of(chosen_);
        if (events <= EventSet<narrow>::max) return judge_chosen_of<narrow>();
        if (events <= EventSet<wide>::max) return judge_chosen_of<wide>();
        return stop("events of an execution");
    }

    template <unsigned words>
    bool judge_chosen_of() {
        auto unseen = unseen_endings();
        const auto all_seen = [&] { return unseen && unseen->empty(); };
        if (all_seen()) return true;
        std::optional<KernelModel<words>> model;
        bool on = true;
        for_each_candidate<words>(program_, chosen_, [&](const Candidate<words>& candidate) {
            if (!model) model.emplace(candidate.skeleton);
            const Judgement judgement = model->judge(candidate.rf, candidate.co);
            if (judgement.allowed) use(candidate, judgement, unseen);
            on = count();
            return on && !all_seen();
        });
        return on;
    }

    template <unsigned words>
    void use(const Candidate<words>& candidate, const Judgement& judgement,
             std::optional<std::set<FinalState>>& unseen) {
        const ThinAir<words> thin_air(candidate);
        if (thin_air.decides()) return;
        made_.thin_air |= thin_air.any();
        const FinalState state = state_of(candidate, thin_air);
        add(state, judgement);
        if (unseen) unseen->erase(state);
    }

    /// None: go through them all. Only plain accesses raise flags, and then each execution counts.
    std::optional<std::set<FinalState>> unseen_endings() const {
        if (plain_) return std::nullopt;
        auto endings = endings_of(program_, chosen_);
        if (!endings) return std::nullopt;
        std::erase_if(*endings, [this](const FinalState& state) {
            return finals_.contains(state) || !passes_filter(state);
        });
        return endings;
    }

    bool count() {
        if (++made_.candidates >= limits_.candidates_max) return stop("candidates");
        if (made_.candidates % 1024 != 0) return true;
        const double seconds = std::chrono::duration<double>(Clock::now() - began_).count();
        return seconds < limits_.seconds_max || stop("seconds");
    }

    /// By the chosen traces, or by one that `process` or a later one might still choose?
    bool all_read_may_be_written(std::size_t process) const {
        if (chosen_.empty()) return true;
        Values written = later_[process];
        for (const Trace* trace : chosen_) add_written(*trace, written);
        const auto may_be_read = [&](const Event& e) {
            if (e.kind != Event::Kind::read || program_.initial_of(e.cell) == e.value) return true;
            const auto of_cell = written.find(e.cell);
            return of_cell != written.end() && of_cell->second.contains(e.value);
        };
        return std::all_of(chosen_.begin(), chosen_.end(), [&](const Trace* trace) {
            return std::all_of(trace->events.begin(), trace->events.end(), may_be_read);
        });
    }
    /// What processes write that have not chosen yet, by how many have.
    void find_later() {
        later_.assign(traces_.size() + 1, {});
        for (std::size_t process = traces_.size(); process-- > 0;) {
            later_[process] = later_[process + 1];
            for (const Trace& trace : traces_[process]) add_written(trace, later_[process]);
        }
    }

    template <unsigned words>
    FinalState state_of(const Candidate<words>& candidate, const ThinAir<words>& thin_air) const {
        FinalState state;
        for (const Place& place : program_.observed) {
            state.push_back(place.process ? register_of(candidate, place, thin_air)
                                          : last_of(candidate, place, thin_air));
        }
        return name_in_turn(std::move(state));
    }

    template <unsigned words>
    Value register_of(const Candidate<words>& candidate, const Place& place,
                      const ThinAir<words>& thin_air) const {
        const Trace& trace = *chosen_[*place.process];
        const auto first = static_cast<unsigned>(candidate.skeleton.first[*place.process]);
        Value value = trace.registers[place.index];
        trace.computed_from[place.index].for_each([&](unsigned number) {
            if (const auto name = thin_air.name_of(first + number)) value = *name;
        });
        return value;
    }

    template <unsigned words>
    Value last_of(const Candidate<words>& candidate, const Place& place,
                  const ThinAir<words>& thin_air) const {
        const std::size_t cell = program_.cell_of(place);
        const auto write = candidate.last_write(cell);
        if (!write) return program_.initial_of(cell);
        return thin_air.name_of(*write).value_or(candidate.skeleton.events[*write].value);
    }

    /// Rings are told apart, and that is all: the first that shows is ?1.
    static FinalState name_in_turn(FinalState state) {
        std::map<Value, Value> names;
        for (Value& value : state) {
            if (!Program::is_from_nowhere(value)) continue;
            const auto next = static_cast<Value>(names.size());
            value = names.emplace(value, Program::from_nowhere + next).first->second;
        }
        return state;
    }

    bool passes_filter(const FinalState& state) const {
        return !program_.filter || holds(program_, *program_.filter, state);
    }

    void add(const FinalState& state, const Judgement& judgement) {
        if (!passes_filter(state)) return;
        data_race_ |= judgement.data_race;
        mixed_accesses_ |= judgement.mixed_accesses;
        finals_.insert(state);
    }

    const Program& program_;
    const Limits limits_;
    const bool plain_ = has_plain_accesses(program_);
    const Clock::time_point began_ = Clock::now();
    Values values_;
    std::vector<std::vector<Trace>> traces_;
    std::vector<Values> later_;
    std::vector<const Trace*> chosen_;
    std::set<FinalState> finals_;
    bool data_race_ = false;
    bool mixed_accesses_ = false;
    Judged made_;
};

bool is_plain_access(const Statement& one) {
    const Operation& operation = one.operation;
    const bool accesses = operation.action == Action::load || operation.action == Action::store;
    return one.kind == Statement::Kind::operation && accesses && operation.order == Order::plain;
}

bool has_plain(const std::vector<Statement>& statements) {
    return std::any_of(statements.begin(), statements.end(), [](const Statement& one) {
        return is_plain_access(one) || has_plain(one.then_part) || has_plain(one.else_part);
    });
}

}  // namespace

bool has_plain_accesses(const Program& program) {
    return std::any_of(program.processes.begin(), program.processes.end(),
                       [](const Process& process) { return has_plain(process.body); });
}

Judged judge(const Program& program, const Limits& limits) { return Judge(program, limits).run(); }

}  // namespace anypage::check::litmus::axioms
