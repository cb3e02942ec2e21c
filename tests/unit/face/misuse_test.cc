// Misuse: every wrong free is told, with what was said and what is so, and changes nothing.
#include <anypage/anypage.hpp>

#include <gtest/gtest.h>

#include "face/misuse.hpp"
#include "tests/unit/face/scene.hpp"

namespace anypage {
namespace {

using namespace test;

struct Misuse : ::testing::Test {
    config listening(bool checked = false) {
        config settings = numbers_only();
        settings.checked = checked;
        complaints.listen(settings);
        return settings;
    }
    Pfn take(allocator& from, unsigned order) {
        const auto run = from.allocate({.flags = gfp::KERNEL,
                                        .order = Order{static_cast<std::uint8_t>(order)},
                                        .node = NodeId{5}});
        EXPECT_TRUE(run);
        return *run;
    }
    /// The words of one free.
    std::string words_of(allocator& pages, Pfn pfn, unsigned order) {
        complaints.text.clear();
        pages.free(pfn, Order{static_cast<std::uint8_t>(order)});
        return complaints.text;
    }

    Complaints complaints;
};

std::string hex(Pfn pfn) {
    char text[32];
    std::snprintf(text, sizeof text, "frame 0x%lx", static_cast<unsigned long>(pfn.value));
    return text;
}

TEST_F(Misuse, ForeignFramesAreNamed) {
    allocator pages = make(listening());
    expect_words(words_of(pages, Pfn{0x1234567}, 3),
                 {"frame 0x1234567", "order 3", "no such frame is online"});
    ASSERT_TRUE(pages.offline_node(NodeId{5}));
    expect_words(words_of(pages, node5.first, 0), {"frame 0x4000", "no such frame is online"});
    expect_words(words_of(pages, Pfn{~std::uint64_t{0}}, 0), {"no such frame is online"});
}

TEST_F(Misuse, WrongOrdersNameBoth) {
    allocator pages = make(listening());
    const Pfn run = take(pages, 3);
    expect_words(words_of(pages, run, 2), {hex(run).c_str(), "order 2", "with order 3"});
    expect_words(words_of(pages, run, 4), {hex(run).c_str(), "order 4"});
    EXPECT_EQ(words_of(pages, run, 3), "");
}

TEST_F(Misuse, TheInsideOfARunNamesTheRun) {
    allocator pages = make(listening());
    const Pfn run = take(pages, 4);
    expect_words(words_of(pages, run + 5, 0),
                 {hex(run + 5).c_str(), "order 0", "inside of a run of order 4", hex(run).c_str()});
    expect_words(words_of(pages, run + 4, 3), {"order 3", "not aligned"});
    EXPECT_EQ(words_of(pages, run, 4), "");
}

TEST_F(Misuse, DoubleFreesAreTold) {
    allocator pages = make(listening());
    for (const unsigned order : {5u, 7u, 10u}) {
        const Pfn run = take(pages, order);
        EXPECT_EQ(words_of(pages, run, order), "");
        EXPECT_NE(words_of(pages, run, order), "") << "order " << order;
    }
    const Pfn run = take(pages, 5);
    EXPECT_EQ(words_of(pages, run, 5), "");
    expect_words(words_of(pages, run, 5), {hex(run).c_str(), "order 5", "free already"});
}

TEST_F(Misuse, ACheckedAllocatorFindsDoubleFreesAmongTheStocks) {
    allocator pages = make(listening(true));
    for (unsigned order = 0; order <= 3; ++order) {
        const Pfn run = take(pages, order);
        EXPECT_EQ(words_of(pages, run, order), "");
        expect_words(words_of(pages, run, order), {hex(run).c_str(), "free already"});
    }
}

TEST_F(Misuse, OrdersThatDoNotExistAreToldAndFreeNothing) {
    topology machine = small_machine();
    machine.section_frames = 512;
    const PfnRange whole{Pfn{16384}, 4096};
    machine.nodes[1].zones[0].present = {whole};
    allocator pages = make(machine, listening());
    // The largest run, and nothing online behind it: what a run of twice its length looks like.
    const Pfn run = take(pages, 10);
    for (std::uint64_t first = 16384; first < 20480; first += 512) {
        if (first / 1024 != run.value / 1024) static_cast<void>(pages.offline({Pfn{first}, 512}));
    }
    const auto before = pages.read_stats()[2].free;
    for (const unsigned order : {11u, 12u, 63u, 64u, 255u}) {
        expect_words(words_of(pages, run, order),
                     {hex(run).c_str(), ("order " + std::to_string(order)).c_str(), "0 to 10"});
    }
    EXPECT_EQ(pages.read_stats()[2].free, before);
    EXPECT_EQ(words_of(pages, run, 10), "");
}

TEST_F(Misuse, BulkTellsOfEachWrongFrameAndFreesTheOthers) {
    allocator pages = make(listening());
    std::array<Pfn, 8> batch;
    ASSERT_EQ(pages.allocate_bulk({.flags = gfp::KERNEL, .node = NodeId{5}}, batch), batch.size());
    const auto before = pages.read_stats()[2].free;
    const Pfn good[] = {batch[0], Pfn{0x7777777}, batch[1], Pfn{0x8888888}, batch[2]};
    pages.free_bulk(good);
    expect_words(complaints.text, {"0x7777777", "0x8888888"});
    EXPECT_EQ(std::count(complaints.text.begin(), complaints.text.end(), '\n'), 2);
    EXPECT_EQ(pages.read_stats()[2].free, before + 3);
}

TEST(MisuseText, FitsWhateverTheNumbers) {
    for (const FreeFault fault :
         {FreeFault::none, FreeFault::foreign, FreeFault::unaligned, FreeFault::double_free,
          FreeFault::wrong_order, FreeFault::interior}) {
        const MisuseText text =
            describe_misuse(Pfn{~std::uint64_t{0}}, order_max, {fault, order_max});
        const std::string words = text.text;
        expect_words(words, {"frame 0xffffffffffffffff", "order 10"});
        EXPECT_LT(words.size(), sizeof text.text - 1) << "cut off: " << words;
    }
}

TEST(MisuseDeathTest, WithoutAHandlerItPrintsAndAborts) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    allocator pages = make(numbers_only());
    EXPECT_EXIT(pages.free(Pfn{0x1234567}, Order{1}), ::testing::KilledBySignal(SIGABRT),
                "anypage: free of frame 0x1234567, order 1: no such frame");
}

}  // namespace
}  // namespace anypage
