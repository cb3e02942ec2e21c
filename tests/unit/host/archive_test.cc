// Sysfs trees out of tar archives, friendly or not.
#include "host/archive.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "host/id_list.hpp"
#include "host/topology.hpp"
#include "tests/unit/host/shared_machine.hpp"
#include "tests/unit/host/sysfs_tree.hpp"

namespace anypage {
namespace {

namespace fs = std::filesystem;
using test::Scratch;
using test::write_machine;

const std::string base = test::sysfs_nodes;

void expect_words(const std::string& message, std::initializer_list<const char*> words) {
    for (const char* word : words) {
        EXPECT_NE(message.find(word), std::string::npos) << '"' << word << "\" in: " << message;
    }
}

std::string cpus_of(const topology_node& node) {
    return format_id_list(node.cpus, [](CpuId cpu) { return cpu.value; });
}

int run(const std::string& command) { return std::system(command.c_str()); }

/// An archive of the scratch directory's `from`, made with extra options of tar.
std::string pack(const Scratch& scratch, const std::string& name, const std::string& from) {
    const std::string file = scratch.path() / name;
    EXPECT_EQ(run("tar -caf '" + file + "' -C '" + scratch.path().string() + "' " + from), 0);
    return file;
}

/// A place for temporary files of this process alone: other tests run beside it.
class PrivateTemporaryFiles {
public:
    PrivateTemporaryFiles() {
        if (mkdtemp(path_) != nullptr) setenv("TMPDIR", path_, 1);
    }
    ~PrivateTemporaryFiles() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

private:
    char path_[40] = "/tmp/anypage-test-archive-XXXXXX";
};
const PrivateTemporaryFiles private_temporary_files;

std::size_t temporary_directories() {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(fs::temp_directory_path())) {
        const std::string name = entry.path().filename();
        count += name.starts_with("anypage-") && !name.starts_with("anypage-test");
    }
    return count;
}

TEST(TopologyArchive, EveryCompressionIsReadAndNothingStays) {
    const std::size_t before = temporary_directories();
    for (const char* name : {"m.tar", "m.tar.gz", "m.tar.bz2", "m.tar.xz", "a:b.tar"}) {
        const Scratch scratch;
        write_machine(scratch);
        scratch.write("sys/devices/system/cpu/online", "0-1");
        const auto machine = topology::load(pack(scratch, name, "sys"));
        ASSERT_TRUE(machine) << machine.error().message;
        EXPECT_EQ(machine->nodes.size(), 2u);
        EXPECT_EQ(cpus_of(machine->nodes[0]), "0-1");
    }
    EXPECT_EQ(temporary_directories(), before);
}

TEST(TopologyArchive, NamesWithQuotesAndDashesAreOnlyNames) {
    const Scratch scratch;
    write_machine(scratch);
    const std::string file = pack(scratch, "m.tar", "sys");
    const fs::path odd = scratch.path() / "--x '$(touch gone)'.tar";
    fs::rename(file, odd);
    EXPECT_TRUE(topology::load(odd.string()));
    const fs::path here = fs::current_path();
    fs::current_path(scratch.path());
    EXPECT_TRUE(topology::load("--x '$(touch gone)'.tar"));
    EXPECT_FALSE(fs::exists("gone"));
    fs::current_path(here);
}

TEST(TopologyArchive, WhatIsNoArchiveIsAFault) {
    const Scratch scratch;
    const auto garbage = topology::load(scratch.write("m.tar.bz2", "garbage"));
    ASSERT_FALSE(garbage);
    expect_words(garbage.error().message, {"m.tar.bz2", "tar cannot extract", "sysfs tree"});
    scratch.write("other/file", "x");
    const auto other = topology::load(pack(scratch, "o.tar", "other"));
    ASSERT_FALSE(other);
    expect_words(other.error().message, {"o.tar", "sys/devices/system"});
}

TEST(TopologyArchive, ATruncatedArchiveIsAFault) {
    const Scratch scratch;
    write_machine(scratch);
    const std::string file = pack(scratch, "m.tar", "sys");
    fs::resize_file(file, fs::file_size(file) / 2);
    EXPECT_FALSE(topology::load(file));
}

TEST(TopologyArchive, LinksAndTraversalLeadNowhere) {
    const Scratch scratch;
    write_machine(scratch);
    const std::string secret = scratch.write("secret", "Node 4 MemTotal: 1048576 kB\n");
    const fs::path meminfo = scratch.path() / base / "node4/meminfo";
    fs::remove(meminfo);
    fs::create_symlink(secret, meminfo);
    const auto linked = topology::load(pack(scratch, "link.tar", "sys"));
    ASSERT_FALSE(linked);
    expect_words(linked.error().message, {"node4/meminfo", "missing"});

    // A member whose name climbs out of the directory it is extracted into.
    const std::string file = scratch.path() / "climb.tar";
    ASSERT_EQ(run("cd '" + scratch.path().string() + "' && tar -cPf climb.tar --transform " +
                  "'s|^secret|../../climbed/sys/devices/system/node/x|' secret"),
              0);
    EXPECT_FALSE(topology::load(file));
    EXPECT_FALSE(fs::exists(fs::temp_directory_path() / "climbed"));
    EXPECT_FALSE(fs::exists(fs::temp_directory_path() / ".." / "climbed"));
}

TEST(TopologyArchive, LargeMembersAreRefused) {
    const Scratch scratch;
    write_machine(scratch);
    fs::resize_file(scratch.path() / base / "node0/meminfo", 8 << 20);
    const auto machine = topology::load(pack(scratch, "m.tar.gz", "sys"));
    ASSERT_FALSE(machine);
    expect_words(machine.error().message, {"m.tar.gz"});
}

TEST(TopologyArchive, ReadOnlyDirectoriesGoAwayToo) {
    const std::size_t before = temporary_directories();
    const Scratch scratch;
    write_machine(scratch);
    fs::permissions(scratch.path() / base / "node0", fs::perms::owner_read | fs::perms::owner_exec);
    const std::string file = pack(scratch, "m.tar", "sys");
    fs::permissions(scratch.path() / base / "node0", fs::perms::owner_all);
    EXPECT_TRUE(topology::load(file));
    EXPECT_EQ(temporary_directories(), before);
}

TEST(TopologyArchive, TheRowOfAMachineWithNode0OfflineListsPossibleNodes) {
    ANYPAGE_NEEDS_SHARED();
    const auto machine =
        test::shared_machine(ANYPAGE_SOURCE_DIR, "sysfs/offline-cpu0-node0.tar.bz2");
    ASSERT_TRUE(machine) << machine.error().message;
    ASSERT_EQ(machine->nodes.size(), 1u);
    EXPECT_EQ(machine->nodes[0].id, NodeId{1});
    EXPECT_EQ(machine->distance(0, 0), 10);
    EXPECT_EQ(cpus_of(machine->nodes[0]), "5,7,9,11,13,15,17,19");
}

TEST(TopologyArchive, SparseIdsKeepTheirDistances) {
    ANYPAGE_NEEDS_SHARED();
    const auto machine =
        test::shared_machine(ANYPAGE_SOURCE_DIR, "sysfs/48amd64-4pa2n6c-sparse.tar.bz2");
    ASSERT_TRUE(machine) << machine.error().message;
    ASSERT_EQ(machine->nodes.size(), 8u);
    EXPECT_EQ(machine->distance(machine->position(NodeId{2}), machine->position(NodeId{1})), 22);
    EXPECT_EQ(machine->distance(machine->position(NodeId{0}), machine->position(NodeId{73})), 22);
}

TEST(TopologyArchive, MemoryOnlyNodesAreRead) {
    ANYPAGE_NEEDS_SHARED();
    const auto machine =
        test::shared_machine(ANYPAGE_SOURCE_DIR, "sysfs/fakeheteromemtiers.tar.bz2");
    ASSERT_TRUE(machine) << machine.error().message;
    ASSERT_EQ(machine->nodes.size(), 7u);
    EXPECT_EQ(machine->nodes[6].id, NodeId{9});
    EXPECT_TRUE(machine->nodes[6].cpus.empty());
    EXPECT_FALSE(machine->nodes[6].zones.empty());
}

}  // namespace
}  // namespace anypage
