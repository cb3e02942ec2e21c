// The command `anypage topology` as a user runs it: what it prints where, and its exit status.
#include <fcntl.h>

#include "tests/cli/run_command.hpp"

namespace {

using anypage::test::expect_words;
using anypage::test::Outcome;

Outcome run(std::vector<std::string> arguments) {
    return anypage::test::run_command(std::move(arguments));
}

std::string data(const char* name) {
    return std::string(ANYPAGE_SOURCE_DIR "/data/topologies/") + name;
}

nlohmann::json run_json(std::vector<std::string> arguments) {
    arguments.push_back("--json");
    const Outcome outcome = run(std::move(arguments));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    return nlohmann::json::parse(outcome.out, nullptr, false);
}

TEST(CliTopology, PrintsAlignedTables) {
    const Outcome outcome = run({"topology", "-t", data("small.toml")});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "");
    const std::string expected =
        data("small.toml") + R"(: 2 nodes, 4 CPUs, 2 GiB, sections of 16 MiB

Nodes
  node  CPUs  memory  zones
     0  0-1    1 GiB  DMA DMA32 Movable
     1  2-3    1 GiB  DMA32 Movable

Zones
  node  zone     first pfn  last pfn     size  present
     0  DMA              0      4095   16 MiB  all
     0  DMA32         4096    196607  752 MiB  all
     0  Movable     196608    262143  256 MiB  all
     1  DMA32       262144    458751  768 MiB  all
     1  Movable     458752    524287  256 MiB  all

Distances
  node   0   1
    0:  10  20
    1:  20  10

Fallback order
  node  nodes tried
    0:  0 1
    1:  1 0
)";
    EXPECT_EQ(outcome.out, expected);
}

