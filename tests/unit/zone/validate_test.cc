// Validation finds each inconsistency that a test plants, and none in a good zone.
#include "zone/validate.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/support/interrupting_world.hpp"
#include "tests/support/zone_scene.hpp"

namespace anypage {
namespace {

using test::InterruptingWorld;
using Problem = ZoneValidation::Problem;
using TestZone = test::TestZone<InterruptingWorld>;

/// The arrays of a zone, to damage them.
FrameMap<InterruptingWorld>& map_of(TestZone& zone) {
    return const_cast<FrameMap<InterruptingWorld>&>(zone->map());
}

TEST(ValidateZone, CountsFreeMemoryAsMaximalRuns) {
    TestZone zone({.frames = 2048 + 100});
    ZoneValidation validation = zone.validated();
    EXPECT_TRUE(validation);
    EXPECT_EQ(validation.online, 2148u);
    EXPECT_EQ(validation.free, 2148u);
    EXPECT_EQ(validation.whole_rows, 4u);
    // 100 = 64 + 32 + 4.
    EXPECT_EQ(validation.free_runs,
              (std::array<std::uint64_t, order_count>{0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 2}));
    ASSERT_TRUE(zone->allocate(Order{0}, Migratetype::movable, CpuId{0}));
    validation = zone.validated();
    EXPECT_EQ(validation.in_use(), 1u);
    EXPECT_EQ(validation.whole_rows, 3u);
    EXPECT_EQ(validation.free_runs,
              (std::array<std::uint64_t, order_count>{1, 1, 2, 1, 1, 2, 2, 1, 1, 1, 1}));
}

TEST(ValidateZone, FindsAFreeFrameWithoutHead) {
    TestZone zone;
    map_of(zone).heads[3].fetch_and_relaxed(~std::uint64_t{4});
    const ZoneValidation validation = zone.validated();
    EXPECT_EQ(validation.problem, Problem::headless_free);
    EXPECT_EQ(validation.where, Pfn{3 * 64 + 2});
}

TEST(ValidateZone, FindsFreeFramesThatAreOffline) {
    TestZone zone({.frames = 2048, .online = false});
    map_of(zone).words[9].fetch_or_relaxed(1);
    EXPECT_EQ(zone.validated().problem, Problem::free_outside);
    TestZone ragged({.frames = 1000});
    map_of(ragged).words[1000 / 64].fetch_or_relaxed(std::uint64_t{1} << (1000 % 64));
    EXPECT_EQ(ragged.validated().problem, Problem::free_outside);
    EXPECT_EQ(ragged.validated().where, Pfn{1000});
}

TEST(ValidateZone, FindsOfflineFramesWithHeads) {
    TestZone zone({.frames = 2048, .online = false});
    map_of(zone).heads[9].fetch_or_relaxed(1);
    EXPECT_EQ(zone.validated().problem, Problem::offline_head);
}

TEST(ValidateZone, FindsAnAllocatedFrameThatContinuesNothing) {
    TestZone zone;
    const auto pfn = zone->allocate(Order{0}, Migratetype::movable, CpuId{0});
    map_of(zone).heads[pfn->value / 64].fetch_and_relaxed(~(std::uint64_t{1} << pfn->value % 64));
    EXPECT_EQ(zone.validated().problem, Problem::stray_interior);
}

TEST(ValidateZone, FindsARunOfNoOrder) {
    TestZone zone;
    const auto pfn = zone->allocate(Order{2}, Migratetype::movable, CpuId{0});
    ASSERT_EQ(pfn->value % 64, 0u);
    map_of(zone).heads[pfn->value / 64].fetch_or_relaxed(8);  // its last frame on its own
    const ZoneValidation validation = zone.validated();
    EXPECT_EQ(validation.problem, Problem::broken_run);
    EXPECT_EQ(validation.found, 3u);
    EXPECT_EQ(validation.expected, 2u);
}

TEST(ValidateZone, FindsHintsThatDenyAFreeRun) {
    TestZone zone;
    ASSERT_FALSE(zone.allocate_all(order_max).empty());
    ASSERT_EQ(zone->free(Pfn{1024}, order_max, CpuId{0}).fault, FreeFault::none);
    EXPECT_TRUE(zone.validated());
    const std::uint64_t order_7 = std::uint64_t{1} << 7;
    map_of(zone).supers[0].fetch_and_relaxed(~order_7);
    EXPECT_EQ(zone.validated().problem, Problem::super_hint);
    EXPECT_EQ(zone.validated().expected, 7u);
    map_of(zone).trees[0].hint.fetch_and_relaxed(~order_7);
    EXPECT_EQ(zone.validated().problem, Problem::tree_hint);
    EXPECT_EQ(zone.validated().where, Pfn{1024});
}

TEST(ValidateZone, FindsCountsThatDoNotAddUp) {
    TestZone zone({.frames = 1024});
    map_of(zone).words[0].fetch_and_relaxed(~std::uint64_t{1});
    const ZoneValidation validation = zone.validated();
    EXPECT_EQ(validation.problem, Problem::free_count);
    EXPECT_EQ(validation.expected, 1023u);
    EXPECT_EQ(validation.found, 1024u);
}

TEST(ValidateZone, SaysEachProblemInWordsOfItsOwn) {
    std::set<std::string> words;
    for (unsigned problem = 0; problem <= static_cast<unsigned>(Problem::free_count); ++problem) {
        words.insert(to_string(static_cast<Problem>(problem)));
    }
    EXPECT_EQ(words.size(), static_cast<unsigned>(Problem::free_count) + 1);
}

}  // namespace
}  // namespace anypage
