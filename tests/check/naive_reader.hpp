// Small programs from a line of text: actors apart by "|", their steps by spaces. Words are x, y
// and z, locks A and B, orders R(elease), A(cquire), B(oth), S(eq_cst):
//   x=1 x=1R           stores          x? x?A x?S   loads
//   x+1 x!2S x:01B     add, exchange, compare 0 and put 1
//   wmb rmb mb sc      fences          +A -A        lock and unlock
#pragma once

#include <string>

#include "naive_program.hpp"

namespace anypage::naive {

/// Threads, each on a CPU of its own.
Program read_program(const std::string& text);

/// Is there an outcome in which the reading steps return these digits, in the order in which they
/// are written, and the words hold what is said of them ("x=1")? As in "10 x=2".
bool has_outcome(const Behaviour& behaviour, const Program& program, const std::string& text);

}  // namespace anypage::naive
