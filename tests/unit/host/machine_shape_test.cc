// OwnedShape: a topology as a machine's shape, with everything that it points to.
#include "host/machine_shape.hpp"

#include <gtest/gtest.h>

namespace anypage {
namespace {

topology sparse_machine() {
    const PfnRange normal{Pfn{8192}, 4096};
    const PfnRange device{Pfn{16384}, 1024};
    const PfnRange movable{Pfn{32768}, 4096};
    topology machine;
    machine.nodes = {
        {NodeId{2}, {CpuId{1}, CpuId{6}}, {{ZoneIndex::normal, normal, {{Pfn{8192}, 1024}}}}},
        {NodeId{7}, {CpuId{0}}, {}},
        {NodeId{9},
         {},
         {{ZoneIndex::movable, movable, {{Pfn{32768}, 1024}, {Pfn{34816}, 1024}}},
          {ZoneIndex::device, device, {device}}}},
    };
    machine.distances = {10, 20, 30, 20, 10, 40, 30, 40, 10};
    return machine;
}

TEST(OwnedShape, ListsNodesAndZonesInOrder) {
    const OwnedShape owned(sparse_machine());
    const MachineShape& shape = owned.shape();
    ASSERT_EQ(shape.nodes.size(), 3u);
    EXPECT_EQ(shape.nodes[2].id, NodeId{9});
    EXPECT_TRUE(shape.nodes[2].cpus.empty());
    ASSERT_EQ(shape.zones.size(), 3u);
    EXPECT_EQ(shape.zones[0].node.value, 0);
    EXPECT_EQ(shape.zones[1].node.value, 2);
    EXPECT_EQ(shape.zones[1].kind, ZoneIndex::movable);
    EXPECT_EQ(shape.zones[2].kind, ZoneIndex::device);
    EXPECT_EQ(shape.zones[1].span, (PfnRange{Pfn{32768}, 4096}));
    EXPECT_EQ(shape.distances[5], 40);
}

TEST(OwnedShape, OutlivesTheTopologyThatItWasMadeFrom) {
    auto machine = std::make_unique<topology>(sparse_machine());
    const OwnedShape owned(*machine);
    machine.reset();
    EXPECT_EQ(owned.shape().nodes[0].cpus[1], CpuId{6});
    EXPECT_EQ(owned.shape().distances[0], 10);
}

TEST(OwnedShape, PresentMemoryIsWhatAllocationManages) {
    const OwnedShape owned(sparse_machine());
    ASSERT_EQ(owned.present().size(), 3u) << "device memory is not handed out";
    EXPECT_EQ(owned.present()[0].first, ZoneId{0});
    EXPECT_EQ(owned.present()[2].first, ZoneId{1});
    EXPECT_EQ(owned.present()[2].second, (PfnRange{Pfn{34816}, 1024}));
}

TEST(OwnedShape, CountsCpusByTheirHighestId) {
    EXPECT_EQ(OwnedShape(sparse_machine()).shape().cpu_count, 7u);
    topology machine = sparse_machine();
    machine.nodes[0].cpus = {CpuId{100'000}};
    EXPECT_EQ(OwnedShape(machine).shape().cpu_count, 4096u) << "ids above count by remainder";
    for (topology_node& node : machine.nodes) node.cpus.clear();
    EXPECT_EQ(OwnedShape(machine).shape().cpu_count, 1u);
}

}  // namespace
}  // namespace anypage
