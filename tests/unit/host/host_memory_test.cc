// HostMemory: address space that lasts, memory that comes and goes, and errors where there is none.
#include "host/host_memory.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <vector>

namespace anypage {
namespace {

constexpr PfnRange low{Pfn{4096}, 1024};
constexpr PfnRange high{Pfn{65536}, 2048};

std::size_t bytes_of(PfnRange range) { return range.frames * frame_bytes; }

std::uint64_t resident(const HostMemory& memory, PfnRange range) {
    std::vector<unsigned char> in_core(range.frames);
    if (mincore(memory.address(range.first), bytes_of(range), in_core.data()) != 0) return 0;
    return static_cast<std::uint64_t>(
        std::count_if(in_core.begin(), in_core.end(), [](auto byte) { return (byte & 1) != 0; }));
}

/// Reserved in descending order: spans are found whatever order they came in.
void reserve_both(HostMemory& memory) {
    ASSERT_TRUE(memory.reserve(high, NodeId{1}));
    ASSERT_TRUE(memory.reserve(low, NodeId{0}));
}

TEST(HostMemory, ReservesAddressesWithoutMemory) {
    HostMemory memory;
    reserve_both(memory);
    EXPECT_EQ(resident(memory, low), 0u);
    for (const PfnRange range : {low, high}) {
        auto* base = static_cast<std::byte*>(memory.address(range.first));
        ASSERT_NE(base, nullptr);
        EXPECT_EQ(memory.frame(base), range.first);
        EXPECT_EQ(memory.frame(base + bytes_of(range) - 1), range.end() - 1);
        EXPECT_EQ(memory.address(range.end() - 1), base + bytes_of(range) - frame_bytes);
    }
}

TEST(HostMemory, KnowsNothingOutsideOfItsSpans) {
    HostMemory memory;
    EXPECT_EQ(memory.address(low.first), nullptr);
    reserve_both(memory);
    for (const Pfn pfn :
         {low.first - 1, low.end(), high.first - 1, high.end(), Pfn{0}, Pfn{~std::uint64_t{0}}}) {
        EXPECT_EQ(memory.address(pfn), nullptr) << pfn.value;
    }
    EXPECT_EQ(memory.frame(&memory), std::nullopt);
    EXPECT_EQ(memory.frame(nullptr), std::nullopt);
}

TEST(HostMemory, PlacesRunsAtMultiplesOfTheirLength) {
    HostMemory memory;
    // Spans that begin anywhere: what counts is that number and address agree.
    for (const Pfn first : {Pfn{1024}, Pfn{4096 + 512}, Pfn{8192 + 1}}) {
        ASSERT_TRUE(memory.reserve({first, 2048}, NodeId{0}));
        const std::uint64_t run = (first.value + 1023) / 1024 * 1024;
        const auto at = reinterpret_cast<std::uintptr_t>(memory.address(Pfn{run}));
        EXPECT_EQ(at % (order_max.frames() * frame_bytes), 0u) << first.value;
    }
}

TEST(HostMemory, PopulatesAndReleasesAPartOfASpan) {
    HostMemory memory;
    reserve_both(memory);
    const PfnRange part{high.first + 512, 512};
    ASSERT_TRUE(memory.populate(part, false));
    EXPECT_EQ(resident(memory, high), 512u);
    EXPECT_EQ(resident(memory, part), 512u);
    std::memset(memory.address(part.first), 0xff, bytes_of(part));
    memory.release(part);
    EXPECT_EQ(resident(memory, high), 0u);
    ASSERT_TRUE(memory.populate(part, false));
    EXPECT_EQ(*static_cast<const unsigned char*>(memory.address(part.first)), 0);
}

TEST(HostMemory, BindsToANodeThatIsThere) {
    std::uint16_t node = 0;
    while (node < node_count_max && !HostMemory::can_bind(NodeId{node})) ++node;
    if (node == node_count_max) GTEST_SKIP() << "this process may not bind memory";
    HostMemory memory;
    ASSERT_TRUE(memory.reserve(low, NodeId{node}));
    EXPECT_TRUE(memory.populate(low, true));
    EXPECT_EQ(resident(memory, low), low.frames);
}

TEST(HostMemory, CannotBindToANodeThatIsNotThere) {
    for (const NodeId node : {NodeId{1023}, NodeId{1024}, node_local}) {
        EXPECT_FALSE(HostMemory::can_bind(node)) << node.value;
    }
    HostMemory memory;
    ASSERT_TRUE(memory.reserve(low, NodeId{1023}));
    EXPECT_FALSE(memory.populate(low, true));
    EXPECT_EQ(resident(memory, low), 0u) << "what failed leaves nothing behind";
    EXPECT_TRUE(memory.populate(low, false)) << "the address space is still there";
}

TEST(HostMemory, TooMuchAddressSpaceIsAFailureWithARemedy) {
    HostMemory memory;
    const auto reserved = memory.reserve({Pfn{0}, std::uint64_t{1} << 44}, NodeId{3});
    ASSERT_FALSE(reserved);
    EXPECT_EQ(reserved.error().code, error::no_memory);
    for (const char* word : {"node 3", "backing::numbers", "smaller topology"}) {
        EXPECT_NE(reserved.error().message.find(word), std::string::npos) << word;
    }
    EXPECT_EQ(memory.address(Pfn{0}), nullptr);
}

TEST(HostMemory, LeavesLentMemoryAlone) {
    std::vector<std::byte> lent(4 * frame_bytes, std::byte{9});
    {
        HostMemory memory;
        memory.lend({Pfn{8}, 4}, NodeId{0}, lent.data());
        memory.lend({Pfn{100}, 4}, NodeId{0}, nullptr);
        EXPECT_EQ(memory.address(Pfn{9}), lent.data() + frame_bytes);
        EXPECT_EQ(memory.frame(lent.data() + frame_bytes), Pfn{9});
        EXPECT_EQ(memory.address(Pfn{100}), nullptr) << "numbers only";
        EXPECT_TRUE(memory.populate({Pfn{8}, 4}, true));
        memory.release({Pfn{8}, 4});
    }
    EXPECT_EQ(lent[frame_bytes], std::byte{9});
}

TEST(HostMemory, MetadataIsZeroedAndUntouched) {
    constexpr std::size_t bytes = std::size_t{1} << 30;
    std::byte* metadata = map_metadata(bytes);
    ASSERT_NE(metadata, nullptr);
    EXPECT_EQ(metadata[bytes - 1], std::byte{0});
    std::vector<unsigned char> in_core(bytes / frame_bytes);
    ASSERT_EQ(mincore(metadata, bytes, in_core.data()), 0);
    EXPECT_LT(std::count(in_core.begin(), in_core.end(), 1), 1024);
    unmap_metadata(metadata, bytes);
    EXPECT_EQ(map_metadata(std::size_t{1} << 60), nullptr);
}

TEST(HostMemoryDeathTest, ReleasedMemoryCannotBeTouched) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    HostMemory memory;
    reserve_both(memory);
    auto* bytes = static_cast<volatile char*>(memory.address(low.first));
    EXPECT_DEATH(bytes[0] = 1, "");
    ASSERT_TRUE(memory.populate(low, false));
    bytes[0] = 1;
    memory.release(low);
    EXPECT_DEATH(bytes[0] = 1, "");
}

}  // namespace
}  // namespace anypage
