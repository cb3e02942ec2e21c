// The allocator's walk: who gets a page from where, and who is kept from it.
#include "alloc/page_allocator.hpp"

#include <gtest/gtest.h>

#include <map>

#include "protocol/snapshot.hpp"
#include "tests/support/interrupting_world.hpp"
#include "tests/support/test_machine.hpp"

namespace anypage {
namespace {

using test::InterruptingWorld;
using test::MachinePlan;
using W = InterruptingWorld;
using Machines = test::TestMachine<protocol::snapshot<W>>;

/// Two nodes alike: DMA32, NORMAL and MOVABLE.
MachinePlan two_nodes() {
    W::reset();
    MachinePlan plan;
    plan.node_ids = {1, 6};
    plan.zones = {{0, ZoneIndex::dma32, 2048},   {0, ZoneIndex::normal, 4096},
                  {0, ZoneIndex::movable, 1024}, {1, ZoneIndex::dma32, 2048},
                  {1, ZoneIndex::normal, 4096},  {1, ZoneIndex::movable, 1024}};
    return plan;
}

Request<W> request(gfp_t flags, unsigned order = 0) {
    Request<W> wanted;
    wanted.flags = flags;
    wanted.order = Order{static_cast<std::uint8_t>(order)};
    return wanted;
}

/// The zone of the next page for a request, if there is one.
std::optional<std::uint32_t> zone_for(Machines& machine, const Request<W>& wanted) {
    const auto page = machine.pages.allocate(wanted);
    if (!page) return std::nullopt;
    return machine.zone_of(*page);
}

/// How many pages a request may take from each zone until it fails.
std::map<std::uint32_t, std::uint64_t> exhaust(Machines& machine, const Request<W>& wanted) {
    std::map<std::uint32_t, std::uint64_t> taken;
    while (const auto zone = zone_for(machine, wanted)) ++taken[*zone];
    return taken;
}

TEST(Allocator, RefusesWhatNoMachineCouldGive) {
    Machines machine(two_nodes());
    EXPECT_EQ(machine.pages.allocate(request(gfp::KERNEL, 11)).error(), error::invalid);
    EXPECT_EQ(machine.pages.allocate(request(gfp::KERNEL | gfp::DMA | gfp::DMA32)).error(),
              error::invalid);
    Request<W> nowhere = request(gfp::KERNEL);
    nowhere.node = NodeId{2};
    EXPECT_EQ(machine.pages.allocate(nowhere).error(), error::invalid);
    EXPECT_EQ(machine.pages.allocate(request(gfp::NOWAIT | gfp::DMA)).error(), error::no_memory);
}

TEST(Allocator, StartsAtTheHighestZoneOfTheNodeOfTheCpuOrOfTheRequest) {
    Machines machine(two_nodes());
    EXPECT_EQ(zone_for(machine, request(gfp::KERNEL)), 1u);
    EXPECT_EQ(zone_for(machine, request(gfp::HIGHUSER_MOVABLE)), 2u);
    EXPECT_EQ(zone_for(machine, request(gfp::KERNEL | gfp::DMA32)), 0u);
    W::current_cpu = CpuId{1};
    EXPECT_EQ(zone_for(machine, request(gfp::KERNEL)), 4u);
    Request<W> far = request(gfp::KERNEL);
    far.node = NodeId{1};
    EXPECT_EQ(zone_for(machine, far), 1u);
}

TEST(Allocator, GoesThroughTheNodeBeforeItLeavesItAndKeepsThereWhatIsKept) {
    Machines machine(two_nodes());
    const auto taken = exhaust(machine, request(gfp::NOWAIT, 4));
    const auto left = [&](std::uint32_t zone) {
        return static_cast<std::uint64_t>(machine.zone(zone).free_frames());
    };
    for (const std::uint32_t zone : {0u, 1u, 3u, 4u}) {
        const auto& it = machine.zone(zone);
        const std::uint64_t kept = it.mark(Watermark::min) + it.lowmem_reserve(ZoneIndex::normal);
        EXPECT_TRUE(taken.contains(zone));
        // No more run of order 4 would leave enough.
        EXPECT_GT(left(zone), kept) << zone;
        EXPECT_LE(left(zone), kept + 31) << zone;
    }
    EXPECT_EQ(left(2), 1024u);  // movable zones are not for it
    EXPECT_EQ(left(5), 1024u);
}

TEST(Allocator, AtomicRequestsDipToThreeEighthsOfTheMark) {
    Machines machine(two_nodes());
    Request<W> here = request(gfp::NOWAIT | gfp::THISNODE, 4);
    exhaust(machine, here);
    here.flags = gfp::ATOMIC | gfp::THISNODE;
    EXPECT_FALSE(exhaust(machine, here).empty());
    const auto& zone = machine.zone(1);
    const auto min = static_cast<std::int64_t>(zone.mark(Watermark::min));
    const std::int64_t kept = min - min / 2 - (min - min / 2) / 4;
    EXPECT_GT(zone.free_frames(), kept);
    EXPECT_LE(zone.free_frames(), kept + 31);
    here.flags = gfp::NOWAIT | gfp::THISNODE | gfp::MEMALLOC;  // no watermark at all
    exhaust(machine, here);
    EXPECT_LT(zone.free_frames(), 16);
}

TEST(Allocator, StaysOnTheNodeOrInTheNodemaskThatItIsGiven) {
    Machines machine(two_nodes());
    for (const auto& [zone, count] : exhaust(machine, request(gfp::NOWAIT | gfp::THISNODE, 5))) {
        EXPECT_LT(zone, 3u);
    }
    nodemask far;
    far.add(NodeId{6});
    Request<W> masked = request(gfp::NOWAIT, 5);
    masked.allowed = &far;
    for (const auto& [zone, count] : exhaust(machine, masked)) EXPECT_GE(zone, 3u);
}

TEST(Allocator, ACpusetBindsOrdinaryRequestsButNoHandlersAndNoVictims) {
    Machines machine(two_nodes());
    nodemask far;
    far.add(NodeId{6});
    const Cpuset<W> cpuset(far);
    Request<W> bound = request(gfp::KERNEL);
    bound.cpuset = &cpuset;
    EXPECT_EQ(zone_for(machine, bound), 4u);
    bound.caller.in_interrupt = true;
    EXPECT_EQ(zone_for(machine, bound), 1u);
    bound.caller = {.oom_victim = true};
    EXPECT_EQ(zone_for(machine, bound), 1u);
}

TEST(Allocator, AnAtomicRequestLeavesItsCpusetRatherThanFail) {
    Machines machine(two_nodes());
    nodemask far;
    far.add(NodeId{6});
    const Cpuset<W> cpuset(far);
    Request<W> bound = request(gfp::NOWAIT, 4);
    bound.cpuset = &cpuset;
    for (const auto& [zone, count] : exhaust(machine, bound)) EXPECT_GE(zone, 3u);
    bound.flags = gfp::ATOMIC;
    EXPECT_EQ(exhaust(machine, bound).count(1), 1u);
}

TEST(Allocator, MixesTypesInAZoneOnlyAfterTheWholeNodeHasBeenAsked) {
    Machines machine(two_nodes());
    // The normal zone of node 1 gets a page of unmovable kind in every row.
    std::vector<Pfn> pages;
    while (machine.zone(1).may_have(pageblock_order)) {
        const auto page =
            machine.zone(1).allocate(pageblock_order, Migratetype::unmovable, CpuId{0});
        if (!page) break;
        pages.push_back(*page);
    }
    for (const Pfn pfn : pages) {
        ASSERT_EQ(machine.zone(1).free(pfn, pageblock_order, CpuId{0}).fault, FreeFault::none);
    }
    std::vector<Pfn> small;
    for (int i = 0; i < 4096; ++i) {
        small.push_back(*machine.zone(1).allocate(Order{0}, Migratetype::unmovable, CpuId{0}));
    }
    for (std::size_t i = 0; i < small.size(); ++i) {
        if (i % 4 == 0) continue;
        ASSERT_EQ(machine.zone(1).free(small[i], Order{0}, CpuId{0}).fault, FreeFault::none);
    }
    // A reclaimable page: the DMA32 zone below has whole rows for it.
    EXPECT_EQ(zone_for(machine, request(gfp::KERNEL | gfp::RECLAIMABLE)), 0u);
    // Without any whole row on the node it mixes, before it goes elsewhere.
    while (machine.zone(0).allocate(pageblock_order, Migratetype::unmovable, CpuId{0})) {
    }
    EXPECT_LT(*zone_for(machine, request(gfp::KERNEL | gfp::RECLAIMABLE)), 3u);
}

TEST(Allocator, ANolockRequestIsOneWalkAtTheMinMark) {
    Machines machine(two_nodes());
    RequestTrace trace;
    Request<W> wanted = request(gfp::NOLOCK, 4);
    wanted.nolock = true;
    wanted.trace = &trace;
    exhaust(machine, wanted);
    EXPECT_FALSE(trace.slow_path);
    const auto& zone = machine.zone(4);
    EXPECT_LE(zone.free_frames(), static_cast<std::int64_t>(zone.mark(Watermark::min)) + 31);
}

TEST(Allocator, BulkTakesManyFromOneZoneAndOneIfThatIsAll) {
    Machines machine(two_nodes());
    std::vector<Pfn> pages(1000);
    ASSERT_EQ(machine.pages.allocate_bulk(request(gfp::KERNEL), pages), 1000u);
    for (const Pfn pfn : pages) EXPECT_EQ(machine.zone_of(pfn), 1u);
    EXPECT_EQ(machine.pages.free_bulk(pages), 1000u);
    EXPECT_EQ(machine.pages.allocate_bulk(request(gfp::KERNEL, 1), pages), 0u);
    EXPECT_EQ(machine.pages.allocate_bulk(request(gfp::KERNEL), {}), 0u);
    // More than any zone can give at once: tried hard for one.
    std::vector<Pfn> many(20000);
    EXPECT_EQ(machine.pages.allocate_bulk(request(gfp::KERNEL), many), 1u);
    EXPECT_EQ(machine.pages.free_bulk(std::span(many).first(1)), 1u);
    machine.drain();
    EXPECT_TRUE(machine.validated()) << machine.validated();
    EXPECT_EQ(machine.validated().in_use(), 0u);
}

TEST(Allocator, FreeNamesFaultsAndChangesNothing) {
    Machines machine(two_nodes());
    const auto page = machine.pages.allocate(request(gfp::KERNEL, 2));
    ASSERT_TRUE(page);
    EXPECT_EQ(machine.pages.free(Pfn{0}, Order{0}).fault, FreeFault::foreign);
    EXPECT_EQ(machine.pages.free(*page + 1, Order{2}).fault, FreeFault::unaligned);
    const FreeOutcome wrong = machine.pages.free(*page, Order{1});
    EXPECT_EQ(wrong.fault, FreeFault::wrong_order);
    EXPECT_EQ(wrong.actual, Order{2});
    EXPECT_EQ(machine.pages.free(*page + 1, Order{0}).fault, FreeFault::interior);
    EXPECT_EQ(machine.pages.free(*page, Order{2}).fault, FreeFault::none);
    EXPECT_EQ(machine.pages.free(*page, Order{2}).fault, FreeFault::double_free);
}

}  // namespace
}  // namespace anypage
