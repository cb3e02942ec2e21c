// What flags mean: the kernel's tables of gfp_zone, migratetypes, gfp_to_alloc_flags and
// __gfp_pfmemalloc_flags, all combinations; cpusets.
#include <gtest/gtest.h>

#include "alloc/request.hpp"
#include "tests/support/interrupting_world.hpp"

namespace anypage {
namespace {

using test::InterruptingWorld;
using test::Interruption;

TEST(GfpZone, IsTheKernelsTable) {
    using enum ZoneIndex;
    // By DMA 1, HIGHMEM 2, DMA32 4, MOVABLE 8; nothing where the kernel calls it a bug.
    const Maybe<ZoneIndex> table[16] = {normal, dma, normal,  {}, dma32, {}, {}, {},
                                        normal, dma, movable, {}, dma32, {}, {}, {}};
    for (std::uint32_t bits = 0; bits < 16; ++bits) {
        EXPECT_EQ(gfp_zone(gfp_t{bits}), table[bits]) << bits;
        EXPECT_EQ(gfp_zone(gfp_t{bits} | gfp::KERNEL | gfp::ZERO), table[bits]) << bits;
    }
}

TEST(GfpMigratetype, IsMovableOrReclaimableOrNeither) {
    EXPECT_EQ(gfp_migratetype(gfp::KERNEL), Migratetype::unmovable);
    EXPECT_EQ(gfp_migratetype(gfp::HIGHUSER_MOVABLE), Migratetype::movable);
    EXPECT_EQ(gfp_migratetype(gfp::KERNEL | gfp::RECLAIMABLE), Migratetype::reclaimable);
}

TEST(FlagsInScope, TakeAwayWhatTheCallersScopeForbids) {
    const gfp_t all = gfp::HIGHUSER_MOVABLE;
    EXPECT_EQ(flags_in_scope(all, {}), all);
    EXPECT_EQ(flags_in_scope(all, {.memalloc_noio = true}), all.without(gfp::IO | gfp::FS));
    EXPECT_EQ(flags_in_scope(all, {.memalloc_nofs = true}), all.without(gfp::FS));
    EXPECT_EQ(flags_in_scope(all, {.memalloc_pin = true}), all.without(gfp::MOVABLE));
}

TEST(SlowPathFlags, AreGfpToAllocFlagsForEveryCombination) {
    for (unsigned bits = 0; bits < 16; ++bits) {
        gfp_t flags{};
        const bool high = (bits & 1) != 0;
        const bool kswapd = (bits & 2) != 0;
        const bool direct = (bits & 4) != 0;
        const bool nomemalloc = (bits & 8) != 0;
        if (high) flags = flags | gfp::HIGH;
        if (kswapd) flags = flags | gfp::KSWAPD_RECLAIM;
        if (direct) flags = flags | gfp::DIRECT_RECLAIM;
        if (nomemalloc) flags = flags | gfp::NOMEMALLOC;
        for (const Order order : {Order{0}, Order{1}, Order{9}}) {
            for (const bool realtime : {false, true}) {
                for (const bool interrupt : {false, true}) {
                    std::uint32_t expected = 0x40;  // WMARK_MIN | CPUSET
                    if (high) expected |= 0x20;
                    if (kswapd) expected |= 0x800;
                    if (!direct) {
                        if (!nomemalloc) {
                            expected |= 0x10;
                            if (order > Order{0} && high) expected |= 0x200;
                        }
                        if (high) expected &= ~0x40u;
                    } else if (realtime && !interrupt) {
                        expected |= 0x20;
                    }
                    const Caller caller{.in_interrupt = interrupt, .realtime = realtime};
                    EXPECT_EQ(slow_path_flags(flags, order, caller).bits, expected);
                }
            }
        }
    }
}

TEST(ReserveFlags, AreGfpPfmemallocFlagsForEveryCaller) {
    for (unsigned bits = 0; bits < 8; ++bits) {
        const Caller caller{.in_interrupt = (bits & 1) != 0,
                            .memalloc = (bits & 2) != 0,
                            .oom_victim = (bits & 4) != 0};
        std::uint32_t expected = 0;
        if (!caller.in_interrupt) expected = caller.memalloc ? 0x4 : caller.oom_victim ? 0x8 : 0;
        EXPECT_EQ(reserve_flags(gfp::KERNEL, caller).bits, expected);
        EXPECT_EQ(reserve_flags(gfp::KERNEL | gfp::MEMALLOC, caller).bits, 0x4u);
        EXPECT_EQ(reserve_flags(gfp::KERNEL | gfp::MEMALLOC | gfp::NOMEMALLOC, caller).bits, 0u);
    }
}

TEST(Cpuset, SaysAfterAnUpdateThatItHasChanged) {
    nodemask first;
    first.add(NodeId{2});
    nodemask second;
    second.add(NodeId{700});
    Cpuset<InterruptingWorld> cpuset(first);
    EXPECT_EQ(cpuset.nodes(), first);
    const std::uint64_t cookie = cpuset.begin();
    EXPECT_FALSE(cpuset.changed(cookie));
    cpuset.update(second);
    EXPECT_TRUE(cpuset.changed(cookie));
    EXPECT_FALSE(cpuset.changed(cpuset.begin()));
    EXPECT_TRUE(cpuset.allows(NodeId{700}));
    EXPECT_FALSE(cpuset.allows(NodeId{2}));
    EXPECT_EQ(cpuset.nodes(), second);
}

TEST(Cpuset, WhoeverReadInTheMiddleOfAnUpdateIsTold) {
    nodemask before;
    for (std::uint16_t node = 0; node < 1024; node += 64) before.add(NodeId{node});
    nodemask after;
    for (std::uint16_t node = 1; node < 1024; node += 64) after.add(NodeId{node});
    test::for_each_step([&](std::uint64_t step) {
        Cpuset<InterruptingWorld> cpuset(before);
        std::uint64_t cookie = 0;
        nodemask seen;
        bool changed = false;
        bool fired = false;
        {
            const Interruption interruption(step, [&] {
                cookie = cpuset.begin();
                seen = cpuset.nodes();
                changed = cpuset.changed(cookie);
            });
            cpuset.update(after);
            fired = interruption.fired();
        }
        // Told at once, or later; if never, it had seen all of the new nodes.
        EXPECT_TRUE(!fired || changed || cpuset.changed(cookie) || seen == after) << step;
        return fired;
    });
}

}  // namespace
}  // namespace anypage
