// Plans: what swings, what stays, how much of each is there, and who replays what.
#include "cli/replay/plan.hpp"

#include "tests/unit/cli/replay/replay_scene.hpp"

namespace anypage {
namespace {

using test::machine_of;
using test::storm_of;

constexpr const char* with_movable = R"(section = "16 MiB"
[[node]]
id = 0
count = 2
cpus_each = 2
memory = "1 GiB"
)";
constexpr const char* with_memory_node = R"(section = "16 MiB"
movable_percent = 0
[[node]]
id = 0
cpus = "0-3"
memory = "1 GiB"
[[node]]
id = 5
memory = "1 GiB"
)";
constexpr const char* plain_nodes = R"(section = "16 MiB"
movable_percent = 0
[[node]]
id = 3
count = 3
cpus_each = 1
memory = "1 GiB"
)";
constexpr const char* expander = R"(section = "16 MiB"
[[node]]
id = 0
cpus = "0"
zone = [
    { kind = "Normal", size = "1 GiB" },
    { kind = "Device", size = "1 GiB" },
]
[[node]]
id = 1
zone = [{ kind = "Movable", size = "1 GiB", present = false }]
)";

struct Scene {
    explicit Scene(const char* toml, storm with = {"storm", true, 0, {}},
                   std::vector<recorded_event> events = {}, std::uint32_t cpus = 1)
        : recorded(test::recorded(std::move(events), cpus)),
          machine(machine_of(toml)),
          weather(std::move(with)) {}

    result<replay_plan, failure> plan() const {
        return make_plan(recorded, machine, weather, options);
    }
    /// "node kind" of each zone of a role.
    std::string zones(ZoneRole role) const {
        const auto made = plan();
        EXPECT_TRUE(made.has_value()) << made.error().message;
        std::string text;
        for (const planned_zone& zone : made->zones) {
            if (zone.role != role) continue;
            text += (text.empty() ? "" : ", ") + std::to_string(zone.node.value) + ' ' +
                    zone_name(zone.kind);
        }
        return text;
    }
    std::string swings() const { return zones(ZoneRole::swings); }
    std::string stays() const { return zones(ZoneRole::stays); }
    std::string fault() const {
        const auto made = plan();
        return made ? "no fault" : made.error().message;
    }

    recording recorded;
    topology machine;
    storm weather;
    replay_options options;
};

TEST(Plan, MovableZonesSwingByDefault) {
    const Scene scene(with_movable);
    EXPECT_EQ(scene.swings(), "0 Movable, 1 Movable");
    EXPECT_EQ(scene.stays(), "0 DMA, 0 DMA32, 1 DMA32");
}

TEST(Plan, WithoutMovableZonesMemoryOnlyNodesSwing) {
    const Scene scene(with_memory_node);
    EXPECT_EQ(scene.swings(), "5 DMA32");
    EXPECT_EQ(scene.stays(), "0 DMA, 0 DMA32");
}

TEST(Plan, WithoutEitherTheLastNodeSwings) {
    const Scene scene(plain_nodes);
    EXPECT_EQ(scene.swings(), "5 DMA32");
    EXPECT_EQ(scene.stays(), "3 DMA, 3 DMA32, 4 DMA32");
}

TEST(Plan, ANodeWithoutMemoryIsNotTheLast) {
    const Scene scene((std::string(plain_nodes) + "[[node]]\nid = 9\ncpus = \"8\"\n").c_str());
    EXPECT_EQ(scene.swings(), "5 DMA32");
}

TEST(Plan, NothingSwingsInAStormThatDoesNotMove) {
    for (const storm& weather :
         {storm{"none", false, 0, {}}, storm_of("moves = false\n[[swing]]\nnodes = \"1\"")}) {
        const Scene scene(with_movable, weather);
        EXPECT_EQ(scene.swings(), "");
        EXPECT_EQ(scene.stays(), "0 DMA, 0 DMA32, 0 Movable, 1 DMA32, 1 Movable");
        EXPECT_TRUE(scene.plan()->targets.empty());
    }
}

