// Run: every final state of a litmus test under a memory model, by exploration of all executions.
#pragma once

#include <anypage/core/base/result.hpp>

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
    std::uint64_t states = 0;
    double seconds = 0;
};

/// An error if the test is too large, or if a process uses what is no address or no lock of its.
/// `file` is for messages only.
result<Run, LitmusError> run(std::string_view file, const Program& program,
                             const RunConfig& config);

}  // namespace anypage::check::litmus
