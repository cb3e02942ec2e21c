// The search: see explorer.hpp.
#include "explorer.hpp"

#include <algorithm>

namespace anypage::check {

Explorer::Explorer(const ExploreConfig& config, const Scenario& scenario)
    : config_(config), execution_(config.execution, scenario) {
    frontier_.begin();
}

void Explorer::restart() {
    execution_.restart();
    states_.clear();
    frontier_.begin();
    sums_ = {};
    last_ = Frontier::root;
}

bool Explorer::is_over() const {
    return frontier_.is_empty() || !sums_.limit.empty() ||
           (config_.first_only && !sums_.found.empty());
}

void Explorer::run(const std::function<bool()>& enough) {
    while (!is_over()) {
        const Frontier::Waiting next = *frontier_.take();
        run_from(next.node, next.cost);
        if (execution_.needs_restart()) return;
        check_limits();
        if (enough()) return;
    }
}

void Explorer::check_limits() {
    if (states_.size() > config_.states_max) sums_.limit = limit_states;
    if ((sums_.executions & 255) != 0) return;
    if (seconds() > config_.seconds_max) sums_.limit = limit_seconds;
    if (config_.stop && config_.stop()) sums_.limit = limit_stopped;
    if (!is_part_) report_progress();
}

void Explorer::report_progress() const {
    if (config_.progress) config_.progress(states_.size(), frontier_.waiting());
}

void Explorer::run_from(std::uint32_t node, unsigned cost) {
    ++sums_.executions;
    if (!retrace(node)) return report_other_path();
    auto depth = static_cast<unsigned>(path_.size());
    for (std::optional<std::uint32_t> next = node; next; ++depth) {
        node = *next;
        next = expand(node, cost);
        if (next) execution_.step({frontier_.node(*next).context, frontier_.node(*next).way, 0});
    }
    last_ = node;
    sums_.steps += depth;
    sums_.longest = std::max(sums_.longest, depth);
    if (execution_.needs_restart()) return;
    if (execution_.limit_hit()) sums_.limit = "steps of one context, messages, or locations";
    if (const auto& violation = execution_.violation()) {
        add(sums_.found, {*violation, frontier_.schedule_to(node), cost});
    }
    if (!sums_.load_buffering.empty()) return;
    if (const auto where = execution_.load_buffering()) {
        add(sums_.load_buffering, {{"load buffering", *where}, frontier_.schedule_to(node), cost});
    }
}

/// From the start to `node`. False: the same steps led somewhere else than before.
bool Explorer::retrace(std::uint32_t node) {
    execution_.reset();
    frontier_.path_to(node, path_);
    for (std::size_t i = path_.size(); i-- > 0;) {
        const Frontier::Node& step = frontier_.node(path_[i]);
        if (execution_.fingerprint(step.context) != step.print) return false;
        // What a step costs and whether somebody is stuck was seen when it was new.
        execution_.step({step.context, step.way, 0});
    }
    return true;
}

/// A small exploration may never come the same way twice: it does now.
void Explorer::retrace_last() {
    for (unsigned times = 0; times < 2 && sums_.found.empty(); ++times) {
        if (!retrace(last_)) report_other_path();
    }
}

/// Looks at the state after `node`: makes a node of each way on that is not explored elsewhere, and
/// says which to follow now.
std::optional<std::uint32_t> Explorer::expand(std::uint32_t node, unsigned cost) {
    const auto& all = execution_.transitions();
    if (execution_.violation() || execution_.limit_hit()) return std::nullopt;
    if (all.empty()) {
        execution_.finish();
        if (config_.at_end && !execution_.violation() && !execution_.needs_restart()) {
            config_.at_end(execution_);
        }
        return std::nullopt;
    }
    const std::uint8_t sleeping = frontier_.node(node).sleeping;
    auto left = static_cast<std::uint8_t>(~sleeping);
    // A state with one way on needs no entry: the next one with several has it.
    if (config_.deduplicate && all.size() > 1) left = states_.reach(execution_.key(), sleeping);
    if (left == 0) return std::nullopt;
    return branch(node, cost, left);
}

std::optional<std::uint32_t> Explorer::branch(std::uint32_t node, unsigned cost,
                                              std::uint8_t left) {
    const auto& all = execution_.transitions();
    // Whoever ran last goes first: its ways are the cheapest.
    std::uint8_t done = frontier_.node(node).sleeping;
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
            const std::uint32_t fresh = frontier_.add(
                {node, each.context, each.way, sleeping, execution_.fingerprint(each.context)});
            if (!next || each.cost < next_cost) {
                if (next) frontier_.wait(*next, cost + next_cost);
                next = fresh;
                next_cost = each.cost;
            } else {
                frontier_.wait(fresh, cost + each.cost);
            }
        }
        if (any) done |= bit;
    };
    const unsigned first = frontier_.node(node).context;
    branch_of(first);
    for (unsigned context = 0; context < execution_.contexts().size(); ++context) {
        if (context != first) branch_of(context);
    }
    if (next && next_cost > 0) {
        // Others may be cheaper now.
        frontier_.wait(*next, cost + next_cost);
        return std::nullopt;
    }
    return next;
}

std::uint8_t Explorer::still_asleep(std::uint8_t asleep, unsigned stepping) const {
    std::uint8_t still = 0;
    for (unsigned other = 0; other < execution_.contexts().size(); ++other) {
        const auto bit = static_cast<std::uint8_t>(1u << other);
        if ((asleep & bit) != 0 && other != stepping && execution_.independent(other, stepping)) {
            still |= bit;
        }
    }
    return still;
}

void Explorer::add(std::vector<Reached>& to, Reached reached) {
    for (Reached& each : to) {
        if (each.violation.property != reached.violation.property) continue;
        if (reached.cost < each.cost) each = std::move(reached);
        return;
    }
    to.push_back(std::move(reached));
}

void Explorer::forget_frontier() {
    frontier_.clear();
    last_ = Frontier::root;
}

void Explorer::report_other_path() {
    execution_.restart();  // nothing that it has learnt is worth anything
    add(sums_.found, {{Execution::world_alone,
                       "the same steps led to another operation: a clock, a random number, or "
                       "state outside of Setup::make decides what a context does"},
                      {},
                      0});
    sums_.limit = "a scenario error";
}

Found Explorer::shown(const Reached& reached) {
    Found found{reached.violation, {}};
    if (reached.schedule.empty()) return found;
    found.counterexample.schedule = reached.schedule;
    execution_.trace(true);
    execution_.reset();
    for (const Transition& each : reached.schedule) execution_.step(each);
    found.counterexample.events = execution_.events();
    found.counterexample.contexts = execution_.contexts();
    execution_.trace(false);
    return found;
}

Result Explorer::result() {
    Result result;
    retrace_last();
    for (const Reached& each : sums_.found) result.found.push_back(shown(each));
    for (const Reached& each : sums_.load_buffering) result.load_buffering = shown(each);
    for (const LockInfo& lock : execution_.locks()) result.locks.emplace_back(lock.name);
    result.limit = sums_.limit;
    result.states = states_.size();
    result.executions = sums_.executions;
    result.steps = sums_.steps;
    result.longest = sums_.longest;
    result.bytes = states_.bytes() + frontier_.bytes();
    result.seconds = seconds();
    if (!result.found.empty()) {
        result.verdict = Verdict::broken;
    } else if (!result.limit.empty() || result.load_buffering) {
        result.verdict = Verdict::bounded;
        if (result.limit.empty()) result.limit = "load buffering";
    }
    return result;
}

}  // namespace anypage::check
