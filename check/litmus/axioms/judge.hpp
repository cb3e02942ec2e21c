// Judge: every final state of a litmus test by the axioms of the kernel's memory model: all
// candidate executions, and of each whether the axioms allow it. It shares the parser with run(),
// and nothing else: the machine's states are compared with these in the tests. It knows load
// buffering, plain accesses and data races, which the machine does not; it knows nothing of CPUs,
// handlers or locks that somebody waits for, and cannot run anybody's code.
#pragma once

#include "../observation.hpp"

namespace anypage::check::litmus::axioms {

struct Limits {
    std::uint64_t candidates_max = 20'000'000;
    double seconds_max = 600;
};

struct Judged {
    std::vector<FinalState> finals;  ///< each once; those without the test's `filter` left out
    std::vector<std::string> flags;  ///< herd7's: "data-race", "mixed-accesses"
    /// The model allows executions in which some value comes from nowhere (thin_air.hpp).
    bool thin_air = false;
    /// A process may go so many ways that executions may be missing whose values let themselves be
    /// written, round a ring of branches.
    bool load_buffering = false;
    std::string limit;  ///< which one was hit: there may be more of both
    std::uint64_t candidates = 0;
    double seconds = 0;
};

/// Is anything in it read or written without a mark?
bool has_plain_accesses(const Program& program);

Judged judge(const Program& program, const Limits& limits);

}  // namespace anypage::check::litmus::axioms
