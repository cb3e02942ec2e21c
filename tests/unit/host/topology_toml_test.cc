// Topologies from TOML: what the format says.
#include "host/topology_toml.hpp"

#include <gtest/gtest.h>

#include "tests/support/scratch.hpp"

namespace anypage {
namespace {

topology read(std::string_view text, zone_policy policy = {}) {
    auto machine = read_toml("m.toml", text, policy);
    EXPECT_TRUE(machine) << machine.error().message;
    return machine ? *std::move(machine) : topology{};
}

/// Two good nodes.
const std::string node01 = "node = [{ id = 0, count = 2, memory = '1 GiB' }]\n";

TEST(TopologyToml, TheSmallestFileIsOneNodeWithMemory) {
    const topology machine = read("[[node]]\nid = 5\nmemory = '1 GiB'");
    ASSERT_EQ(machine.nodes.size(), 1u);
    EXPECT_EQ(machine.nodes[0].id, NodeId{5});
    EXPECT_EQ(machine.section_frames, 32768u);
    EXPECT_EQ(machine.nodes[0].zones.back().kind, ZoneIndex::movable);
    EXPECT_EQ(machine.nodes[0].zones.back().span.end(), Pfn{262144});
    EXPECT_EQ(machine.source, "m.toml");
}

TEST(TopologyToml, CommentsAndTextsMayHaveAnyLetters) {
    read("\xef\xbb\xbf# \xc3\xa9 \xff\nname = \"\xc3\xa9\"\n[[node]]\nid = 0\nmemory = '1 GiB'");
}

TEST(TopologyToml, TheFileDecidesOverThePolicy) {
    const zone_policy policy{100, 512};
    const std::string text = "[[node]]\nid = 0\nmemory = '1 GiB'";
    const topology by_policy = read(text, policy);
    EXPECT_EQ(by_policy.section_frames, 512u);
    EXPECT_EQ(by_policy.nodes[0].zones[0].kind, ZoneIndex::movable);
    const topology by_file = read("section = '1 GiB'\nmovable_percent = 0\n" + text, policy);
    EXPECT_EQ(by_file.section_frames, 262144u);
    EXPECT_EQ(by_file.nodes[0].zones.back().kind, ZoneIndex::dma32);
}

TEST(TopologyToml, NodesAreSortedAndPlacedById) {
    const topology machine = read(
        "[[node]]\nid = 8\nmemory = '5 GiB'\n[[node]]\nid = 1\ncpus = '0-1'\n"
        "[[node]]\nid = 2\nmemory = 262144");
    ASSERT_EQ(machine.nodes.size(), 3u);
    EXPECT_TRUE(machine.nodes[0].zones.empty());
    EXPECT_EQ(machine.nodes[0].cpus.size(), 2u);
    EXPECT_EQ(machine.nodes[1].zones[0].span.first, Pfn{0});
    EXPECT_EQ(machine.nodes[2].zones[0].span.first, Pfn{262144});
}

TEST(TopologyToml, AStringCountsBytesAndAnIntegerFrames) {
    const topology machine = read(R"(
[[node]]
id = 0
zone = [
    { kind = "normal", first = 0x100000, size = 32768 },
    { kind = "MOVABLE", first = "8 GiB", size = "1 GiB" },
])");
    const auto& zones = machine.nodes[0].zones;
    EXPECT_EQ(zones[0].span, (PfnRange{Pfn{1048576}, 32768}));
    EXPECT_EQ(zones[1].span, (PfnRange{Pfn{2097152}, 262144}));
}

TEST(TopologyToml, PresentIsAllNoneAnAmountOrRanges) {
    const topology machine = read(R"(
[[node]]
id = 0
[[node.zone]]
kind = "Normal"
size = "1 GiB"
present = true
[[node.zone]]
kind = "Movable"
size = "1 GiB"
present = false
[[node]]
id = 1
[[node.zone]]
kind = "Normal"
size = "1 GiB"
present = "256 MiB"
[[node.zone]]
kind = "Device"
first = 1048576
size = "1 GiB"
present = [{ first = 1081344, size = 32768 }, { first = "4864 MiB", size = "128 MiB" }]
)");
    using Ranges = std::vector<PfnRange>;
    EXPECT_EQ(machine.nodes[0].zones[0].present, (Ranges{{Pfn{0}, 262144}}));
    EXPECT_EQ(machine.nodes[0].zones[1].present, Ranges{});
    EXPECT_EQ(machine.nodes[1].zones[0].present, (Ranges{{Pfn{524288}, 65536}}));
    EXPECT_EQ(machine.nodes[1].zones[1].present,
              (Ranges{{Pfn{1081344}, 32768}, {Pfn{1245184}, 32768}}));
}

TEST(TopologyToml, CountMakesEqualNodes) {
    const topology machine = read(R"(
[[node]]
id = 10
count = 3
id_step = 5
cpus_each = 2
memory = "1 GiB"
[[node]]
id = 1
cpus = "9,20"
memory = "1 GiB"
[[node]]
id = 2
cpus_each = 1
)");
    ASSERT_EQ(machine.nodes.size(), 5u);
    EXPECT_EQ(machine.nodes[4].id, NodeId{20});
    EXPECT_EQ(machine.nodes[4].cpus, (std::vector<CpuId>{CpuId{4}, CpuId{5}}));
    EXPECT_EQ(machine.nodes[1].cpus, (std::vector<CpuId>{CpuId{21}}));
    EXPECT_NE(machine.nodes[3].zones[0].span.first, machine.nodes[4].zones[0].span.first);
}

std::vector<std::uint8_t> distances(const std::string& text) {
    return read("node = [{ id = 0, count = 4, memory = '1 GiB' }]\n[distances]\n" + text).distances;
}

TEST(TopologyToml, RulesFillTheMatrix) {
    using Matrix = std::vector<std::uint8_t>;
    EXPECT_EQ(distances("remote = 31")[1], 31);
    EXPECT_EQ(distances("rule = 'ring'\nstep = 3"),
              (Matrix{10, 13, 16, 13, 13, 10, 13, 16, 16, 13, 10, 13, 13, 16, 13, 10}));
    EXPECT_EQ(distances("rule = 'ring'\nstep = 200\nmax = 240")[1], 210);
    EXPECT_EQ(distances("rule = 'ring'\nstep = 200\nmax = 240")[2], 240);
    EXPECT_EQ(distances("rule = 'groups'\ngroup = 2\nnear = 12\nremote = 40"),
              (Matrix{10, 12, 40, 40, 12, 10, 40, 40, 40, 40, 10, 12, 40, 40, 12, 10}));
}

TEST(TopologyToml, PairsOverwriteOneWayOrBoth) {
    const auto matrix = distances(
        "pair = [{ between = [0, 1], distance = 40 }, { from = 3, to = 0, distance = 50 }]");
    EXPECT_EQ(matrix[1], 40);
    EXPECT_EQ(matrix[4], 40);
    EXPECT_EQ(matrix[12], 50);
    EXPECT_EQ(matrix[3], 20);
}

TEST(TopologyToml, AMatrixMayBeAsymmetric) {
    const topology machine = read(node01 + "[distances]\nmatrix = [[10, 30], [20, 10]]");
    EXPECT_EQ(machine.distances, (std::vector<std::uint8_t>{10, 30, 20, 10}));
}

/// The format's document shows whole files between ```toml and ```; each must be one.
TEST(TopologyToml, TheExamplesOfTheDocumentAreRead) {
    const std::string document = test::read_file(ANYPAGE_SOURCE_DIR "/docs/topology-format.md");
    const std::string_view open = "```toml\n";
    std::size_t examples = 0;
    for (std::size_t at = document.find(open); at != document.npos; at = document.find(open, at)) {
        at += open.size();
        read(std::string_view(document).substr(at, document.find("```", at) - at));
        ++examples;
    }
    EXPECT_EQ(examples, 2u);
}

}  // namespace
}  // namespace anypage
