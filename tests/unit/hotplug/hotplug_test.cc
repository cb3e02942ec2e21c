// Hotplug: the order of its steps, its notifiers, vetoes, blockers, shortages, rebuilds, and
// misuse.
#include "hotplug/hotplug.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <string>

#include "protocol/all.hpp"
#include "tests/support/interrupting_world.hpp"
#include "tests/support/test_machine.hpp"

namespace anypage {
namespace {

using test::InterruptingWorld;
using test::MachinePlan;
using W = InterruptingWorld;
using P = protocol::snapshot<W>;

/// A machine that writes down what it is told and asked.
struct Rig {
    explicit Rig(MachinePlan wanted = plan()) : machine(with_hooks(std::move(wanted))) {
        notifier.call = [](void* self, const MemoryNotice& notice) {
            return static_cast<Rig*>(self)->hear(notice);
        };
        notifier.context = this;
        machine.hotplug.add_notifier(notifier);
        log.clear();
    }
    /// Two nodes; the movable zone of the second is one section, offline.
    static MachinePlan plan() {
        W::reset();
        MachinePlan plan;
        plan.node_ids = {0, 7};
        plan.zones = {{0, ZoneIndex::normal, 2048},
                      {1, ZoneIndex::normal, 1024},
                      {1, ZoneIndex::movable, 512, 0}};
        return plan;
    }
    MachinePlan with_hooks(MachinePlan plan) {
        plan.hotplug.memory = {
            this,
            [](void* self, ZoneId, PfnRange) {
                static_cast<Rig*>(self)->log += "populate;";
                return !static_cast<Rig*>(self)->shortage;
            },
            [](void* self, ZoneId, PfnRange) { static_cast<Rig*>(self)->log += "release;"; }};
        plan.hotplug.probe = {[](void* self) { static_cast<Rig*>(self)->log += "rebuild;"; }, this};
        return plan;
    }
    bool hear(const MemoryNotice& notice) {
        log += to_string(notice.event);
        log += ';';
        last = notice;
        if (on_notice) on_notice(notice);
        return to_string(notice.event) != veto;
    }
    bool online(PfnRange range) { return machine.hotplug.online(range, 0).has_value(); }
    result<OfflineReport> offline(PfnRange range, unsigned ticks = 0) {
        return machine.hotplug.offline(range, ticks);
    }
    Pfn take(std::uint32_t zone, unsigned order) {
        return *machine.zone(zone).allocate(Order{static_cast<std::uint8_t>(order)},
                                            Migratetype::movable, CpuId{0});
    }

