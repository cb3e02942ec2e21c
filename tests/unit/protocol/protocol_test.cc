// Every protocol: lists after a rebuild are the naive ones; begin and changed do as their kernel's;
// what a reader sees of a rebuild in its middle, with lists rewritten in place and with snapshots.
#include <gtest/gtest.h>

#include <deque>
#include <string>

#include "protocol/all.hpp"
#include "tests/support/interrupting_world.hpp"
#include "tests/support/test_machine.hpp"

namespace anypage {
namespace {

using test::Comes;
using test::Hang;
using test::InterruptingWorld;
using test::Interruption;
using test::MachinePlan;
using W = InterruptingWorld;

MachinePlan plan(const KernelConfig& kernel = {}) {
    MachinePlan plan;
    plan.node_ids = {0, 2, 5};
    plan.cpus = {1, 1, 0};
    plan.distances = {10, 21, 17, 21, 10, 17, 17, 28, 10};
    plan.zones = {{0, ZoneIndex::dma32, 512},   {0, ZoneIndex::normal, 512},
                  {0, ZoneIndex::movable, 512}, {1, ZoneIndex::normal, 512},
                  {1, ZoneIndex::movable, 512}, {2, ZoneIndex::movable, 512}};
    plan.kernel = kernel;
    return plan;
}

template <class P>
struct Rig {
    explicit Rig(const KernelConfig& kernel = {}) : machine((W::reset(), plan(kernel))) {}

    typename P::Reader reader(std::uint16_t node = 0, bool this_node = false) {
        return {machine.pages.protocol(), machine.pages.machine(), NodePos{node}, this_node};
    }
    static std::vector<std::uint32_t> walk(typename P::Reader& reader, const ZoneFilter& filter) {
        std::vector<std::uint32_t> zones;
        for (Zoneref at = reader.first(filter);; at = reader.next(at, filter)) {
            const auto zone = reader.zone(at);
            if (!zone || zones.size() > 99) return zones;
            zones.push_back(zone->value);
        }
    }
    bool offline(std::uint32_t zone) {
        const auto report = machine.hotplug.offline(machine.zone(zone).span(), 0);
        return report && report->left == 0;
    }
    bool online(std::uint32_t zone) {
        return machine.hotplug.online(machine.zone(zone).span(), 0).has_value();
    }
    /// The list as the documents describe it.
    std::vector<std::uint32_t> naive(std::uint16_t node, bool this_node,
                                     const ZoneFilter& filter) const {
        const auto& all = machine.pages.machine();
        const std::size_t count = all.node_count();
        std::vector<NodeFacts> facts;
        for (std::uint16_t n = 0; n < count; ++n) facts.push_back(all.facts(NodePos{n}));
        std::vector<std::uint32_t> load(count);
        std::vector<std::uint64_t> keys(count);
        std::vector<std::uint16_t> order(count);
        const NodeOrderBuilder builder{facts, all.distances(), load, keys};
        std::size_t length = 0;
        for (std::uint16_t n = 0; n <= node; ++n) length = builder.build(NodePos{n}, order);
        if (this_node) {
            order[0] = node;
            length = 1;
        }
        std::vector<std::uint32_t> zones;
        for (std::size_t i = 0; i < length; ++i) {
            for (unsigned kind = zone_index_count; kind-- > 0;) {
                const auto id = all.zone_of(NodePos{order[i]}, static_cast<ZoneIndex>(kind));
                if (id && all.zone(*id).populated() &&
                    filter.passes(all.zone(*id).kind(), all.zone(*id).node())) {
                    zones.push_back(id->value);
                }
            }
        }
        return zones;
    }

