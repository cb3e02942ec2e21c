// The preparation of recordings: each rule by an example, then all of them against a naive model.
#include "cli/replay/prepare.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace anypage {
namespace {

raw_event allocation(std::uint64_t pfn, std::uint8_t order = 0, std::uint16_t cpu = 0) {
    return {.pfn = pfn,
            .gfp = gfp::KERNEL,
            .cpu = cpu,
            .op = raw_op::allocate,
            .order = {order},
            .migratetype = 1,
            .context = {0}};
}

raw_event release(std::uint64_t pfn, std::uint8_t order = 0, raw_op op = raw_op::free) {
    return {.pfn = pfn, .op = op, .order = {order}, .context = {0}};
}

/// Numbers the events in time and prepares them.
recording prepared(std::vector<raw_event> events) {
    for (std::size_t i = 0; i < events.size(); ++i) events[i].timestamp_ns = i;
    return prepare({"test", std::move(events), {}, {}});
}

/// The events as "+block" and "-block".
std::string story(const recording& recorded) {
    std::string text;
    for (const recorded_event& event : recorded.events()) {
        text += (event.kind == event_kind::allocate ? " +" : " -") + std::to_string(event.block);
    }
    return text;
}

TEST(Prepare, AFreeNamesTheBlockOfItsAllocation) {
    const recording recorded = prepared({allocation(8, 3), allocation(1), release(8, 3)});
    EXPECT_EQ(story(recorded), " +0 +1 -0");
    EXPECT_EQ(recorded.summary().prepared, preparation_counts{});
    EXPECT_EQ(recorded.summary().live_at_end, 1u);
    const recorded_event opened{0, 0, gfp::KERNEL, 0, event_kind::allocate, {3}, 1, {0}};
    const recorded_event freed{2, 0, {}, 0, event_kind::free, {3}, migratetype_unknown, {0}};
    EXPECT_EQ(recorded.events()[0], opened);
    EXPECT_EQ(recorded.events()[2], freed);
}

TEST(Prepare, APageIsANewBlockEachTime) {
    EXPECT_EQ(story(prepared({allocation(1), release(1), allocation(1), release(1)})),
              " +0 -0 +1 -1");
}

TEST(Prepare, FreesOfPagesNeverAllocatedAreSkipped) {
    const recording recorded = prepared({release(5), allocation(1), release(1), release(1)});
    EXPECT_EQ(story(recorded), " +0 -0");
    EXPECT_EQ(recorded.summary().prepared.unmatched_frees, 2u);
}

TEST(Prepare, AnAllocationOverALiveBlockImpliesItsFreeOnTheSameCpu) {
    const recording recorded = prepared({allocation(1, 0, 4), allocation(1, 0, 7)});
    EXPECT_EQ(story(recorded), " +0 -0 +1");
    EXPECT_EQ(recorded.summary().prepared.implied_frees, 1u);
    const recorded_event implied{1, 0, {}, 1, event_kind::free, {0}, migratetype_unknown, {}};
    EXPECT_EQ(recorded.events()[1], implied);
}

TEST(Prepare, ALargeAllocationImpliesTheFreesOfAllBelowIt) {
    const recording recorded = prepared({allocation(8), allocation(10, 1), allocation(8, 2)});
    EXPECT_EQ(story(recorded), " +0 +1 -0 -1 +2");
    EXPECT_EQ(recorded.summary().prepared.implied_frees, 2u);
}

TEST(Prepare, AnAllocationInsideALiveBlockImpliesTheFreeOfAllOfIt) {
    const recording recorded = prepared({allocation(8, 2), allocation(9), release(10)});
    EXPECT_EQ(story(recorded), " +0 -0 +1");
    EXPECT_EQ(recorded.summary().prepared.implied_frees, 1u);
    EXPECT_EQ(recorded.summary().prepared.unmatched_frees, 1u);
}

TEST(Prepare, ImpliedFreesOfTheInputAreHonoured) {
    const recording recorded = prepared(
        {allocation(8, 2), release(8, 2, raw_op::implied_free), allocation(3), allocation(8)});
    EXPECT_EQ(story(recorded), " +0 -0 +1 +2");
    EXPECT_EQ(recorded.summary().prepared.implied_frees, 1u);
}

TEST(Prepare, TheLastPartFreesABlock) {
    const recording recorded =
        prepared({allocation(8, 2), release(9), release(10, 1), release(8), release(9)});
    EXPECT_EQ(story(recorded), " +0 -0");
    EXPECT_EQ(recorded.events()[1].timestamp_ns, 3u);
    EXPECT_EQ(recorded.events()[1].order.value, 2u);
    EXPECT_EQ(recorded.summary().prepared.partial_frees, 3u);
    EXPECT_EQ(recorded.summary().prepared.unmatched_frees, 1u);
}

TEST(Prepare, APartFreedTwiceIsUnmatched) {
    const recording recorded = prepared({allocation(8, 1), release(8), release(8)});
    EXPECT_EQ(story(recorded), " +0");
    EXPECT_EQ(recorded.summary().prepared.partial_frees, 1u);
    EXPECT_EQ(recorded.summary().prepared.unmatched_frees, 1u);
    EXPECT_EQ(recorded.summary().live_frames_at_end, 2u);
}

TEST(Prepare, AFreedPartMayBeAllocatedAgainWhileTheRestLives) {
    const recording recorded =
        prepared({allocation(8, 1), release(8), allocation(8), release(9), release(8)});
    EXPECT_EQ(story(recorded), " +0 +1 -0 -1");
    EXPECT_EQ(recorded.summary().prepared.implied_frees, 0u);
}

TEST(Prepare, AFreeOverSeveralBlocksFreesThemAll) {
    const recording recorded = prepared({allocation(8), allocation(9), release(8, 1)});
    EXPECT_EQ(story(recorded), " +0 +1 -0 -1");
    EXPECT_EQ(recorded.summary().prepared.partial_frees, 1u);
}

TEST(Prepare, CpusAreNumberedInOrderOfTheirIds) {
    const recording recorded =
        prepared({allocation(1, 0, 65535), allocation(2, 0, 3), allocation(3, 0, 65535)});
    ASSERT_EQ(recorded.cpus().size(), 2u);
    EXPECT_EQ(recorded.cpus()[0].value, 3u);
    EXPECT_EQ(recorded.cpus()[1].value, 65535u);
    EXPECT_EQ(recorded.events()[0].cpu, 1u);
    EXPECT_EQ(recorded.events()[1].cpu, 0u);
    EXPECT_EQ(recorded.summary().cpus, 2u);
}

TEST(Prepare, ProcessExitsAreCountedAndIgnored) {
    const recording recorded = prepared({allocation(1), {.op = raw_op::process_exit}});
    EXPECT_EQ(story(recorded), " +0");
    EXPECT_EQ(recorded.summary().skipped.process_exits, 1u);
}

TEST(Prepare, TheHighestPagesAreNoDifferent) {
    const recording recorded =
        prepared({allocation(pfn_end - 1024, 10), release(pfn_end - 1024, 10)});
    EXPECT_EQ(story(recorded), " +0 -0");
}

// The model: frames in sets, nothing shared, nothing lazy.
struct naive_model {
    std::map<std::uint32_t, std::set<std::uint64_t>> live;  // block: frames not freed yet
    std::map<std::uint32_t, std::uint8_t> orders;
    preparation_counts counts;
    std::string story;