TEST(CliTopology, ShowsTheHostByDefault) {
    const Outcome outcome = run({"topology"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    expect_words(outcome.out, {"host: ", "Nodes", "Zones", "Distances", "Fallback order"});
}

TEST(CliTopology, ReadsSyntheticDescriptions) {
    const Outcome outcome = run({"topology", "--topology", "node:4 pu:2"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    expect_words(outcome.out, {"4 nodes, 8 CPUs", "    3:  3 0 1 2"});
}

TEST(CliTopology, ZonelistsGoFromTheHighestKindDownWithoutDeviceAndAbsentZones) {
    const Outcome outcome = run({"topology", "-t", data("cxl.toml"), "--zonelists"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    expect_words(outcome.out, {"    0:  0/Movable 0/Normal 0/DMA32 1/Normal\n",
                               "    2:  0/Movable 0/Normal 0/DMA32 1/Normal\n", "40 GiB of 48 GiB",
                               "8 GiB (8912896-11010047)", "none"});
}

TEST(CliTopology, NodesWithoutMemoryFallBackAndAreNobodysFallback) {
    const auto json = run_json({"topology", "-t", data("headless.toml")});
    ASSERT_EQ(json["fallback_orders"].size(), 3u);
    EXPECT_EQ(json["fallback_orders"][0]["nodes"], (std::vector<int>{0, 2}));
    EXPECT_EQ(json["fallback_orders"][1]["nodes"], (std::vector<int>{2, 0}));
    EXPECT_EQ(json["fallback_orders"][2]["nodes"], (std::vector<int>{2, 0}));
}

TEST(CliTopology, NodeLoadTurnsTheOrderOfEquallyFarNodes) {
    const auto json = run_json({"topology", "-t", "node:4 pu:1"});
    EXPECT_EQ(json["fallback_orders"][0]["nodes"], (std::vector<int>{0, 1, 2, 3}));
    EXPECT_EQ(json["fallback_orders"][1]["nodes"], (std::vector<int>{1, 2, 3, 0}));
    EXPECT_EQ(json["fallback_orders"][2]["nodes"], (std::vector<int>{2, 3, 0, 1}));
    EXPECT_EQ(json["fallback_orders"][3]["nodes"], (std::vector<int>{3, 0, 1, 2}));
}

TEST(CliTopology, NodeChoosesAndExcludes) {
    const auto chosen = run_json({"topology", "-t", "node:4 pu:1", "--node", "1-3,!2"});
    ASSERT_EQ(chosen["nodes"].size(), 2u);
    EXPECT_EQ(chosen["distances"]["from"], (std::vector<int>{1, 3}));
    EXPECT_EQ(chosen["distances"]["to"], (std::vector<int>{0, 1, 2, 3}));
    EXPECT_EQ(run_json({"topology", "-t", "node:4 pu:1", "--node", "!0"})["nodes"].size(), 3u);
}

TEST(CliTopology, MovableIsAPercentage) {
    const auto none = run_json({"topology", "-t", "node:1 pu:1", "--movable", "0"});
    EXPECT_EQ(none["nodes"][0]["zones"].back()["kind"], "DMA32");
    const auto all = run_json({"topology", "-t", "node:1 pu:1", "--movable", "100"});
    EXPECT_EQ(all["nodes"][0]["zones"][0]["kind"], "Movable");
}

/// The fields of docs/json.md, section "topology".
TEST(CliTopology, JsonHasTheDocumentedFields) {
    const auto json = run_json({"topology", "-t", data("cxl.toml"), "--zonelists"});
    EXPECT_EQ(json["source"], data("cxl.toml"));
    EXPECT_EQ(json["frame_bytes"], 4096);
    EXPECT_EQ(json["section_frames"], 32768);
    const auto& node = json["nodes"][0];
    EXPECT_EQ(node["id"], 0);
    EXPECT_EQ(node["cpus"].size(), 16u);
    EXPECT_EQ(node["present_frames"], 10485760);
    const auto& zone = node["zones"][2];
    EXPECT_EQ(zone["kind"], "Movable");
    EXPECT_EQ(zone["first_pfn"], 8912896);
    EXPECT_EQ(zone["frames"], 4194304);
    EXPECT_EQ(zone["present_frames"], 2097152);
    EXPECT_EQ(zone["present"][0]["first_pfn"], 8912896);
    EXPECT_EQ(zone["present"][0]["frames"], 2097152);
    EXPECT_EQ(json["distances"]["rows"][0], (std::vector<int>{10, 21, 24}));
    EXPECT_EQ(json["zonelists"][1]["zones"][0]["node"], 1);
    EXPECT_EQ(json["zonelists"][1]["zones"][0]["kind"], "Normal");
}

TEST(CliTopology, ManyNodesAreSummarisedUnlessAllIsAsked) {
    const Outcome brief = run({"topology", "-t", data("nodes1024.toml")});
    EXPECT_EQ(brief.status, 0) << brief.err;
    expect_words(brief.out, {"1024 nodes, 4096 CPUs, 1 TiB", "... and 1016 more nodes (--all)",
                             "distance  pairs", "(1008 more)"});
    EXPECT_LT(brief.out.size(), 8192u);
    const Outcome all = run({"topology", "-t", data("nodes1024.toml"), "--all"});
    EXPECT_EQ(all.out.find("more"), std::string::npos);
    EXPECT_GT(all.out.size(), std::size_t{8} << 20);
    const auto json = run_json({"topology", "-t", data("nodes1024.toml")});
    EXPECT_EQ(json["distances"]["rows"].size(), 1024u);
    EXPECT_EQ(json["fallback_orders"][1023]["nodes"].size(), 1024u);
}

TEST(CliTopology, EveryDataFileIsShown) {
    for (const char* name : {"small.toml", "sparse.toml", "asymmetric.toml", "headless.toml",
                             "cxl.toml", "nodes1024.toml", "big.toml"}) {
        EXPECT_EQ(run({"topology", "-t", data(name)}).status, 0) << name;
    }
}

TEST(CliTopology, WrongUseIsStatus2OnStderr) {
    const std::vector<std::vector<std::string>> wrong{
        {},
        {"nonsense"},
        {"topology", "--nonsense"},
        {"topology", "--movable", "101"},
        {"topology", "--movable", "-1"},
        {"topology", "-t"},
        {"topology", "-t", "no-such-file"},
        {"topology", "-t", "node:0 pu:0"},
        {"topology", "-t", ANYPAGE_SOURCE_DIR "/data"},
        {"topology", "-t", "node:2 pu:1", "--node", "7"},
        {"topology", "-t", "node:2 pu:1", "--node", "x"},
        {"topology", "-t", "node:2 pu:1", "--node", "0,,1"},
        {"topology", "-t", "node:2 pu:1", "--node", "!"},
        {"topology", "-t", "node:2 pu:1", "--node", "0,"},
    };
    for (const auto& arguments : wrong) {
        const Outcome outcome = run(arguments);
        std::string line;
        for (const std::string& argument : arguments) line += argument + " ";
        EXPECT_EQ(outcome.status, 2) << line;
        EXPECT_EQ(outcome.out, "") << line;
        EXPECT_NE(outcome.err, "") << line;
    }
}

TEST(CliTopology, ErrorsNameThePlaceAndTheRemedy) {
    expect_words(run({"topology", "-t", "node:2 pu:1", "--node", "7"}).err,
                 {"anypage: ", "--node 7", "no such node", "it has 0-1"});
    expect_words(run({"topology", "-t", "no-such-file"}).err, {"no such file", "node:4 pu:2"});
}

TEST(CliTopology, AFullDiskIsNotSuccess) {
    const int full = open("/dev/full", O_WRONLY);
    if (full < 0) GTEST_SKIP() << "skipped: no /dev/full";
    const std::string command = std::string(ANYPAGE_COMMAND) + " topology > /dev/full 2>&1";
    const int status = std::system(command.c_str());
    close(full);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 3);
}

TEST(Cli, VersionAndHelpGoToStdout) {
    const Outcome version = run({"--version"});
    EXPECT_EQ(version.status, 0);
    EXPECT_TRUE(version.out.starts_with("anypage "));
    const Outcome help = run({"topology", "--help"});
    EXPECT_EQ(help.status, 0);
    expect_words(help.out, {"--topology", "--node", "--movable", "--zonelists", "--all", "--json"});
}

}  // namespace
