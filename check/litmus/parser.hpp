// Parser of C litmus tests in herd7's format for the Linux kernel memory model. Whatever the bytes,
// it returns a program or an error.
//
// Refused as unsupported: RCU and SRCU, loops, ?:, structures, arrays of registers, ++ and +=, C11
// atomics, other languages than C. Stricter than herd7: what a process reads must be a parameter,
// declared, or set somewhere in it; herd7 takes other names for registers that hold zero.
#pragma once

#include <string_view>

#include <anypage/core/base/result.hpp>
#include "program.hpp"

namespace anypage::check::litmus {

/// Reads a test. `file` is for messages only.
result<Program, LitmusError> read_litmus(std::string_view file, std::string_view text);

}  // namespace anypage::check::litmus
