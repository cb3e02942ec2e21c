// Stocks: pop, push, drain, hold; what a checked free sees of them; and validation of an allocator.
#include "alloc/stock.hpp"

#include <gtest/gtest.h>

#include <set>

#include "alloc/validate.hpp"
#include "protocol/snapshot.hpp"
#include "tests/support/interrupting_world.hpp"
#include "tests/support/test_machine.hpp"

namespace anypage {
namespace {

using test::InterruptingWorld;
using test::MachinePlan;
using W = InterruptingWorld;
using Machines = test::TestMachine<protocol::snapshot<W>>;
using Problem = AllocatorValidation::Problem;

constexpr ZoneId zone0{0};
constexpr CpuId cpu0{0};
constexpr CpuId cpu1{1};
constexpr auto unmovable = Migratetype::unmovable;

MachinePlan plan(bool checked = true) {
    W::reset();
    MachinePlan plan;
    plan.cpus = {2};
    plan.checked = checked;
    return plan;
}

class StocksTest : public testing::Test {
protected:
    Pfn take(Order order = {}) { return *machine_.zone(0).allocate(order, unmovable, cpu0); }
    bool push(Pfn pfn, Order order = {}, CpuId cpu = cpu0) {
        return stocks_.push(zone0, pfn, order, unmovable, cpu);
    }