    static std::set<std::uint64_t> run(const raw_event& event) {
        std::set<std::uint64_t> frames;
        for (std::uint64_t i = 0; i < event.order.frames(); ++i) frames.insert(event.pfn + i);
        return frames;
    }

    /// Live blocks with a frame of `frames`, by their lowest frame in it.
    std::vector<std::uint32_t> blocks_in(const std::set<std::uint64_t>& frames) const {
        std::vector<std::uint32_t> found;
        for (const std::uint64_t frame : frames) {
            for (const auto& [block, its] : live) {
                if (!its.contains(frame)) continue;
                if (std::find(found.begin(), found.end(), block) == found.end()) {
                    found.push_back(block);
                }
            }
        }
        return found;
    }

    void allocate(const raw_event& event) {
        for (const std::uint32_t block : blocks_in(run(event))) {
            ++counts.implied_frees;
            live.erase(block);
            story += " -" + std::to_string(block);
        }
        const auto block = static_cast<std::uint32_t>(orders.size());
        live[block] = run(event);
        orders[block] = event.order.value;
        story += " +" + std::to_string(block);
    }

    void release(const raw_event& event) {
        const auto frames = run(event);
        const auto blocks = blocks_in(frames);
        if (blocks.empty()) {
            ++counts.unmatched_frees;
            return;
        }
        if (event.op == raw_op::implied_free) ++counts.implied_frees;
        const bool exact = live[blocks[0]] == frames && orders[blocks[0]] == event.order.value;
        if (!exact) ++counts.partial_frees;
        // A block ends where its last frame does.
        for (const std::uint64_t frame : frames) {
            for (const std::uint32_t block : blocks) {
                if (live.contains(block) && live[block].erase(frame) == 1 && live[block].empty()) {
                    live.erase(block);
                    story += " -" + std::to_string(block);
                }
            }
        }
    }

