// Latency: the histogram's quantiles beside those of a sorted list.
#include "cli/replay/latency.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace anypage {
namespace {

constexpr double shares[] = {0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999};

/// A histogram in zeroed memory, as in a report.
std::unique_ptr<latency_histogram> made_of(const std::vector<std::uint64_t>& values) {
    auto times = std::make_unique<latency_histogram>();
    for (const std::uint64_t value : values) times->add(value);
    return times;
}

void expect_like_sorted(std::vector<std::uint64_t> values) {
    const auto times = made_of(values);
    std::sort(values.begin(), values.end());
    ASSERT_EQ(times->count(), values.size());
    EXPECT_EQ(times->max(), values.back());
    for (const double share : shares) {
        const auto rank = static_cast<std::size_t>(static_cast<double>(values.size()) * share);
        const std::uint64_t exact = values[rank];
        const std::uint64_t found = times->quantile(share);
        EXPECT_GE(found, exact) << share;
        EXPECT_LE(found, exact + exact / 16) << share;  // a bucket is 6 % wide
        EXPECT_LE(found, values.back()) << share;
    }
    EXPECT_EQ(times->quantile(1), values.back());
}

TEST(Latency, WithoutValuesEverythingIsZero) {
    const auto times = made_of({});
    EXPECT_EQ(times->count(), 0u);
    EXPECT_EQ(times->max(), 0u);
    EXPECT_EQ(times->quantile(0.5), 0u);
}

TEST(Latency, ASingleValueIsEveryQuantile) {
    for (const std::uint64_t value : {0u, 1u, 15u, 16u, 17u, 1000u, 123456789u}) {
        const auto times = made_of({value});
        for (const double share : shares) EXPECT_EQ(times->quantile(share), value);
    }
}

TEST(Latency, SmallValuesAreExact) {
    std::vector<std::uint64_t> values;
    for (std::uint64_t value = 0; value < 32; ++value) values.push_back(value);
    const auto times = made_of(values);
    for (std::uint64_t value = 0; value < 32; ++value) {
        EXPECT_EQ(times->quantile((static_cast<double>(value) + 0.5) / 32), value);
    }
}

TEST(Latency, EveryEdgeOfABucketIsWithinSixPercent) {
    for (unsigned power = 0; power < 43; ++power) {
        const std::uint64_t edge = std::uint64_t{1} << power;
        for (const std::uint64_t value : {edge - 1, edge, edge + 1, edge + edge / 16}) {
            const auto times = made_of({value, value, std::uint64_t{1} << 43});
            const std::uint64_t found = times->quantile(0.5);
            EXPECT_GE(found, value);
            EXPECT_LE(found, value + value / 16);
        }
    }
}

TEST(Latency, QuantilesAreThoseOfASortedListRoundedUp) {
    std::mt19937_64 random(1);
    std::vector<std::uint64_t> even;
    std::vector<std::uint64_t> skewed;
    for (int i = 0; i < 20000; ++i) {
        even.push_back(random() % 100000);
        skewed.push_back(std::uint64_t{1} << (random() % 40));
    }
    expect_like_sorted(even);
    expect_like_sorted(skewed);
    expect_like_sorted({7, 7, 7, 1'000'000'000});
}

TEST(Latency, ValuesBeyondTheLastBucketAreCounted) {
    const auto times = made_of({~std::uint64_t{0}, 1});
    EXPECT_EQ(times->count(), 2u);
    EXPECT_EQ(times->max(), ~std::uint64_t{0});
    EXPECT_EQ(times->quantile(0), 1u);
}

TEST(Latency, SumsHaveTheValuesOfAllParts) {
    const auto one = made_of({10, 20, 30});
    const auto other = made_of({5, 1000});
    const auto sum = made_of({});
    sum->add_all(*one);
    sum->add_all(*other);
    EXPECT_EQ(sum->count(), 5u);
    EXPECT_EQ(sum->max(), 1000u);
    EXPECT_EQ(sum->quantile(0), 5u);
    EXPECT_EQ(sum->quantile(0.5), 20u);
}

}  // namespace
}  // namespace anypage
