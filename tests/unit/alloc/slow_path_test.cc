// The slow path: which hook is asked when, who gives up where, and what makes it start over.
#include "alloc/slow_path.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "protocol/all.hpp"
#include "tests/support/interrupting_world.hpp"
#include "tests/support/test_machine.hpp"

namespace anypage {
namespace {

using test::Hang;
using test::InterruptingWorld;
using test::MachinePlan;
using W = InterruptingWorld;
using Snapshot = protocol::snapshot<W>;

/// Hooks that count, and do what the test says.
struct Hooks {
    unsigned reclaims = 0;
    unsigned compactions = 0;
    unsigned wakes = 0;
    unsigned ooms = 0;
    unsigned warnings = 0;
    std::function<std::uint64_t()> on_reclaim = [] { return std::uint64_t{0}; };
    std::function<CompactResult()> on_compact;
    std::function<bool()> on_oom = [] { return false; };
    std::uint64_t reclaimable = 0;

    ReclaimHooks hooks() {
        ReclaimHooks table;
        table.context = this;
        table.direct_reclaim = [](void* self, const ReclaimControl&) {
            ++me(self).reclaims;
            return me(self).on_reclaim();
        };
        if (on_compact) {
            table.direct_compact = [](void* self, const ReclaimControl&) {
                ++me(self).compactions;
                return me(self).on_compact();
            };
        }
        table.wake_kswapd = [](void* self, NodeId, Order, ZoneIndex) { ++me(self).wakes; };
        table.reclaimable = [](void* self, NodeId, ZoneIndex) { return me(self).reclaimable; };
        table.out_of_memory = [](void* self, const ReclaimControl&) {
            ++me(self).ooms;
            return me(self).on_oom();
        };
        table.warn = [](void* self, const ReclaimControl&) { ++me(self).warnings; };
        return table;
    }
    static Hooks& me(void* self) { return *static_cast<Hooks*>(self); }
};

/// A machine of one zone of which nothing is left but what a test frees, and perhaps another node
/// that is offline at first.
template <class P>
struct Rig {
    explicit Rig(Hooks& hooks, bool other_node = false, CheckSites sites = CheckSites::three)
        : machine((W::reset(), plan(hooks, other_node, sites))) {
        while (const auto pfn =
                   machine.zone(0).allocate(Order{0}, Migratetype::movable, CpuId{0})) {
            all.push_back(*pfn);
        }
    }
    static MachinePlan plan(Hooks& hooks, bool other_node, CheckSites sites) {
        MachinePlan plan;
        plan.zones = {{0, ZoneIndex::normal, 1024}};
        if (other_node) {
            plan.node_ids = {0, 1};
            plan.zones.push_back({1, ZoneIndex::normal, 1024, 0});
        }
        plan.hooks = hooks.hooks();
        plan.kernel.check_sites = sites;
        return plan;
    }
    std::uint64_t free(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_EQ(machine.pages.free(all.back(), Order{0}).fault, FreeFault::none);
            all.pop_back();
        }
        return count;
    }
    bool online() { return machine.hotplug.online(machine.zone(1).span(), 0).has_value(); }
    /// Did it get a page? What became of it is in `trace`.
    bool ask(gfp_t flags, unsigned order = 0, const Caller& caller = {}) {
        Request<W> request;
        request.flags = flags;
        request.order = Order{static_cast<std::uint8_t>(order)};
        request.caller = caller;
        request.trace = &trace;
        request.cpuset = cpuset;
        trace = {};
        return machine.pages.allocate(request).has_value();
    }

