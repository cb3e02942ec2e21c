// The search: executions from the start, each along a path that is known to where it is new, and
// then on along the cheapest ways; what was not taken waits, by what it costs.
#include "explore.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>

#include "state_set.hpp"

namespace anypage::check {

const char* name_of(Verdict verdict) {
    constexpr const char* names[] = {"holds", "bounded", "broken"};
    return names[static_cast<unsigned>(verdict)];
}

namespace {

class Explorer {
public:
    Explorer(const ExploreConfig& config, const Scenario& scenario)
        : config_(config), execution_(config.execution, scenario) {}

    Result run() {
        while (!pass()) execution_.restart();
        result_.states = states_.size();
        result_.bytes = states_.bytes() + nodes_.size() * sizeof(Node);
        result_.seconds = seconds();
        for (const LockInfo& lock : execution_.locks()) result_.locks.emplace_back(lock.name);
        if (!result_.found.empty()) {
            result_.verdict = Verdict::broken;
        } else if (!result_.limit.empty() || result_.load_buffering) {
            result_.verdict = Verdict::bounded;
            if (result_.limit.empty()) result_.limit = "load buffering";
        }
        return std::move(result_);
    }

private:
    /// A step and the one before it: paths share their beginnings.
    struct Node {
        std::uint32_t before;
        std::uint8_t context;
        std::uint8_t way;
        std::uint8_t sleeping;  ///< after the step
        std::uint8_t print;     ///< Execution::fingerprint before it
    };
    static constexpr std::uint32_t root = 0;

    double seconds() const { return std::chrono::duration<double>(Clock::now() - since_).count(); }

    /// False: another location proved to be shared; all begins anew.
    bool pass() {
        states_ = {};
        nodes_.assign(1, {root, 0, 0, 0, 0});
        waiting_.clear();
        waiting_[0].push_back(root);
        result_ = {};
        while (!waiting_.empty() && !is_over()) {
            const auto cheapest = waiting_.begin();
            const std::uint32_t node = cheapest->second.front();
            const unsigned cost = cheapest->first;
            cheapest->second.pop_front();
            if (cheapest->second.empty()) waiting_.erase(cheapest);
            run_from(node, cost);
            if (execution_.needs_restart()) return false;
            check_limits();
        }
        return true;
    }

    bool is_over() const {
        return !result_.limit.empty() || (config_.first_only && !result_.found.empty());
    }

    void check_limits() {
        if (states_.size() > config_.states_max) result_.limit = "states";
        if ((result_.executions & 255) != 0) return;
        if (seconds() > config_.seconds_max) result_.limit = "seconds";
        if (config_.progress) config_.progress(states_.size(), waiting_.size());
    }

    void run_from(std::uint32_t node, unsigned cost) {
        ++result_.executions;
        execution_.reset();
        path_.clear();
        for (std::uint32_t at = node; at != root; at = nodes_[at].before) path_.push_back(at);
        for (std::size_t i = path_.size(); i-- > 0;) {
            const Node& step = nodes_[path_[i]];
            if (execution_.fingerprint(step.context) != step.print) return report_other_path(node);
            // What a step costs and whether somebody is stuck was seen when it was new.
            execution_.step({step.context, step.way, 0});
        }
        auto depth = static_cast<unsigned>(path_.size());
        for (std::optional<std::uint32_t> next = node; next; ++depth) {
            node = *next;
            next = expand(node, cost);
            if (next) execution_.step({nodes_[*next].context, nodes_[*next].way, 0});
        }
        result_.steps += depth;
        result_.longest = std::max(result_.longest, depth);
        if (execution_.needs_restart()) return;
        if (execution_.limit_hit()) result_.limit = "steps of one context, messages, or locations";
        if (execution_.violation()) fail(node, *execution_.violation());
        if (!result_.load_buffering) note_load_buffering(node);
    }

    /// Looks at the state after `node`: makes a node of each way on that is not explored elsewhere,
    /// and says which to follow now.
    std::optional<std::uint32_t> expand(std::uint32_t node, unsigned cost) {
        const auto& all = execution_.transitions();
        if (execution_.violation() || execution_.limit_hit()) return std::nullopt;
        if (all.empty()) {
            execution_.finish();
            if (config_.at_end && !execution_.violation() && !execution_.needs_restart()) {
                config_.at_end(execution_);
            }
            return std::nullopt;
        }
        const std::uint8_t sleeping = nodes_[node].sleeping;
        std::uint8_t left = static_cast<std::uint8_t>(~sleeping);
        // A state with one way on needs no entry: the next one with several has it.
        if (config_.deduplicate && all.size() > 1) {
            const auto found = states_.find_or_add(execution_.key(), sleeping);
            if (!found.fresh) {
                left = static_cast<std::uint8_t>(*found.sleeping & ~sleeping);
                *found.sleeping &= sleeping;
                if (left == 0) return std::nullopt;
            }
        }
        return branch(node, cost, left);
    }

