// Every operation of a zone, interrupted at each of its steps by every other, or stalled there for
// ever: nobody is given what another has, a request fails only if at one instant there was no run,
// and afterwards everything that is free can be found.
#include <gtest/gtest.h>

#include "tests/support/stalled.hpp"
#include "tests/support/zone_catalogue.hpp"

namespace anypage {
namespace {

using test::InterruptingWorld;
using test::Interruption;
using test::Kind;
using test::Operation;
using test::Scene;
using test::Stalled;
using test::Start;
using test::words_have;

/// One attempt: `first`, interrupted at `step` by `second`. False if it ended before that.
bool attempt(const Start& start, const Operation& first, const Operation& second,
             std::uint64_t step) {
    SCOPED_TRACE(start.name + ": " + first.name + ", at step " + std::to_string(step) + " " +
                 second.name);
    Scene scene({.frames = test::scene_frames, .cpu_slots = 1});
    start.prepare(scene);
    const bool was_there = !first.order || scene.model.has_run(*first.order);
    bool was_there_then = true;
    bool first_failed = false;
    bool fired = false;
    {
        const Interruption interruption(step, [&] {
            const bool there = second.order && words_have(scene, *second.order);
            bool second_failed = false;
            second.run(scene, second_failed);
            // What an interrupted claim of at most a word, or somebody's search, has not claimed
            // can be had; what a free has not given back yet, or a wide claim holds, cannot.
            if (first.kind == Kind::claim) {
                EXPECT_FALSE(there && second_failed);
            }
            was_there_then = !first.order || words_have(scene, *first.order);
        });
        first.run(scene, first_failed);
        fired = interruption.fired();
    }
    if (first_failed) {
        EXPECT_FALSE(was_there && was_there_then);
    }
    scene.check();
    // Hints or not: everything that is free is found.
    const std::uint64_t free = scene.model.free_count();
    std::uint64_t found = 0;
    while (scene.allocate(Order{0}, Migratetype::reclaimable)) ++found;
    EXPECT_EQ(found, free);
    EXPECT_EQ(scene.problem, "");
    return fired && !testing::Test::HasFailure();
}

class InterruptedZone : public testing::TestWithParam<std::size_t> {
protected:
    void SetUp() override { InterruptingWorld::reset(); }
    const Start start_ = test::starts()[GetParam()];
};

TEST_P(InterruptedZone, EveryOperationMayBeInterruptedAtEachStepByEveryOther) {
    for (const Operation& first : test::operations()) {
        for (const Operation& second : test::operations()) {
            // One hotplug job at a time.
            if (first.kind == Kind::hotplug && second.kind == Kind::hotplug) continue;
            test::for_each_step(
                [&](std::uint64_t step) { return attempt(start_, first, second, step); });
            if (HasFailure()) return;
        }
    }
}

/// `operation` never goes on from `step`. False if it ended before that.
bool stall(const Start& start, const Operation& operation, std::uint64_t step) {
    SCOPED_TRACE(start.name + ": " + operation.name + " stalls at step " + std::to_string(step));
    Scene scene({.frames = test::scene_frames, .cpu_slots = 1});
    start.prepare(scene);
    const std::uint64_t free_before = scene.model.free_count();
    bool failed = false;
    Stalled stalled(step, [&] { operation.run(scene, failed); });
    const bool fired = !stalled.finished();
    // What a stalled free has not given back yet may not be found; all else is.
    if (operation.kind != Kind::free) {
        for (std::uint8_t order = 0; order <= order_max.value; ++order) {
            const bool there = words_have(scene, Order{order});
            const auto pfn = scene.zone->allocate(Order{order}, Migratetype::movable, CpuId{0});
            EXPECT_EQ(pfn.has_value(), there) << Order{order};
            if (!pfn) continue;
            EXPECT_EQ(scene.zone->free(*pfn, Order{order}, CpuId{0}).fault, FreeFault::none);
        }
    }
    // It hides what it has claimed, or not yet given back; hotplug hides its row.
    std::uint64_t hidden = 0;
    if (operation.order) hidden = operation.order->frames();
    if (operation.kind == Kind::claim && !operation.order) hidden = 5;
    if (operation.kind == Kind::hotplug) hidden = layout::row_frames;
    const auto found = scene.zone.allocate_all(Order{0}).size();
    EXPECT_GE(found + hidden, free_before);
    return fired && !testing::Test::HasFailure();
}

TEST_P(InterruptedZone, AStalledOperationHidesNothingButWhatItHolds) {
    for (const Operation& operation : test::operations()) {
        if (operation.takes_many) continue;
        test::for_each_step([&](std::uint64_t step) { return stall(start_, operation, step); });
        if (HasFailure()) return;
    }
}

/// A lowering is overtaken by a free and by another lowering, which stalls: the hint then looks as
/// the first one left it, but for the version.
TEST(OvertakenLowering, DoesNotLoseAFreeThatCameBeforeAnotherLowering) {
    InterruptingWorld::reset();
    bool stalls = true;
    for (std::uint64_t second_step = 0; stalls; ++second_step) {
        stalls = false;
        test::for_each_step([&](std::uint64_t first_step) {
            Scene scene({.frames = 128, .cpu_slots = 1});
            for (int i = 0; i < 16; ++i) scene.allocate(Order{3});
            std::optional<Stalled> second;
            bool fired = false;
            {
                const Interruption interruption(first_step, [&] {
                    scene.free(scene.held.back());
                    second.emplace(second_step, [&] { scene.allocate(Order{6}); });
                    stalls = stalls || !second->finished();
                });
                scene.allocate(Order{0});
                fired = interruption.fired();
            }
            EXPECT_TRUE(!fired || scene.allocate(Order{0})) << first_step << ", " << second_step;
            EXPECT_EQ(scene.problem, "");
            return fired && !testing::Test::HasFailure();
        });
        if (HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(From, InterruptedZone, testing::Range<std::size_t>(0, 8));

}  // namespace
}  // namespace anypage
