// KernelConfig: which kernel a protocol of Linux's plays. Compile-time options there; constants of
// an object here, so that one build shows them all.
#pragma once

#include <cstdint>

namespace anypage {

/// Where the slow path asks whether its zonelist has changed.
enum class CheckSites : std::uint8_t {
    two = 2,   ///< before out-of-memory and at nopage: as in the mail of August 2023
    three = 3  ///< and at retry (e05741fb10c3): 6.12
};

struct KernelConfig {
    bool preempt_rt = false;  ///< CONFIG_PREEMPT_RT
    bool hotremove = true;  ///< CONFIG_MEMORY_HOTREMOVE; without it no protocol ever says "changed"
    CheckSites check_sites = CheckSites::three;
};

}  // namespace anypage
