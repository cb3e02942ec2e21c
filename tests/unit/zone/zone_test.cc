// A zone on its own: claims and releases, faults, counts, hotplug, migratetypes.
#include "zone/zone.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/interrupting_world.hpp"
#include "tests/support/zone_scene.hpp"

namespace anypage {
namespace {

using test::InterruptingWorld;
using test::Interruption;
using test::ZonePlan;
using Zone8 = test::TestZone<InterruptingWorld>;
using Scene = test::ZoneScene<InterruptingWorld>;

TEST(Zone, GivesEveryRunOfEveryOrderOnceAndTakesItBack) {
    for (std::uint8_t value = 0; value <= order_max.value; ++value) {
        const Order order{value};
        Zone8 zone;
        const auto runs = zone.allocate_all(order);
        EXPECT_EQ(runs.size(), layout::tree_frames / order.frames());
        EXPECT_EQ(std::set(runs.begin(), runs.end()).size(), runs.size());
        for (const Pfn pfn : runs) EXPECT_EQ(pfn.value % order.frames(), 0u);
        EXPECT_EQ(zone->free_frames(), 0);
        EXPECT_TRUE(zone.validated()) << zone.validated();
        EXPECT_TRUE(zone.free_all(runs, order));
        EXPECT_EQ(zone->free_frames(), static_cast<std::int64_t>(layout::tree_frames));
        EXPECT_TRUE(zone.validated()) << zone.validated();
    }
}

TEST(Zone, NamesEveryFaultForEveryOrderAsAllocatedAndAsFreed) {
    for (std::uint8_t as = 0; as <= order_max.value; ++as) {
        Scene scene({.frames = 4096});
        const auto before = scene.allocate(Order{as});
        const auto run = scene.allocate(Order{as});
        const auto after = scene.allocate(Order{as});
        ASSERT_TRUE(before && run && after);
        const Pfn pfn = run->pfn;
        for (std::uint8_t value = 0; value <= order_max.value; ++value) {
            const Order order{value};
            if (value != as) scene.try_free(pfn, order);
            for (const std::uint64_t inside : {1u, 63u, 64u, 511u, 512u}) {
                if (inside < Order{as}.frames()) scene.try_free(pfn + inside, order);
            }
            scene.try_free(Pfn{4096}, order);
            scene.try_free(Pfn{~std::uint64_t{0}}, order);
            scene.try_free(Pfn{4095}, order);
        }
        scene.free(*run);
        for (std::uint8_t value = 0; value <= order_max.value; ++value) {
            scene.try_free(pfn, Order{value});
        }
        scene.check();
        EXPECT_EQ(scene.problem, "") << "order " << +as;
    }
}

TEST(Zone, FramesThatAreOfflineAreForeignToFree) {
    Scene scene({.frames = 2048, .online = false});
    EXPECT_FALSE(scene.allocate(Order{0}));
    EXPECT_FALSE(scene.try_free(Pfn{3}, Order{0}));
    scene.online(scene.zone.section(2));
    EXPECT_FALSE(scene.try_free(Pfn{3}, Order{0}));
    EXPECT_TRUE(scene.allocate(pageblock_order));
    EXPECT_FALSE(scene.allocate(Order{0}));
    EXPECT_EQ(scene.held[0].pfn, Pfn{1024});
    scene.free_all();
    EXPECT_TRUE(scene.try_offline(scene.zone.section(2)));
    EXPECT_FALSE(scene.try_free(Pfn{1024}, pageblock_order));
    scene.check();
    EXPECT_EQ(scene.problem, "");
}

TEST(Zone, ARowWithAPageInUseDoesNotGoOfflineAndNamesIt) {
    Zone8 zone({.frames = 2048});
    const auto pages = zone.allocate_all(Order{3});
    for (const Pfn pfn : pages) {
        if (pfn != Pfn{512 + 64} && pfn != Pfn{2040}) {
            ASSERT_EQ(zone->free(pfn, Order{3}, CpuId{0}).fault, FreeFault::none);
        }
    }
    const PfnRange row = zone.section(1);
    std::array<std::uint64_t, layout::row_words> taken{};
    zone->isolate_range(row);
    EXPECT_EQ(zone->sweep_range(row, taken.data()), 512u - 8);
    std::vector<std::pair<std::uint64_t, unsigned>> named;
    zone->for_each_allocated(row, taken.data(), [&](Pfn pfn, Order order) {
        named.emplace_back(pfn.value, order.value);
    });
    EXPECT_EQ(named, (std::vector<std::pair<std::uint64_t, unsigned>>{{512 + 64, 3}}));
    // Freed meanwhile, it is for the next sweep and for nobody else.
    EXPECT_EQ(zone->free(Pfn{512 + 64}, Order{3}, CpuId{0}).fault, FreeFault::none);
    for (const Pfn pfn : zone.allocate_all(Order{3})) EXPECT_FALSE(row.contains(pfn));
    EXPECT_EQ(zone->sweep_range(row, taken.data()), 8u);
    zone->close_range(row);
    EXPECT_TRUE(zone.validated()) << zone.validated();
}

TEST(Zone, ARunDoesNotReachIntoAnOfflineRowHoweverItIsFreed) {
    Scene scene({.frames = 1024, .online = false});
    scene.online(scene.zone.section(0));
    EXPECT_TRUE(scene.allocate(pageblock_order));
    EXPECT_EQ(scene.held[0].pfn, Pfn{0});
    // The row behind it is offline: it has no head bits, as the second half of a run would not.
    EXPECT_FALSE(scene.try_free(Pfn{0}, order_max));
    scene.free_all();
    scene.check();
    EXPECT_EQ(scene.problem, "");
}

TEST(Zone, AFrameThatASweepTookAndSomebodyFreedAgainCountsOnce) {
    Zone8 zone({.frames = 1024});
    const PfnRange row = zone.section(1);
    const auto pages = zone.allocate_all(Order{0});
    for (const Pfn pfn : pages) {
        if (pfn == row.first) continue;
        EXPECT_EQ(zone->free(pfn, Order{0}, CpuId{0}).fault, FreeFault::none);
    }
    std::array<std::uint64_t, layout::row_words> taken{};
    zone->isolate_range(row);
    EXPECT_EQ(zone->sweep_range(row, taken.data()), 511u);
    // A free of too large an order, which an isolated row cannot tell from a right one.
    EXPECT_EQ(zone->free(row.first, Order{1}, CpuId{0}).fault, FreeFault::none);
    EXPECT_EQ(zone->sweep_range(row, taken.data()), 1u);
    zone->close_range(row);
    EXPECT_TRUE(zone.validated()) << zone.validated();
}

TEST(Zone, AnInterruptedSumOfFreeFramesIsNeverBelowTheTruth) {
    // One frame is always free: CPU 1 allocates another one before it gives the first back.
    test::for_each_step([](std::uint64_t step) {
        Zone8 zone({.frames = 512, .cpu_slots = 4});
        auto pages = zone.allocate_all(Order{0});
        EXPECT_EQ(zone->free(pages[0], Order{0}, CpuId{0}).fault, FreeFault::none);
        EXPECT_EQ(zone->free(pages[1], Order{0}, CpuId{3}).fault, FreeFault::none);
        const Interruption interruption(step, [&] {
            for (std::uint32_t i = 0; i < 8; ++i) {
                const auto pfn = zone->allocate(Order{0}, Migratetype::movable, CpuId{i});
                EXPECT_TRUE(pfn.has_value());
                EXPECT_EQ(zone->free(*pfn, Order{0}, CpuId{i + 1}).fault, FreeFault::none);
            }
        });
        EXPECT_GE(zone->free_frames(), 1);
        return interruption.fired();
    });
}

TEST(Zone, MayHaveSaysNoOnlyIfAtOneInstantThereWasNoRun) {
    // Two supers; the free run is first in the second one, then in the first one, and always
    // somewhere.
    constexpr std::uint64_t super = layout::super_trees * layout::tree_frames;
    constexpr Pfn far{super};
    const auto good = [](FreeOutcome outcome) { EXPECT_EQ(outcome.fault, FreeFault::none); };
    test::for_each_step([&](std::uint64_t step) {
        Zone8 zone({.frames = super + layout::tree_frames, .online = false});
        zone.online({Pfn{0}, 1024});
        zone.online({far, 512});
        EXPECT_EQ(zone.allocate_all(pageblock_order).size(), 3u);
        good(zone->free(far, pageblock_order, CpuId{0}));
        // CPU 1 looks there first.
        const auto near = zone->allocate(Order{0}, Migratetype::movable, CpuId{1});
        good(zone->free(*near, Order{0}, CpuId{1}));
        const Interruption interruption(step, [&] {
            good(zone->free(Pfn{0}, pageblock_order, CpuId{0}));
            good(zone->free(Pfn{512}, pageblock_order, CpuId{0}));
            EXPECT_EQ(zone->allocate(Order{0}, Migratetype::movable, CpuId{1}), *near);
            const auto run = zone->allocate(pageblock_order, Migratetype::movable, CpuId{1});
            EXPECT_TRUE(run && *run < far);
        });
        EXPECT_TRUE(zone->may_have(pageblock_order));
        return interruption.fired();
    });
}

TEST(Zone, WatermarkOkAsksForTheReserveOfTheHighestKind) {
    Zone8 zone({.frames = 1024});
    Watermarks marks;
    marks.mark = {100, 200, 300, 400};
    marks.lowmem_reserve = {0, 0, 0, 500, 0};
    zone->set_watermarks(marks);
    const auto ok = [&](Watermark mark, ZoneIndex highest) {
        return zone->watermark_ok(Order{0}, zone->mark(mark), highest, {});
    };
    EXPECT_TRUE(ok(Watermark::promo, ZoneIndex::normal));
    ASSERT_TRUE(zone->allocate(pageblock_order, Migratetype::movable, CpuId{0}));
    EXPECT_TRUE(ok(Watermark::promo, ZoneIndex::normal));
    EXPECT_FALSE(ok(Watermark::min, ZoneIndex::movable));
    EXPECT_TRUE(zone->watermark_ok(pageblock_order, 0, ZoneIndex::normal, {}));
    ASSERT_TRUE(zone->allocate(Order{8}, Migratetype::movable, CpuId{0}));
    EXPECT_FALSE(zone->allocate(pageblock_order, Migratetype::movable, CpuId{0}));
    // Enough frames, but no run.
    EXPECT_FALSE(zone->watermark_ok(pageblock_order, 0, ZoneIndex::normal, {}));
}

TEST(Pick, MigratetypesKeepApartAndMovableOnesLeaveWholeRows) {
    Scene scene({.frames = 2 * layout::tree_frames});
    std::vector<test::Run> movable;
    std::set<std::uint64_t> unmovable_rows;
    for (int i = 0; i < 6000; ++i) {
        if (i % 25 == 0) {
            const auto run = scene.allocate(Order{0}, Migratetype::unmovable, CpuId{0});
            unmovable_rows.insert(run->pfn.value / layout::row_frames);
        } else {
            movable.push_back(*scene.allocate(Order{0}, Migratetype::movable, CpuId{i % 2u}));
        }
    }
    EXPECT_EQ(unmovable_rows.size(), 1u);
    for (const test::Run& run : movable) scene.free(run);
    EXPECT_EQ(scene.zone.validated().whole_rows, 2 * layout::tree_rows - 1);
    EXPECT_EQ(scene.problem, "");
}

TEST(Pick, ARunOfWholeRowsTakesThemOver) {
    for (const Order order : {pageblock_order, order_max}) {
        Zone8 zone;
        for (const Migratetype type : {Migratetype::movable, Migratetype::reclaimable}) {
            const auto run = zone->allocate(order, type, CpuId{0});
            ASSERT_TRUE(run);
            for (std::uint64_t i = 0; i < order.frames(); i += layout::row_frames) {
                EXPECT_EQ(zone->glance().type_of_run(*run, order), type);
                EXPECT_EQ(zone->row_type_of(*run + i), row_type(type));
            }
        }
    }
}

TEST(Pick, StealsOnlyWhenItMayAndTheKernelsFallbackFirst) {
    Zone8 zone({.frames = 1024});
    // Row 0 becomes unmovable, row 1 reclaimable.
    const auto first = zone->allocate(Order{0}, Migratetype::unmovable, CpuId{0});
    const auto second = zone->allocate(Order{0}, Migratetype::reclaimable, CpuId{0});
    ASSERT_NE(first->value / 512, second->value / 512);
    EXPECT_FALSE(zone->allocate(Order{0}, Migratetype::movable, CpuId{0}, Stealing::avoided));
    const auto third = zone->allocate(Order{0}, Migratetype::movable, CpuId{0});
    EXPECT_EQ(third->value / 512, second->value / 512);  // reclaimable before unmovable
    // More than half of that row was free: it changed hands.
    EXPECT_EQ(zone->row_type_of(*third), RowType::movable);
    EXPECT_TRUE(zone->allocate(Order{0}, Migratetype::movable, CpuId{0}, Stealing::avoided));
}

TEST(Batch, GivesFramesOfOneRowOfTheTypeAndTakesThemBackTogether) {
    Zone8 zone({.frames = 1024});
    std::array<Pfn, 100> pages;
    // The first request of the type decides the row.
    ASSERT_TRUE(zone->allocate(Order{0}, Migratetype::unmovable, CpuId{0}));
    EXPECT_EQ(zone->allocate_batch(pages, Migratetype::reclaimable, CpuId{0}), 0u);
    ASSERT_EQ(zone->allocate_batch(pages, Migratetype::unmovable, CpuId{0}), 100u);
    EXPECT_EQ(zone->free_frames(), 1024 - 101);
    for (const Pfn pfn : pages) EXPECT_EQ(pfn.value / 512, pages[0].value / 512);
    EXPECT_EQ(zone->free_batch(pages, CpuId{1}), 100u);
    EXPECT_EQ(zone->free_batch(pages, CpuId{1}), 0u);
    EXPECT_EQ(zone->free_frames(), 1023);
    EXPECT_TRUE(zone.validated()) << zone.validated();
}

}  // namespace
}  // namespace anypage
