// What hotplug is told when it is made: the unit, the watermarks' knobs, and who stands behind the
// frames and the pages. Hooks are called in thread context, under hotplug's lock alone.
#pragma once

#include "../node/watermarks.hpp"
#include "../protocol/protocol.hpp"

namespace anypage {

/// Memory behind the frames: populated before a range goes online, given back after it went
/// offline. Null: frames are numbers.
struct MemoryHooks {
    void* context = nullptr;
    bool (*populate)(void* context, ZoneId zone, PfnRange range) = nullptr;  ///< false: shortage
    void (*release)(void* context, ZoneId zone, PfnRange range) = nullptr;
};

/// The owner of pages in use. Asked, while their range is isolated, to take each elsewhere and free
/// it; may allocate and free, may decline. `order` is a guess where the page is just being freed.
/// Null: pages in use stay, and the range with them.
struct PageMover {
    void* context = nullptr;
    void (*move)(void* context, ZoneId zone, Pfn pfn, Order order) = nullptr;
};

struct HotplugConfig {
    std::uint64_t section_frames = 32768;  ///< power of two, at least a pageblock
    WatermarkTuning watermarks{};
    MemoryHooks memory{};
    PageMover mover{};
    SectionProbe probe{};  ///< see protocol.hpp
};

}  // namespace anypage