    test::TestMachine<P> machine;
};

template <class P>
class AnyProtocol : public testing::Test {};
using All =
    testing::Types<protocol::unchecked<W>, protocol::seqlock<W>, protocol::seqlock_irqoff<W>,
                   protocol::seqlock_irqsave<W>, protocol::reclaim_only<W>, protocol::odd_even<W>,
                   protocol::raw_seqcount<W>, protocol::snapshot<W>>;
struct Names {
    template <class P>
    static std::string GetName(int) {
        return P::name;
    }
};
TYPED_TEST_SUITE(AnyProtocol, All, Names);

TYPED_TEST(AnyProtocol, ListsAreTheNaiveOnesWhateverIsPopulated) {
    nodemask mask;
    mask.add(NodeId{2});
    mask.add(NodeId{5});
    for (unsigned without = 0; without < 64; ++without) {
        Rig<TypeParam> rig;
        for (std::uint32_t zone = 0; zone < 6; ++zone) {
            ASSERT_TRUE((without >> zone & 1) == 0 || rig.offline(zone));
        }
        for (std::uint16_t node = 0; node < 3; ++node) {
            for (const bool this_node : {false, true}) {
                auto reader = rig.reader(node, this_node);
                for (const ZoneIndex highest :
                     {ZoneIndex::dma, ZoneIndex::dma32, ZoneIndex::normal, ZoneIndex::movable}) {
                    for (const nodemask* allowed : {static_cast<const nodemask*>(nullptr),
                                                    static_cast<const nodemask*>(&mask)}) {
                        const ZoneFilter filter{highest, allowed};
                        ASSERT_EQ(rig.walk(reader, filter), rig.naive(node, this_node, filter));
                    }
                }
            }
        }
    }
}

TYPED_TEST(AnyProtocol, TheHighestZoneOfTheNearestNodeComesFirst) {
    Rig<TypeParam> rig;
    auto reader = rig.reader(0);
    // Node 5 is nearer than node 2, and has only movable memory.
    EXPECT_EQ(rig.walk(reader, {ZoneIndex::movable, nullptr}),
              (std::vector<std::uint32_t>{2, 1, 0, 5, 4, 3}));
    EXPECT_EQ(rig.walk(reader, {ZoneIndex::normal, nullptr}),
              (std::vector<std::uint32_t>{1, 0, 3}));
}

TYPED_TEST(AnyProtocol, NothingHasChangedWhileNobodyRebuilds) {
    for (const bool rt : {false, true}) {
        Rig<TypeParam> rig({.preempt_rt = rt});
        for (const gfp_t flags : {gfp::ATOMIC, gfp::KERNEL}) {
            auto reader = rig.reader();
            BeginWait wait;
            reader.begin(flags, wait);
            EXPECT_FALSE(reader.changed(flags));
            EXPECT_EQ(wait.ns, 0u);
        }
    }
}

/// Who is told of a rebuild between begin and changed: {no reclaim, direct reclaim}.
template <class P>
std::pair<bool, bool> told(const KernelConfig& kernel) {
    const auto ask = [&](gfp_t flags) {
        Rig<P> rig(kernel);
        auto reader = rig.reader();
        BeginWait wait;
        reader.begin(flags, wait);
        EXPECT_TRUE(rig.offline(0));
        return reader.changed(flags);
    };
    return {ask(gfp::ATOMIC), ask(gfp::KERNEL)};
}

TEST(Protocols, TellThoseWhomTheirKernelTellsOfARebuild) {
    using Told = std::pair<bool, bool>;
    for (const bool rt : {false, true}) {
        const KernelConfig kernel{.preempt_rt = rt};
        EXPECT_EQ(told<protocol::unchecked<W>>(kernel), Told(false, false));
        EXPECT_EQ(told<protocol::seqlock<W>>(kernel), Told(true, true));
        EXPECT_EQ(told<protocol::seqlock_irqoff<W>>(kernel), Told(true, true));
        EXPECT_EQ(told<protocol::seqlock_irqsave<W>>(kernel), Told(true, true));
        EXPECT_EQ(told<protocol::reclaim_only<W>>(kernel), Told(false, true));
        EXPECT_EQ(told<protocol::odd_even<W>>(kernel), Told(false, true));
        EXPECT_EQ(told<protocol::raw_seqcount<W>>(kernel), Told(false, true));
        EXPECT_EQ(told<protocol::snapshot<W>>(kernel), Told(true, true));
    }
}

TEST(Protocols, OfLinuxTellNobodyWithoutMemoryHotremove) {
    using Told = std::pair<bool, bool>;
    const KernelConfig kernel{.hotremove = false};
    EXPECT_EQ(told<protocol::seqlock<W>>(kernel), Told(false, false));
    EXPECT_EQ(told<protocol::seqlock_irqoff<W>>(kernel), Told(false, false));
    EXPECT_EQ(told<protocol::seqlock_irqsave<W>>(kernel), Told(false, false));
    EXPECT_EQ(told<protocol::reclaim_only<W>>(kernel), Told(false, false));
    EXPECT_EQ(told<protocol::odd_even<W>>(kernel), Told(false, false));
    EXPECT_EQ(told<protocol::raw_seqcount<W>>(kernel), Told(false, false));
    EXPECT_EQ(told<protocol::snapshot<W>>(kernel), Told(true, true));
}

/// A whole read (begin, walk, changed) at any step of a rebuild; true if one of them never ends.
template <class P>
bool hangs(gfp_t flags, Comes comes, const KernelConfig& kernel = {}) {
    bool hung = false;
    test::for_each_step([&](std::uint64_t step) {
        Rig<P> rig(kernel);
        bool fired = false;
        try {
            const Interruption interruption(
                step,
                [&] {
                    auto reader = rig.reader();
                    BeginWait wait;
                    reader.begin(flags, wait);
                    rig.walk(reader, {});
                    reader.changed(flags);
                },
                comes);
            EXPECT_TRUE(rig.machine.pages.protocol().rebuild(rig.machine.pages.machine(), {}));
            fired = interruption.fired();
        } catch (const Hang&) {
            hung = true;
            return false;
        }
        return fired;
    });
    return hung;
}

TEST(Protocols, AReaderThatInterruptsTheWriterHangsWhereTheKernelsDoes) {
    constexpr auto interrupt = Comes::unless_masked;
    EXPECT_FALSE(hangs<protocol::unchecked<W>>(gfp::ATOMIC, interrupt));
    EXPECT_TRUE(hangs<protocol::seqlock<W>>(gfp::ATOMIC, interrupt));          // D1
    EXPECT_FALSE(hangs<protocol::seqlock_irqoff<W>>(gfp::ATOMIC, interrupt));  // masked
    EXPECT_FALSE(hangs<protocol::seqlock_irqsave<W>>(gfp::ATOMIC, interrupt));
    EXPECT_FALSE(hangs<protocol::reclaim_only<W>>(gfp::ATOMIC, interrupt));
    EXPECT_FALSE(hangs<protocol::odd_even<W>>(gfp::ATOMIC, interrupt));
    EXPECT_FALSE(hangs<protocol::raw_seqcount<W>>(gfp::ATOMIC, interrupt));
    EXPECT_FALSE(hangs<protocol::snapshot<W>>(gfp::ATOMIC, interrupt));
}

TEST(Protocols, WhoAllocatesInsideOfTheWriteSectionHangsWhereTheKernelsDoes) {
    // A sanitizer's stack depot: masked or not, it is the writer itself.
    EXPECT_TRUE(hangs<protocol::seqlock_irqoff<W>>(gfp::ATOMIC, Comes::always));  // D3
    EXPECT_TRUE(hangs<protocol::seqlock_irqsave<W>>(gfp::ATOMIC, Comes::always));
    EXPECT_FALSE(hangs<protocol::reclaim_only<W>>(gfp::ATOMIC, Comes::always));
    EXPECT_TRUE(hangs<protocol::reclaim_only<W>>(gfp::KERNEL, Comes::always));
    EXPECT_FALSE(hangs<protocol::odd_even<W>>(gfp::KERNEL, Comes::always));
    EXPECT_FALSE(hangs<protocol::raw_seqcount<W>>(gfp::KERNEL, Comes::always));
    EXPECT_TRUE(hangs<protocol::raw_seqcount<W>>(gfp::KERNEL, Comes::always, {.preempt_rt = true}));
    for (const bool rt : {false, true}) {
        const KernelConfig kernel{.preempt_rt = rt};
        EXPECT_FALSE(hangs<protocol::snapshot<W>>(gfp::KERNEL, Comes::always, kernel));
        EXPECT_FALSE(hangs<protocol::snapshot<W>>(gfp::ATOMIC, Comes::always, kernel));
    }
}

TEST(Protocols, OnlySeqlockIrqoffSleepsWithInterruptsMasked) {
    const auto sleeps = [](auto& rig) {
        W::sleeps_while_masked = 0;
        EXPECT_TRUE(rig.machine.hotplug.rebuild_now(0));
        return W::sleeps_while_masked != 0;
    };
    const KernelConfig rt{.preempt_rt = true};
    Rig<protocol::seqlock_irqoff<W>> irqoff(rt);
    EXPECT_TRUE(sleeps(irqoff));
    Rig<protocol::seqlock_irqsave<W>> irqsave(rt);
    EXPECT_FALSE(sleeps(irqsave));
    Rig<protocol::odd_even<W>> odd_even(rt);
    EXPECT_FALSE(sleeps(odd_even));
    Rig<protocol::snapshot<W>> snapshot(rt);
    EXPECT_FALSE(sleeps(snapshot));
    Rig<protocol::seqlock_irqoff<W>> not_rt;
    EXPECT_FALSE(sleeps(not_rt));
}

/// Does a rebuild print while its number is odd, with printing not deferred?
template <class P>
bool prints_inside() {
    Rig<P> rig;
    bool inside = false;
    W::on_printk = [&](const char*) {
        inside = inside || rig.machine.pages.protocol().rebuild_in_flight();
    };
    EXPECT_TRUE(rig.machine.hotplug.rebuild_now(0));
    W::on_printk = nullptr;
    return inside;
}

TEST(Protocols, PrintInsideOfTheWriteSectionWhereTheKernelsDo) {
    EXPECT_TRUE(prints_inside<protocol::seqlock<W>>());
    EXPECT_FALSE(prints_inside<protocol::seqlock_irqoff<W>>());
    EXPECT_FALSE(prints_inside<protocol::seqlock_irqsave<W>>());
    EXPECT_TRUE(prints_inside<protocol::odd_even<W>>());
    EXPECT_FALSE(prints_inside<protocol::snapshot<W>>());
}

// What a rebuild does to a position that a reader holds. Zone 0 (movable) of a one-node machine
// goes.

template <class P>
void shortened(std::optional<ZoneId>& held, bool& changed_once, bool& changed_twice) {
    Rig<P> rig;
    auto reader = rig.reader();
    BeginWait wait;
    reader.begin(gfp::KERNEL, wait);
    const ZoneFilter filter{ZoneIndex::normal, nullptr};
    const Zoneref preferred = reader.first(filter);
    EXPECT_EQ(reader.zone(preferred), ZoneId{1});
    EXPECT_TRUE(rig.offline(2));  // the movable zone in front of it
    held = reader.zone(preferred);
    changed_once = reader.changed(gfp::KERNEL);
    reader.begin(gfp::KERNEL, wait);
    EXPECT_EQ(reader.zone(reader.first(filter)), ZoneId{1});
    changed_twice = reader.changed(gfp::KERNEL);
}

TEST(Protocols, APositionInAListRewrittenInPlaceComesToNameAnotherZone) {
    std::optional<ZoneId> held;
    bool once = false;
    bool twice = false;
    shortened<protocol::unchecked<W>>(held, once, twice);
    EXPECT_EQ(held, ZoneId{0});  // the zone after it
    EXPECT_FALSE(once);
    shortened<protocol::seqlock_irqsave<W>>(held, once, twice);
    EXPECT_EQ(held, ZoneId{0});
    EXPECT_TRUE(once);
    EXPECT_FALSE(twice);
}

TEST(Protocols, APositionInAListCutShortNamesNothing) {
    Rig<protocol::unchecked<W>> rig;
    auto reader = rig.reader(1, true);
    const Zoneref preferred = reader.first({ZoneIndex::normal, nullptr});
    EXPECT_EQ(reader.zone(preferred), ZoneId{3});
    EXPECT_TRUE(rig.offline(4));
    EXPECT_FALSE(reader.zone(preferred).has_value());  // and zone 3 has all its frames free
    // Past the end of a list a reader stays inside of the array.
    EXPECT_FALSE(reader.zone(reader.next(preferred, {ZoneIndex::normal, nullptr})).has_value());
}

TEST(Snapshot, APositionKeepsItsMeaningAndChangedSaysSoOnce) {
    std::optional<ZoneId> held;
    bool once = false;
    bool twice = true;
    shortened<protocol::snapshot<W>>(held, once, twice);
    EXPECT_EQ(held, ZoneId{1});
    EXPECT_TRUE(once);
    EXPECT_FALSE(twice);
}

TEST(Snapshot, AReaderKeepsItsListHoweverManyAreBuiltAndTheWriterIsBusyOnlyWhenAllAreHeld) {
    using P = protocol::snapshot<W>;
    Rig<P> rig;
    const ZoneFilter filter{ZoneIndex::movable, nullptr};
    auto first = rig.reader();
    const auto list = rig.walk(first, filter);
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(i % 2 == 0 ? rig.offline(5) : rig.online(5));
    EXPECT_EQ(rig.walk(first, filter), list);
    std::deque<P::Reader> readers;
    unsigned held = 1;
    for (; rig.machine.hotplug.rebuild_now(0); ++held) {
        readers.emplace_back(rig.machine.pages.protocol(), rig.machine.pages.machine(), NodePos{0},
                             false);
        ASSERT_LT(held, 100u);
    }
    EXPECT_EQ(held, P::slot_count);
    const std::uint64_t generation = rig.machine.pages.protocol().generation();
    EXPECT_EQ(rig.walk(first, filter), list);
    readers.pop_front();
    EXPECT_TRUE(rig.machine.hotplug.rebuild_now(0));
    EXPECT_EQ(rig.machine.pages.protocol().generation(), generation + 1);
}

TEST(Snapshot, AReaderAtAnyStepOfARebuildSeesOneListOrTheNext) {
    using P = protocol::snapshot<W>;
    const ZoneFilter filter{ZoneIndex::movable, nullptr};
    const std::vector<std::uint32_t> before{2, 1, 0, 5, 4, 3};
    const std::vector<std::uint32_t> after{2, 1, 0, 4, 3};
    test::for_each_step([&](std::uint64_t step) {
        Rig<P> rig;
        auto old = rig.reader();
        bool fired = false;
        {
            const Interruption interruption(step, [&] {
                auto reader = rig.reader();
                const auto list = rig.walk(reader, filter);
                EXPECT_TRUE(list == before || list == after);
                EXPECT_EQ(rig.walk(old, filter), before);
            });
            EXPECT_TRUE(rig.offline(5));
            fired = interruption.fired();
        }
        auto reader = rig.reader();
        EXPECT_EQ(rig.walk(reader, filter), after);
        return fired && !testing::Test::HasFailure();
    });
}

}  // namespace
}  // namespace anypage
