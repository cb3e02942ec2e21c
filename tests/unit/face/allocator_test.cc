// Allocator: creation over mapped memory and over the caller's, requests and frees.
#include <anypage/anypage.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <vector>

#include "tests/support/sanitizers.hpp"
#include "tests/support/zeroed_memory.hpp"
#include "tests/unit/face/scene.hpp"

namespace anypage {
namespace {

using namespace test;

std::uint64_t present(const allocator& pages) {
    std::uint64_t frames = 0;
    for (const zone_stats& zone : pages.read_stats()) frames += zone.present;
    return frames;
}

std::string fault_of(const topology& machine, const config& settings) {
    const auto made = allocator::create(machine, settings);
    return made ? "no fault" : made.error().message;
}

TEST(AllocatorCreate, RunsOnThisMachine) {
    const auto machine = topology::host();
    if (!machine) GTEST_SKIP() << machine.error().message;
    auto made = allocator::create(*machine);
    if (!made) GTEST_SKIP() << made.error().message;
    const auto page = made->allocate({.flags = gfp::KERNEL});
    ASSERT_TRUE(page);
    std::memset(made->address(*page), 1, frame_bytes);
    for (const zone_stats& zone : made->read_stats()) EXPECT_TRUE(zone.bound);
    made->free(*page, Order{0});
}

TEST(AllocatorCreate, RunsOnADescribedMachineWithoutBinding) {
    const auto machine = topology::synthetic("node:2(memory=268435456) pu:1");
    ASSERT_TRUE(machine);
    allocator pages = make(*machine, {.binding = binding::none});
    const auto page = pages.allocate({.flags = gfp::KERNEL, .node = NodeId{1}});
    ASSERT_TRUE(page);
    std::memset(pages.address(*page), 1, frame_bytes);
    for (const zone_stats& zone : pages.read_stats()) EXPECT_FALSE(zone.bound);
    pages.free(*page, Order{0});
}

TEST(AllocatorCreate, StrictBindingToAMissingNodeNamesItAndTheRemedy) {
    topology machine = small_machine();
    machine.nodes[1].id = NodeId{1023};
    const auto made = allocator::create(machine, {});
    ASSERT_FALSE(made);
    if (made.error().message.find("node 1023") == std::string::npos) {
        GTEST_SKIP() << "binding is forbidden here: " << made.error().message;
    }
    EXPECT_EQ(made.error().code, error::not_found);
    expect_words(made.error().message, {"1023", "small", "binding::none"});
}

TEST(AllocatorCreate, BringsOnlineBytesOnlineButASectionOfEachMainZoneAtLeast) {
    config settings = unbound();
    EXPECT_EQ(present(make(settings)), 12 * section);
    settings.online_bytes = 1;
    EXPECT_EQ(present(make(settings)), 3 * section);
    settings.online_bytes = 5 * section * frame_bytes;
    EXPECT_EQ(present(make(settings)), 5 * section);
    settings.online_bytes = std::uint64_t{1} << 50;
    EXPECT_EQ(present(make(settings)), 12 * section);
}

TEST(AllocatorValidate, RecountsWhatIsInUse) {
    auto made = allocator::create(small_machine(), numbers_only());
    ASSERT_TRUE(made);
    const auto page = made->allocate({.flags = gfp::KERNEL, .order = Order{3}, .node = NodeId{0}});
    ASSERT_TRUE(page);
    ASSERT_TRUE(made->validate()) << made->validate().error().message;
    EXPECT_EQ(*made->validate(), 8u);
    made->free(*page, Order{3});
    EXPECT_EQ(*made->validate(), 0u);
}

TEST(AllocatorCreate, RefusesWhatMakesNoSense) {
    config settings = unbound();
    settings.watermark_scale_factor = 0;
    expect_words(fault_of(small_machine(), settings), {"watermark_scale_factor is 0", "3000"});
    settings.watermark_scale_factor = 3001;
    expect_words(fault_of(small_machine(), settings), {"watermark_scale_factor is 3001"});
    topology empty = small_machine();
    for (topology_node& node : empty.nodes) node.zones.clear();
    expect_words(fault_of(empty, unbound()), {"no node has memory"});
    topology vast = small_machine();
    vast.nodes[1].zones[0].span.frames = (std::uint64_t{1} << 44) - 16384;
    expect_words(fault_of(vast, unbound()), {"smaller topology"});
}

TEST(AllocatorCreate, NumbersHaveNoAddress) {
    allocator pages = make(numbers_only());
    const auto page = pages.allocate({.flags = gfp::KERNEL | gfp::ZERO});
    ASSERT_TRUE(page);
    EXPECT_EQ(pages.address(*page), nullptr);
    EXPECT_EQ(pages.frame(&pages), Pfn{~std::uint64_t{0}});
    pages.free(*page, Order{0});
}

TEST(AllocatorRequest, AddressAndFrameAreInverse) {
    allocator pages = make(unbound());
    for (std::uint64_t first = 8192; first < node5.end().value; first += 511) {
        auto* memory = static_cast<std::byte*>(pages.address(Pfn{first}));
        ASSERT_NE(memory, nullptr);
        EXPECT_EQ(pages.frame(memory), Pfn{first});
        EXPECT_EQ(pages.frame(memory + frame_bytes - 1), Pfn{first});
    }
    EXPECT_EQ(pages.address(Pfn{8191}), nullptr);
    EXPECT_EQ(pages.address(node5.end()), nullptr);
    EXPECT_EQ(pages.frame(nullptr), Pfn{~std::uint64_t{0}});
}

TEST(AllocatorRequest, RunsAreAlignedInMemoryAsTheirNumbersAre) {
    allocator pages = make(unbound());
    for (std::uint8_t order = 0; order <= order_max.value; ++order) {
        for (const NodeId node : {NodeId{0}, NodeId{5}}) {
            const auto run =
                pages.allocate({.flags = gfp::KERNEL, .order = Order{order}, .node = node});
            ASSERT_TRUE(run);
            const auto at = reinterpret_cast<std::uintptr_t>(pages.address(*run));
            EXPECT_EQ(at % (Order{order}.frames() * frame_bytes), 0u) << "order " << +order;
            pages.free(*run, Order{order});
        }
    }
}

TEST(AllocatorRequest, ZeroFlagZeroesEveryByteOfTheRun) {
    allocator pages = make(unbound());
    const request zeroed{.flags = gfp::KERNEL | gfp::ZERO, .order = Order{3}, .node = NodeId{0}};
    for (int round = 0; round < 3; ++round) {
        const auto run = pages.allocate(zeroed);
        ASSERT_TRUE(run);
        auto* bytes = static_cast<unsigned char*>(pages.address(*run));
        for (std::size_t i = 0; i < 8 * frame_bytes; ++i) ASSERT_EQ(bytes[i], 0) << i;
        std::memset(bytes, 0xff, 8 * frame_bytes);
        pages.free(*run, Order{3});
    }
}

TEST(AllocatorRequest, BulkGivesFramesOnceAndTakesThemBack) {
    allocator pages = make(unbound());
    const auto free_before = pages.read_stats()[0].free;
    std::vector<Pfn> batch(300);
    const request wanted{.flags = gfp::KERNEL | gfp::ZERO};
    batch.resize(pages.allocate_bulk(wanted, batch));
    ASSERT_GT(batch.size(), 0u);
    std::sort(batch.begin(), batch.end());
    EXPECT_EQ(std::adjacent_find(batch.begin(), batch.end()), batch.end());
    for (const Pfn page : batch) {
        const auto* bytes = static_cast<const unsigned char*>(pages.address(page));
        EXPECT_EQ(std::count(bytes, bytes + frame_bytes, 0), long{frame_bytes});
    }
    pages.free_bulk(batch);
    EXPECT_EQ(pages.read_stats()[0].free, free_before);
    EXPECT_EQ(pages.allocate_bulk({.flags = gfp::KERNEL}, {}), 0u);
    EXPECT_EQ(pages.allocate_bulk({.flags = gfp::KERNEL, .order = Order{1}}, batch), 0u);
}

TEST(AllocatorRequest, WrongArgumentsAreInvalid) {
    allocator pages = make(numbers_only());
    const request wrong[] = {
        {.flags = gfp::KERNEL, .order = Order{11}},
        {.flags = gfp::KERNEL, .order = Order{255}},
        {.flags = gfp::KERNEL, .node = NodeId{1}},
        {.flags = gfp::KERNEL | gfp::DMA | gfp::DMA32},
    };
    for (const request& each : wrong) {
        const auto page = pages.allocate(each);
        ASSERT_FALSE(page);
        EXPECT_EQ(page.error(), error::invalid);
    }
}

TEST(AllocatorRequest, FailsWhenNothingIsLeftAndServesAgainAfterAFree) {
    allocator pages = make(numbers_only());
    const request wanted{.flags = gfp::NOWAIT, .node = NodeId{5}};
    nodemask only5;
    only5.add(NodeId{5});
    request confined = wanted;
    confined.allowed = &only5;
    confined.flags = confined.flags | gfp::THISNODE;
    std::vector<Pfn> taken;
    for (auto page = pages.allocate(confined); page; page = pages.allocate(confined)) {
        ASSERT_TRUE(node5.contains(*page));
        taken.push_back(*page);
    }
    EXPECT_EQ(pages.allocate(confined).error(), error::no_memory);
    ASSERT_GT(taken.size(), 3 * section);
    for (const Pfn page : taken) pages.free(page, Order{0});
    EXPECT_TRUE(pages.allocate(confined));
}

allocator* in_handler = nullptr;
std::atomic<int> served{0};  // two threads are interrupted

void allocate_in_handler(int) {
    const int saved = errno;
    Pfn batch[16];
    const std::size_t count = in_handler->allocate_bulk({.flags = gfp::ATOMIC}, batch);
    in_handler->free_bulk(std::span(batch).first(count));
    if (const auto page = in_handler->allocate({.flags = gfp::ATOMIC | gfp::ZERO})) {
        in_handler->free(*page, Order{0});
        ++served;
    }
    errno = saved;
}

TEST(AllocatorRequest, ServesInASignalHandlerThatInterruptsRequests) {
    allocator pages = make(unbound());
    in_handler = &pages;
    struct sigaction action {};
    action.sa_handler = allocate_in_handler;
    struct sigaction before {};
    sigaction(SIGUSR1, &action, &before);
    std::jthread busy([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            if (const auto run = pages.allocate({.flags = gfp::KERNEL, .order = Order{2}})) {
                pages.free(*run, Order{2});
            }
        }
    });
    for (int i = 0; i < 200; ++i) pthread_kill(busy.native_handle(), SIGUSR1);
    ::raise(SIGUSR1);
    busy.request_stop();
    busy.join();
    sigaction(SIGUSR1, &before, nullptr);
    EXPECT_GT(served, 0);
}

// The caller's memory -----------------------------------------------------------------------------

std::size_t count_maps() {
    std::ifstream maps("/proc/self/maps");
    std::string line;
    std::size_t count = 0;
    while (std::getline(maps, line)) ++count;
    return count;
}

constexpr bool sanitized = test::asan || test::tsan;

struct OwnMemory {
    OwnMemory() : memory(3 * section * frame_bytes) {
        const std::uint64_t bytes = section * frame_bytes;
        ranges = {{NodeId{5}, ZoneIndex::normal, Pfn{0x100000}, section, memory.get()},
                  {NodeId{0}, ZoneIndex::normal, Pfn{0x40000}, section, memory.get() + bytes},
                  {NodeId{5}, ZoneIndex::normal, Pfn{0x100000} + section, section,
                   memory.get() + 2 * bytes}};
    }
    test::ZeroedMemory memory;
    std::vector<range> ranges;
};

TEST(AllocatorOfRanges, ServesTheCallersMemoryAndMapsNothing) {
    OwnMemory own;
    const std::size_t bytes = allocator::metadata_size(small_machine(), own.ranges);
    ASSERT_GT(bytes, 0u);
    test::ZeroedMemory metadata(bytes);
    const std::size_t maps = count_maps();
    auto made = allocator::create(small_machine(), own.ranges, {metadata.get(), bytes}, unbound());
    ASSERT_TRUE(made) << made.error().message;
    // A sanitizer's heap maps as it likes.
    if (!sanitized) {
        EXPECT_LE(count_maps(), maps + 1) << "the heap may grow by a mapping, nothing else may";
    }
    EXPECT_EQ(present(*made), 3 * section);
    for (const range& each : own.ranges) {
        EXPECT_EQ(made->address(each.first), each.base);
        EXPECT_EQ(made->frame(each.base), each.first);
    }
    const auto page = made->allocate({.flags = gfp::KERNEL | gfp::ZERO, .node = NodeId{5}});
    ASSERT_TRUE(page);
    EXPECT_GE(made->address(*page), static_cast<void*>(own.memory.get()));
    made->free(*page, Order{0});
}

TEST(AllocatorOfRanges, GoesOfflineAndOnlineWithoutTouchingTheMemory) {
    OwnMemory own;
    const std::size_t bytes = allocator::metadata_size(small_machine(), own.ranges);
    test::ZeroedMemory metadata(bytes);
    auto made = allocator::create(small_machine(), own.ranges, {metadata.get(), bytes}, unbound());
    ASSERT_TRUE(made);
    own.memory.get()[0] = std::byte{7};
    const auto report = made->offline({Pfn{0x100000}, section});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->offlined, section);
    EXPECT_EQ(own.memory.get()[0], std::byte{7});
    EXPECT_TRUE(made->online({Pfn{0x100000}, section}));
    EXPECT_EQ(own.memory.get()[0], std::byte{7});
}

