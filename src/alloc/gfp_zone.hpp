// What gfp flags say about place: the highest kind of zone, the kind of zonelist, the migratetype.
// The kernel's gfp_zone, gfp_zonelist, gfp_migratetype (include/linux/gfp.h, 6.12; no HIGHMEM: it
// is NORMAL).
#pragma once

#include <array>

#include "../base/gfp.hpp"
#include "../base/maybe.hpp"
#include "../base/migratetype.hpp"

namespace anypage {

/// The kernel's GFP_ZONEMASK, and by it GFP_ZONE_TABLE and GFP_ZONE_BAD.
inline constexpr unsigned gfp_zone_mask =
    (gfp::DMA | gfp::HIGHMEM | gfp::DMA32 | gfp::MOVABLE).bits;
inline constexpr auto gfp_zone_table = [] {
    std::array<Maybe<ZoneIndex>, gfp_zone_mask + 1> all{};
    for (const gfp_t movable : {gfp_t{}, gfp::MOVABLE}) {
        all[movable.bits] = ZoneIndex::normal;
        all[(movable | gfp::DMA).bits] = ZoneIndex::dma;
        all[(movable | gfp::DMA32).bits] = ZoneIndex::dma32;
    }
    all[gfp::HIGHMEM.bits] = ZoneIndex::normal;
    all[(gfp::HIGHMEM | gfp::MOVABLE).bits] = ZoneIndex::movable;
    return all;
}();

/// The highest kind of zone, or nothing for the combinations that the kernel calls a bug (two of
/// DMA, DMA32, HIGHMEM).
constexpr Maybe<ZoneIndex> gfp_zone(gfp_t flags) {
    return gfp_zone_table[flags.bits & gfp_zone_mask];
}

/// What the pages are for; MOVABLE and RECLAIMABLE together are illegal and count as movable.
constexpr Migratetype gfp_migratetype(gfp_t flags) {
    if (flags.has(gfp::MOVABLE)) return Migratetype::movable;
    return flags.has(gfp::RECLAIMABLE) ? Migratetype::reclaimable : Migratetype::unmovable;
}

}  // namespace anypage
