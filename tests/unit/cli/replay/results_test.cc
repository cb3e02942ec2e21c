// Results: sums over threads and handlers, what counts as a violation, tables and JSON.
#include "cli/replay/results.hpp"

#include <nlohmann/json.hpp>

#include "cli/replay/latencies.hpp"
#include "tests/unit/cli/replay/replay_scene.hpp"

namespace anypage {
namespace {

/// Every count of a tally, so that each has a number of its own.
constexpr NativeWorld::Atomic<std::uint64_t> tally::*all_counts[] = {&tally::allocations,
                                                                     &tally::frees,
                                                                     &tally::failures,
                                                                     &tally::spurious_failures,
                                                                     &tally::undecided_failures,
                                                                     &tally::misplaced_pages,
                                                                     &tally::double_owned_pages,
                                                                     &tally::misused_frees,
                                                                     &tally::restarts,
                                                                     &tally::slow_paths,
                                                                     &tally::slow_saw_rebuild,
                                                                     &tally::waits,
                                                                     &tally::wait_ns,
                                                                     &tally::needless_wait_ns,
                                                                     &tally::oom_kills,
                                                                     &tally::allocate_ns,
                                                                     &tally::free_ns,
                                                                     &tally::slow_ns,
                                                                     &tally::moved_pages};

void fill(tally& counts, std::uint64_t factor) {
    std::uint64_t value = 1;
    for (const auto count : all_counts) tally::add(counts.*count, factor * value++);
}

class Results : public testing::Test {
protected:
    Results()
        : recorded_(test::recorded_nothing()),
          machine_(test::machine_of("[[node]]\nid = 0\ncpus = \"0\"\nmemory = \"1 GiB\"")),
          plan_(*make_plan(recorded_, machine_, {"storm", true, 0, {}}, {})) {
        outcomes_.push_back({"snapshot", test::empty_report(), false, {}, {}});
    }

    replay_outcome& outcome() { return outcomes_.front(); }
    replay_report& report() { return *outcome().report; }
    void add_zone(std::uint32_t node, ZoneIndex kind, std::uint64_t free,
                  std::initializer_list<std::uint64_t> free_runs) {
        zone_report& zone = report().zones[report().zone_count++];
        zone.node = node;
        zone.kind = static_cast<std::uint32_t>(kind);
        zone.managed = 65536;
        zone.free = free;
        std::copy(free_runs.begin(), free_runs.end(), zone.free_runs.begin());
    }
    /// What a printer prints.
    template <class Print>
    std::string printed(Print print) {
        std::FILE* file = std::tmpfile();
        print(plan_, outcomes_, file);
        std::string text(static_cast<std::size_t>(std::ftell(file)), '\0');
        std::rewind(file);
        EXPECT_EQ(std::fread(text.data(), 1, text.size(), file), text.size());
        std::fclose(file);
        return text;
    }
    nlohmann::json json() {
        return nlohmann::json::parse(printed(print_replay_json), nullptr, false);
    }

