// Judge: which failures were for nothing, which are left undecided, and who may have which page.
#include "cli/replay/judge.hpp"

#include <memory>

#include "protocol/snapshot.hpp"
#include "tests/support/test_machine.hpp"
#include "tests/unit/cli/replay/replay_scene.hpp"

namespace anypage {
namespace {

using W = NativeWorld;
constexpr std::uint64_t zone_frames = 8192;
constexpr NodeId near{0};
constexpr NodeId far{4};
enum Zones : std::size_t { near_dma32, near_normal, near_movable, far_normal };

/// Two nodes, 0 and 4, whose zones lie idle; the far one's swings if a test says so.
class Judge : public testing::Test {
protected:
    Judge()
        : on_({.node_ids = {near.value, far.value},
               .zones = {{0, ZoneIndex::dma32, zone_frames},
                         {0, ZoneIndex::normal, zone_frames},
                         {0, ZoneIndex::movable, zone_frames},
                         {1, ZoneIndex::normal, zone_frames}}}),
          recorded_(test::recorded_nothing()),
          plan_{recorded_, machine_, {}, {}, {}, {}, {}, {}, {}, 0} {
        for (std::uint32_t i = 0; i < 4; ++i) {
            const auto& zone = on_.zone(i);
            plan_.zones.push_back(
                {zone.node(), zone.kind(), ZoneRole::stays, zone.span(), plan_.frames});
            plan_.frames += zone.span().frames;
        }
    }

    void settle() {
        owners_ = std::make_unique<ledger>(plan_);
        judge_ = std::make_unique<judge<W>>(plan_, on_.pages.machine(), *owners_);
        judge_->settle();
    }
    void keep_only(std::size_t zone) {
        for (auto& each : plan_.zones) each.role = ZoneRole::swings;
        plan_.zones[zone].role = ZoneRole::stays;
        settle();
    }
    /// Takes all of a zone but so many frames.
    void leave(std::uint32_t zone, std::uint64_t frames) {
        while (on_.zone(zone).free_frames() > static_cast<std::int64_t>(frames)) {
            ASSERT_TRUE(on_.zone(zone).allocate(Order{0}, Migratetype::movable, CpuId{0}));
        }
    }
    std::uint64_t min_of(std::uint32_t zone) { return on_.zone(zone).mark(Watermark::min); }
    static AllocFlags flags_of(const wish& asked) {
        return slow_path_flags(asked.flags, asked.order, {});
    }
    bool was_spurious(const wish& asked, const judge<W>::before& seen, std::uint64_t taking = 0) {
        return judge_->was_spurious(asked, flags_of(asked), seen, taking);
    }
    bool is_spurious_now(const wish& asked, std::uint64_t taking = 0) {
        return was_spurious(asked, judge_->look(asked), taking);
    }

