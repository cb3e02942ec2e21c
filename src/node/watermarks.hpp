// Watermarks of a whole machine, as the kernel's init_per_zone_wmark_min sets them up at boot and
// after every online and offline. Hotplug's lock is held; readers see each mark old or new.
#pragma once

#include "machine.hpp"

namespace anypage {

/// The knobs (/proc/sys/vm): 0 for min_free_kbytes means: computed, and never below the computed.
struct WatermarkTuning {
    std::uint64_t min_free_kbytes = 0;
    std::uint64_t watermark_scale_factor = 10;
};

template <World W>
void setup_watermarks(Machine<W>& machine, const WatermarkTuning& tuning) {
    std::uint64_t lowmem = 0;       // managed frames that are not Movable
    std::uint64_t free_buffer = 0;  // of zones up to NORMAL, beyond their high mark
    for (auto& zone : machine.zones()) {
        if (zone.kind() == ZoneIndex::movable || zone.kind() == ZoneIndex::device) continue;
        const std::uint64_t high = zone.mark(Watermark::high);
        lowmem += zone.managed();
        free_buffer += zone.managed() > high ? zone.managed() - high : 0;
    }
    const std::uint64_t computed = watermark::min_free_kbytes(free_buffer * (frame_bytes / 1024));
    const std::uint64_t kbytes = std::max(computed, tuning.min_free_kbytes);
    const std::uint64_t pages_min = kbytes / (frame_bytes / 1024);

    for (std::size_t n = 0; n < machine.node_count(); ++n) {
        const NodePos node{static_cast<std::uint16_t>(n)};
        std::array<std::uint64_t, zone_index_count> managed{};
        for (unsigned kind = 0; kind < zone_index_count; ++kind) {
            const auto zone = machine.zone_of(node, static_cast<ZoneIndex>(kind));
            if (zone) managed[kind] = machine.zone(*zone).managed();
        }
        for (unsigned kind = 0; kind < zone_index_count; ++kind) {
            const auto id = machine.zone_of(node, static_cast<ZoneIndex>(kind));
            if (!id) continue;
            auto& zone = machine.zone(*id);
            zone.set_watermarks({watermark::marks(zone.kind(), managed[kind], lowmem, pages_min,
                                                  tuning.watermark_scale_factor),
                                 watermark::lowmem_reserve(zone.kind(), managed)});
        }
    }
}

}  // namespace anypage