    std::string log;
    std::string veto;
    bool shortage = false;
    MemoryNotice last{};
    std::function<void(const MemoryNotice&)> on_notice;
    test::TestMachine<P> machine;
    Notifier notifier;
};

TEST(Hotplug, OnlineOfAnEmptyZoneTakesItsStepsInOrder) {
    Rig rig;
    const PfnRange section = rig.machine.section(2, 0);
    rig.on_notice = [&](const MemoryNotice& notice) {
        const auto& zone = rig.machine.zone(2);
        const bool done = notice.event == MemoryEvent::online;
        EXPECT_EQ(zone.managed(), done ? 512u : 0u);
        EXPECT_EQ(zone.present(), done ? 512u : 0u);
        EXPECT_EQ(zone.free_frames(), done ? 512 : 0);
        EXPECT_EQ(zone.mark(Watermark::low) > 32, done);
    };
    ASSERT_TRUE(rig.online(section));
    EXPECT_EQ(rig.log, "going online;populate;rebuild;online;");
    EXPECT_EQ(rig.last.node, NodeId{7});
    EXPECT_EQ(rig.last.zone, ZoneIndex::movable);
    EXPECT_EQ(rig.last.range, section);
    EXPECT_TRUE(rig.machine.validated()) << rig.machine.validated();
}

TEST(Hotplug, OfflineThatEmptiesAZoneTakesItsStepsInOrder) {
    Rig rig;
    ASSERT_TRUE(rig.online(rig.machine.section(2, 0)));
    rig.log.clear();
    rig.on_notice = [&](const MemoryNotice& notice) {
        const bool done = notice.event == MemoryEvent::offline;
        EXPECT_EQ(rig.machine.zone(2).managed(), done ? 0u : 512u);
        EXPECT_FALSE(rig.machine.pages.stocks().is_open(ZoneId{2}));
        // Isolated: nobody is given anything from it.
        EXPECT_FALSE(rig.machine.zone(2).allocate(Order{0}, Migratetype::movable, CpuId{0}));
    };
    const auto report = rig.offline(rig.machine.section(2, 0));
    ASSERT_TRUE(report);
    EXPECT_EQ(report->offlined, 512u);
    EXPECT_EQ(report->left, 0u);
    EXPECT_FALSE(report->rebuild_pending);
    EXPECT_EQ(rig.log, "going offline;rebuild;offline;release;");
    EXPECT_EQ(rig.machine.pages.free(rig.machine.section(2, 0).first, Order{0}).fault,
              FreeFault::foreign);
    EXPECT_TRUE(rig.machine.validated()) << rig.machine.validated();
}

TEST(Hotplug, RebuildsOnlyWhenAZoneBecomesEmptyOrCeasesToBe) {
    Rig rig;
    const std::uint64_t before = rig.machine.hotplug.rebuilds();
    ASSERT_EQ(rig.offline(rig.machine.section(1, 0))->left, 0u);
    EXPECT_EQ(rig.machine.hotplug.rebuilds(), before);
    ASSERT_EQ(rig.offline(rig.machine.section(1, 1))->left, 0u);
    EXPECT_EQ(rig.machine.hotplug.rebuilds(), before + 1);
    ASSERT_TRUE(rig.online(rig.machine.section(1, 1)));
    EXPECT_EQ(rig.machine.hotplug.rebuilds(), before + 2);
    ASSERT_TRUE(rig.online(rig.machine.section(1, 0)));
    EXPECT_EQ(rig.machine.hotplug.rebuilds(), before + 2);
}

TEST(Hotplug, AVetoChangesNothingAndIsCancelled) {
    Rig rig;
    rig.veto = "going online";
    const auto online = rig.machine.hotplug.online(rig.machine.section(2, 0), 0);
    EXPECT_EQ(online.error(), error::vetoed);
    EXPECT_EQ(rig.log, "going online;cancel online;");
    rig.log.clear();
    rig.veto = "going offline";
    const auto offline = rig.offline(rig.machine.section(0, 0, 2048));
    ASSERT_FALSE(offline);
    EXPECT_EQ(offline.error(), error::vetoed);
    EXPECT_EQ(rig.log, "going offline;cancel offline;");
    EXPECT_EQ(rig.machine.zone(0).free_frames(), 2048);
    EXPECT_EQ(rig.machine.zone(0).allocate(order_max, Migratetype::movable, CpuId{0}).has_value(),
              true);
    EXPECT_TRUE(rig.machine.validated()) << rig.machine.validated();
}

TEST(Hotplug, AVetoOfALaterSectionLeavesThatSection) {
    Rig rig;
    rig.on_notice = [&](const MemoryNotice& notice) {
        rig.veto = notice.range.first == rig.machine.section(0, 2).first ? "going offline" : "";
    };
    const auto report = rig.offline(rig.machine.section(0, 0, 2048));
    ASSERT_TRUE(report);
    EXPECT_EQ(report->offlined, 1536u);
    EXPECT_EQ(report->left, 512u);
    EXPECT_EQ(report->blocker_count, 0u);
}

TEST(Hotplug, NotifiersAreAskedInOrderAndNotAfterAVeto) {
    Rig rig;
    std::string later;
    Notifier second{[](void* text, const MemoryNotice& notice) {
                        *static_cast<std::string*>(text) += to_string(notice.event);
                        return true;
                    },
                    &later};
    rig.machine.hotplug.add_notifier(second);
    rig.veto = "going online";
    EXPECT_FALSE(rig.online(rig.machine.section(2, 0)));
    EXPECT_EQ(later, "cancel online");
    later.clear();
    rig.machine.hotplug.remove_notifier(rig.notifier);
    EXPECT_TRUE(rig.online(rig.machine.section(2, 0)));
    EXPECT_EQ(later, "going onlineonline");
    rig.machine.hotplug.remove_notifier(second);
    EXPECT_EQ(rig.offline(rig.machine.section(2, 0))->left, 0u);
    EXPECT_EQ(later, "going onlineonline");
}

TEST(Hotplug, APageInUseIsNamedAndItsSectionStaysWhileTheOthersGo) {
    Rig rig;
    std::vector<Pfn> pages;
    for (int i = 0; i < 256; ++i) pages.push_back(rig.take(0, 3));
    const Pfn first = rig.machine.zone(0).span().first;
    for (const Pfn pfn : pages) {
        if (pfn == first + 520 || pfn == first + 1016) continue;
        ASSERT_EQ(rig.machine.pages.free(pfn, Order{3}).fault, FreeFault::none);
    }
    const auto report = rig.offline(rig.machine.section(0, 0, 2048));
    ASSERT_TRUE(report);
    EXPECT_EQ(report->offlined, 1536u);
    EXPECT_EQ(report->left, 512u);
    ASSERT_EQ(report->blocker_count, 2u);
    EXPECT_EQ(report->blockers[0].pfn, first + 520);
    EXPECT_EQ(report->blockers[0].order, Order{3});
    EXPECT_EQ(report->blockers[1].pfn, first + 1016);
    EXPECT_TRUE(rig.machine.validated()) << rig.machine.validated();
    EXPECT_EQ(rig.machine.zone(0).managed(), 512u);
    ASSERT_EQ(rig.machine.pages.free(first + 520, Order{3}).fault, FreeFault::none);
}

TEST(Hotplug, APageThatReachesIntoASectionIsNamedThereToo) {
    Rig rig;
    const Pfn pfn = rig.take(0, 10);
    for (const std::uint64_t half : {0u, 512u}) {
        const auto report = rig.offline({pfn + half, 512});
        ASSERT_TRUE(report);
        EXPECT_EQ(report->left, 512u);
        ASSERT_EQ(report->blocker_count, 1u);
        EXPECT_EQ(report->blockers[0].pfn, pfn);
        EXPECT_EQ(report->blockers[0].order, order_max);
    }
}

TEST(Hotplug, CountsMoreBlockersThanItCanName) {
    Rig rig;
    for (int i = 0; i < 40; ++i) rig.take(1, 0);
    const auto report = rig.offline(rig.machine.zone(1).span());
    ASSERT_TRUE(report);
    EXPECT_EQ(report->blocker_count, 40u);
    for (const Blocker& blocker : report->blockers) {
        EXPECT_TRUE(rig.machine.zone(1).span().contains(blocker.pfn));
    }
}

TEST(Hotplug, WaitsForPagesOnTheirWayAsLongAsItIsTold) {
    Rig rig;
    const Pfn pfn = rig.take(1, 0);
    const PfnRange section{Pfn{pfn.value / 512 * 512}, 512};
    W::on_tick = [&] {
        if (W::ticks != 3) return;
        EXPECT_EQ(rig.machine.pages.free(pfn, Order{0}).fault, FreeFault::none);
    };
    EXPECT_EQ(rig.offline(section, 2)->left, 512u);
    EXPECT_EQ(W::ticks, 2u);
    EXPECT_EQ(rig.offline(section, 5)->left, 0u);
    EXPECT_EQ(W::ticks, 3u);
}

TEST(Hotplug, WhatStocksHoldIsNoBlocker) {
    Rig rig;
    Request<W> request;
    request.node = NodeId{7};
    std::vector<Pfn> pages;
    for (int i = 0; i < 20; ++i) pages.push_back(*rig.machine.pages.allocate(request));
    for (const Pfn pfn : pages) {
        ASSERT_EQ(rig.machine.pages.free(pfn, Order{0}).fault, FreeFault::none);
    }
    ASSERT_GT(rig.machine.validated().stocked, 0u);
    EXPECT_EQ(rig.offline(rig.machine.zone(1).span())->left, 0u);
    EXPECT_TRUE(rig.machine.validated()) << rig.machine.validated();
}

TEST(Hotplug, AShortageOfMemoryIsAnErrorThatChangesNothing) {
    Rig rig;
    rig.shortage = true;
    const auto online = rig.machine.hotplug.online(rig.machine.section(2, 0), 0);
    EXPECT_EQ(online.error(), error::no_memory);
    EXPECT_EQ(rig.log, "going online;populate;cancel online;");
    EXPECT_EQ(rig.machine.zone(2).present(), 0u);
    rig.shortage = false;
    EXPECT_TRUE(rig.online(rig.machine.section(2, 0)));
}

TEST(Hotplug, WhenReadersHoldEverySnapshotOnlineIsBusyAndOfflineLeavesTheRebuildForLater) {
    Rig rig;
    auto& pages = rig.machine.pages;
    std::deque<P::Reader> readers;
    do {
        readers.emplace_back(pages.protocol(), pages.machine(), NodePos{0}, false);
    } while (rig.machine.hotplug.rebuild_now(0));
    rig.log.clear();
    const auto online = rig.machine.hotplug.online(rig.machine.section(2, 0), 2);
    EXPECT_EQ(online.error(), error::busy);
    EXPECT_EQ(rig.log, "going online;populate;release;cancel online;");
    EXPECT_EQ(rig.machine.zone(2).managed(), 0u);
    EXPECT_EQ(W::ticks, 2u);
    const auto report = rig.offline(rig.machine.zone(1).span());
    ASSERT_TRUE(report);
    EXPECT_EQ(report->left, 0u);
    EXPECT_TRUE(report->rebuild_pending);
    // The list still shows the zone; there is nothing in it.
    Request<W> request;
    request.flags = gfp::NOWAIT | gfp::THISNODE;
    request.node = NodeId{7};
    EXPECT_FALSE(pages.allocate(request));
    readers.clear();
    const std::uint64_t before = rig.machine.hotplug.rebuilds();
    EXPECT_FALSE(rig.offline(rig.machine.section(0, 0))->rebuild_pending);
    EXPECT_EQ(rig.machine.hotplug.rebuilds(), before + 1);
    EXPECT_TRUE(rig.machine.validated()) << rig.machine.validated();
}

TEST(Hotplug, SaysThatARebuildIsPendingUntilItIsDoneAndNotOtherwise) {
    Rig rig;
    ASSERT_TRUE(rig.online(rig.machine.section(2, 0)));
    const Pfn used = rig.take(2, 0);
    auto& pages = rig.machine.pages;
    std::deque<P::Reader> readers;
    do {
        readers.emplace_back(pages.protocol(), pages.machine(), NodePos{0}, false);
    } while (rig.machine.hotplug.rebuild_now(0));
    // The first zone of the node goes, a page keeps the second one.
    const auto report = rig.machine.hotplug.offline_node(NodeId{7}, 0);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->offlined, 1024u);
    EXPECT_EQ(report->left, 512u);
    EXPECT_TRUE(report->rebuild_pending);
    readers.clear();
    ASSERT_EQ(pages.free(used, Order{0}).fault, FreeFault::none);
    EXPECT_FALSE(rig.offline(rig.machine.section(2, 0))->rebuild_pending);
}

TEST(Hotplug, AnOnlineThatFindsNoSnapshotLeavesNoRebuildBehind) {
    Rig rig;
    auto& pages = rig.machine.pages;
    std::deque<P::Reader> readers;
    do {
        readers.emplace_back(pages.protocol(), pages.machine(), NodePos{0}, false);
    } while (pages.protocol().rebuild(pages.machine(), {}));
    EXPECT_FALSE(rig.online(rig.machine.section(2, 0)));
    EXPECT_FALSE(rig.offline(rig.machine.section(0, 0))->rebuild_pending);
    readers.clear();
    const std::uint64_t before = rig.machine.hotplug.rebuilds();
    EXPECT_FALSE(rig.offline(rig.machine.section(0, 1))->rebuild_pending);
    EXPECT_EQ(rig.machine.hotplug.rebuilds(), before);
}

TEST(Hotplug, AWholeNodeGoesAndRequestsGoElsewhere) {
    Rig rig;
    ASSERT_TRUE(rig.online(rig.machine.section(2, 0)));
    const auto report = rig.machine.hotplug.offline_node(NodeId{7}, 0);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->offlined, 1536u);
    EXPECT_EQ(report->left, 0u);
    Request<W> request;
    request.node = NodeId{7};
    const auto page = rig.machine.pages.allocate(request);
    ASSERT_TRUE(page);
    EXPECT_EQ(rig.machine.zone_of(*page), 0u);
    EXPECT_EQ(rig.machine.hotplug.offline_node(NodeId{3}, 0).error(), error::not_found);
    EXPECT_TRUE(rig.online(rig.machine.zone(1).span()));
}