    std::optional<std::uint32_t> branch(std::uint32_t node, unsigned cost, std::uint8_t left) {
        const auto& all = execution_.transitions();
        // Whoever ran last goes first: its ways are the cheapest.
        std::uint8_t done = nodes_[node].sleeping;
        std::optional<std::uint32_t> next;
        unsigned next_cost = 0;
        const auto branch_of = [&](unsigned context) {
            const auto bit = static_cast<std::uint8_t>(1u << context);
            if ((left & bit) == 0) return;
            const std::uint8_t sleeping = config_.sleep_sets ? still_asleep(done, context) : 0;
            bool any = false;
            for (const Transition& each : all) {
                if (each.context != context) continue;
                any = true;
                nodes_.push_back(
                    {node, each.context, each.way, sleeping, execution_.fingerprint(each.context)});
                const auto fresh = static_cast<std::uint32_t>(nodes_.size() - 1);
                if (!next || each.cost < next_cost) {
                    if (next) wait(*next, cost + next_cost);
                    next = fresh;
                    next_cost = each.cost;
                } else {
                    wait(fresh, cost + each.cost);
                }
            }
            if (any) done |= bit;
        };
        const unsigned first = nodes_[node].context;
        branch_of(first);
        for (unsigned context = 0; context < execution_.contexts().size(); ++context) {
            if (context != first) branch_of(context);
        }
        if (next && next_cost > 0) {
            // Others may be cheaper now.
            wait(*next, cost + next_cost);
            return std::nullopt;
        }
        return next;
    }

    void wait(std::uint32_t node, unsigned cost) { waiting_[cost].push_back(node); }

    std::uint8_t still_asleep(std::uint8_t asleep, unsigned stepping) const {
        std::uint8_t still = 0;
        for (unsigned other = 0; other < execution_.contexts().size(); ++other) {
            const auto bit = static_cast<std::uint8_t>(1u << other);
            if ((asleep & bit) != 0 && other != stepping &&
                execution_.independent(other, stepping)) {
                still |= bit;
            }
        }
        return still;
    }

    void fail(std::uint32_t node, const Violation violation) {
        for (const Found& each : result_.found) {
            if (each.violation.property == violation.property) return;
        }
        result_.found.push_back({violation, counterexample_to(node)});
    }

    /// The same steps led somewhere else than before.
    void report_other_path(std::uint32_t node) {
        execution_.restart();  // nothing that it has learnt is worth anything
        result_.found.push_back(
            {{Execution::world_alone,
              "the same steps led to another operation: a clock, a random number, "
              "or state outside of Setup::make decides what a context does"},
             {}});
        result_.limit = "a scenario error";
        static_cast<void>(node);
    }

    void note_load_buffering(std::uint32_t node) {
        const std::optional<std::string> where = execution_.load_buffering();
        if (!where) return;
        result_.load_buffering = Found{{"load buffering", *where}, counterexample_to(node)};
    }

    Counterexample counterexample_to(std::uint32_t node) {
        Counterexample shown;
        auto& schedule = shown.schedule;
        for (std::uint32_t at = node; at != root; at = nodes_[at].before) {
            schedule.insert(schedule.begin(), {nodes_[at].context, nodes_[at].way, 0});
        }
        execution_.trace(true);
        execution_.reset();
        for (const Transition& each : schedule) execution_.step(each);
        shown.events = execution_.events();
        shown.contexts = execution_.contexts();
        execution_.trace(false);
        return shown;
    }

    using Clock = std::chrono::steady_clock;

    const ExploreConfig& config_;
    Execution execution_;
    StateSet states_;
    std::vector<Node> nodes_;
    std::map<unsigned, std::deque<std::uint32_t>> waiting_;  // by cost
    std::vector<std::uint32_t> path_;
    Result result_;
    Clock::time_point since_ = Clock::now();
};

}  // namespace

Result explore(const ExploreConfig& config, const Scenario& scenario) {
    return Explorer(config, scenario).run();
}

std::optional<Found> replay(const ExecutionConfig& config, const Scenario& scenario,
                            const std::vector<Transition>& schedule) {
    Execution execution(config, scenario);
    for (;;) {
        execution.trace(true);
        execution.reset();
        for (const Transition& each : schedule) {
            const auto& ways = execution.transitions();
            const bool possible = std::find(ways.begin(), ways.end(), each) != ways.end();
            // Locations prove to be shared as it goes; until then steps are missing.
            if (!possible && !execution.needs_restart()) return std::nullopt;
            if (!possible) break;
            execution.step(each);
        }
        if (!execution.needs_restart()) break;
        execution.restart();
    }
    execution.transitions();
    if (!execution.violation()) execution.finish();
    return Found{execution.violation().value_or(Violation{}),
                 {schedule, execution.events(), execution.contexts()}};
}

}  // namespace anypage::check
