// The verb `litmus`: C litmus tests as herd7 reads them; every final state under a memory model, in
// the form in which herd7 prints them, and whether they are those that herd7 printed.
#pragma once

#include "cli/verb.hpp"

namespace anypage::cli {

Verb add_litmus_verb(CLI::App& root);

}  // namespace anypage::cli
