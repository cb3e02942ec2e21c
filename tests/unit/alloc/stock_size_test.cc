// StockSize: the kernel's numbers for zones of some sizes, and what becomes of a limit.
#include "alloc/stock_size.hpp"

#include <gtest/gtest.h>

namespace anypage {
namespace {

constexpr std::uint64_t mib = 256;
constexpr std::uint64_t gib = 1024 * mib;
constexpr unsigned places = 113;
constexpr Order single{0};

TEST(StockSize, IsTheKernels) {
    // batch 63 from 1 GiB on, 31 with half, 1 where it is small; high_min, high_max.
    struct Case {
        std::uint64_t managed, low, cpus, least, most;
    };
    for (const Case& each :
         {Case{4 * gib, 10'000, 4, 2500, gib / 8}, Case{gib, 0, 64, 4 * 63, gib / 8 / 64},
          Case{gib / 2, 0, 1024, 4 * 31, 4 * 31}, Case{64 * mib, 320, 64, 4 * 3, 32},
          Case{64 * mib, 320, 2, 160, 1024}, Case{16, 40, 2, 20, 20}, Case{0, 0, 1, 4, 4}}) {
        const StockSize size = StockSize::of(each.managed, each.low, each.cpus);
        EXPECT_EQ(size.least, each.least) << each.managed;
        EXPECT_EQ(size.most, each.most) << each.managed;
    }
}

TEST(StockSize, ALimitDoublesUpToTheMostOrThePlaces) {
    const StockSize small{.least = 12, .most = 32};
    EXPECT_EQ(small.first_limit(single, places), 12u);
    EXPECT_EQ(small.next_limit(0, places), 12u);
    EXPECT_EQ(small.next_limit(12, places), 24u);
    EXPECT_EQ(small.next_limit(24, places), 32u);
    EXPECT_EQ(small.next_limit(32, places), 32u);
    EXPECT_EQ(small.next_limit(113, places), 32u) << "the zone has shrunk";
    const StockSize large{.least = 252, .most = 2048};
    EXPECT_EQ(large.first_limit(single, places), places);
    EXPECT_EQ(large.next_limit(places, places), places);
}

TEST(StockSize, LargerRunsHaveTheirShareOfTheMost) {
    const StockSize small{.least = 12, .most = 32};
    EXPECT_EQ(small.first_limit(Order{1}, 16), 16u);
    EXPECT_EQ(small.first_limit(Order{3}, 8), 4u);
    EXPECT_EQ(small.first_limit(pageblock_order, 2), 0u) << "none in stock";
}

TEST(StockSize, AtLeastOneFrameMoves) {
    EXPECT_EQ(StockSize::refill_batch(0), 1u);
    EXPECT_EQ(StockSize::refill_batch(113), 56u);
    EXPECT_EQ(StockSize::spill_batch(2), 1u);
    EXPECT_EQ(StockSize::spill_batch(113), 37u);
}

}  // namespace
}  // namespace anypage