    recording recorded_;
    topology machine_;
    replay_plan plan_;
    std::vector<replay_outcome> outcomes_;
};

TEST_F(Results, TotalsAreOfAllThreadsAndTheirHandlers) {
    fill(test::add_thread(report(), thread_role::replay).own, 1);
    fill(report().threads[0].handler, 10);
    fill(test::add_thread(report(), thread_role::hotplug).own, 100);
    const replay_totals sum = totals_of(report());
    EXPECT_EQ(sum.allocations, 111u);
    EXPECT_EQ(sum.frees, 2 * 111u);
    EXPECT_EQ(sum.failures, 3 * 111u);
    EXPECT_EQ(sum.spurious_failures, 4 * 111u);
    EXPECT_EQ(sum.undecided_failures, 5 * 111u);
    EXPECT_EQ(sum.misplaced_pages, 6 * 111u);
    EXPECT_EQ(sum.double_owned_pages, 7 * 111u);
    EXPECT_EQ(sum.misused_frees, 8 * 111u);
    EXPECT_EQ(sum.restarts, 9 * 111u);
    EXPECT_EQ(sum.slow_paths, 10 * 111u);
    EXPECT_EQ(sum.slow_saw_rebuild, 11 * 111u);
    EXPECT_EQ(sum.waits, 12 * 111u);
    EXPECT_EQ(sum.wait_ns, 13 * 111u);
    EXPECT_EQ(sum.needless_wait_ns, 14 * 111u);
    EXPECT_EQ(sum.oom_kills, 15 * 111u);
    EXPECT_EQ(sum.allocate_ns, 16 * 111u);
    EXPECT_EQ(sum.free_ns, 17 * 111u);
    EXPECT_EQ(sum.slow_ns, 18 * 111u);
    EXPECT_EQ(sum.moved_pages, 19 * 111u);
}

TEST_F(Results, RatesAreZeroWithoutTime) {
    EXPECT_EQ(totals_of(report()).rebuilds_per_s, 0);
    EXPECT_EQ(totals_of(report()).pair_ns, 0);
    report().rebuilds.store_relaxed(500);
    report().elapsed_ns.store_relaxed(250'000'000);
    EXPECT_DOUBLE_EQ(totals_of(report()).rebuilds_per_s, 2000);
}

TEST_F(Results, APairIsAMeanRequestAndAMeanFreeOfThreadsThatReplay) {
    tally& own = test::add_thread(report(), thread_role::replay).own;
    tally::add(own.allocations, 3);
    tally::add(own.failures, 1);
    tally::add(own.allocate_ns, 4'000'000'000);
    tally::add(own.frees, 2);
    tally::add(own.free_ns, 1'000'000'000);
    tally::add(report().threads[0].handler.allocate_ns, 1);
    tally::add(test::add_thread(report(), thread_role::hotplug).own.free_ns, ~0u);
    const double pair = totals_of(report()).pair_ns;
    EXPECT_LE(pair, 1.5e9);
    EXPECT_GT(pair, 1.4e9);  // less what the clock takes
}

TEST_F(Results, NothingIsViolatedInAReplayThatWentWell) {
    tally& own = test::add_thread(report(), thread_role::replay).own;
    for (const auto count :
         {&tally::allocations, &tally::frees, &tally::failures, &tally::undecided_failures,
          &tally::restarts, &tally::waits, &tally::oom_kills}) {
        tally::add(own.*count, 5);
    }
    EXPECT_FALSE(is_violated(outcome()));
}

TEST_F(Results, WhatAnAllocatorMustNeverDoIsAViolation) {
    tally& own = test::add_thread(report(), thread_role::replay).own;
    for (const auto count : {&tally::spurious_failures, &tally::misplaced_pages,
                             &tally::double_owned_pages, &tally::misused_frees}) {
        tally::add(own.*count);
        EXPECT_TRUE(is_violated(outcome()));
        (own.*count).store_relaxed(0);
        EXPECT_FALSE(is_violated(outcome()));
    }
    report().lost_pages = 1;
    EXPECT_TRUE(is_violated(outcome()));
    report().lost_pages = 0;
    outcome().stuck = true;
    EXPECT_TRUE(is_violated(outcome()));
    outcome().stuck = false;
    outcome().problem = "something";
    EXPECT_TRUE(is_violated(outcome()));
}

TEST_F(Results, LatenciesAreByWhoAsked) {
    test::add_thread(report(), thread_role::replay).own_latency.add(10);
    report().threads[0].handler_latency.add(20);
    test::add_thread(report(), thread_role::replay, 1).own_latency.add(11);
    test::add_thread(report(), thread_role::fifo).own_latency.add(30);
    report().threads[2].handler_latency.add(21);
    const auto all = latencies_of(report());
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].context, "thread");
    EXPECT_EQ(all[0].times->count(), 2u);
    EXPECT_EQ(all[1].context, "handler");
    EXPECT_EQ(all[1].times->count(), 2u);
    EXPECT_EQ(all[1].times->max(), 21u);
    EXPECT_EQ(all[2].context, "fifo");
    EXPECT_EQ(all[2].times->max(), 30u);
}

TEST_F(Results, Order9RunsAreAlsoThoseInLargerOnes) {
    add_zone(0, ZoneIndex::normal, 5000, {0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 2});
    add_zone(1, ZoneIndex::movable, 511, {511});
    const order9_share share = order9_of(report());
    EXPECT_EQ(share.free, 7u);
    EXPECT_EQ(share.possible, 9u);
}

TEST_F(Results, JsonHasTheFieldsOfTheDocument) {
    fill(test::add_thread(report(), thread_role::replay).own, 1);
    report().threads[0].own_latency.add(10);
    report().rebuilds.store_relaxed(3);
    report().hotplug_steps.store_relaxed(4);
    report().hotplug_refusals.store_relaxed(5);
    report().elapsed_ns.store_relaxed(6);
    report().lost_pages = 7;
    add_zone(0, ZoneIndex::dma, 1024, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    const auto all = json();
    EXPECT_EQ(all["recording"], "a recording");
    EXPECT_EQ(all["topology"], "machine.toml");
    EXPECT_EQ(all["nodes"], 1);
    EXPECT_EQ(all["storm"], "storm");
    EXPECT_EQ(all["contexts"], nlohmann::json::array());
    EXPECT_EQ(all["threads"], 1);
    EXPECT_EQ(all["repeat"], 1);
    EXPECT_EQ(all["seed"], 1);
    EXPECT_EQ(all["held"], true);
    EXPECT_EQ(all["preempt_rt"], false);
    EXPECT_EQ(all["hotremove"], true);
    EXPECT_EQ(all["check_sites"], 3);
    EXPECT_EQ(all["zones_that_swing"], 1);
    EXPECT_EQ(all["frames"], plan_.frames);
    EXPECT_EQ(all.size(), 15u);

    const auto& one = all["protocols"][0];
    EXPECT_EQ(one["protocol"], "snapshot");
    EXPECT_EQ(one["stuck"], false);
    EXPECT_EQ(one["cause"], "");
    EXPECT_EQ(one["problem"], "");
    const char* fields[] = {"allocations",
                            "frees",
                            "failures",
                            "spurious_failures",
                            "undecided_failures",
                            "misplaced_pages",
                            "double_owned_pages",
                            "misused_frees",
                            "restarts",
                            "slow_paths",
                            "slow_paths_that_saw_a_rebuild",
                            "waits",
                            "wait_ns",
                            "needless_wait_ns",
                            "oom_kills",
                            nullptr,
                            nullptr,
                            "slow_path_ns",
                            "moved_pages"};
    for (std::size_t i = 0; i < std::size(fields); ++i) {
        if (fields[i] == nullptr) continue;
        EXPECT_EQ(one[fields[i]], i + 1) << fields[i];
    }
    EXPECT_EQ(one["lost_pages"], 7);
    EXPECT_EQ(one["rebuilds"], 3);
    EXPECT_EQ(one["rebuilds_per_s"], 5e8);
    EXPECT_EQ(one["hotplug_steps"], 4);
    EXPECT_EQ(one["hotplug_refusals"], 5);
    EXPECT_EQ(one["elapsed_ns"], 6);
    EXPECT_TRUE(one["pair_ns"].is_number());
    EXPECT_EQ(
        one["latency"]["thread"],
        (nlohmann::json{
            {"requests", 1}, {"p50_ns", 10}, {"p99_ns", 10}, {"p999_ns", 10}, {"max_ns", 10}}));
    EXPECT_EQ(one["zones"][0]["node"], 0);
    EXPECT_EQ(one["zones"][0]["zone"], "DMA");
    EXPECT_EQ(one["zones"][0]["managed_frames"], 65536);
    EXPECT_EQ(one["zones"][0]["free_frames"], 1024);
    EXPECT_EQ(one["zones"][0]["free_runs"].size(), 11u);
    EXPECT_EQ(one["order9_runs_free"], 2);
    EXPECT_EQ(one["order9_runs_possible"], 2);
    EXPECT_EQ(one.size(), 32u);
}

/// Every field that is printed stands in docs/json.md.
TEST_F(Results, EveryFieldIsDocumented) {
    std::FILE* file = std::fopen(ANYPAGE_SOURCE_DIR "/docs/json.md", "r");
    ASSERT_NE(file, nullptr);
    std::string text(1 << 16, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file));
    std::fclose(file);
    const std::string section = text.substr(text.find("## replay"));
    const auto all = json();
    for (const auto& [name, value] : all.items()) {
        const std::string cell = "| `" + name + (name == "protocols" ? "[]` |" : "` |");
        EXPECT_NE(section.find(cell), std::string::npos) << name;
    }
    for (const auto& [name, value] : all["protocols"][0].items()) {
        const std::string cell = "| `" + name + (name == "zones" ? "[]` |" : "` |");
        EXPECT_NE(section.find(cell), std::string::npos) << name;
    }
}

TEST_F(Results, TablesHaveARowForEachProtocolAndANoteForWhatWentWrong) {
    add_zone(0, ZoneIndex::normal, 512, {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0});
    outcomes_.push_back({"seqlock", test::empty_report(), true, "Somebody waits.", {}});
    outcomes_.push_back({"odd_even", test::empty_report(), false, {}, "it was ended"});
    const std::string text = printed(print_replay_tables);
    for (const char* words : {"protocol", "snapshot", "STUCK", "seqlock is stuck. Somebody waits.",
                              "odd_even: it was ended", "failed", "Zones at the end (snapshot)",
                              "Node 0, zone   Normal", "Order-9 runs: 1 free of 1"}) {
        EXPECT_NE(text.find(words), std::string::npos) << words << " in: " << text;
    }
}

TEST_F(Results, TablesShowAFewZonesOfManyAndSayHowManyMore) {
    for (std::uint32_t i = 0; i < 20; ++i) add_zone(i, ZoneIndex::normal, 0, {});
    const std::string text = printed(print_replay_tables);
    EXPECT_NE(text.find("Node 15,"), std::string::npos);
    EXPECT_EQ(text.find("Node 16,"), std::string::npos);
    EXPECT_NE(text.find("... and 4 zones more (--json has all)"), std::string::npos);
}

}  // namespace
}  // namespace anypage
