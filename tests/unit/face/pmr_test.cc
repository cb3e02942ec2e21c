// page_resource: standard containers on pages.
#include <anypage/pmr.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <list>
#include <numeric>
#include <string>
#include <vector>

#include "tests/unit/face/scene.hpp"

namespace anypage {
namespace {

using namespace test;

constexpr std::size_t bytes_max = order_max.frames() * frame_bytes;

std::int64_t free_frames(const allocator& pages) {
    std::int64_t frames = 0;
    for (const zone_stats& zone : pages.read_stats()) frames += zone.free;
    return frames;
}

TEST(PageResource, CarriesContainersAndGivesEverythingBack) {
    allocator pages = make(unbound());
    const auto before = free_frames(pages);
    {
        page_resource resource(pages, {.flags = gfp::NOWAIT});
        std::pmr::vector<int> numbers(&resource);
        for (int i = 0; i < 300'000; ++i) numbers.push_back(i);
        EXPECT_EQ(std::accumulate(numbers.begin(), numbers.end(), 0l), 299'999l * 150'000);
        EXPECT_NE(pages.frame(numbers.data()), Pfn{~std::uint64_t{0}});

        std::pmr::unsynchronized_pool_resource pool(&resource);
        std::pmr::list<std::pmr::string> words(&pool);
        for (int i = 0; i < 1000; ++i) words.emplace_back("a word that is too long to be inline");
        EXPECT_LT(free_frames(pages), before);
    }
    // What stocks keep counts as allocated: at most 1,425 frames of a type and CPU.
    EXPECT_LE(before - free_frames(pages), 2 * 1425);
}

TEST(PageResource, RoundsUpToARunOfPowerOfTwoFrames) {
    allocator pages = make(unbound());
    page_resource resource(pages);
    for (const std::size_t bytes : {std::size_t{1}, std::size_t{4096}, std::size_t{4097},
                                    std::size_t{5} << 16, bytes_max - 1, bytes_max}) {
        void* memory = resource.allocate(bytes, 8);
        std::memset(memory, 0x5a, bytes);
        resource.deallocate(memory, bytes, 8);  // a wrong order would abort
    }
    resource.deallocate(resource.allocate(0), 0);
}

TEST(PageResource, AlignsUpToTheLargestRun) {
    allocator pages = make(unbound());
    page_resource resource(pages);
    for (std::size_t alignment = 1; alignment <= bytes_max; alignment *= 2) {
        void* memory = resource.allocate(24, alignment);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % alignment, 0u) << alignment;
        resource.deallocate(memory, 24, alignment);
    }
}

TEST(PageResource, ThrowsWhereItCannotServe) {
    allocator pages = make(unbound());
    page_resource resource(pages, {.flags = gfp::NOWAIT});
    EXPECT_THROW(static_cast<void>(resource.allocate(bytes_max + 1)), std::bad_alloc);
    EXPECT_THROW(static_cast<void>(resource.allocate(1, 2 * bytes_max)), std::bad_alloc);
    std::vector<void*> taken;
    EXPECT_THROW(for (;;) taken.push_back(resource.allocate(bytes_max)), std::bad_alloc);
    EXPECT_GT(taken.size(), 0u);
    for (void* memory : taken) resource.deallocate(memory, bytes_max);

    allocator numbers = make(numbers_only());
    page_resource nothing(numbers);
    const auto before = free_frames(numbers);
    EXPECT_THROW(static_cast<void>(nothing.allocate(bytes_max)), std::bad_alloc);
    EXPECT_EQ(free_frames(numbers), before) << "frames without memory were not kept";
}

TEST(PageResource, IsEqualToEveryOtherOfTheSameAllocator) {
    allocator pages = make(numbers_only());
    allocator others = make(numbers_only());
    const page_resource one(pages);
    const page_resource same(pages, {.flags = gfp::ATOMIC});
    const page_resource other(others);
    EXPECT_TRUE(one.is_equal(same));
    EXPECT_FALSE(one.is_equal(other));
    EXPECT_FALSE(one.is_equal(*std::pmr::new_delete_resource()));
}

}  // namespace
}  // namespace anypage
