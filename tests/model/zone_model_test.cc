// A zone against a naive model of it: generated lists of operations, every answer compared, and the
// zone recounted after each list.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <tuple>
#include <vector>

#include "tests/support/interrupting_world.hpp"
#include "tests/support/zone_scene.hpp"

namespace anypage {
namespace {

using test::InterruptingWorld;
using test::Run;
using test::ZonePlan;
using Scene = test::ZoneScene<InterruptingWorld>;

/// An operation as three numbers: what, and two details whose meaning follows from it.
using Step = std::tuple<std::uint8_t, std::uint32_t, std::uint32_t>;

Order order_from(std::uint32_t number) {
    return Order{static_cast<std::uint8_t>(number % order_count)};
}
Migratetype type_from(std::uint32_t number) {
    return static_cast<Migratetype>(number % migratetype_count);
}

void allocate(Scene& scene, Order order, std::uint32_t detail) {
    const bool there = scene.model.has_run(order);
    const bool got = scene.allocate(order, type_from(detail), CpuId{detail / 4 % 4}).has_value();
    RC_ASSERT(got == there);
}

void allocate_avoiding(Scene& scene, Order order, std::uint32_t detail) {
    // May fail although there is one; must not give what is not there.
    const auto pfn =
        scene.zone->allocate(order, type_from(detail), CpuId{detail / 4 % 4}, Stealing::avoided);
    if (!pfn) return;
    RC_ASSERT(scene.model.take(*pfn, order));
    scene.held.push_back({*pfn, order});
}

void free_batch(Scene& scene, std::uint32_t from, std::uint32_t count) {
    std::vector<Pfn> pages;
    for (std::size_t i = 0; i < scene.held.size() && pages.size() < count % 100; ++i) {
        const Run& run = scene.held[(from + i) % scene.held.size()];
        if (run.order.value == 0) pages.push_back(run.pfn);
    }
    scene.free_batch(pages);
}

/// A batch in which one page is not the caller's: those before it are freed, the others are not.
void free_bad_batch(Scene& scene, std::uint32_t number) {
    if (scene.held.empty() || scene.held.front().order.value != 0) return;
    const Pfn good = scene.held.front().pfn;
    const Pfn bad = scene.model.span().first + number % scene.model.span().frames;
    if (bad == good || scene.model.verdict(bad, Order{0}).fault == FreeFault::none) return;
    const std::vector<Pfn> pages{bad, good};
    RC_ASSERT(scene.zone->free_batch(pages, CpuId{0}) == 0u);
    RC_ASSERT(scene.model.verdict(good, Order{0}).fault == FreeFault::none);
}

/// A section of two rows comes or goes.
void hotplug(Scene& scene, std::uint32_t number) {
    constexpr std::uint64_t section_frames = 2 * layout::row_frames;
    const std::uint64_t sections = layout::divide_up(scene.model.span().frames, section_frames);
    PfnRange range = scene.zone.section(number % sections, section_frames);
    range.frames = std::min(range.frames, scene.model.span().end() - range.first);
    if (scene.model.is_offline(range)) {
        scene.online(range);
    } else {
        const bool idle = scene.model.is_idle(range);
        RC_ASSERT(scene.try_offline(range) == idle);
    }
}

void apply(Scene& scene, const Step& step) {
    const auto& [what, first, second] = step;
    switch (what % 16) {
        case 0:
        case 1:
        case 2:
        case 3:
            return allocate(scene, order_from(first), second);
        case 4:
            return allocate(scene, Order{0}, second);
        case 5:  // until there is no more of the order
            while (scene.allocate(order_from(first), type_from(second))) {
            }
            return allocate(scene, order_from(first), second);
        case 6:
        case 7:
        case 8:
            if (scene.held.empty()) return;
            return scene.free(scene.held[first % scene.held.size()], CpuId{second % 4});
        case 9:  // many, in a scattered order
            for (std::uint32_t i = 0; i < second % 256 && !scene.held.empty(); ++i) {
                scene.free(scene.held[first * 7919ull * (i + 1) % scene.held.size()]);
            }
            return;
        case 10:  // anything at all, mostly wrong
            scene.try_free(scene.model.span().first + first % (scene.model.span().frames + 64),
                           order_from(second));
            return;
        case 11:  // a wrong order of a right run, or its inside
            if (!scene.held.empty()) {
                const Run run = scene.held[first % scene.held.size()];
                scene.try_free(run.pfn + second % run.order.frames(), order_from(second));
            }
            return;
        case 12:
            scene.allocate_batch(second % 100, type_from(first));
            return;
        case 13:
            return second % 2 == 0 ? free_batch(scene, first, second / 2)
                                   : free_bad_batch(scene, first);
        case 14:
            return hotplug(scene, first);
        default:
            return allocate_avoiding(scene, order_from(first), second);
    }
}

void follows_the_model(const ZonePlan& plan, const std::vector<Step>& steps) {
    InterruptingWorld::reset();
    Scene scene(plan);
    for (const Step& step : steps) apply(scene, step);
    scene.check();
    RC_ASSERT(scene.problem == "");
    // Nothing is lost: all of it can be had, and given back.
    const std::uint64_t free = scene.model.free_count();
    std::uint64_t found = 0;
    while (scene.allocate(Order{0}, Migratetype::movable, CpuId{2})) ++found;
    RC_ASSERT(found == free);
    scene.free_all();
    scene.check();
    for (const Order order : {pageblock_order, order_max}) {
        const std::uint64_t runs = scene.model.runs(order);
        const auto pages = scene.zone.allocate_all(order, CpuId{1});
        RC_ASSERT(pages.size() == runs);
        RC_ASSERT(scene.zone.free_all(pages, order));
    }
    RC_ASSERT(scene.problem == "");
}

rc::Gen<std::vector<Step>> steps() {
    return rc::gen::scale(3, rc::gen::arbitrary<std::vector<Step>>());
}

TEST(ZoneModel, ASmallZoneAnswersAsItsModel) {
    EXPECT_TRUE(rc::check("", [] { follows_the_model({.frames = 3072, .first = 0}, *steps()); }));
}

TEST(ZoneModel, AZoneThatBeginsAndEndsInsideOfATreeAnswersAsItsModel) {
    EXPECT_TRUE(rc::check("", [] {
        follows_the_model({.frames = 2048 + 512 + 100, .first = 8192 * 3 + 1024}, *steps());
    }));
}

TEST(ZoneModel, AZoneOfSeveralTreesAnswersAsItsModel) {
    EXPECT_TRUE(rc::check(
        "", [] { follows_the_model({.frames = 3 * layout::tree_frames + 1000}, *steps()); }));
}

TEST(ZoneModel, AnyOneFrameFreedOfAFullZoneIsFoundFromAnyCpu) {
    InterruptingWorld::reset();
    Scene scene({.frames = 2 * layout::tree_frames, .cpu_slots = 4});
    const std::vector<Pfn> pages = scene.zone.allocate_all(Order{0});
    ASSERT_EQ(pages.size(), 2 * layout::tree_frames);
    std::uint32_t cpu = 0;
    for (const Pfn pfn : pages) {
        ASSERT_FALSE(scene.zone->allocate(Order{0}, Migratetype::movable, CpuId{cpu}));
        ASSERT_EQ(scene.zone->free(pfn, Order{0}, CpuId{cpu}).fault, FreeFault::none);
        cpu = (cpu + 1) % 4;
        ASSERT_EQ(scene.zone->allocate(Order{0}, Migratetype::reclaimable, CpuId{cpu}), pfn);
    }
}

TEST(ZoneModel, RunsOfEveryOrderAreFoundFromAnyCpu) {
    InterruptingWorld::reset();
    constexpr std::uint64_t frames = 2 * layout::tree_frames;
    for (std::uint8_t small = 0; small <= order_max.value; ++small) {
        for (std::uint8_t large = 0; large <= order_max.value; ++large) {
            test::TestZone<InterruptingWorld> zone({.frames = frames});
            const auto first = zone.allocate_all(Order{small}, CpuId{0}, Migratetype::unmovable);
            ASSERT_EQ(first.size(), frames >> small);
            ASSERT_TRUE(zone.free_all(first, Order{small}, CpuId{1}));
            const auto second = zone.allocate_all(Order{large}, CpuId{2}, Migratetype::movable);
            ASSERT_EQ(second.size(), frames >> large);
            ASSERT_TRUE(zone.validated()) << zone.validated();
        }
    }
}

TEST(ZoneModel, ATinyZoneIsRightAfterEveryShortListOfOperations) {
    // All lists of up to four operations out of these, on two words.
    constexpr Step choice[] = {{0, 0, 1}, {0, 5, 0},   {0, 6, 2},  {6, 0, 0},
                               {9, 1, 3}, {12, 1, 70}, {11, 0, 0}, {5, 4, 0}};
    std::vector<Step> list;
    const auto extend = [&](const auto& self) -> void {
        InterruptingWorld::reset();
        Scene scene({.frames = 128, .cpu_slots = 1});
        for (const Step& step : list) apply(scene, step);
        scene.check();
        ASSERT_EQ(scene.problem, "");
        if (list.size() == 4) return;
        for (const Step& step : choice) {
            list.push_back(step);
            self(self);
            list.pop_back();
        }
    };
    extend(extend);
}

}  // namespace
}  // namespace anypage