    test::TestMachine<P> machine;
    std::vector<Pfn> all;
    RequestTrace trace;
    const Cpuset<W>* cpuset = nullptr;
};

TEST(SlowPath, IsNotTakenWhileThereIsEnough) {
    Hooks hooks;
    Rig<Snapshot> rig(hooks);
    rig.free(1024);
    EXPECT_TRUE(rig.ask(gfp::KERNEL));
    EXPECT_FALSE(rig.trace.slow_path);
    EXPECT_EQ(hooks.wakes + hooks.reclaims, 0u);
}

TEST(SlowPath, WithoutDirectReclaimWakesKswapdAndFails) {
    Hooks hooks;
    Rig<Snapshot> rig(hooks);
    EXPECT_FALSE(rig.ask(gfp::ATOMIC));
    EXPECT_TRUE(rig.trace.slow_path);
    EXPECT_EQ(hooks.wakes, 2u);  // at restart and at retry
    EXPECT_EQ(hooks.reclaims + hooks.ooms, 0u);
    EXPECT_EQ(hooks.warnings, 1u);
    EXPECT_FALSE(rig.ask(gfp::NOWAIT));
    EXPECT_EQ(hooks.warnings, 1u);  // NOWARN
    EXPECT_FALSE(rig.ask(gfp_t{}));
    EXPECT_EQ(hooks.wakes, 4u);  // no KSWAPD_RECLAIM, no wake
}

TEST(SlowPath, TakesWhatDirectReclaimFrees) {
    Hooks hooks;
    Rig<Snapshot> rig(hooks);
    hooks.on_reclaim = [&] { return rig.free(200); };
    EXPECT_TRUE(rig.ask(gfp::KERNEL));
    EXPECT_EQ(hooks.reclaims, 1u);
    EXPECT_EQ(rig.trace.reclaims, 1u);
    EXPECT_EQ(hooks.ooms, 0u);
}

TEST(SlowPath, WithNoretryGivesUpAfterOneReclaim) {
    Hooks hooks;
    Rig<Snapshot> rig(hooks);
    hooks.on_reclaim = [] { return std::uint64_t{1}; };
    hooks.reclaimable = 100000;
    EXPECT_FALSE(rig.ask(gfp::KERNEL | gfp::NORETRY));
    EXPECT_EQ(hooks.reclaims, 1u);
    EXPECT_EQ(hooks.ooms, 0u);
}

TEST(SlowPath, GivesUpOnCostlyOrdersUnlessTheyMayRetryAndCompact) {
    for (const bool mayfail : {false, true}) {
        Hooks hooks;
        hooks.on_compact = [] { return CompactResult::continues; };
        Rig<Snapshot> rig(hooks);
        rig.free(40);  // there is a run, but it is kept back
        hooks.reclaimable = 100000;
        const gfp_t flags = mayfail ? gfp::KERNEL | gfp::RETRY_MAYFAIL : gfp::KERNEL;
        EXPECT_FALSE(rig.ask(flags, 4));
        // The first compaction comes before any reclaim.
        EXPECT_EQ(hooks.compactions, hooks.reclaims + 1);
        EXPECT_EQ(hooks.reclaims, mayfail ? 17u : 1u);
        EXPECT_EQ(hooks.ooms, 0u);
    }
}

TEST(SlowPath, TriesAgainSixteenTimesWithoutProgressWhileReclaimCouldHelp) {
    Hooks hooks;
    Rig<Snapshot> rig(hooks);
    hooks.reclaimable = 100000;
    EXPECT_FALSE(rig.ask(gfp::KERNEL));
    EXPECT_EQ(hooks.reclaims, 17u);
    EXPECT_EQ(hooks.ooms, 1u);
    hooks.reclaims = 0;
    hooks.reclaimable = 0;  // nothing to hope for
    EXPECT_FALSE(rig.ask(gfp::KERNEL));
    EXPECT_EQ(hooks.reclaims, 1u);
}

TEST(SlowPath, AsksOutOfMemoryOnlyForThoseWhomItHelps) {
    const auto ooms = [](gfp_t flags, unsigned order = 0, const Caller& caller = {}) {
        Hooks hooks;
        Rig<Snapshot> rig(hooks);
        EXPECT_FALSE(rig.ask(flags, order, caller));
        return hooks.ooms;
    };
    EXPECT_EQ(ooms(gfp::KERNEL), 1u);
    EXPECT_EQ(ooms(gfp::KERNEL, 3), 1u);
    EXPECT_EQ(ooms(gfp::KERNEL, 4), 0u);
    EXPECT_EQ(ooms(gfp::KERNEL | gfp::RETRY_MAYFAIL), 0u);
    EXPECT_EQ(ooms(gfp::KERNEL | gfp::THISNODE), 0u);
    EXPECT_EQ(ooms(gfp::KERNEL | gfp::NORETRY), 0u);
    EXPECT_EQ(ooms(gfp::KERNEL, 0, {.dying = true}), 0u);
    EXPECT_EQ(ooms(gfp::KERNEL, 0, {.memalloc = true}), 0u);
    EXPECT_EQ(ooms(gfp::ATOMIC), 0u);
}

TEST(SlowPath, GoesOnAfterOutOfMemoryHasFreedSomething) {
    Hooks hooks;
    Rig<Snapshot> rig(hooks);
    hooks.on_oom = [&] { return rig.free(300) != 0; };
    EXPECT_TRUE(rig.ask(gfp::KERNEL));
    EXPECT_EQ(hooks.ooms, 1u);
    EXPECT_EQ(hooks.reclaims, 1u);
}

TEST(SlowPath, WithNofailReturnsOnlyWithAPage) {
    Hooks hooks;
    Rig<Snapshot> rig(hooks);
    hooks.on_reclaim = [&] { return hooks.reclaims < 40 ? 0 : rig.free(100); };
    EXPECT_TRUE(rig.ask(gfp::KERNEL | gfp::NOFAIL));
    EXPECT_GE(hooks.reclaims, 1u);
    EXPECT_EQ(hooks.warnings, 0u);
    // While nobody frees, it goes on for ever.
    Hooks none;
    Rig<Snapshot> hopeless(none);
    none.on_reclaim = [&]() -> std::uint64_t {
        if (none.reclaims > 1000) throw Hang{"reclaims for ever"};
        return 0;
    };
    EXPECT_THROW(hopeless.ask(gfp::KERNEL | gfp::NOFAIL), Hang);
}

TEST(SlowPath, AReclaimerThatAllocatesDoesNotReclaim) {
    Hooks hooks;
    Rig<Snapshot> rig(hooks);
    rig.free(3);
    // May use everything; three pages are there.
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(rig.ask(gfp::KERNEL, 0, {.memalloc = true}));
    EXPECT_FALSE(rig.ask(gfp::KERNEL, 0, {.memalloc = true}));
    EXPECT_EQ(hooks.reclaims, 0u);
}

TEST(SlowPath, AHookMayAllocateAndFreeItself) {
    Hooks hooks;
    Rig<Snapshot> rig(hooks);
    rig.free(5);
    hooks.on_reclaim = [&] {
        Request<W> inner;
        inner.flags = gfp::KERNEL;
        inner.caller.memalloc = true;
        const auto page = rig.machine.pages.allocate(inner);
        EXPECT_TRUE(page.has_value());
        EXPECT_EQ(rig.machine.pages.free(*page, Order{0}).fault, FreeFault::none);
        return rig.free(200);
    };
    EXPECT_TRUE(rig.ask(gfp::KERNEL));
}

TEST(SlowPath, CompactsBeforeItReclaimsForARunThatIsCostlyOrUnmovable) {
    const auto first = [](gfp_t flags, unsigned order) {
        Hooks hooks;
        std::string calls;
        hooks.on_compact = [&] { return calls += 'c', CompactResult::skipped; };
        Rig<Snapshot> rig(hooks);
        hooks.on_reclaim = [&] { return calls += 'r', std::uint64_t{0}; };
        EXPECT_FALSE(rig.ask(flags | gfp::NORETRY, order));
        return calls;
    };
    EXPECT_EQ(first(gfp::KERNEL, 0), "r");
    EXPECT_EQ(first(gfp::KERNEL, 2), "crc");
    EXPECT_EQ(first(gfp::HIGHUSER_MOVABLE, 2), "rc");
    EXPECT_EQ(first(gfp::HIGHUSER_MOVABLE, 5), "c");  // costly, NORETRY, skipped: hopeless
    EXPECT_EQ(first(gfp::NOIO, 2), "rc");             // compaction may do IO
}

// Starting over.

TEST(Restart, WithSnapshotComesOnceAndFindsTheZoneThatCameMeanwhile) {
    Hooks hooks;
    Rig<Snapshot> rig(hooks, true);
    hooks.on_reclaim = [&] { return rig.online(), std::uint64_t{0}; };
    EXPECT_TRUE(rig.ask(gfp::KERNEL | gfp::NORETRY));
    EXPECT_EQ(rig.trace.restarts, 1u);
    EXPECT_EQ(hooks.reclaims, 1u);
}

TEST(Restart, WithSnapshotIsNotRepeatedForEver) {
    Hooks hooks;
    Rig<Snapshot> rig(hooks);
    hooks.on_reclaim = [&] { return rig.machine.hotplug.rebuild_now(0), std::uint64_t{0}; };
    EXPECT_FALSE(rig.ask(gfp::KERNEL));
    EXPECT_EQ(rig.trace.restarts, 1u);
    EXPECT_EQ(hooks.reclaims, 2u);
}

TEST(Restart, WithSeqlockComesWheneverTheNumberHasMoved) {
    Hooks hooks;
    Rig<protocol::seqlock_irqsave<W>> rig(hooks, true);
    hooks.on_reclaim = [&] {
        if (hooks.reclaims == 3) rig.online();
        if (hooks.reclaims < 3) rig.machine.hotplug.rebuild_now(0);
        return std::uint64_t{0};
    };
    EXPECT_TRUE(rig.ask(gfp::KERNEL | gfp::NORETRY));
    EXPECT_EQ(rig.trace.restarts, 3u);
}

TEST(Restart, WithoutACheckTheZoneThatCameIsMissed) {
    Hooks hooks;
    Rig<protocol::unchecked<W>> rig(hooks, true);
    hooks.on_reclaim = [&] { return rig.online(), std::uint64_t{0}; };
    EXPECT_FALSE(rig.ask(gfp::KERNEL | gfp::NORETRY));
    EXPECT_EQ(rig.trace.restarts, 0u);
}

TEST(Restart, ComesWhenTheCpusetChangesInsideOfAHook) {
    for (const CheckSites sites : {CheckSites::two, CheckSites::three}) {
        Hooks hooks;
        Rig<Snapshot> rig(hooks, true, sites);
        ASSERT_TRUE(rig.online());
        nodemask near;
        near.add(NodeId{0});
        nodemask far;
        far.add(NodeId{1});
        Cpuset<W> cpuset(near);
        rig.cpuset = &cpuset;
        hooks.on_reclaim = [&] {
            if (hooks.reclaims == 1) cpuset.update(far);
            return std::uint64_t{0};
        };
        EXPECT_TRUE(rig.ask(gfp::KERNEL));
        EXPECT_EQ(rig.trace.restarts, 1u);
        EXPECT_EQ(hooks.ooms, 0u);
    }
}

TEST(Restart, ASecondRequestThatFindsTheOomLockTakenWaitsForTheFirst) {
    Hooks hooks;
    Rig<Snapshot> rig(hooks);
    bool inner = false;
    W::on_tick = [&] { rig.free(300); };
    hooks.on_oom = [&] {
        inner = rig.ask(gfp::KERNEL);
        return false;
    };
    EXPECT_TRUE(rig.ask(gfp::KERNEL) || inner);
    EXPECT_TRUE(inner);
    EXPECT_EQ(hooks.ooms, 1u);
    EXPECT_EQ(W::ticks, 1u);
}

}  // namespace
}  // namespace anypage
