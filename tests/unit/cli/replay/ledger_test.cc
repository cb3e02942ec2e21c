// Ledger: owners of frames, and the stamps that tell whether a run lay untouched.
#include "cli/replay/ledger.hpp"

#include "tests/unit/cli/replay/replay_scene.hpp"

namespace anypage {
namespace {

/// Two zones: frames 1000 to 4999, which begin inside of a pageblock, and 8192 to 16383.
class Ledger : public testing::Test {
protected:
    Ledger()
        : recorded_(test::recorded_nothing()),
          plan_{recorded_, machine_, {}, {}, {}, {}, {}, {}, {}, 0} {
        plan_.zones = {{NodeId{0}, ZoneIndex::dma32, ZoneRole::stays, {Pfn{1000}, 4000}, 0},
                       {NodeId{0}, ZoneIndex::normal, ZoneRole::stays, {Pfn{8192}, 8192}, 4000}};
        plan_.frames = 12192;
    }

    recording recorded_;
    topology machine_;
    replay_plan plan_;
};

TEST_F(Ledger, AFrameWithTwoOwnersIsCounted) {
    ledger owners(plan_);
    EXPECT_EQ(owners.enter(1, Pfn{8192}, Order{3}, ledger::owner_of_block(7)), 0u);
    EXPECT_EQ(owners.enter(1, Pfn{8200}, Order{0}, ledger::owner_ballast), 0u);
    EXPECT_EQ(owners.enter(1, Pfn{8199}, Order{0}, ledger::owner_passing), 1u);
    EXPECT_EQ(owners.enter(1, Pfn{8192}, Order{4}, ledger::owner_of_block(8)), 9u);
}

TEST_F(Ledger, WhatIsStruckOutHasNoOwner) {
    ledger owners(plan_);
    owners.enter(0, Pfn{1024}, Order{2}, ledger::owner_of_block(0));
    EXPECT_EQ(owners.owner(0, Pfn{1027}), ledger::owner_of_block(0));
    EXPECT_EQ(owners.owner(0, Pfn{1028}), ledger::owner_none);
    owners.strike(0, Pfn{1024}, Order{2});
    EXPECT_EQ(owners.owner(0, Pfn{1024}), ledger::owner_none);
    EXPECT_EQ(owners.enter(0, Pfn{1024}, Order{2}, ledger::owner_passing), 0u);
}

TEST_F(Ledger, ZonesDoNotShareFrames) {
    ledger owners(plan_);
    owners.enter(0, Pfn{4999}, Order{0}, ledger::owner_passing);
    EXPECT_EQ(owners.owner(1, Pfn{8192}), ledger::owner_none);
    EXPECT_EQ(owners.enter(1, Pfn{8192}, Order{0}, ledger::owner_passing), 0u);
}

TEST_F(Ledger, OwnersThatAreNoBlocksAreApartFromBlocks) {
    EXPECT_NE(ledger::owner_of_block(0), ledger::owner_none);
    EXPECT_LT(ledger::owner_of_block(~std::uint32_t{0} - 4), ledger::owner_ballast);
    EXPECT_LT(ledger::owner_ballast, ledger::owner_passing);
}

TEST_F(Ledger, CoversWhatIsThereAlone) {
    const ledger owners(plan_);
    EXPECT_TRUE(owners.covers(0, Pfn{1000}, Order{0}));
    EXPECT_TRUE(owners.covers(1, Pfn{15360}, Order{10}));
    EXPECT_FALSE(owners.covers(0, Pfn{999}, Order{0}));
    EXPECT_FALSE(owners.covers(0, Pfn{4996}, Order{3}));
    EXPECT_FALSE(owners.covers(1, Pfn{16384}, Order{0}));
}

TEST_F(Ledger, StampsMoveWithARunEnteredInTheirBlocks) {
    ledger owners(plan_);
    const Pfn block{9216};
    const std::uint64_t before = owners.stamps(1, block, Order{9});
    owners.enter(1, block + 511, Order{0}, ledger::owner_passing);
    const std::uint64_t touched = owners.stamps(1, block, Order{9});
    EXPECT_NE(touched, before);
    owners.strike(1, block + 511, Order{0});  // what is free again has been touched all the same
    EXPECT_EQ(owners.stamps(1, block, Order{9}), touched);
}

TEST_F(Ledger, StampsOfOtherBlocksStay) {
    ledger owners(plan_);
    const std::uint64_t far = owners.stamps(1, Pfn{12288}, Order{9});
    const std::uint64_t other_zone = owners.stamps(0, Pfn{4096}, Order{9});
    owners.enter(1, Pfn{8192}, Order{9}, ledger::owner_passing);
    owners.enter(1, Pfn{14336}, Order{9}, ledger::owner_passing);
    EXPECT_EQ(owners.stamps(1, Pfn{12288}, Order{9}), far);
    EXPECT_EQ(owners.stamps(0, Pfn{4096}, Order{9}), other_zone);
}

TEST_F(Ledger, ALargeRunHasTheStampsOfAllItsBlocks) {
    ledger owners(plan_);
    for (const std::uint64_t at : {10240u, 10751u, 10752u, 11263u}) {
        const std::uint64_t before = owners.stamps(1, Pfn{10240}, Order{10});
        owners.enter(1, Pfn{at}, Order{0}, ledger::owner_passing);
        EXPECT_NE(owners.stamps(1, Pfn{10240}, Order{10}), before) << at;
    }
}

}  // namespace
}  // namespace anypage
