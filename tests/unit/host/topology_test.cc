// Topology: lookups, the rules that every topology fulfils, which reader a source calls for, all
// machines that come with the project.
#include "host/topology.hpp"

#include <gtest/gtest.h>

#include "host/topology_zones.hpp"
#include "tests/support/scratch.hpp"
#include "tests/unit/host/shared_machine.hpp"

namespace anypage {
namespace {

namespace fs = std::filesystem;
using test::Scratch;

const fs::path project = ANYPAGE_SOURCE_DIR;

/// Two nodes of two sections; good until a test breaks it.
topology good_machine() {
    topology machine;
    machine.source = "here";
    const PfnRange low{Pfn{0}, 65536};
    const PfnRange high{Pfn{65536}, 65536};
    machine.nodes.push_back({NodeId{0}, {CpuId{0}}, {{ZoneIndex::normal, low, {low}}}});
    machine.nodes.push_back({NodeId{3}, {CpuId{1}}, {{ZoneIndex::normal, high, {high}}}});
    machine.distances = default_distances(2);
    return machine;
}

/// The message of a machine that was broken by `breaks`.
template <class Breaks>
std::string fault_after(Breaks breaks) {
    topology machine = good_machine();
    breaks(machine);
    const auto outcome = checked(std::move(machine));
    return outcome ? "no fault" : outcome.error().message;
}

void expect_words(const std::string& message, std::initializer_list<const char*> words) {
    for (const char* word : words) {
        EXPECT_NE(message.find(word), std::string::npos) << '"' << word << "\" in: " << message;
    }
}

TEST(Topology, PositionFindsIdsAndNothingElse) {
    const topology machine = good_machine();
    EXPECT_EQ(machine.position(NodeId{0}), 0u);
    EXPECT_EQ(machine.position(NodeId{3}), 1u);
    for (const NodeId id : {NodeId{1}, NodeId{4}, node_local}) EXPECT_EQ(machine.position(id), 2u);
}

TEST(TopologyChecked, AcceptsAGoodMachine) { EXPECT_TRUE(checked(good_machine())); }

TEST(TopologyChecked, NodesHaveIdsOfTheirOwnInOrder) {
    expect_words(fault_after([](topology& m) { m.nodes.clear(); }), {"here", "at least one"});
    expect_words(fault_after([](topology& m) { m.nodes[1].id = NodeId{0}; }),
                 {"node 0 is given twice", "id of its own"});
    expect_words(fault_after([](topology& m) { m.nodes[0].id = NodeId{7}; }),
                 {"order nodes by id"});
    expect_words(fault_after([](topology& m) { m.nodes[1].id = NodeId{1024}; }),
                 {"1024", "0 to 1023"});
}

TEST(TopologyChecked, ACpuBelongsToOneNode) {
    expect_words(fault_after([](topology& m) { m.nodes[1].cpus = {CpuId{0}}; }),
                 {"CPU 0", "node 3", "node 0", "belongs to one node"});
    expect_words(fault_after([](topology& m) {
                     m.nodes[1].cpus = {CpuId{3}, CpuId{2}};
                 }),
                 {"node 3", "ascending"});
    expect_words(fault_after([](topology& m) { m.nodes[1].cpus = {CpuId{65536}}; }),
                 {"65536", "0 to 65535"});
}

TEST(TopologyChecked, RangesAreWholeSectionsBelow2To44) {
    using Span = PfnRange;
    const auto with_span = [](Span span) {
        return fault_after([span](topology& m) {
            m.nodes[1].zones[0].span = span;
            m.nodes[1].zones[0].present.clear();
        });
    };
    expect_words(with_span({Pfn{65537}, 65536}), {"node 3 zone Normal", "whole sections", "align"});
    expect_words(with_span({Pfn{65536}, 65535}), {"node 3 zone Normal", "whole sections"});
    expect_words(with_span({Pfn{65536}, 0}), {"is empty"});
    expect_words(with_span({Pfn{0}, 65536}), {"overlaps node 0 zone Normal", "move"});
    expect_words(with_span({Pfn{std::uint64_t{1} << 44}, 65536}), {"2^44"});
    expect_words(with_span({Pfn{65536}, UINT64_MAX - 100}), {"2^44"});
    EXPECT_EQ(with_span({Pfn{(std::uint64_t{1} << 44) - 65536}, 65536}), "no fault");
}

TEST(TopologyChecked, TheDmaMarkMayCutASection) {
    EXPECT_EQ(fault_after([](topology& m) {
                  m.nodes[0].zones = cut_into_zones({Pfn{0}, 65536}, {0, m.section_frames});
              }),
              "no fault");
}

TEST(TopologyChecked, PresentRangesAreAscendingInsideTheSpan) {
    const auto with_present = [](std::vector<PfnRange> present) {
        return fault_after([&](topology& m) { m.nodes[1].zones[0].present = present; });
    };
    EXPECT_EQ(with_present({}), "no fault");
    EXPECT_EQ(with_present({{Pfn{65536}, 32768}, {Pfn{98304}, 32768}}), "no fault");
    expect_words(with_present({{Pfn{32768}, 65536}}), {"outside", "widen"});
    expect_words(with_present({{Pfn{98304}, 32768}, {Pfn{65536}, 32768}}), {"ascending"});
    expect_words(with_present({{Pfn{65536}, 65536}, {Pfn{98304}, 32768}}), {"overlaps"});
    expect_words(with_present({{Pfn{65536}, 1}}), {"present range of", "whole sections"});
}

TEST(TopologyChecked, ZonesAreInAscendingKind) {
    expect_words(fault_after([](topology& m) { m.nodes[0].zones.push_back(m.nodes[0].zones[0]); }),
                 {"given twice"});
    expect_words(fault_after([](topology& m) { m.nodes[0].zones[0].kind = ZoneIndex(9); }),
                 {"unknown kind"});
    expect_words(fault_after([](topology& m) {
                     for (auto& node : m.nodes) node.zones.clear();
                 }),
                 {"no node has memory"});
}

TEST(TopologyChecked, DistancesAreTheKernels) {
    expect_words(fault_after([](topology& m) { m.distances.pop_back(); }), {"3 distances"});
    expect_words(fault_after([](topology& m) { m.distances[0] = 11; }), {"10 from itself"});
    expect_words(fault_after([](topology& m) { m.distances[1] = 9; }),
                 {"from node 0 to node 3 is 9", "least"});
    EXPECT_EQ(fault_after([](topology& m) { m.distances[1] = 255; }), "no fault");
}

TEST(TopologyChecked, SectionsArePowersOfTwo) {
    expect_words(fault_after([](topology& m) { m.section_frames = 0; }), {"power of two"});
}

TEST(TopologyLoad, TheHostHasMemoryAndCpus) {
    const auto machine = topology::host();
    ASSERT_TRUE(machine) << machine.error().message;
    std::size_t cpus = 0;
    for (const topology_node& node : machine->nodes) cpus += node.cpus.size();
    EXPECT_GT(cpus, 0u);
    const auto same = topology::load("host");
    ASSERT_TRUE(same);
    EXPECT_EQ(same->nodes.size(), machine->nodes.size());
}

TEST(TopologyLoad, AMissingFileIsNotASyntheticDescription) {
    for (const char* source : {"no-such-file.toml", "", "/no:such/file"}) {
        const auto machine = topology::load(source);
        ASSERT_FALSE(machine);
        EXPECT_EQ(machine.error().code, error::not_found);
        expect_words(machine.error().message, {"no such file", "node:4 pu:2"});
    }
}

TEST(TopologyLoad, ContentTellsXmlFromToml) {
    const Scratch scratch;
    const auto xml = topology::load(scratch.write("a.toml", "  <?xml version=\"1.0\"?><a/>"));
    ASSERT_FALSE(xml);
    expect_words(xml.error().message, {"a.toml", "hwloc", "lstopo"});
    const auto toml =
        topology::load(scratch.write("b.xml", "[[node]]\nid = 0\nmemory = \"1 GiB\""));
    EXPECT_TRUE(toml);
    const auto directory = topology::load(scratch.path().string());
    ASSERT_FALSE(directory);
    expect_words(directory.error().message, {"sys/devices/system/node"});
}

TEST(TopologyLoad, AFileThatIsNoTextIsAFault) {
    const Scratch scratch;
    const auto machine = topology::load(scratch.write("a", std::string("\0\xff\xfe", 3)));
    ASSERT_FALSE(machine);
    EXPECT_EQ(machine.error().code, error::invalid);
}

TEST(TopologyData, EveryFileIsReadAndChecked) {
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(project / "data" / "topologies")) {
        const auto machine = topology::load(entry.path().string());
        EXPECT_TRUE(machine) << machine.error().message;
        ++files;
    }
    EXPECT_GE(files, 7u);
}

topology data_file(const char* name) {
    auto machine = topology::load((project / "data" / "topologies" / name).string());
    EXPECT_TRUE(machine) << machine.error().message;
    return machine ? *std::move(machine) : topology{};
}

TEST(TopologyData, FilesAreWhatTheySay) {
    EXPECT_EQ(data_file("sparse.toml").position(NodeId{250}), 2u);
    const topology asymmetric = data_file("asymmetric.toml");
    EXPECT_NE(asymmetric.distance(0, 1), asymmetric.distance(1, 0));
    EXPECT_TRUE(data_file("headless.toml").nodes[1].zones.empty());
    EXPECT_TRUE(data_file("cxl.toml").nodes[2].zones[0].present.empty());
    EXPECT_EQ(data_file("nodes1024.toml").nodes.size(), 1024u);
    EXPECT_EQ(data_file("big.toml").nodes.back().zones.back().span.end(),
              Pfn{std::uint64_t{16} << 28});
}

TEST(TopologyShared, EveryGatheredMachineIsRead) {
    ANYPAGE_NEEDS_SHARED();
    const fs::path shared = test::shared_topologies(ANYPAGE_SOURCE_DIR);
    for (const auto& entry : fs::directory_iterator(shared / "sysfs")) {
        const auto machine = topology::load(entry.path().string());
        EXPECT_TRUE(machine) << machine.error().message;
    }
    for (const auto& entry : fs::directory_iterator(shared / "xml")) {
        const auto machine = topology::load(entry.path().string());
        // XML of hwloc 3 can be read by hwloc 3 only; the message must say how to convert it.
        const bool newer =
            test::read_file(entry.path()).find("<topology version=\"3") != std::string::npos;
        if (!machine && newer) {
            expect_words(machine.error().message, {"lstopo", "--export-xml-flags v2"});
        } else {
            EXPECT_TRUE(machine) << machine.error().message;
        }
    }
}

}  // namespace
}  // namespace anypage
