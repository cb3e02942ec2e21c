// What gfp flags say about place: the highest kind of zone, the kind of zonelist, the migratetype.
// The kernel's gfp_zone, gfp_zonelist, gfp_migratetype (include/linux/gfp.h, 6.12; no HIGHMEM: it
// is NORMAL).
#pragma once

#include <optional>

#include "../base/gfp.hpp"
#include "../base/migratetype.hpp"

namespace anypage {

/// The highest kind of zone, or nothing for the combinations that the kernel calls a bug (two of
/// DMA, DMA32, HIGHMEM).
constexpr std::optional<ZoneIndex> gfp_zone(gfp_t flags) {
    const bool dma = flags.has(gfp::DMA);
    const bool dma32 = flags.has(gfp::DMA32);
    const bool highmem = flags.has(gfp::HIGHMEM);
    if (dma + dma32 + highmem > 1) return std::nullopt;
    if (dma) return ZoneIndex::dma;
    if (dma32) return ZoneIndex::dma32;
    return highmem && flags.has(gfp::MOVABLE) ? ZoneIndex::movable : ZoneIndex::normal;
}

/// What the pages are for; MOVABLE and RECLAIMABLE together are illegal and count as movable.
constexpr Migratetype gfp_migratetype(gfp_t flags) {
    if (flags.has(gfp::MOVABLE)) return Migratetype::movable;
    return flags.has(gfp::RECLAIMABLE) ? Migratetype::reclaimable : Migratetype::unmovable;
}

}  // namespace anypage
