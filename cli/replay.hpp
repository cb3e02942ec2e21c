// The verb `replay`: a recording of a real kernel's page allocations, replayed on a machine while
// its memory comes and goes, once for each protocol.
#pragma once

#include "cli/verb.hpp"

namespace anypage::cli {

Verb add_replay_verb(CLI::App& root);

}  // namespace anypage::cli