TEST(Hotplug, RefusesWhatIsNotWholeSectionsOfOneZoneInTheRightState) {
    Rig rig;
    const Pfn first = rig.machine.zone(0).span().first;
    const auto refused = [&](PfnRange range) {
        const auto online = rig.machine.hotplug.online(range, 0);
        const auto offline = rig.offline(range);
        return !online && !offline && online.error() == error::invalid &&
               offline.error() == error::invalid;
    };
    EXPECT_TRUE(refused({first, 0}));
    EXPECT_TRUE(refused({first + 1, 512}));
    EXPECT_TRUE(refused({first, 511}));
    EXPECT_TRUE(refused({first, 4096}));
    EXPECT_TRUE(refused({first, ~std::uint64_t{0}}));
    EXPECT_TRUE(refused({first + 512, ~std::uint64_t{0} - 511}));
    EXPECT_TRUE(refused({Pfn{0}, 512}));
    EXPECT_TRUE(refused({Pfn{~std::uint64_t{0}}, 512}));
    // Twice the same.
    EXPECT_FALSE(rig.online(rig.machine.section(0, 0)));
    EXPECT_EQ(rig.offline(rig.machine.section(0, 0))->left, 0u);
    EXPECT_EQ(rig.offline(rig.machine.section(0, 0)).error(), error::invalid);
    // Partly.
    EXPECT_FALSE(rig.online(rig.machine.section(0, 0, 1024)));
    EXPECT_EQ(rig.offline(rig.machine.section(0, 0, 1024)).error(), error::invalid);
    EXPECT_TRUE(rig.online(rig.machine.section(0, 0)));
    EXPECT_TRUE(rig.machine.validated()) << rig.machine.validated();
}

}  // namespace
}  // namespace anypage
