// Run: every final state of a litmus test under a memory model, by exploration of all executions.
#pragma once

#include <anypage/core/base/result.hpp>
#include <optional>

#include "../memory.hpp"
#include "observation.hpp"

namespace anypage::check::litmus {

struct RunConfig {
    Model model = Model::lkmm;
    std::uint64_t states_max = 20'000'000;
    double seconds_max = 600;
};

struct Run {
    std::vector<FinalState> finals;  ///< each once; those without the test's `filter` left out
    std::string limit;               ///< which one was hit: there may be more final states
    std::string load_buffering;      ///< where it might add final states; empty if nowhere
    /// Executions in which somebody waits for a lock for ever; they have no final state.
    bool deadlocks = false;
    /// Executions in which a process follows what is no address, and the first place where; they
    /// have no final state, either.
    std::optional<LitmusWarning> astray;
    std::uint64_t states = 0;
    double seconds = 0;
};

/// An error if the test is too large (that is `unsupported`), or if a process unlocks what it does
/// not hold.
/// `file` is for messages only.
result<Run, LitmusError> run(std::string_view file, const Program& program,
                             const RunConfig& config);

}  // namespace anypage::check::litmus
