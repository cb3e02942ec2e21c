// Topologies by way of hwloc: synthetic descriptions and XML.
#include "host/topology_hwloc.hpp"

#include <gtest/gtest.h>

#include "host/id_list.hpp"
#include "tests/support/scratch.hpp"
#include "tests/unit/host/shared_machine.hpp"

namespace anypage {
namespace {

std::string cpus_of(const topology_node& node) {
    return format_id_list(node.cpus, [](CpuId cpu) { return cpu.value; });
}

TEST(TopologySynthetic, LevelsBecomeNodesAndCpus) {
    const auto machine = topology::synthetic("node:4 pu:2");
    ASSERT_TRUE(machine) << machine.error().message;
    ASSERT_EQ(machine->nodes.size(), 4u);
    EXPECT_EQ(cpus_of(machine->nodes[3]), "6-7");
    EXPECT_EQ(machine->distance(0, 1), 20);
    EXPECT_EQ(topology::load("node:4 pu:2")->nodes.size(), 4u);
}

TEST(TopologySynthetic, MemoryOnlyNodesHaveNoCpus) {
    const auto machine =
        topology::synthetic("pack:2 [numa(memory=2GB)] [numa(memory=1GB)] core:2 pu:1");
    ASSERT_TRUE(machine) << machine.error().message;
    ASSERT_EQ(machine->nodes.size(), 4u);
    std::size_t with_cpus = 0;
    std::size_t cpus = 0;
    for (const topology_node& node : machine->nodes) {
        with_cpus += !node.cpus.empty();
        cpus += node.cpus.size();
    }
    EXPECT_EQ(with_cpus, 2u);
    EXPECT_EQ(cpus, 4u);
}

TEST(TopologySynthetic, NonsenseIsAFailureWithAnExample) {
    for (const char* text : {"", "node", "node:", "pu:0", "what:3", "node:4 pu", "((("}) {
        const auto machine = topology::synthetic(text);
        ASSERT_FALSE(machine) << text;
        EXPECT_NE(machine.error().message.find("node:4 pu:2"), std::string::npos) << text;
    }
}

TEST(TopologySynthetic, HugeDescriptionsAreRefusedBeforeHwlocBuildsThem) {
    for (const char* text : {"node:1024 pu:1024", "pu:4294967295", "256 256 256"}) {
        const auto machine = topology::synthetic(text);
        ASSERT_FALSE(machine) << text;
        EXPECT_NE(machine.error().message.find("lower the counts"), std::string::npos) << text;
    }
}

TEST(TopologySynthetic, MoreThan1024NodesAreAFault) {
    const auto machine = topology::synthetic("node:1025 pu:1");
    ASSERT_FALSE(machine);
    EXPECT_NE(machine.error().message.find("1024"), std::string::npos);
}

/// A small XML machine: nodes 1 and 5, a matrix in other units, a DAX device of 1 GiB.
constexpr const char* xml_machine = R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE topology SYSTEM "hwloc2.dtd">
<topology version="2.0">
  <object type="Machine" os_index="0" cpuset="0x00000003" complete_cpuset="0x00000003"
   allowed_cpuset="0x00000003" nodeset="0x00000022" complete_nodeset="0x00000022"
   allowed_nodeset="0x00000022" gp_index="1">
    <object type="NUMANode" os_index="1" cpuset="0x00000003" complete_cpuset="0x00000003"
     nodeset="0x00000002" complete_nodeset="0x00000002" gp_index="2" local_memory="1073741824"/>
    <object type="NUMANode" os_index="5" cpuset="0x00000003" complete_cpuset="0x00000003"
     nodeset="0x00000020" complete_nodeset="0x00000020" gp_index="3" local_memory="0"/>
    <object type="PU" os_index="0" cpuset="0x00000001" complete_cpuset="0x00000001"
     nodeset="0x00000022" complete_nodeset="0x00000022" gp_index="4"/>
    <object type="PU" os_index="1" cpuset="0x00000002" complete_cpuset="0x00000002"
     nodeset="0x00000022" complete_nodeset="0x00000022" gp_index="5"/>
    <object type="OSDev" gp_index="6" name="dax0.0" subtype="SPM" osdev_type="0">
      <info name="DAXType" value="SPM"/>
      <info name="Size" value="1048576"/>
    </object>
  </object>
  <distances2 type="NUMANode" nbobjs="2" kind="5" name="NUMALatency" indexing="os">
    <indexes length="4">1 5 </indexes>
    <u64values length="16">100 170 300 100 </u64values>
  </distances2>
</topology>
)";

TEST(TopologyXml, SparseIdsDistancesAndDaxDevices) {
    const auto machine = read_hwloc_xml("m.xml", xml_machine, {});
    ASSERT_TRUE(machine) << machine.error().message;
    ASSERT_EQ(machine->nodes.size(), 2u);
    EXPECT_EQ(machine->nodes[0].id, NodeId{1});
    EXPECT_EQ(machine->nodes[1].id, NodeId{5});
    EXPECT_EQ(cpus_of(machine->nodes[0]), "0-1");
    EXPECT_EQ(cpus_of(machine->nodes[1]), "");
    EXPECT_TRUE(machine->nodes[1].zones.empty());
    EXPECT_EQ(machine->distance(0, 1), 17);
    EXPECT_EQ(machine->distance(1, 0), 30);
    const zone_span& last = machine->nodes[0].zones.back();
    EXPECT_EQ(last.kind, ZoneIndex::device);
    EXPECT_EQ(last.span.frames, 262144u);
}

TEST(TopologyXml, WhatHwlocRefusesNamesTheFileAndTheRemedy) {
    for (const char* text : {"<", "<topology version=\"3.0\"></topology>", "<?xml?><a></a>"}) {
        const auto machine = read_hwloc_xml("m.xml", text, {});
        ASSERT_FALSE(machine) << text;
        EXPECT_NE(machine.error().message.find("m.xml"), std::string::npos);
        EXPECT_NE(machine.error().message.find("lstopo"), std::string::npos);
    }
}

TEST(TopologyXml, AnSgiUvHas24NodesAndItsMatrix) {
    ANYPAGE_NEEDS_SHARED();
    const auto machine = test::shared_machine(ANYPAGE_SOURCE_DIR, "xml/192em64t-12gr2n8c2t.xml");
    ASSERT_TRUE(machine) << machine.error().message;
    ASSERT_EQ(machine->nodes.size(), 24u);
    EXPECT_EQ(cpus_of(machine->nodes[1]), "8-15,200-207");
    EXPECT_EQ(machine->distance(0, 0), 10);
    EXPECT_GT(machine->distance(0, 23), 20);
}

TEST(TopologyXml, CxlMemoryInADaxDeviceIsADeviceZone) {
    ANYPAGE_NEEDS_SHARED();
    const auto machine = test::shared_machine(ANYPAGE_SOURCE_DIR, "xml/cxlmem+dax.v2.xml");
    ASSERT_TRUE(machine) << machine.error().message;
    ASSERT_EQ(machine->nodes.size(), 1u);
    EXPECT_EQ(machine->nodes[0].zones.back().kind, ZoneIndex::device);
    EXPECT_EQ(machine->nodes[0].zones.back().span.frames, 262144u);
}

}  // namespace
}  // namespace anypage
