// Schedules as strings, and what a counterexample shows.
#include "check/report.hpp"

#include <gtest/gtest.h>

#include "check/model_world.hpp"

namespace anypage::check {
namespace {

using W = ModelWorld;

TEST(Report, ASchedulesStringIsReadBack) {
    const std::vector<Transition> schedule{{0, 0, 0}, {0, 0, 0}, {1, 2, 0}, {1, 2, 0}, {0, 1, 0}};
    EXPECT_EQ(to_string(schedule), "0*2.1:2*2.0:1");
    EXPECT_EQ(parse_schedule("0*2.1:2*2.0:1"), schedule);
    EXPECT_EQ(parse_schedule(""), std::vector<Transition>{});
}

TEST(Report, WhatIsNoScheduleIsRefused) {
    for (const char* text : {"x", "0.", ".0", "0*", "0:", "0*2*2", "9", "0:256", "0*1000000"}) {
        EXPECT_FALSE(parse_schedule(text)) << text;
    }
}

/// Two words that a writer changes one after the other.
struct Pair {
    W::Atomic<int> first{0};
    W::Atomic<int> second{0};
};

Result torn(unsigned steps_before) {
    return explore({}, [=](check::Setup& setup) {
        auto& pair = setup.make<Pair>();
        setup.name(&pair.first, "first");
        setup.thread("writer", 0, [&pair, steps_before] {
            for (unsigned i = 0; i < steps_before; ++i) W::note("a step");
            pair.first.store_relaxed(1);
            pair.second.store_relaxed(1);
        });
        setup.thread("reader", 1, [&pair] {
            const int first = pair.first.load_relaxed();
            require(pair.second.load_relaxed() >= first, "no torn pair", "first came alone");
        });
    });
}

TEST(Report, ShowsAColumnACpuAndALineAnEvent) {
    const Result result = torn(0);
    ASSERT_EQ(result.verdict, Verdict::broken);
    const auto lines = counterexample_lines(result.found.front().counterexample);
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    EXPECT_NE(text.find("CPU0"), std::string::npos);
    EXPECT_NE(text.find("CPU1"), std::string::npos);
    EXPECT_NE(text.find("writer: first = 1"), std::string::npos) << text;
    EXPECT_NE(text.find("reader: reads first: 1"), std::string::npos) << text;
    EXPECT_NE(text.find("report_test.cc:"), std::string::npos) << text;
}

TEST(Report, FoldsWhatNobodyNotices) {
    const Result result = torn(60);
    ASSERT_EQ(result.verdict, Verdict::broken);
    const auto& counterexample = result.found.front().counterexample;
    EXPECT_GT(counterexample.events.size(), 60u);
    EXPECT_LE(counterexample_lines(counterexample).size(), report_lines_max);
    EXPECT_GT(counterexample_lines(counterexample, 0).size(), 60u);
}

TEST(Replay, ShowsWhatItsScheduleShowed) {
    const auto scenario = [](check::Setup& setup) {
        auto& pair = setup.make<Pair>();
        setup.thread("writer", 0, [&pair] { pair.first.store_relaxed(1); });
        setup.thread("reader", 1, [&pair] {
            require(pair.first.load_relaxed() == 0, "nothing comes", "it came");
        });
    };
    const Result result = explore({}, scenario);
    ASSERT_EQ(result.verdict, Verdict::broken);
    const auto again = replay({}, scenario, result.found.front().counterexample.schedule);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->violation.property, "nothing comes");
    EXPECT_FALSE(replay({}, scenario, {{0, 200, 0}}));
}

}  // namespace
}  // namespace anypage::check
