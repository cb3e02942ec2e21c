// Any text as gfp flags: no crash, and what was understood prints and reads back as the same flags.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "cli/replay/gfp_names.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = anypage::parse_gfp({reinterpret_cast<const char*>(data), size});
    if (!parsed) {
        if (parsed.error().message.empty()) std::abort();
        return 0;
    }
    const auto again = anypage::parse_gfp(anypage::to_string(*parsed));
    if (!again || *again != *parsed) std::abort();
    return 0;
}