TEST(AllocatorOfRanges, MetadataMustBeLargeEnoughAndAligned) {
    OwnMemory own;
    const std::size_t bytes = allocator::metadata_size(small_machine(), own.ranges);
    test::ZeroedMemory metadata(bytes + 64);
    const std::span<std::byte> wrong[] = {
        {}, {metadata.get(), bytes - 1}, {metadata.get() + 8, bytes}};
    for (const auto& each : wrong) {
        const auto made = allocator::create(small_machine(), own.ranges, each, unbound());
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().code, error::invalid);
        expect_words(made.error().message,
                     {std::to_string(bytes).c_str(), "aligned to 64", "metadata_size()"});
    }
}

TEST(AllocatorOfRanges, RefusesRangesThatTheTopologyCannotHave) {
    test::ZeroedMemory metadata(1 << 20);
    const auto fault = [&](std::vector<range> ranges) {
        EXPECT_EQ(allocator::metadata_size(small_machine(), ranges), 0u);
        const auto made = allocator::create(small_machine(), ranges, {metadata.get(), 1 << 20}, {});
        return made ? "no fault" : made.error().message;
    };
    const auto normal = [](NodeId node, std::uint64_t first, std::uint64_t frames) {
        return range{node, ZoneIndex::normal, Pfn{first}, frames, nullptr};
    };
    expect_words(fault({normal(NodeId{1}, 0, section)}), {"no node 1"});
    expect_words(fault({normal(NodeId{0}, 17, section)}), {"whole sections"});
    expect_words(fault({normal(NodeId{0}, 0, 0)}), {"empty"});
    expect_words(fault({normal(NodeId{0}, 0, section), normal(NodeId{5}, 0, section)}),
                 {"overlaps"});
    expect_words(fault({normal(NodeId{0}, section, ~std::uint64_t{0})}), {"2^44"});
    expect_words(fault({}), {"no node has memory"});
}

TEST(AllocatorOfRanges, RangesThatTouchAreOneStretch) {
    topology machine = small_machine();
    machine.section_frames = 8192;
    const std::vector<range> ranges = {
        {NodeId{0}, ZoneIndex::normal, Pfn{4096}, 4096, nullptr},  // from where DMA would end
        {NodeId{0}, ZoneIndex::normal, Pfn{0}, 4096, nullptr},
        {NodeId{0}, ZoneIndex::normal, Pfn{8192}, 8192, nullptr}};
    const std::size_t bytes = allocator::metadata_size(machine, ranges);
    test::ZeroedMemory metadata(bytes);
    const auto made = allocator::create(machine, ranges, {metadata.get(), bytes}, {});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(present(*made), 16384u);
}

}  // namespace
}  // namespace anypage
