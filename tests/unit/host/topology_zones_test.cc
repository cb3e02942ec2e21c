// How amounts of memory become zones.
#include "host/topology_zones.hpp"

#include <gtest/gtest.h>

namespace anypage {
namespace {

constexpr std::uint64_t section = 32768;  // 128 MiB
constexpr std::uint64_t mib = std::uint64_t{1} << 20;
constexpr std::uint64_t gib = std::uint64_t{1} << 30;

zone_policy policy(unsigned movable_percent) { return {movable_percent, section}; }

topology laid_out(std::vector<node_memory> nodes, zone_policy rules) {
    auto machine = lay_out("test", std::move(nodes), rules);
    EXPECT_TRUE(machine) << machine.error().message;
    auto good = checked(*std::move(machine));
    EXPECT_TRUE(good) << good.error().message;
    return *std::move(good);
}

TEST(TopologyZones, FrameNumbersDecideTheKind) {
    const topology machine = laid_out({{NodeId{0}, {}, 8 * gib, 0}}, policy(0));
    const auto& zones = machine.nodes[0].zones;
    ASSERT_EQ(zones.size(), 3u);
    EXPECT_EQ(zones[0].kind, ZoneIndex::dma);
    EXPECT_EQ(zones[0].span, (PfnRange{Pfn{0}, 4096}));
    EXPECT_EQ(zones[1].kind, ZoneIndex::dma32);
    EXPECT_EQ(zones[1].span, (PfnRange{Pfn{4096}, 1048576 - 4096}));
    EXPECT_EQ(zones[2].kind, ZoneIndex::normal);
    EXPECT_EQ(zones[2].span, (PfnRange{Pfn{1048576}, 1048576}));
    for (const zone_span& zone : zones) {
        EXPECT_EQ(zone.present, std::vector<PfnRange>{zone.span});
    }
}

TEST(TopologyZones, NodesFollowEachOtherInIdOrder) {
    const topology machine = laid_out({{NodeId{9}, {}, gib, 0},
                                       {NodeId{2}, {CpuId{1}}, 5 * gib, 0},
                                       {NodeId{4}, {CpuId{0}}, 0, 0}},
                                      policy(0));
    ASSERT_EQ(machine.nodes.size(), 3u);
    EXPECT_EQ(machine.nodes[0].id, NodeId{2});
    EXPECT_EQ(machine.nodes[0].cpus, std::vector<CpuId>{CpuId{1}});
    EXPECT_TRUE(machine.nodes[1].zones.empty());
    EXPECT_EQ(machine.nodes[2].zones[0].span, (PfnRange{Pfn{5 * 262144}, 262144}));
}

TEST(TopologyZones, SizesAreRoundedUpToSections) {
    const topology machine =
        laid_out({{NodeId{0}, {}, 1, 0}, {NodeId{1}, {}, 128 * mib + 1, 0}}, policy(0));
    EXPECT_EQ(machine.nodes[0].zones.back().span.end(), Pfn{section});
    EXPECT_EQ(machine.nodes[1].zones[0].span, (PfnRange{Pfn{section}, 2 * section}));
}

TEST(TopologyZones, TheLastPartOfANodeIsMovable) {
    for (const unsigned sections : {1u, 2u, 3u, 8u, 100u}) {
        for (const unsigned percent : {0u, 1u, 25u, 50u, 99u, 100u}) {
            const topology machine =
                laid_out({{NodeId{0}, {}, sections * 128 * mib, 0}}, policy(percent));
            const zone_span& last = machine.nodes[0].zones.back();
            const std::uint64_t movable = last.kind == ZoneIndex::movable ? last.span.frames : 0;
            EXPECT_EQ(last.span.end(), Pfn{sections * section});
            EXPECT_EQ(movable % section, 0u);
            if (percent == 0 || percent == 100 || sections == 1) {
                EXPECT_EQ(movable, percent == 100 ? sections * section : 0);
            } else {
                EXPECT_GE(movable, section);
                EXPECT_LT(movable, sections * section);
                EXPECT_LT(movable, sections * section * percent / 100 + section);
            }
        }
    }
}

TEST(TopologyZones, EverySectionSizeGivesACheckedTopology) {
    for (std::uint64_t frames = 512; frames <= 262144; frames *= 2) {
        laid_out({{NodeId{0}, {}, 3 * gib, 0}, {NodeId{1}, {}, 3 * gib, 7 * mib}}, {25, frames});
    }
}

TEST(TopologyZones, DaxMemoryBecomesADeviceZoneBehindTheOthers) {
    const topology machine = laid_out({{NodeId{0}, {}, gib, 2 * gib}}, policy(25));
    const zone_span& last = machine.nodes[0].zones.back();
    EXPECT_EQ(last.kind, ZoneIndex::device);
    EXPECT_EQ(last.span, (PfnRange{Pfn{262144}, 2 * 262144}));
}

TEST(TopologyZones, DistancesDefaultTo10And20) {
    EXPECT_EQ(default_distances(2), (std::vector<std::uint8_t>{10, 20, 20, 10}));
}

std::string fault_of(std::vector<node_memory> nodes, zone_policy rules) {
    const auto machine = lay_out("test", std::move(nodes), rules);
    return machine ? "none" : machine.error().message;
}

TEST(TopologyZones, WrongPoliciesAndSizesAreFaults) {
    const node_memory node{NodeId{0}, {}, gib, 0};
    EXPECT_NE(fault_of({node}, {101, section}).find("101 %; use 0 to 100"), std::string::npos);
    EXPECT_NE(fault_of({node}, {25, 1000}).find("power of two"), std::string::npos);
    EXPECT_NE(fault_of({{NodeId{3}, {}, UINT64_MAX, 0}}, policy(25)).find("node 3"),
              std::string::npos);
    EXPECT_NE(fault_of({{NodeId{0}, {}, UINT64_MAX / 512, 0},
                        {NodeId{1}, {}, UINT64_MAX / 512, 0},
                        {NodeId{2}, {}, UINT64_MAX / 256, 0}},
                       policy(25))
                  .find("2^44"),
              std::string::npos);
    EXPECT_NE(fault_of({{NodeId{0}, {}, gib, UINT64_MAX}}, policy(25)).find("2^44"),
              std::string::npos);
    EXPECT_NE(fault_of(std::vector<node_memory>(1025), policy(25)).find("at most 1024"),
              std::string::npos);
}

}  // namespace
}  // namespace anypage
