// The verb `check`: every protocol under every kind of kernel and caller, explored; verdicts and
// counterexamples.
#pragma once

#include "cli/verb.hpp"

namespace anypage::cli {

Verb add_check_verb(CLI::App& app);

}  // namespace anypage::cli
