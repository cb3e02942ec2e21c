// The naive explorer: every execution of a small program, one after the other, from the rules of
// the checker's design written down a second time. It shares no code with check/, tells no states
// apart and leaves nothing out: whoever may step does, in every way, on a copy of the whole state.
#pragma once

#include "naive_program.hpp"

namespace anypage::naive {

struct Explored {
    Behaviour behaviour;
    std::uint64_t executions = 0;
    bool complete = true;  ///< false: there are more executions than were asked for
};

Explored explore(const Program& program, std::uint64_t executions_max);

}  // namespace anypage::naive
