// Parser of C litmus tests in herd7's format for the Linux kernel memory model. Whatever the bytes,
// it returns a program or an error. What is not read, and why, is in docs/CHECKER.md.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "check/litmus/program.hpp"

namespace anypage::check::litmus {

/// Reads a test. `file` is for messages only.
result<Program, LitmusError> read_litmus(std::string_view file, std::string_view text);

}  // namespace anypage::check::litmus
