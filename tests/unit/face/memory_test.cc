// Memory behind the frames, through the face: there while a range is online, gone with it, and
// short at online rather than later.
#include <anypage/anypage.hpp>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cstring>
#include <vector>

#include "tests/unit/face/scene.hpp"

namespace anypage {
namespace {

using namespace test;

/// Frames of a range that have memory behind them.
std::uint64_t resident(const allocator& pages, PfnRange range) {
    std::vector<unsigned char> in_core(range.frames);
    if (mincore(pages.address(range.first), range.frames * frame_bytes, in_core.data()) != 0) {
        return 0;
    }
    return static_cast<std::uint64_t>(
        std::count_if(in_core.begin(), in_core.end(), [](auto byte) { return (byte & 1) != 0; }));
}

constexpr PfnRange one_section{node5.first, section};

TEST(FaceMemory, IsThereAndWritableWhileOnlineAndGivenBackAfterwards) {
    allocator pages = make(unbound());
    EXPECT_EQ(resident(pages, one_section), section);
    std::memset(pages.address(one_section.first), 0xaa, section * frame_bytes);

    const auto gone = pages.offline(one_section);
    ASSERT_TRUE(gone);
    EXPECT_EQ(gone->offlined, section);
    EXPECT_EQ(resident(pages, one_section), 0u);
    EXPECT_EQ(resident(pages, {one_section.end(), section}), section) << "its neighbour stays";

    ASSERT_TRUE(pages.online(one_section));
    EXPECT_EQ(resident(pages, one_section), section);
    auto* bytes = static_cast<unsigned char*>(pages.address(one_section.first));
    EXPECT_EQ(std::count(bytes, bytes + section * frame_bytes, 0), long{section * frame_bytes});
    std::memset(bytes, 0xbb, section * frame_bytes);
}

TEST(FaceMemory, WhatIsInUseStaysAndIsNamed) {
    allocator pages = make(unbound());
    const auto run = pages.allocate({.flags = gfp::KERNEL, .order = Order{2}, .node = NodeId{5}});
    ASSERT_TRUE(run);
    std::strcpy(static_cast<char*>(pages.address(*run)), "still here");
    const auto report = pages.offline_node(NodeId{5});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->offlined, 3 * section);
    EXPECT_EQ(report->left, section);
    ASSERT_EQ(report->blocker_count, 1u);
    EXPECT_EQ(report->blockers[0].pfn, *run);
    EXPECT_EQ(report->blockers[0].order, Order{2});
    EXPECT_STREQ(static_cast<char*>(pages.address(*run)), "still here");
    pages.free(*run, Order{2});
    EXPECT_EQ(pages.offline_node(NodeId{5})->offlined, section);
    EXPECT_EQ(pages.offline_node(NodeId{4}).error(), error::not_found);
}

/// Lowers how much writable memory the process may have, for as long as it lives.
class DataLimit {
public:
    explicit DataLimit(std::uint64_t bytes_more) {
        getrlimit(RLIMIT_DATA, &before_);
        const rlimit lower{status_bytes("VmData") + bytes_more, before_.rlim_max};
        setrlimit(RLIMIT_DATA, &lower);
    }
    ~DataLimit() { setrlimit(RLIMIT_DATA, &before_); }
    DataLimit(const DataLimit&) = delete;
    DataLimit& operator=(const DataLimit&) = delete;

private:
    rlimit before_{};
};

TEST(FaceMemory, ShortageIsAnErrorOfOnlineAndChangesNothing) {
    allocator pages = make(unbound());
    ASSERT_EQ(pages.offline_node(NodeId{5})->left, 0u);
    const std::vector<zone_stats> before = pages.read_stats();
    {
        const DataLimit limit(std::uint64_t{4} << 20);
        const auto online = pages.online(node5);
        ASSERT_FALSE(online);
        EXPECT_EQ(online.error(), error::no_memory);
    }
    EXPECT_EQ(pages.read_stats()[2].present, before[2].present);
    EXPECT_EQ(resident(pages, node5), 0u);
    EXPECT_TRUE(pages.online(node5)) << "and with memory it works again";
}

TEST(FaceMemory, ShortageIsAnErrorOfCreation) {
    const DataLimit limit(std::uint64_t{16} << 20);
    const auto made = allocator::create(small_machine(), unbound());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, error::no_memory);
    expect_words(made.error().message, {"48 MiB", "online_bytes"});
}

TEST(FaceMemory, IsGivenBackWithTheAllocator) {
    void* there = nullptr;
    {
        allocator pages = make(unbound());
        there = pages.address(one_section.first);
    }
    unsigned char in_core = 0;
    EXPECT_NE(mincore(there, frame_bytes, &in_core), 0) << "nothing is mapped there any more";
}

TEST(FaceMemoryDeathTest, WritingToOfflineMemoryIsAFault) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    allocator pages = make(unbound());
    ASSERT_EQ(pages.offline_node(NodeId{5})->left, 0u);
    auto* bytes = static_cast<volatile char*>(pages.address(one_section.first));
    EXPECT_DEATH(bytes[0] = 1, "");
    EXPECT_DEATH(static_cast<void>(bytes[0]), "");
}

struct Witness {
    std::string heard;
    bool agrees = true;

    static bool hear(void* self, const MemoryNotice& notice) {
        auto& witness = *static_cast<Witness*>(self);
        witness.heard += std::string(to_string(notice.event)) + "; ";
        return witness.agrees;
    }
};

TEST(FaceMemory, NotifiersHearAndMayVeto) {
    allocator pages = make(numbers_only());
    Witness witness;
    Notifier notifier{Witness::hear, &witness, nullptr};
    pages.add_notifier(notifier);
    EXPECT_TRUE(pages.offline(one_section));
    EXPECT_TRUE(pages.online(one_section));
    EXPECT_EQ(witness.heard, "going offline; offline; going online; online; ");
    witness = {"", false};
    EXPECT_EQ(pages.offline(one_section).error(), error::vetoed);
    EXPECT_EQ(witness.heard, "going offline; cancel offline; ");
    pages.remove_notifier(notifier);
    EXPECT_TRUE(pages.offline(one_section));
    EXPECT_EQ(witness.heard, "going offline; cancel offline; ");
}

TEST(FaceMemory, WrongRangesAreInvalid) {
    allocator pages = make(numbers_only());
    EXPECT_EQ(pages.section_frames(), section);
    const PfnRange wrong[] = {
        {Pfn{0}, section},          {node5.first, 0},
        {node5.first + 1, section}, {node5.first, section - 1},
        {node5.first, 5 * section}, {Pfn{~std::uint64_t{0} - section}, 2 * section}};
    for (const PfnRange& range : wrong) {
        EXPECT_EQ(pages.offline(range).error(), error::invalid) << range.first.value;
        EXPECT_EQ(pages.online(range).error(), error::invalid) << range.first.value;
    }
    EXPECT_EQ(pages.online(one_section).error(), error::invalid) << "it is online already";
}

}  // namespace
}  // namespace anypage
