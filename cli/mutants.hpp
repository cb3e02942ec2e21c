// The verb `mutants`: weakens each memory order, fence and irq_save of our own allocator, one at a
// time, and says which scenario needs it.
#pragma once

#include "cli/verb.hpp"

namespace anypage::cli {

Verb add_mutants_verb(CLI::App& app);

}  // namespace anypage::cli
