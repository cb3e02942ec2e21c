// Fuzz: whatever the description, hwloc and what is made of its answer end in a checked topology or
// a failure, soon. Only small machines: larger ones take hwloc's time, not our code's.
#include <cstdlib>

#include "host/synthetic.hpp"
#include "host/topology_hwloc.hpp"

/// hwloc 2.9 forgets 32 bytes when a description is wrong behind a memory child.
extern "C" const char* __lsan_default_suppressions() { return "leak:libhwloc"; }

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (size > 256 || anypage::synthetic_size(text).value_or(0) > 128) return 0;
    const auto machine = anypage::topology::synthetic(text);
    if (!machine) {
        if (machine.error().message.empty()) std::abort();
    } else if (!anypage::checked(*machine)) {
        std::abort();
    }
    return 0;
}
