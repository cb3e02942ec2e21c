// Stocks: pop, push, drain, hold; what a checked free sees of them; and validation of an allocator.
#include "alloc/stock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
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
        W::current_cpu = cpu;
        const bool pushed = stocks_.push(zone0, pfn, order, unmovable, cpu);
        W::current_cpu = cpu0;
        return pushed;
    }
    std::optional<Pfn> pop(Order order = {}, Migratetype type = unmovable, CpuId cpu = cpu0) {
        W::current_cpu = cpu;
        const auto pfn = stocks_.pop(zone0, order, type, cpu);
        W::current_cpu = cpu0;
        return pfn;
    }

    unsigned first_limit(Order order = {}) {
        const auto& zone = machine_.zone(0);
        return StockSize::of(zone.managed(), zone.mark(Watermark::low), 2)
            .first_limit(order, Stocks<W>::capacity(order));
    }
    Refill refill() {
        std::array<Pfn, Stocks<W>::refill_most> pages;
        return stocks_.refill(zone0, pages, unmovable, cpu0, [&](std::span<Pfn> wanted) {
            for (Pfn& each : wanted) each = take();
            return wanted.size();
        });
    }
    /// Frames that went in, until it was full; and those that came out, until it was empty.
    unsigned fill() {
        unsigned pushed = 0;
        while (push(take())) ++pushed;
        return pushed;
    }
    unsigned empty() {
        unsigned popped = 0;
        while (pop()) ++popped;
        return popped;
    }

    Machines machine_{plan()};
    Stocks<W>& stocks_ = machine_.pages.stocks();
};

TEST(StockGate, CountsOpeningsAndHolds) {
    StockGate gate;
    EXPECT_EQ(gate.state(), StockGate::empty);
    for (std::uint64_t opening = 1; opening < 5; ++opening) {
        gate = gate.opened();
        EXPECT_EQ(gate.state(), StockGate::open);
        EXPECT_EQ(gate.opening(), opening);
        EXPECT_FALSE(gate.is_held());
        gate = gate.held().held();
        EXPECT_EQ(gate.state(), StockGate::closed);
        EXPECT_TRUE(gate.released().is_held());
        gate = gate.in(StockGate::sealed).released().released();
        EXPECT_EQ(gate.state(), StockGate::sealed);
        EXPECT_EQ(gate.opening(), opening);
        EXPECT_FALSE(gate.is_held());
    }
}

TEST(StackWord, CountsUnderItsMarkAndLimit) {
    const StackWord word{StackWord::marked(7, 113).bits + 3};
    EXPECT_EQ(word.mark(), 7u);
    EXPECT_EQ(word.limit(), 113u);
    EXPECT_EQ(word.count(), 3u);
    EXPECT_EQ(word.less_one().mark(), 7u);
    EXPECT_EQ(word.less_one().limit(), 113u);
    EXPECT_EQ(word.less_one().count(), 2u);
}

TEST_F(StocksTest, AClosedStockTakesNothingAndGivesNothing) {
    const Pfn pfn = take();
    EXPECT_FALSE(push(pfn));
    stocks_.open(zone0);
    EXPECT_TRUE(push(pfn));
    stocks_.close(zone0);
    EXPECT_FALSE(push(take()));
    EXPECT_FALSE(pop());
    stocks_.open(zone0);
    EXPECT_EQ(pop(), pfn);
}

TEST_F(StocksTest, WhereSectionsAreRefusedNothingIsStocked) {
    stocks_.open(zone0);
    W::refuses = true;
    EXPECT_FALSE(push(take()));
    EXPECT_FALSE(pop());
    W::reset();
    Machines without = [] {
        const MachinePlan refusing = plan();
        W::refuses = true;
        return Machines(refusing);
    }();
    without.pages.stocks().open(zone0);
    EXPECT_FALSE(without.pages.stocks().is_open(zone0));
    EXPECT_EQ(without.pages.drain(zone0), 0u);
}

TEST_F(StocksTest, GivesBackEachRunOnceToItsOwnOrderTypeAndCpu) {
    stocks_.open(zone0);
    std::set<Pfn> pushed;
    for (unsigned i = 0; i < Stocks<W>::capacity(Order{0}) + 18; ++i) {
        const Pfn pfn = take();
        if (push(pfn)) pushed.insert(pfn);
    }
    EXPECT_EQ(pushed.size(), first_limit()) << "nothing was refilled";
    EXPECT_FALSE(pop(Order{1}));
    EXPECT_FALSE(pop(Order{0}, Migratetype::movable));
    EXPECT_FALSE(pop(Order{0}, unmovable, cpu1));
    while (const auto pfn = pop()) EXPECT_EQ(pushed.erase(*pfn), 1u);
    EXPECT_TRUE(pushed.empty());
}

