// The same small programs on the checker's engine.
#pragma once

#include "naive_program.hpp"

namespace anypage::naive {

struct Reductions {
    bool deduplicate = true;
    bool sleep_sets = true;
    bool all_shared = false;  ///< on: what only one context looks at is a step, too
};

struct OnEngine {
    Behaviour behaviour;
    std::uint64_t states = 0;
    bool complete = true;
};

OnEngine run_on_engine(const Program& program, const Reductions& reductions);

}  // namespace anypage::naive