    void add(const raw_event& event) {
        if (event.op == raw_op::allocate) return allocate(event);
        if (event.op != raw_op::process_exit) release(event);
    }
};

rc::Gen<raw_event> any_event() {
    return rc::gen::apply(
        [](int op, std::uint64_t pfn, int order, std::uint16_t cpu) {
            raw_event event = allocation(pfn, static_cast<std::uint8_t>(order), cpu);
            event.op = static_cast<raw_op>(op);
            return event;
        },
        rc::gen::weightedElement<int>({{8, 0}, {7, 1}, {1, 2}, {2, 3}}),
        rc::gen::inRange<std::uint64_t>(100, 140),  // few pages, so that events meet; two leaves
        rc::gen::weightedElement<int>({{6, 0}, {3, 1}, {2, 2}, {1, 3}, {1, 5}}),
        rc::gen::inRange<std::uint16_t>(0, 3));
}

RC_GTEST_PROP(Prepare, AgreesWithTheNaiveModel, ()) {
    const auto events = *rc::gen::container<std::vector<raw_event>>(any_event());
    naive_model model;
    for (const raw_event& event : events) model.add(event);
    const recording recorded = prepared(events);
    RC_ASSERT(story(recorded) == model.story);
    RC_ASSERT(recorded.summary().prepared == model.counts);
    RC_ASSERT(recorded.summary().live_at_end == model.live.size());
}

RC_GTEST_PROP(Prepare, EveryFreeHasOneAllocationBeforeIt, ()) {
    const auto events = *rc::gen::container<std::vector<raw_event>>(any_event());
    const recording recorded = prepared(events);
    std::uint32_t next_block = 0;
    std::map<std::uint32_t, Order> live;
    for (const recorded_event& event : recorded.events()) {
        RC_ASSERT(event.cpu < recorded.cpus().size());
        if (event.kind == event_kind::allocate) {
            RC_ASSERT(event.block == next_block++);
            live[event.block] = event.order;
        } else {
            RC_ASSERT(live.contains(event.block));
            RC_ASSERT(live[event.block] == event.order);
            live.erase(event.block);
        }
    }
    RC_ASSERT(recorded.blocks() == next_block);
    RC_ASSERT(std::is_sorted(
        recorded.events().begin(), recorded.events().end(),
        [](const auto& a, const auto& b) { return a.timestamp_ns < b.timestamp_ns; }));
}

}  // namespace
}  // namespace anypage
