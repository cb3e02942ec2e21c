// Explore: every execution of a scenario, states told apart by their keys, cheapest first: the
// first counterexample that is found has the fewest switches and stale reads that one can have.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "execution.hpp"

namespace anypage::check {

enum class Verdict : std::uint8_t {
    holds,
    bounded,  ///< nothing was found, but not everything was looked at: see Result::limit
    broken,
};

const char* name_of(Verdict verdict);

struct ExploreConfig {
    ExecutionConfig execution;
    std::uint64_t states_max = 20'000'000;
    double seconds_max = 600;
    bool deduplicate = true;  ///< off: every execution, for checking the checker
    bool sleep_sets = true;   ///< off: ditto
    bool first_only = true;   ///< off: go on, and find the first violation of each property
    unsigned processes = 1;   ///< that share the exploration; 1 if there is at_end or sites
    std::uint64_t states_alone = 20'000;  ///< before the first one forks the others off
    /// A file that it is kept in at its end, and taken up from if there is one: after a limit of
    /// states or seconds, or `stop`, it goes on; after its own end it is over at once. explore()
    /// throws CheckpointError (checkpoint.hpp) if the file is of something else.
    std::string file;
    /// Asked now and then; true: that is all for now.
    std::function<bool()> stop{};
    /// Called at the end of each execution that nothing is wrong with and in which every handler
    /// has come.
    std::function<void(const Execution&)> at_end{};
    /// Called now and then.
    std::function<void(std::uint64_t states, std::uint64_t waiting)> progress{};
};

// Limits after which an exploration can go on (Result::limit).
inline constexpr const char* limit_states = "states";
inline constexpr const char* limit_seconds = "seconds";
inline constexpr const char* limit_stopped = "being stopped";

/// What led to the violation: the steps, and how they read.
struct Counterexample {
    std::vector<Transition> schedule;
    std::vector<Event> events;
    std::vector<ContextSpec> contexts;
};

struct Found {
    Violation violation;
    Counterexample counterexample;
};

struct Result {
    Verdict verdict = Verdict::holds;
    std::vector<Found> found;  ///< the first of each property, cheapest first
    std::string limit;         ///< which one was hit
    /// Where load buffering might add executions that were not looked at (ExecutionConfig).
    std::optional<Found> load_buffering;
    std::vector<std::string> locks;  ///< names of those that were met, by Mutation::lock
    std::uint64_t states = 0;
    std::uint64_t executions = 0;
    std::uint64_t steps = 0;
    std::uint64_t bytes = 0;  ///< of what was kept
    unsigned longest = 0;     ///< steps of the longest execution
    double seconds = 0;
};

Result explore(const ExploreConfig& config, const Scenario& scenario);

/// Runs one schedule again: what it shows. Nothing if it is not a schedule of this scenario.
std::optional<Found> replay(const ExecutionConfig& config, const Scenario& scenario,
                            const std::vector<Transition>& schedule);

}  // namespace anypage::check
