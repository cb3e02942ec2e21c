// StockSize: how many frames of a zone a CPU may keep in its stock, and how many move at once, by
// the zone's size, its low mark and the CPUs that share it: the kernel's zone_batchsize and
// zone_set_pageset_high_and_batch (mm/page_alloc.c). A stack's limit begins at the least, each
// refill doubles it up to the most, and a shortage, after which the stocks open anew, ends that.
// The kernel's limit is one for a CPU's lists of all types and orders; here each stack has its own.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "../base/units.hpp"

namespace anypage {

struct StockSize {
    std::uint64_t least = 0;  ///< frames of a type (pcp->high_min)
    std::uint64_t most = 0;   ///< pcp->high_max

    /// Of a zone with so many managed frames and that low mark, for one of `cpus` CPUs.
    static constexpr StockSize of(std::uint64_t managed, std::uint64_t low, std::uint64_t cpus) {
        constexpr std::uint64_t frames_of_a_mib = 256;
        const std::uint64_t part = std::min(managed >> 10, frames_of_a_mib) / 4;
        const std::uint64_t rounded = std::bit_floor(std::max<std::uint64_t>(part, 1) * 3 / 2);
        const std::uint64_t batch = std::max<std::uint64_t>(rounded - 1, 1);
        const std::uint64_t least = std::max(low / cpus, 4 * batch);
        return {least, std::max(managed / 8 / cpus, least)};
    }

    /// The limit, in runs, of a stack of that order which has room for so many. Only single frames
    /// are refilled; other orders have all at once.
    constexpr unsigned first_limit(Order order, unsigned places) const {
        return runs(order.value == 0 ? least : most, order, places);
    }
    /// And once it is refilled, if it was so much.
    constexpr unsigned next_limit(unsigned limit, unsigned places) const {
        return std::clamp(2 * limit, first_limit(Order{0}, places), runs(most, Order{0}, places));
    }

    /// How much of its limit a refill takes, the caller's frame included: half, so that whoever
    /// frees next finds room.
    static constexpr unsigned refill_batch(unsigned limit) { return std::max(limit / 2, 1u); }
    /// And a spill gives back: a third, so that whoever takes and gives back two thirds of a stock
    /// again and again finds them there.
    static constexpr unsigned spill_batch(unsigned limit) { return std::max(limit / 3, 1u); }

private:
    static constexpr unsigned runs(std::uint64_t frames, Order order, unsigned places) {
        return static_cast<unsigned>(std::min<std::uint64_t>(frames >> order.value, places));
    }
};

}  // namespace anypage
