// Random programs on both: the naive explorer and the engine with each of its reductions on and
// off. A program on which they differ is made as small as it gets.
#pragma once

#include <string>

#include "naive_program.hpp"

namespace anypage::naive {

struct Campaign {
    std::uint64_t seed = 1;
    std::uint64_t programs = 10'000;
    std::uint64_t executions_max = 50'000;  ///< of the naive explorer, of one program
    std::uint64_t differences_max = 1;      ///< stop at that many
    int steps = 9;                          ///< of a program, at most; under sc, one more
};

struct Tally {
    std::uint64_t programs = 0;
    std::uint64_t skipped = 0;  ///< too many executions
    std::uint64_t stuck = 0;
    std::uint64_t sleeps = 0;
    std::uint64_t outcomes = 0;
    std::uint64_t executions = 0;  ///< naive ones
    std::uint64_t states = 0;      ///< of the engine, with all reductions
    std::vector<std::string> differences;
};

Tally run(const Campaign& campaign);

/// What differs, in words; empty: nothing. `skipped`: too many executions to say.
std::string difference(const Program& program, std::uint64_t executions_max, bool& skipped,
                       Tally* tally = nullptr);

}  // namespace anypage::naive
