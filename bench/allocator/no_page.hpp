// no_page: what the baselines and subjects give when they have nothing. A number and not an
// optional: g++ 12 writes an optional in two pieces and may read it in one, which costs more than
// a whole bare array does.
#pragma once

#include "base/units.hpp"

namespace anypage::bench {

inline constexpr Pfn no_page{~std::uint64_t{0}};

/// The compiler must have it in a register here, and not know what becomes of it.
inline void keep(Pfn page) { asm volatile("" : : "r"(page.value) : "memory"); }

}  // namespace anypage::bench