TEST_F(StocksTest, RefillsGrowWithTheLimitUntilAShortageEndsThat) {
    const unsigned places = Stocks<W>::capacity(Order{0});
    stocks_.open(zone0);
    EXPECT_EQ(fill(), first_limit());
    EXPECT_LT(first_limit(), places);
    for (unsigned limit = first_limit(); limit < places;) {
        empty();
        limit = std::min(2 * limit, places);
        const Refill refilled = refill();
        EXPECT_EQ(refilled.taken, limit / 2);
        EXPECT_EQ(refilled.placed, limit / 2);
        EXPECT_EQ(fill(), limit - (limit / 2 - 1));
    }
    EXPECT_EQ(empty(), places);
    EXPECT_EQ(refill().taken, Stocks<W>::refill_most);
    machine_.pages.drain(zone0);
    stocks_.open(zone0);
    EXPECT_EQ(fill(), first_limit());
}

TEST_F(StocksTest, ARefillThatIsRefusedPlacesTheCallersFrameAlone) {
    stocks_.open(zone0);
    W::current_cpu = cpu1;
    const Refill refilled = refill();  // of the stock of cpu0
    W::current_cpu = cpu0;
    EXPECT_GT(refilled.taken, 1u);
    EXPECT_EQ(refilled.placed, 1u) << "on another CPU by now";
}

TEST_F(StocksTest, ASpillTakesAThirdOutOfAFullStock) {
    stocks_.open(zone0);
    const unsigned before = fill();
    std::array<Pfn, Stocks<W>::spill_most> pages;
    const auto spilled = stocks_.spill(zone0, pages, unmovable, cpu0);
    EXPECT_EQ(spilled.size(), before / 3);
    for (const Pfn each : spilled) EXPECT_FALSE(stocks_.holds(zone0, each));
    EXPECT_EQ(empty(), before - spilled.size());
}

TEST_F(StocksTest, ADrainMovesWhatEveryCpuHasToTheZone) {
    stocks_.open(zone0);
    std::uint64_t frames = 0;
    std::size_t runs = 0;
    for (std::uint8_t order = 0; order <= order_max.value; ++order) {
        if (!Stocks<W>::serves({order})) continue;
        for (const CpuId cpu : {cpu0, cpu1}) {
            const Pfn pfn = take(Order{order});
            if (first_limit(Order{order}) == 0) {  // as the zone is so small
                EXPECT_FALSE(push(pfn, Order{order}, cpu));
                EXPECT_EQ(machine_.zone(0).free(pfn, Order{order}, cpu).fault, FreeFault::none);
                continue;
            }
            EXPECT_TRUE(push(pfn, Order{order}, cpu));
            frames += Order{order}.frames();
            ++runs;
        }
    }
    EXPECT_EQ(machine_.validated().stocked, frames);
    EXPECT_EQ(machine_.pages.drain(zone0), runs);
    EXPECT_EQ(machine_.pages.drain(zone0), 0u);
    EXPECT_TRUE(machine_.validated()) << machine_.validated();
    EXPECT_EQ(machine_.validated().free, 4096u);
}

TEST_F(StocksTest, ADrainedStockOpensAgain) {
    for (int i = 0; i < 3; ++i) {
        stocks_.open(zone0);
        EXPECT_TRUE(push(take()));
        EXPECT_EQ(machine_.pages.drain(zone0), 1u);
        EXPECT_FALSE(stocks_.is_open(zone0));
        EXPECT_FALSE(stocks_.is_sealed(zone0));
    }
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

/// Where ids of CPUs are left out, some are above their number.
TEST(Stocks, ACpuWithoutOneLeavesThoseOfTheNextZoneAlone) {
    MachinePlan two_zones = plan(false);
    two_zones.zones = {{0, ZoneIndex::normal, 4096}, {0, ZoneIndex::movable, 4096}};
    Machines machine(two_zones);
    Stocks<W>& stocks = machine.pages.stocks();
    std::vector<Pfn> pages;
    const auto take = [&] {
        const auto page = machine.pages.allocate(Request<W>{});
        ASSERT_TRUE(page);
        ASSERT_TRUE(machine.zone(0).span().contains(*page));
        pages.push_back(*page);
    };
    for (const CpuId cpu : {cpu0, CpuId{stocks.cpu_limit()}}) {
        W::current_cpu = cpu;
        for (int i = 0; i < 300; ++i) take();
        ASSERT_TRUE(stocks.is_open(zone0));
    }
    const auto stocked = [&](ZoneId zone) {
        std::size_t runs = 0;
        stocks.for_each_run(zone, [&](Pfn, Order) { ++runs; });
        return runs;
    };
    const std::size_t before = stocked(zone0);
    for (const Pfn each : pages) EXPECT_EQ(machine.pages.free(each, {}).fault, FreeFault::none);
    EXPECT_EQ(stocked(zone0), before);
    EXPECT_EQ(stocked(ZoneId{1}), 0u);
    W::current_cpu = cpu0;
    EXPECT_TRUE(machine.validated()) << machine.validated();
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
    EXPECT_TRUE(pop());
    EXPECT_TRUE(push(Pfn{5}));
    EXPECT_EQ(machine_.validated().problem, Problem::stocked_foreign);
    EXPECT_TRUE(pop());
    EXPECT_TRUE(push(take(Order{2}), Order{1}));
    EXPECT_EQ(machine_.validated().problem, Problem::stocked_foreign);
    EXPECT_TRUE(pop(Order{1}));
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
