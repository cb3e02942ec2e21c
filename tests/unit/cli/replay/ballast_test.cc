// Ballast: a zone is brought into its band from above and from below, and everything comes back.
#include "cli/replay/ballast.hpp"

#include "tests/support/test_zone.hpp"
#include "tests/unit/cli/replay/replay_scene.hpp"

namespace anypage {
namespace {

constexpr std::uint64_t zone_frames = 32768;

class Ballast : public testing::Test {
protected:
    Ballast()
        : zone_(test::ZonePlan{.frames = zone_frames}),
          recorded_(test::recorded_nothing()),
          plan_{recorded_, machine_, {}, {}, {}, {}, {}, {}, {}, 0},
          ballast_(1) {
        plan_.zones = {{NodeId{0}, ZoneIndex::normal, ZoneRole::stays, zone_.span(), 0}};
        plan_.frames = zone_frames;
        owners_.emplace(plan_);
        zone_->set_watermarks({{1000, 3000, 5000, 7000}, {0, 0, 0, 400, 400}});
    }

    void adjust(std::uint64_t frames_max = ~std::uint64_t{0}) {
        ballast_.adjust(0, *zone_, *owners_, CpuId{0}, frames_max,
                        [this](std::uint64_t frames) { told_.push_back(frames); });
    }

    test::TestZone<NativeWorld> zone_;
    recording recorded_;
    topology machine_;
    replay_plan plan_;
    std::optional<ledger> owners_;
    ballast ballast_;
    std::vector<std::uint64_t> told_;
};

TEST_F(Ballast, DoesNothingBeforeItIsAimed) {
    adjust();
    EXPECT_EQ(zone_->free_frames(), static_cast<std::int64_t>(zone_frames));
}

TEST_F(Ballast, HoldsBetweenMinWithItsReserveAndLow) {
    ballast_.aim(0, *zone_);
    adjust();
    EXPECT_EQ(zone_->free_frames(), (1400 + 3000) / 2);
}

TEST_F(Ballast, TakesFramesOneByOneFromAZoneWithoutBatches) {
    // Nothing is left of whole words: every second frame is somebody's.
    const auto all = zone_.allocate_all(Order{0});
    for (std::size_t i = 0; i < all.size(); i += 2) {
        ASSERT_EQ(zone_->free(all[i], Order{0}, CpuId{0}).fault, FreeFault::none);
    }
    ballast_.aim(0, *zone_);
    adjust();
    EXPECT_EQ(zone_->free_frames(), 2200);
}

TEST_F(Ballast, LeavesAZoneInItsBandAlone) {
    ballast_.aim(0, *zone_);
    adjust();
    const auto page = zone_->allocate(Order{8}, Migratetype::movable, CpuId{0});
    ASSERT_TRUE(page.has_value());
    const std::int64_t free = zone_->free_frames();  // 256 below the middle, of 400
    adjust();
    EXPECT_EQ(zone_->free_frames(), free);
}

TEST_F(Ballast, GivesBackWhereTooLittleIsFree) {
    ballast_.aim(0, *zone_);
    adjust();
    ASSERT_TRUE(zone_->allocate(Order{9}, Migratetype::movable, CpuId{0}).has_value());
    ASSERT_LT(zone_->free_frames(), 2200 - 400);
    adjust();
    EXPECT_EQ(zone_->free_frames(), 2200);
}

TEST_F(Ballast, MovesNoMoreThanAskedAtOnce) {
    ballast_.aim(0, *zone_);
    adjust(100);
    EXPECT_EQ(zone_->free_frames(), static_cast<std::int64_t>(zone_frames) - 100);
}

TEST_F(Ballast, TellsWhatItIsTakingAndWhenItIsCounted) {
    ballast_.aim(0, *zone_);
    adjust(100);
    ASSERT_GE(told_.size(), 4u);
    for (std::size_t i = 0; i < told_.size(); i += 2) {
        EXPECT_GT(told_[i], 0u);
        EXPECT_LE(told_[i], 64u);
        EXPECT_EQ(told_[i + 1], 0u);
    }
}

TEST_F(Ballast, ANarrowBandIsJustBelowLow) {
    zone_->set_watermarks({{1000, 1200, 1400, 1600}, {0, 0, 0, 5000, 5000}});
    ballast_.aim(0, *zone_);
    adjust();
    EXPECT_EQ(zone_->free_frames(), 1199);
}

TEST_F(Ballast, IsEnteredInTheLedgerAndStruckOut) {
    ballast_.aim(0, *zone_);
    adjust();
    std::uint64_t entered = 0;
    for (std::uint64_t i = 0; i < zone_frames; ++i) {
        const std::uint32_t owner = owners_->owner(0, zone_.span().first + i);
        EXPECT_TRUE(owner == ledger::owner_none || owner == ledger::owner_ballast);
        entered += owner == ledger::owner_ballast ? 1 : 0;
    }
    EXPECT_EQ(entered, zone_frames - 2200);
    ballast_.drop(0, *zone_, *owners_, CpuId{0});
    EXPECT_EQ(zone_->free_frames(), static_cast<std::int64_t>(zone_frames));
    for (std::uint64_t i = 0; i < zone_frames; ++i) {
        ASSERT_EQ(owners_->owner(0, zone_.span().first + i), ledger::owner_none);
    }
    EXPECT_TRUE(zone_.validated()) << zone_.validated();
}

TEST_F(Ballast, HoldsNothingAfterItWasDropped) {
    ballast_.aim(0, *zone_);
    adjust();
    ballast_.drop(0, *zone_, *owners_, CpuId{0});
    adjust();
    EXPECT_EQ(zone_->free_frames(), static_cast<std::int64_t>(zone_frames));
}

}  // namespace
}  // namespace anypage