    test::TestMachine<protocol::snapshot<W>> on_;
    recording recorded_;
    topology machine_;
    replay_plan plan_;
    std::unique_ptr<ledger> owners_;
    std::unique_ptr<judge<W>> judge_;
    const wish kernel_{gfp::KERNEL, Order{0}, near};
};

TEST_F(Judge, AFailureBesideAPlentifulZoneIsSpurious) {
    settle();
    EXPECT_TRUE(is_spurious_now(kernel_));
}

TEST_F(Judge, AFailureAtTheMarkIsUndecidedAndAboveItIsSpurious) {
    keep_only(near_normal);
    const std::uint64_t reserve = on_.zone(near_normal).lowmem_reserve(ZoneIndex::normal);
    leave(near_normal, min_of(near_normal) + reserve);
    EXPECT_FALSE(is_spurious_now(kernel_));
    ASSERT_EQ(reserve, 0u);
    const Pfn last = *on_.zone(near_normal).allocate(Order{0}, Migratetype::movable, CpuId{0});
    EXPECT_EQ(on_.zone(near_normal).free(last, Order{0}, CpuId{0}).fault, FreeFault::none);
    const Pfn other = on_.zone(near_normal).span().first;
    EXPECT_EQ(on_.zone(near_normal).free(other, Order{0}, CpuId{0}).fault, FreeFault::none);
    EXPECT_TRUE(is_spurious_now(kernel_));
}

TEST_F(Judge, AnAtomicRequestMayDipAndIsJudgedByThat) {
    keep_only(near_normal);
    leave(near_normal, min_of(near_normal));
    EXPECT_FALSE(is_spurious_now(kernel_));
    EXPECT_TRUE(is_spurious_now({gfp::ATOMIC, Order{0}, near}));
}

TEST_F(Judge, AZoneKeepsItsReserveFromRequestsThatMayGoHigher) {
    keep_only(near_normal);
    const std::uint64_t reserve = on_.zone(near_normal).lowmem_reserve(ZoneIndex::movable);
    ASSERT_GT(reserve, 0u);
    leave(near_normal, min_of(near_normal) + reserve);
    EXPECT_TRUE(is_spurious_now(kernel_));
    EXPECT_FALSE(is_spurious_now({gfp::HIGHUSER_MOVABLE, Order{0}, near}));
}

TEST_F(Judge, WhatOthersAreJustTakingIsTakenOff) {
    keep_only(near_normal);
    leave(near_normal, min_of(near_normal) + 10);
    EXPECT_TRUE(is_spurious_now(kernel_, 9));
    EXPECT_FALSE(is_spurious_now(kernel_, 10));
    EXPECT_FALSE(is_spurious_now(kernel_, 1'000'000));
}

TEST_F(Judge, WhatWasTakenDuringTheCallIsTakenOff) {
    keep_only(near_normal);
    const auto seen = judge_->look(kernel_);
    leave(near_normal, min_of(near_normal));
    EXPECT_FALSE(was_spurious(kernel_, seen));
}

TEST_F(Judge, WhatWasFreedDuringTheCallDoesNotCount) {
    keep_only(near_normal);
    auto& zone = on_.zone(near_normal);
    std::vector<Pfn> pages;
    while (const auto page = zone.allocate(Order{0}, Migratetype::movable, CpuId{0})) {
        pages.push_back(*page);
    }
    const auto seen = judge_->look(kernel_);
    for (const Pfn page : pages)
        ASSERT_EQ(zone.free(page, Order{0}, CpuId{0}).fault, FreeFault::none);
    EXPECT_FALSE(was_spurious(kernel_, seen));
    EXPECT_TRUE(is_spurious_now(kernel_));
}

TEST_F(Judge, ZonesThatSwingBearNoWitness) {
    for (auto& each : plan_.zones) each.role = ZoneRole::swings;
    settle();
    EXPECT_EQ(judge_->look(kernel_).count, 0u);
    EXPECT_FALSE(is_spurious_now(kernel_));
}

TEST_F(Judge, TheNearestPermittedZonesBearWitness) {
    settle();
    const auto seen = judge_->look(kernel_);
    ASSERT_EQ(seen.count, 3u);
    EXPECT_EQ(seen.zones[0], std::size_t{near_normal});
    EXPECT_EQ(seen.zones[1], std::size_t{near_dma32});
    EXPECT_EQ(seen.zones[2], std::size_t{far_normal});
    const auto from_far = judge_->look({gfp::KERNEL, Order{0}, far});
    EXPECT_EQ(from_far.zones[0], std::size_t{far_normal});
}

TEST_F(Judge, OneFarZoneIsEnough) {
    keep_only(far_normal);
    EXPECT_TRUE(is_spurious_now(kernel_));
}

TEST_F(Judge, PermitsZonesUpToTheLimitOfTheRequest) {
    settle();
    const auto permits = [&](gfp_t flags, std::size_t zone) {
        return judge_->permits({flags, Order{0}, near}, *gfp_zone(flags), zone);
    };
    EXPECT_TRUE(permits(gfp::KERNEL, near_normal));
    EXPECT_FALSE(permits(gfp::KERNEL, near_movable));
    EXPECT_TRUE(permits(gfp::HIGHUSER_MOVABLE, near_movable));
    EXPECT_TRUE(permits(gfp::KERNEL | gfp::DMA32, near_dma32));
    EXPECT_FALSE(permits(gfp::KERNEL | gfp::DMA32, near_normal));
    EXPECT_FALSE(permits(gfp::KERNEL | gfp::DMA, near_dma32));
}

TEST_F(Judge, PermitsTheNodeAloneThatTheRequestInsistsOn) {
    settle();
    const gfp_t flags = gfp::KERNEL | gfp::THISNODE;
    EXPECT_TRUE(judge_->permits({flags, Order{0}, far}, ZoneIndex::normal, far_normal));
    EXPECT_FALSE(judge_->permits({flags, Order{0}, far}, ZoneIndex::normal, near_normal));
    keep_only(near_normal);
    EXPECT_FALSE(is_spurious_now({flags, Order{0}, far}));
    EXPECT_TRUE(is_spurious_now({flags, Order{0}, near}));
}

TEST_F(Judge, PermitsNodesOfTheMask) {
    settle();
    nodemask mask;
    mask.add(far);
    const wish masked{gfp::KERNEL, Order{0}, near, false, &mask};
    EXPECT_TRUE(judge_->permits(masked, ZoneIndex::normal, far_normal));
    EXPECT_FALSE(judge_->permits(masked, ZoneIndex::normal, near_normal));
    // An atomic request rather ignores the policy than fails.
    const wish atomic{gfp::ATOMIC, Order{0}, near, false, &mask};
    EXPECT_TRUE(judge_->permits(atomic, ZoneIndex::normal, near_normal));
    keep_only(near_normal);
    EXPECT_FALSE(is_spurious_now(masked));
}

TEST_F(Judge, ARequestThatNobodyUnderstandsHasNoWitness) {
    settle();
    EXPECT_EQ(judge_->look({gfp::KERNEL, Order{0}, NodeId{3}}).count, 0u);
    EXPECT_EQ(judge_->look({gfp::KERNEL | gfp::DMA | gfp::DMA32, Order{0}, near}).count, 0u);
}

TEST_F(Judge, AboveOrder0ARunMustHaveLainFree) {
    keep_only(near_normal);
    const wish huge{gfp::KERNEL, Order{9}, near};
    EXPECT_TRUE(is_spurious_now(huge));
    // Every second frame is taken: plenty is free, and no run.
    auto& zone = on_.zone(near_normal);
    std::vector<Pfn> pages;
    while (const auto page = zone.allocate(Order{0}, Migratetype::movable, CpuId{0})) {
        pages.push_back(*page);
    }
    for (const Pfn page : pages) {
        if (page.value % 2 == 0) static_cast<void>(zone.free(page, Order{0}, CpuId{0}));
    }
    EXPECT_TRUE(is_spurious_now(kernel_));
    EXPECT_FALSE(is_spurious_now({gfp::KERNEL, Order{1}, near}));
    EXPECT_FALSE(is_spurious_now(huge));
}

TEST_F(Judge, ARunThatSomebodyHadInBetweenProvesNothing) {
    keep_only(near_normal);
    const wish huge{gfp::KERNEL, Order{9}, near};
    const auto untouched = judge_->look(huge);
    ASSERT_EQ(untouched.run_zone, std::size_t{near_normal});
    EXPECT_TRUE(was_spurious(huge, untouched));
    // Somebody took a page of it and gave it back: it is free before and after.
    owners_->enter(near_normal, untouched.run + 17, Order{0}, ledger::owner_passing);
    owners_->strike(near_normal, untouched.run + 17, Order{0});
    EXPECT_FALSE(was_spurious(huge, untouched));
    EXPECT_TRUE(was_spurious(kernel_, judge_->look(kernel_)));
}

TEST_F(Judge, ARunThatIsInUseAfterTheCallProvesNothing) {
    keep_only(near_normal);
    const wish huge{gfp::KERNEL, Order{9}, near};
    const auto seen = judge_->look(huge);
    while (on_.zone(near_normal).allocate(Order{9}, Migratetype::movable, CpuId{0})) {
    }
    EXPECT_FALSE(was_spurious(huge, seen));
}

TEST_F(Judge, TheHighestMarkThatWasSeenCounts) {
    keep_only(near_normal);
    leave(near_normal, 2000);
    EXPECT_TRUE(is_spurious_now(kernel_));
    auto& zone = on_.zone(near_normal);
    zone.set_watermarks({{2000, 2100, 2200, 2300}, {}});
    EXPECT_FALSE(is_spurious_now(kernel_));  // as it is now
    judge_->settle_marks();
    zone.set_watermarks({{10, 2100, 2200, 2300}, {}});
    EXPECT_FALSE(is_spurious_now(kernel_));  // as it was
}

}  // namespace
}  // namespace anypage