    Machines machine_{plan()};
    Stocks<W>& stocks_ = machine_.pages.stocks();
};

TEST(StockCapacity, CoversTheOrdersThatAreNotCostly) {
    for (std::uint8_t order = 0; order <= order_max.value; ++order) {
        EXPECT_EQ(Stocks<W>::serves(Order{order}), order <= 3);
    }
    EXPECT_EQ(stock_places(Order{0}), 0u);
    EXPECT_EQ(stock_places(Order{4}), 52u);
}

TEST_F(StocksTest, AClosedStockTakesNothing) {
    const Pfn pfn = take();
    EXPECT_FALSE(push(pfn));
    stocks_.open(zone0);
    EXPECT_TRUE(push(pfn));
    stocks_.close(zone0);
    EXPECT_FALSE(push(take()));
    // What is in it can still be had.
    EXPECT_EQ(stocks_.pop(zone0, Order{0}, unmovable, cpu0), pfn);
}

TEST_F(StocksTest, GivesBackEachRunOnceToItsOwnOrderTypeAndCpu) {
    stocks_.open(zone0);
    std::set<Pfn> pushed;
    for (int i = 0; i < 40; ++i) {
        const Pfn pfn = take();
        if (push(pfn)) pushed.insert(pfn);
    }
    EXPECT_EQ(pushed.size(), stock_capacity(Order{0}));
    EXPECT_FALSE(stocks_.pop(zone0, Order{1}, unmovable, cpu0));
    EXPECT_FALSE(stocks_.pop(zone0, Order{0}, Migratetype::movable, cpu0));
    EXPECT_FALSE(stocks_.pop(zone0, Order{0}, unmovable, cpu1));
    while (const auto pfn = stocks_.pop(zone0, Order{0}, unmovable, cpu0)) {
        EXPECT_EQ(pushed.erase(*pfn), 1u);
    }
    EXPECT_TRUE(pushed.empty());
}

TEST_F(StocksTest, ADrainMovesWhatEveryCpuHasToTheZone) {
    stocks_.open(zone0);
    for (std::uint8_t order = 0; order <= 3; ++order) {
        for (const CpuId cpu : {cpu0, cpu1}) {
            EXPECT_TRUE(push(take(Order{order}), Order{order}, cpu));
        }
    }
    EXPECT_EQ(machine_.validated().stocked, 2u * 15);
    EXPECT_EQ(machine_.pages.drain(zone0), 8u);
    EXPECT_EQ(machine_.pages.drain(zone0), 0u);
    EXPECT_TRUE(machine_.validated()) << machine_.validated();
    EXPECT_EQ(machine_.validated().free, 4096u);
}

TEST_F(StocksTest, AHeldStockStaysClosedUntilAllHoldersReleaseIt) {
    stocks_.open(zone0);
    stocks_.hold(zone0);
    stocks_.hold(zone0);
    EXPECT_FALSE(stocks_.is_open(zone0));
    stocks_.open(zone0);
    EXPECT_FALSE(stocks_.is_open(zone0));
    stocks_.release(zone0);
    stocks_.open(zone0);
    EXPECT_FALSE(stocks_.is_open(zone0));
    stocks_.release(zone0);
    stocks_.open(zone0);
    EXPECT_TRUE(stocks_.is_open(zone0));
}

TEST(StockState, IsLoweredAsAHintIs) {
    StockState state{StockState::full};
    const StockState begun = state.lowering_begun();
    EXPECT_TRUE(begun.is_occupied());
    EXPECT_FALSE(begun.is_dirty());
    EXPECT_NE(begun.bits, (StockState{StockState::full}.bits & ~StockState::dirty));
    EXPECT_FALSE(begun.lowered().is_occupied());
    EXPECT_NE(begun.lowering_begun().bits, begun.bits);
}

/// Pages of the test, one of them freed into a stock.
TEST(CheckedFree, SeesADoubleFreeIntoAStockWhetherItIsOpenOrClosed) {
    for (const bool closed : {false, true}) {
        Machines machine(plan());
        const auto page = machine.pages.allocate(Request<W>{});
        ASSERT_TRUE(page);
        machine.pages.stocks().open(zone0);
        ASSERT_EQ(machine.pages.free(*page, Order{0}).fault, FreeFault::none);
        ASSERT_TRUE(machine.pages.stocks().holds(zone0, *page));
        if (closed) machine.pages.stocks().close(zone0);
        EXPECT_EQ(machine.pages.free(*page, Order{0}).fault, FreeFault::double_free);
        EXPECT_EQ(machine.pages.free_bulk(std::array{*page}), 0u);
        EXPECT_TRUE(machine.validated()) << machine.validated();
    }
}

TEST(UncheckedFree, LetsTheFaultSinkKnowWhenAStockIsDrained) {
    Machines machine(plan(false));
    std::vector<FreeFault> faults;
    machine.pages.set_fault_sink({[](void* context, Pfn, Order, const FreeOutcome& outcome) {
                                      static_cast<decltype(faults)*>(context)->push_back(
                                          outcome.fault);
                                  },
                                  &faults});
    const auto page = machine.pages.allocate(Request<W>{});
    machine.drain();
    machine.pages.stocks().open(zone0);
    ASSERT_EQ(machine.pages.free(*page, Order{0}).fault, FreeFault::none);
    ASSERT_EQ(machine.pages.free(*page, Order{0}).fault, FreeFault::none);  // unseen
    EXPECT_EQ(machine.validated().problem, Problem::stocked_twice);
    machine.drain();
    EXPECT_EQ(faults, std::vector{FreeFault::double_free});
    EXPECT_TRUE(machine.validated()) << machine.validated();
}

TEST_F(StocksTest, ValidationFindsWhatAStockMustNotHold) {
    stocks_.open(zone0);
    EXPECT_TRUE(push(Pfn{machine_.zone(0).span().first + 7}));
    EXPECT_EQ(machine_.validated().problem, Problem::stocked_free);
    EXPECT_TRUE(stocks_.pop(zone0, Order{0}, unmovable, cpu0));
    EXPECT_TRUE(push(Pfn{5}));
    EXPECT_EQ(machine_.validated().problem, Problem::stocked_foreign);
    EXPECT_TRUE(stocks_.pop(zone0, Order{0}, unmovable, cpu0));
    EXPECT_TRUE(push(take(Order{2}), Order{1}));
    EXPECT_EQ(machine_.validated().problem, Problem::stocked_foreign);
    EXPECT_TRUE(stocks_.pop(zone0, Order{1}, unmovable, cpu0));
    EXPECT_TRUE(machine_.validated());
}

TEST_F(StocksTest, ValidationComparesManagedFramesWithThoseOnline) {
    machine_.zone(0).adjust_managed(-1);
    EXPECT_EQ(machine_.validated().problem, Problem::managed_count);
    machine_.zone(0).adjust_managed(1);
    machine_.zone(0).adjust_present(1);
    EXPECT_EQ(machine_.validated().problem, Problem::managed_count);
}

}  // namespace
}  // namespace anypage
