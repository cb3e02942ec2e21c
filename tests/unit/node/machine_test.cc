// The machine's table of nodes and zones, its watermarks, and nodemasks.
#include "node/machine.hpp"

#include <gtest/gtest.h>

#include "node/watermarks.hpp"
#include "protocol/snapshot.hpp"
#include "tests/support/interrupting_world.hpp"
#include "tests/support/test_machine.hpp"

namespace anypage {
namespace {

using test::InterruptingWorld;
using test::MachinePlan;
using Machines = test::TestMachine<protocol::snapshot<InterruptingWorld>>;

MachinePlan sparse() {
    MachinePlan plan;
    plan.node_ids = {3, 8, 1000};
    plan.cpus = {2, 0, 1};
    plan.zones = {{0, ZoneIndex::dma32, 1024},
                  {0, ZoneIndex::normal, 2048},
                  {1, ZoneIndex::movable, 1024},
                  {2, ZoneIndex::normal, 1024, 0},
                  {2, ZoneIndex::device, 512, 0}};
    return plan;
}

TEST(Machine, FindsNodesByIdAndByCpu) {
    Machines test(sparse());
    const auto& machine = test.pages.machine();
    EXPECT_EQ(machine.position(NodeId{8}), NodePos{1});
    EXPECT_FALSE(machine.position(NodeId{0}));
    EXPECT_FALSE(machine.position(NodeId{9}));
    EXPECT_FALSE(machine.position(node_local));
    EXPECT_EQ(machine.node_of(CpuId{1}), NodePos{0});
    EXPECT_EQ(machine.node_of(CpuId{2}), NodePos{2});
    EXPECT_EQ(machine.node_of(CpuId{4}), NodePos{0});  // by remainder
    EXPECT_TRUE(machine.has_cpus(NodePos{0}));
    EXPECT_FALSE(machine.has_cpus(NodePos{1}));
    EXPECT_EQ(machine.distance(NodePos{1}, NodePos{1}), 10);
}

TEST(Machine, FindsTheZoneOfEveryFrameAndOfNoOther) {
    Machines test(sparse());
    const auto& machine = test.pages.machine();
    for (std::uint32_t id = 0; id < machine.zone_count(); ++id) {
        const PfnRange span = machine.zone(ZoneId{id}).span();
        EXPECT_EQ(machine.zone_of(span.first), ZoneId{id});
        EXPECT_EQ(machine.zone_of(span.end() - 1), ZoneId{id});
        EXPECT_FALSE(machine.zone_of(span.end()));
        EXPECT_FALSE(machine.zone_of(span.first - 1));
    }
    EXPECT_FALSE(machine.zone_of(Pfn{0}));
    EXPECT_FALSE(machine.zone_of(Pfn{~std::uint64_t{0}}));
    EXPECT_EQ(machine.zone_of(NodePos{0}, ZoneIndex::normal), ZoneId{1});
    EXPECT_FALSE(machine.zone_of(NodePos{1}, ZoneIndex::normal));
}

TEST(Machine, ShowsPopulatedKindsButNeverDeviceMemory) {
    Machines test(sparse());
    const auto& machine = test.pages.machine();
    EXPECT_EQ(machine.populated_kinds(NodePos{0}), 0b0110);
    EXPECT_EQ(machine.populated_kinds(NodePos{1}), 0b1000);
    EXPECT_EQ(machine.populated_kinds(NodePos{2}), 0);
    test.zone(4).adjust_present(512);
    EXPECT_EQ(machine.populated_kinds(NodePos{2}), 0);
    EXPECT_FALSE(machine.facts(NodePos{2}).has_memory);
    EXPECT_TRUE(machine.facts(NodePos{1}).has_memory);
}

TEST(Watermarks, AreThoseOfTheKernelsInitPerZoneWmarkMin) {
    Machines test(sparse());
    // Low memory is DMA32 and NORMAL: 3072 frames. Boot runs the computation twice.
    const std::uint64_t lowmem = 1024 + 2048;
    const auto round = [&](std::uint64_t high_sum) {
        return watermark::min_free_kbytes((lowmem - high_sum) * 4) / 4;
    };
    const auto high = [&](std::uint64_t managed, std::uint64_t pages_min) {
        const std::uint64_t min = pages_min * managed / lowmem;
        return min + 2 * std::max(min / 4, managed / 1000);
    };
    const std::uint64_t first = round(0);
    const std::uint64_t pages_min = round(high(1024, first) + high(2048, first));
    for (const std::uint32_t id : {0u, 1u}) {
        const auto& zone = test.zone(id);
        const std::uint64_t min = pages_min * zone.managed() / lowmem;
        EXPECT_EQ(zone.mark(Watermark::min), min);
        EXPECT_EQ(zone.mark(Watermark::high), high(zone.managed(), pages_min));
    }
    EXPECT_EQ(test.zone(2).mark(Watermark::min), 32u);
    EXPECT_EQ(test.zone(0).lowmem_reserve(ZoneIndex::normal), 2048u / 256);
    EXPECT_EQ(test.zone(0).lowmem_reserve(ZoneIndex::movable), 2048u / 256);
    EXPECT_EQ(test.zone(1).lowmem_reserve(ZoneIndex::movable), 0u);
    EXPECT_EQ(test.zone(3).mark(Watermark::high), 0u);
}

TEST(Watermarks, AUsersMinFreeKbytesIsKeptIfItIsLarger) {
    for (const std::uint64_t wish : {1u, 4096u}) {
        MachinePlan plan = sparse();
        plan.hotplug.watermarks.min_free_kbytes = wish;
        plan.hotplug.watermarks.watermark_scale_factor = 1000;
        Machines test(plan);
        const std::uint64_t min = test.zone(1).mark(Watermark::min);
        if (wish == 4096) {
            EXPECT_EQ(min, 1024u * 2048 / 3072);
        }
        EXPECT_GE(min, 32u * 2048 / 3072);
        EXPECT_EQ(test.zone(1).mark(Watermark::low) - min, std::max<std::uint64_t>(min / 4, 204));
    }
}

TEST(Nodemask, HasWhatWasAdded) {
    nodemask mask;
    EXPECT_TRUE(mask.empty());
    mask.add(NodeId{0});
    mask.add(NodeId{1023});
    EXPECT_TRUE(mask.has(NodeId{0}));
    EXPECT_TRUE(mask.has(NodeId{1023}));
    EXPECT_FALSE(mask.has(NodeId{63}));
    EXPECT_FALSE(mask.has(node_local));
    nodemask other;
    other.add(NodeId{5});
    EXPECT_FALSE(mask.intersects(other));
    other.add(NodeId{1023});
    EXPECT_TRUE(mask.intersects(other));
    mask.remove(NodeId{1023});
    EXPECT_FALSE(mask.intersects(other));
    EXPECT_FALSE(mask.empty());
}

}  // namespace
}  // namespace anypage
