// Topologies from sysfs trees: the texts, the masks and whole directories.
#include "host/topology_sysfs.hpp"

#include <gtest/gtest.h>

#include "host/id_list.hpp"
#include "tests/unit/host/sysfs_tree.hpp"

namespace anypage {
namespace {

namespace fs = std::filesystem;
using test::Scratch;
using test::write_machine;
using test::write_node;

const std::string base = test::sysfs_nodes;

std::string fault_of(const Scratch& scratch) {
    const auto machine = topology::load(scratch.path().string());
    return machine ? "no fault" : machine.error().message;
}

void expect_words(const std::string& message, std::initializer_list<const char*> words) {
    for (const char* word : words) {
        EXPECT_NE(message.find(word), std::string::npos) << '"' << word << "\" in: " << message;
    }
}

std::string cpus_of(const topology_node& node) {
    return format_id_list(node.cpus, [](CpuId cpu) { return cpu.value; });
}

TEST(SysfsText, MeminfoGivesTheTotal) {
    EXPECT_EQ(parse_meminfo_total("Node 0 MemTotal:   16 kB\nNode 0 MemFree: 1 kB"), 16384u);
    EXPECT_EQ(parse_meminfo_total("Node 0 MemTotal: 0 kB"), 0u);
    for (const char* text : {"", "MemTotal:", "MemTotal: 1", "MemTotal: x kB", "MemTotal: -1 kB",
                             "MemFree: 1 kB", "MemTotal: 99999999999999999 kB"}) {
        EXPECT_EQ(parse_meminfo_total(text), std::nullopt) << text;
    }
}

TEST(SysfsText, DistanceRowsAreNumbersFrom10To255) {
    EXPECT_EQ(parse_distance_row("10 20\t255\n"), (std::vector<std::uint8_t>{10, 20, 255}));
    for (const char* text : {"", "\n", "9", "10 256", "10,20", "10 x", "-10"}) {
        EXPECT_EQ(parse_distance_row(text), std::nullopt) << text;
    }
    std::string row;
    for (int i = 0; i < 1025; ++i) row += "10 ";
    EXPECT_EQ(parse_distance_row(row), std::nullopt);
}

TEST(SysfsText, RowsListOnlineNodesOrPossibleOnes) {
    const std::vector<std::uint32_t> online{1};
    const std::vector<std::uint32_t> possible{0, 1};
    EXPECT_EQ(distance_columns(1, online, possible), online);
    EXPECT_EQ(distance_columns(2, online, possible), possible);
    EXPECT_EQ(distance_columns(3, online, possible), std::nullopt);
}

TEST(TopologySysfs, ReadsNodesCpusMemoryAndDistances) {
    const Scratch scratch;
    write_machine(scratch);
    const auto machine = topology::load(scratch.path().string());
    ASSERT_TRUE(machine) << machine.error().message;
    ASSERT_EQ(machine->nodes.size(), 2u);
    EXPECT_EQ(machine->nodes[1].id, NodeId{4});
    EXPECT_EQ(cpus_of(machine->nodes[0]), "0-3");
    EXPECT_TRUE(machine->nodes[1].cpus.empty());
    EXPECT_EQ(machine->distance(0, 1), 17);
    EXPECT_EQ(machine->distance(1, 0), 30);
    EXPECT_EQ(machine->nodes[1].zones.back().span.end(), Pfn{262144 + 131072});
}

TEST(TopologySysfs, OfflineCpusAndNodesAreLeftOut) {
    const Scratch scratch;
    write_machine(scratch);
    scratch.write(base + "online", "4\n");
    write_node(scratch, 4, "2-5", 512, "10");
    scratch.write("sys/devices/system/cpu/online", "0-3\n");
    const auto machine = topology::load(scratch.path().string());
    ASSERT_TRUE(machine) << machine.error().message;
    ASSERT_EQ(machine->nodes.size(), 1u);
    EXPECT_EQ(cpus_of(machine->nodes[0]), "2-3");
}

TEST(TopologySysfs, OldTreesHaveNoMasksAndNoCpulist) {
    const Scratch scratch;
    write_machine(scratch);
    fs::remove(scratch.path() / base / "online");
    fs::remove(scratch.path() / base / "possible");
    fs::remove(scratch.path() / base / "node0/cpulist");
    scratch.write(base + "node0/cpumap", "00000001,00000000\n");
    const auto machine = topology::load(scratch.path().string());
    ASSERT_TRUE(machine) << machine.error().message;
    EXPECT_EQ(cpus_of(machine->nodes[0]), "32");
}

TEST(TopologySysfs, WithoutDistancesNodesAre10And20) {
    const Scratch scratch;
    write_node(scratch, 0, "0", 128, "");
    write_node(scratch, 1, "1", 0, "");
    const auto machine = topology::load(scratch.path().string());
    ASSERT_TRUE(machine) << machine.error().message;
    EXPECT_EQ(machine->distance(0, 1), 20);
    EXPECT_TRUE(machine->nodes[1].zones.empty());
}

TEST(TopologySysfs, ATreeMayBeOneDirectoryDown) {
    const Scratch scratch;
    for (const char* name : {"a/", "b/"}) {
        scratch.write(name + base + "node0/cpulist", "0");
        scratch.write(name + base + "node0/meminfo", "MemTotal: 1024 kB");
        if (*name == 'a') {
            EXPECT_EQ(fault_of(scratch), "no fault");
        }
    }
    expect_words(fault_of(scratch), {"2 sysfs trees", "subdirectories"});
}

/// Each fault is made in a good machine by writing one file over.
TEST(TopologySysfs, FaultsNameTheFileAndTheRemedy) {
    struct Case {
        const char* file;
        const char* text;
        std::initializer_list<const char*> words;
    };
    const Case cases[] = {
        {"online", "0,4,5", {"node/online", "node 5", "node5 is missing", "gather"}},
        {"online", "zero", {"node/online", "zero", "0-3,8"}},
        {"online", "", {"no node is online", "NUMA"}},
        {"possible", "9-1", {"node/possible", "9-1"}},
        {"node4/meminfo", "", {"node/node4/meminfo", "MemTotal", "gather"}},
        {"node4/cpulist", "x", {"node/node4/cpulist", "gather"}},
        {"node4/cpulist", "0", {"CPU 0", "node 4", "one node"}},
        {"node4/distance", "10 x", {"node/node4/distance", "10 to 255"}},
        {"node4/distance", "10 20 30", {"node4/distance", "3 distances", "2 nodes", "8 possible"}},
        {"node4/distance", "10 20", {"from node 4 to node 4 is 20", "10 from itself"}},
        {"../cpu/online", "x", {"cpu/online"}},
    };
    for (const Case& c : cases) {
        const Scratch scratch;
        write_machine(scratch);
        scratch.write(base + c.file, c.text);
        const std::string fault = fault_of(scratch);
        expect_words(fault, {scratch.path().c_str()});
        expect_words(fault, c.words);
    }
}

TEST(TopologySysfs, MissingFilesAreFaults) {
    for (const char* file : {"meminfo", "cpulist"}) {
        const Scratch scratch;
        write_machine(scratch);
        fs::remove(scratch.path() / base / "node4" / file);
        expect_words(fault_of(scratch), {"node4", "missing", "gather"});
    }
}

TEST(TopologySysfs, FilesBehindLinksAreNotRead) {
    const Scratch scratch;
    write_machine(scratch);
    const fs::path meminfo = scratch.path() / base / "node4/meminfo";
    fs::rename(meminfo, scratch.path() / "elsewhere");
    fs::create_symlink(scratch.path() / "elsewhere", meminfo);
    expect_words(fault_of(scratch), {"node4/meminfo", "missing"});
}

}  // namespace
}  // namespace anypage
