// gfp flags as text, the way tracepoints print them: "GFP_KERNEL|__GFP_ZERO". Reads the names of
// all kernels since 3.x, and numbers as of 5.0 and later; prints the names of 6.12. Flags of other
// kernels that mean nothing to an allocator (lockdep, KASAN, object extensions, cold) read as none.
#pragma once

#include <string>
#include <string_view>

#include "base/gfp.hpp"
#include "base/result.hpp"

namespace anypage {

/// The flags that `text` names, joined by '|'. A failure names what is unknown, and the nearest
/// known name.
result<gfp_t, failure> parse_gfp(std::string_view text);

/// The flags as the kernel prints them: compositions first, then single flags in bit order; "none".
std::string to_string(gfp_t flags);

}  // namespace anypage
