// Watermarks: how much of a zone is kept back, and from whom. Pure functions; the numbers are the
// kernel's (mm/page_alloc.c, 6.12): __setup_per_zone_wmarks, setup_per_zone_lowmem_reserve,
// __zone_watermark_ok. Counts are frames.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "../base/units.hpp"
#include "alloc_flags.hpp"

namespace anypage {

/// Marks by Watermark, and the frames kept back from requests that may also use a higher kind.
struct Watermarks {
    std::array<std::uint64_t, watermark_count> mark{};
    std::array<std::uint64_t, zone_index_count> lowmem_reserve{};
};

namespace watermark {

// Frames times frames.
__extension__ using wide = unsigned __int128;

/// Integer square root, rounded down.
constexpr std::uint64_t isqrt(std::uint64_t value) {
    std::uint64_t root = 0;
    for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
        const std::uint64_t next = root | bit;
        if (next <= value / next) root = next;
    }
    return root;
}

/// min_free_kbytes from the low memory of the machine, in KiB (calculate_min_free_kbytes).
constexpr std::uint64_t min_free_kbytes(std::uint64_t lowmem_kbytes) {
    return std::clamp<std::uint64_t>(isqrt(lowmem_kbytes * 16), 128, 262144);
}

/// A zone's marks. `lowmem` is the sum of managed frames of all zones that are not Movable;
/// `scale_factor` is watermark_scale_factor, in ten thousandths of the zone (1 to 3000).
constexpr std::array<std::uint64_t, watermark_count> marks(ZoneIndex kind, std::uint64_t managed,
                                                           std::uint64_t lowmem,
                                                           std::uint64_t pages_min,
                                                           std::uint64_t scale_factor) {
    const std::uint64_t share =
        lowmem == 0 ? 0
                    : static_cast<std::uint64_t>(static_cast<wide>(pages_min) * managed / lowmem);
    const std::uint64_t min =
        kind == ZoneIndex::movable ? std::clamp<std::uint64_t>(managed / 1024, 32, 128) : share;
    const std::uint64_t gap = std::max(share / 4, managed * scale_factor / 10000);
    return {min, min + gap, min + 2 * gap, min + 3 * gap};
}

/// lowmem_reserve_ratio: one frame of so many of the higher kinds is kept back; 0: none.
constexpr std::uint64_t lowmem_reserve_ratio(ZoneIndex kind) {
    constexpr std::uint64_t ratios[zone_index_count] = {256, 256, 32, 0, 0};
    return ratios[static_cast<unsigned>(kind)];
}

/// What zone `kind` of a node keeps back from requests up to each higher kind, from the managed
/// frames of the node's zones by kind.
constexpr std::array<std::uint64_t, zone_index_count> lowmem_reserve(
    ZoneIndex kind, const std::array<std::uint64_t, zone_index_count>& managed) {
    std::array<std::uint64_t, zone_index_count> reserve{};
    const std::uint64_t ratio = lowmem_reserve_ratio(kind);
    if (ratio == 0 || managed[static_cast<unsigned>(kind)] == 0) return reserve;
    std::uint64_t above = 0;
    for (unsigned j = static_cast<unsigned>(kind) + 1; j < zone_index_count; ++j) {
        above += managed[j];
        reserve[j] = above / ratio;
    }
    return reserve;
}

/// The part of a mark that stands for this request: those in need may dip (GFP_ATOMIC: to 3/8).
constexpr std::int64_t lowered_mark(std::uint64_t mark, AllocFlags flags) {
    auto lowered = static_cast<std::int64_t>(mark);
    if (!flags.has(alloc::RESERVES)) return lowered;
    if (flags.has(alloc::MIN_RESERVE)) {
        lowered -= lowered / 2;
        if (flags.has(alloc::NON_BLOCK)) lowered -= lowered / 4;  // alone it lowers nothing
    }
    if (flags.has(alloc::OOM)) lowered -= lowered / 2;
    return lowered;
}

/// __zone_watermark_ok but for its last part (is there a run?): enough free frames beyond the mark
/// and the reserve once this request has its own? `free` may be negative.
constexpr bool leaves_enough(std::int64_t free, Order order, std::uint64_t mark,
                             std::uint64_t reserve, AllocFlags flags) {
    free -= static_cast<std::int64_t>(order.frames()) - 1;
    return free > lowered_mark(mark, flags) + static_cast<std::int64_t>(reserve);
}

}  // namespace watermark
}  // namespace anypage
