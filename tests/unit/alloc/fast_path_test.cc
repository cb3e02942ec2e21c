// The fast path: what it serves, what it leaves to the walk, and that it keeps nothing that the
// walk would refuse.
#include "alloc/fast_path.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "protocol/seqlock.hpp"
#include "protocol/snapshot.hpp"
#include "tests/support/interrupting_world.hpp"
#include "tests/support/test_machine.hpp"

namespace anypage {
namespace {

using W = test::InterruptingWorld;
template <class P>
using MachineOf = test::TestMachine<P>;
using Machines = MachineOf<protocol::snapshot<W>>;

constexpr ZoneId normal0{0};
constexpr ZoneId movable0{1};
constexpr ZoneId normal1{2};

test::MachinePlan two_nodes(bool checked = false) {
    W::reset();
    test::MachinePlan plan;
    plan.node_ids = {0, 4};
    plan.cpus = {1, 1};
    plan.zones = {
        {0, ZoneIndex::normal, 8192}, {0, ZoneIndex::movable, 4096}, {1, ZoneIndex::normal, 4096}};
    plan.checked = checked;
    return plan;
}

class FastPathTest : public testing::Test {
protected:
    FastPathTest() {
        for (const ZoneId zone : {normal0, movable0, normal1}) {
            // The second opening gives each stack its limit; after the first the walk does.
            machine_.pages.stocks().open(zone);
            machine_.pages.drain(zone);
            machine_.pages.stocks().open(zone);
        }
    }
    /// Out of the zone, past all stocks.
    Pfn take(ZoneId zone, Order order = {}, Migratetype type = Migratetype::unmovable) {
        return *machine_.zone(zone.value).allocate(order, type, CpuId{0});
    }
    Maybe<Pfn> allocate(const Request<W>& request) { return path_.allocate(request); }
    bool is_free(ZoneId id, Pfn pfn) {
        const auto& zone = machine_.zone(id.value);
        return zone.map().is_free(zone.index_of(pfn));
    }
    /// As this CPU has just found.
    void has_plenty(ZoneId id) {
        auto& zone = machine_.zone(id.value);
        zone.note_free(zone.free_frames(), order_max, CpuId{0});
        ASSERT_TRUE(zone.is_ample_for(order_max, CpuId{0}));
    }