TEST(Plan, AnAbsentZoneSwingsButDoesNotStay) {
    EXPECT_EQ(Scene(expander).swings(), "1 Movable");
    EXPECT_EQ(Scene(expander, {"none", false, 0, {}}).zones(ZoneRole::absent),
              "0 Device, 1 Movable");
}

TEST(Plan, DeviceZonesAreNeverThere) {
    const Scene all(expander, storm_of("[[swing]]\nnodes = \"1\""));
    EXPECT_EQ(all.zones(ZoneRole::absent), "0 Device");
    const Scene lone(expander, storm_of("[[swing]]\nnodes = \"0\""));
    EXPECT_EQ(lone.fault().find("the storm storm.toml takes all of"), 0u) << lone.fault();
}

TEST(Plan, NamedZonesSwingOnceInTheOrderOfTheirTables) {
    const Scene scene(with_movable, storm_of(R"([[swing]]
nodes = "1"
sections = 2
[[swing]]
zones = "Movable"
)"));
    EXPECT_EQ(scene.swings(), "0 Movable, 1 DMA32, 1 Movable");
    const auto plan = scene.plan();
    EXPECT_EQ(plan->targets, (std::vector<std::size_t>{3, 4, 2}));
    // The first table that names a zone says how much of it.
    EXPECT_EQ(plan->zones[4].present.frames, 2 * 4096u);
    EXPECT_EQ(plan->zones[2].present.frames, 4096u);
}

TEST(Plan, AnAbsentNodeIsAFaultWithItsLine) {
    const Scene scene(with_movable,
                      storm_of("[[swing]]\nnodes = \"0\"\n\n[[swing]]\nnodes = \"7\"\n"));
    EXPECT_EQ(scene.fault(),
              "storm.toml:4: node 7 is not in machine.toml; `anypage topology` lists its nodes");
    EXPECT_EQ(scene.plan().error().code, error::not_found);
}

TEST(Plan, AKindThatNoNodeHasIsAFaultWithItsLine) {
    const Scene scene(with_memory_node, storm_of("\n[[swing]]\nzones = \"Movable\"\n"));
    EXPECT_EQ(scene.fault(),
              "storm.toml:2: machine.toml has no such zone; `anypage topology` lists its zones");
}

TEST(Plan, AStormThatTakesEverythingBelowMovableIsAFault) {
    for (const char* text : {"[[swing]]", "[[swing]]\nzones=\"DMA32\"\n[[swing]]\nzones=\"DMA\""}) {
        const Scene scene(with_movable, storm_of(text));
        EXPECT_EQ(scene.fault(),
                  "the storm storm.toml takes all of machine.toml: nothing below "
                  "Movable stays; leave a zone out of it");
        EXPECT_EQ(scene.plan().error().code, error::invalid);
    }
    const Scene only(R"([[node]]
id = 0
zone = [{ kind = "Movable", size = "1 GiB" }]
)");
    EXPECT_NE(only.fault().find("nothing below Movable stays"), std::string::npos);
}

TEST(Plan, ZonesThatSwingHaveTheirSectionsAndNoMore) {
    const Scene scene(with_movable, storm_of("[[swing]]\nzones = \"Movable\"\nsections = 3"));
    EXPECT_EQ(scene.plan()->zones[2].present, (PfnRange{Pfn{196608}, 3 * 4096}));
    const Scene large(with_movable, storm_of("[[swing]]\nzones = \"Movable\"\nsections = 4096"));
    EXPECT_EQ(large.plan()->zones[2].present, (PfnRange{Pfn{196608}, 65536}));
}

/// Room for twice the peak: what a small zone cannot give the others do.
TEST(Plan, ZonesThatStayShareTwiceThePeakInWholeSections) {
    std::vector<recorded_event> events;
    for (std::uint32_t i = 0; i < 160; ++i) events.push_back(test::allocates(i, 0, 10));
    const Scene scene(with_movable, {"storm", true, 0, {}}, events);
    const auto plan = scene.plan();
    const std::uint64_t peak = 160 * 1024;
    ASSERT_EQ(plan->recorded.summary().live_frames_max, peak);
    EXPECT_EQ(plan->zones[0].present.frames, 4096u);  // DMA: all that there is
    for (const std::size_t zone : {1u, 3u}) {
        const std::uint64_t frames = plan->zones[zone].present.frames;
        EXPECT_EQ(frames % 4096, 0u);
        EXPECT_GE(frames, peak - 2048);
        EXPECT_LE(frames, peak + 2048);
    }
}

TEST(Plan, ZonesThatStayGiveAllTheyHaveToARecordingThatIsTooLarge) {
    std::vector<recorded_event> events;
    for (std::uint32_t i = 0; i < 400; ++i) events.push_back(test::allocates(i, 0, 10));
    const auto plan = Scene(with_movable, {"none", false, 0, {}}, events).plan();
    EXPECT_EQ(plan->frames, 2 * 262144u);
}

TEST(Plan, AZoneThatBeginsInsideOfASectionEndsWithOne) {
    const Scene scene(R"(section = "128 MiB"
[[node]]
id = 0
cpus = "0"
memory = "4 GiB"
)");
    const auto plan = scene.plan();
    ASSERT_EQ(plan->zones[1].kind, ZoneIndex::dma32);
    EXPECT_EQ(plan->zones[1].present.first, Pfn{4096});
    EXPECT_EQ(plan->zones[1].present.end().value % 32768, 0u);
}

TEST(Plan, SlotsFollowEachOther) {
    const auto plan = Scene(with_movable).plan();
    std::uint64_t next = 0;
    for (const planned_zone& zone : plan->zones) {
        EXPECT_EQ(zone.first_slot, next);
        next += zone.present.frames;
    }
    EXPECT_EQ(plan->frames, next);
}

TEST(Plan, RecordedCpusAreDealtToTheNodesThatHaveCpus) {
    const Scene scene(plain_nodes, {"storm", true, 0, {}}, {}, 4);
    EXPECT_EQ(scene.plan()->node_of_cpu, (std::vector<NodeId>{{3}, {4}, {5}, {3}}));
    const Scene one(with_memory_node, {"storm", true, 0, {}}, {}, 2);
    EXPECT_EQ(one.plan()->node_of_cpu, (std::vector<NodeId>{{0}, {0}}));
}

TEST(Plan, OnAMachineWithoutCpusTheFirstNodeIsEverybodysHome) {
    const Scene scene("[[node]]\nid = 4\nmemory = \"1 GiB\"\n[[node]]\nid = 6\nmemory = \"1 GiB\"");
    EXPECT_EQ(scene.plan()->node_of_cpu, (std::vector<NodeId>{{4}}));
}

TEST(Plan, EventsAreDealtToThreadsByCpu) {
    using test::allocates;
    using test::frees;
    Scene scene(with_movable, {"storm", true, 0, {}},
                {allocates(0, 0), allocates(1, 1), frees(0, 2), allocates(2, 2), frees(1, 0)}, 3);
    const auto by_cpu = scene.plan();
    EXPECT_EQ(by_cpu->options.threads, 3u);
    using Indices = std::vector<std::uint32_t>;
    EXPECT_EQ(by_cpu->events_of_thread, (std::vector<Indices>{{0, 4}, {1}, {2, 3}}));
    EXPECT_EQ(by_cpu->event_of_block, (Indices{0, 1, 3}));
    scene.options.threads = 2;
    EXPECT_EQ(scene.plan()->events_of_thread, (std::vector<Indices>{{0, 2, 3, 4}, {1}}));
}

}  // namespace
}  // namespace anypage