    Machines machine_{two_nodes()};
    FastPath<W> path_ = machine_.pages.fast_path();
};

TEST_F(FastPathTest, GivesWhatItHasKept) {
    const Pfn one = take(normal0);
    const Pfn two = take(normal0, Order{2});
    EXPECT_TRUE(path_.free(one, Order{0}));
    EXPECT_TRUE(path_.free(two, Order{2}));
    EXPECT_EQ(allocate({.order = Order{2}}), two);
    EXPECT_EQ(allocate({}), one);
    EXPECT_EQ(allocate({}), std::nullopt) << "a refill is the walk's";
}

TEST_F(FastPathTest, KeepsTypesNodesAndKindsApart) {
    // A row has the type of what is taken first.
    const Pfn movable = take(movable0, {}, Migratetype::movable);
    const Pfn far = take(normal1);
    EXPECT_TRUE(path_.free(movable, Order{0}));
    EXPECT_TRUE(path_.free(far, Order{0}));
    EXPECT_EQ(allocate({.flags = gfp::KERNEL}), std::nullopt);
    EXPECT_EQ(allocate({.flags = gfp::HIGHUSER_MOVABLE, .node = NodeId{4}}), std::nullopt);
    EXPECT_EQ(allocate({.flags = gfp::HIGHUSER_MOVABLE}), movable);
    EXPECT_EQ(allocate({.flags = gfp::KERNEL, .node = NodeId{4}}), far);
}

TEST_F(FastPathTest, ServesTheNodeOfTheCpu) {
    W::current_cpu = CpuId{1};
    const Pfn far = take(normal1);
    EXPECT_TRUE(path_.free(far, Order{0}));
    W::current_cpu = CpuId{0};
    EXPECT_EQ(allocate({}), std::nullopt);
    W::current_cpu = CpuId{1};
    EXPECT_EQ(allocate({}), far);
}

TEST_F(FastPathTest, LeavesToTheWalkWhatIsNotOrdinary) {
    for (int i = 0; i < 9; ++i) EXPECT_TRUE(path_.free(take(normal0), Order{0}));
    nodemask all;
    all.add(NodeId{0});
    const Cpuset<W> cpuset(all);
    Caller pinning;
    pinning.memalloc_pin = true;
    EXPECT_FALSE(allocate({.allowed = &all}));
    EXPECT_FALSE(allocate({.cpuset = &cpuset}));
    EXPECT_FALSE(allocate({.nolock = true}));
    EXPECT_FALSE(allocate({.caller = pinning}));
    EXPECT_FALSE(allocate({.flags = gfp::KERNEL | gfp::THISNODE}));
    EXPECT_FALSE(allocate({.flags = gfp::KERNEL | gfp::DMA | gfp::DMA32}));
    EXPECT_FALSE(allocate({.order = Order{5}}));
    EXPECT_FALSE(allocate({.order = Order{11}}));
    EXPECT_FALSE(allocate({.order = Order{255}}));
    EXPECT_FALSE(allocate({.node = NodeId{3}}));
    W::refuses = true;
    EXPECT_FALSE(allocate({}));
    W::refuses = false;
    EXPECT_TRUE(allocate({}));
}

TEST_F(FastPathTest, GivesToTheZoneWhatStocksDoNotServe) {
    // Something in every stack that there is.
    for (std::uint8_t order = 0; order <= order_max.value; ++order) {
        const Pfn pfn = take(normal0, Order{order});
        EXPECT_TRUE(path_.free(pfn, Order{order})) << unsigned{order};
        EXPECT_EQ(machine_.pages.stocks().holds(normal0, pfn), Stocks<W>::serves(Order{order}));
        EXPECT_NE(is_free(normal0, pfn), Stocks<W>::serves(Order{order})) << unsigned{order};
    }
    EXPECT_TRUE(path_.free(take(normal0, {}, Migratetype::movable), Order{0}));
    EXPECT_TRUE(path_.free(take(normal0, {}, Migratetype::reclaimable), Order{0}));
    for (std::uint8_t order = 0; order <= order_max.value; ++order) {
        if (Stocks<W>::serves(Order{order})) continue;
        for (const gfp_t flags : {gfp::KERNEL, gfp::KERNEL | gfp::MOVABLE,
                                  gfp::KERNEL | gfp::RECLAIMABLE, gfp::HIGHUSER_MOVABLE}) {
            EXPECT_FALSE(allocate({.flags = flags, .order = Order{order}})) << unsigned{order};
        }
    }
}

TEST_F(FastPathTest, TakesFromAZoneWithPlentyWhatNoStockHas) {
    for (std::uint8_t order = 1; order <= order_max.value; ++order) {
        has_plenty(normal0);
        const auto pfn = allocate({.order = Order{order}});
        ASSERT_TRUE(pfn) << unsigned{order};
        EXPECT_TRUE(machine_.zone(normal0.value).span().contains(*pfn));
        EXPECT_FALSE(is_free(normal0, *pfn));
    }
    has_plenty(normal0);
    EXPECT_FALSE(allocate({})) << "a refill is the walk's";
    machine_.pages.stocks().hold(normal0);
    EXPECT_TRUE(allocate({}));
}

TEST_F(FastPathTest, KeepsNothingThatIsNotAnAllocatedRun) {
    const Pfn run = take(normal0, Order{3});
    EXPECT_FALSE(path_.free(run, Order{2})) << "wrong order";
    EXPECT_FALSE(path_.free(run, Order{4})) << "wrong order";
    EXPECT_FALSE(path_.free(run + 1, Order{0})) << "interior";
    EXPECT_FALSE(path_.free(run + 1, Order{3})) << "unaligned";
    EXPECT_FALSE(path_.free(Pfn{~std::uint64_t{0}}, Order{0})) << "foreign";
    EXPECT_FALSE(path_.free(run, Order{255})) << "no such order";
    EXPECT_TRUE(path_.free(run, Order{3}));
    EXPECT_TRUE(machine_.validated()) << machine_.validated();
}

TEST_F(FastPathTest, TheStocksOfAHeldZoneGetAndGiveNothing) {
    const Pfn pfn = take(normal0);
    const Pfn kept = take(normal0);
    EXPECT_TRUE(path_.free(kept, Order{0}));
    machine_.pages.stocks().hold(normal0);
    EXPECT_TRUE(path_.free(pfn, Order{0}));
    EXPECT_TRUE(is_free(normal0, pfn));
    EXPECT_FALSE(path_.free(pfn, Order{0})) << "twice";
    EXPECT_FALSE(allocate({}));
    has_plenty(normal0);
    const auto other = allocate({});
    ASSERT_TRUE(other);
    EXPECT_NE(*other, kept);
}

TEST_F(FastPathTest, AFullStockOfSingleFramesIsLeftToTheWalk) {
    unsigned kept = 0;
    Pfn last = take(normal0);
    for (; path_.free(last, Order{0}); last = take(normal0)) ++kept;
    const auto& zone = machine_.zone(normal0.value);
    EXPECT_EQ(kept, StockSize::of(zone.managed(), zone.mark(Watermark::low), 1)
                        .first_limit(Order{0}, Stocks<W>::capacity(Order{0})));
    EXPECT_FALSE(path_.free(last, Order{0})) << "it makes room for many";
    EXPECT_FALSE(is_free(normal0, last));
}

TEST_F(FastPathTest, AStackThatHasNoLimitYetIsLeftToTheWalk) {
    Machines machine(two_nodes());
    const FastPath<W> path = machine.pages.fast_path();
    for (const Order order : {Order{0}, Order{1}}) {
        const Pfn first = *machine.zone(0).allocate(order, Migratetype::unmovable, CpuId{0});
        const Pfn second = *machine.zone(0).allocate(order, Migratetype::unmovable, CpuId{0});
        machine.pages.stocks().open(normal0);
        EXPECT_FALSE(path.free(first, order));
        EXPECT_EQ(machine.pages.free(first, order).fault, FreeFault::none);
        EXPECT_TRUE(machine.pages.stocks().holds(normal0, first));
        EXPECT_TRUE(path.free(second, order)) << "now it has one";
        EXPECT_EQ(path.allocate({.order = order}), second);
    }
}

TEST_F(FastPathTest, AZoneThatHasGoneGivesNothingAndItsNodeIsServedByTheNext) {
    const Pfn far = take(normal1);
    ASSERT_TRUE(machine_.hotplug.offline_node(NodeId{0}, 0));
    EXPECT_TRUE(path_.free(far, Order{0}));
    EXPECT_EQ(allocate({}), far) << "the list of node 0 now begins at node 4";
    ASSERT_TRUE(machine_.hotplug.online(machine_.section(0, 0), 0));
    EXPECT_TRUE(path_.free(far, Order{0}));
    EXPECT_EQ(allocate({}), std::nullopt);
    EXPECT_EQ(allocate({.node = NodeId{4}}), far);
}

TEST(FastPath, IsNotForCheckedFreesNorForProtocolsWithoutRoutes) {
    Machines checked(two_nodes(true));
    checked.pages.stocks().open(normal0);
    const auto pfn = checked.pages.allocate({});
    ASSERT_TRUE(pfn);
    EXPECT_FALSE(checked.pages.fast_path().free(*pfn, Order{0}));

    MachineOf<protocol::seqlock<W>> locked(two_nodes());
    locked.pages.stocks().open(normal0);
    const auto other = locked.pages.allocate({});
    ASSERT_TRUE(other);
    EXPECT_FALSE(locked.pages.fast_path().free(*other, Order{0}));
    EXPECT_FALSE(locked.pages.fast_path().allocate({}));
}

}  // namespace
}  // namespace anypage
