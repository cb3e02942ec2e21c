// An exploration says the same whether one process does it or several, in one go or in many.
#include "check/explore.hpp"

#include <gtest/gtest.h>

#include "check/checkpoint.hpp"
#include "check/model_world.hpp"
#include "tests/support/scratch.hpp"

namespace anypage::check {
namespace {

using W = ModelWorld;

constexpr const char* in_order = "nobody sees the second word first";

/// Two that write two words in turn, one that reads both: some thousand states.
void many_states(Setup& setup, bool is_broken) {
    struct Words {
        W::Atomic<int> a{0};
        W::Atomic<int> b{0};
    };
    auto& words = setup.make<Words>();
    for (unsigned writer = 0; writer < 2; ++writer) {
        setup.thread("writer " + std::to_string(writer), writer, [&words, writer] {
            for (int i = 2; i <= 3; ++i) {
                words.a.store_relaxed(2 * i + static_cast<int>(writer));
                words.b.store_release(2 * i + static_cast<int>(writer));
            }
        });
    }
    setup.thread("reader", 2, [&words, is_broken] {
        const int b = is_broken ? words.b.load_relaxed() : words.b.load_acquire();
        const int a = words.a.load_relaxed();
        require(b < 6 || a != 0, in_order, "it did");
    });
}
void holds(Setup& setup) { many_states(setup, false); }
void breaks(Setup& setup) { many_states(setup, true); }

void choose_or_stall(Setup& setup) {
    auto& word = setup.make<W::Atomic<int>>(0);
    setup.thread("chooser", 0, [&word] { word.store_relaxed(static_cast<int>(W::choose(2))); })
        .may_stall = true;
    setup.thread("other", 1, [&word] { word.load_relaxed(); });
}

TEST(Explore, WhoeverMayStallMayChooseAndNobodyIsStuckForIt) {
    EXPECT_EQ(explore({}, choose_or_stall).verdict, Verdict::holds);
}

ExploreConfig config_of(unsigned processes) {
    ExploreConfig config;
    config.execution.model = Model::rc11;
    config.processes = processes;
    config.states_alone = 300;
    config.first_only = false;
    return config;
}

std::string schedule_of(const Result& result) {
    std::string text;
    for (const Transition& each : result.found.at(0).counterexample.schedule) {
        text += std::to_string(each.context) + "." + std::to_string(each.way) + " ";
    }
    return text;
}

TEST(Explore, SeveralProcessesReachTheStatesOfOne) {
    const Result alone = explore(config_of(1), holds);
    EXPECT_EQ(alone.verdict, Verdict::holds);
    EXPECT_GT(alone.states, 1'000u) << "too few to be split";
    for (const unsigned processes : {2u, 3u}) {
        const Result split = explore(config_of(processes), holds);
        EXPECT_EQ(split.verdict, Verdict::holds);
        EXPECT_EQ(split.states, alone.states);
        EXPECT_EQ(split.limit, "");
    }
}

TEST(Explore, SeveralProcessesFindWhatOneFinds) {
    const Result alone = explore(config_of(1), breaks);
    const Result split = explore(config_of(2), breaks);
    ASSERT_EQ(split.verdict, Verdict::broken);
    EXPECT_EQ(split.states, alone.states);
    EXPECT_EQ(split.found.at(0).violation.property, in_order);
    EXPECT_EQ(schedule_of(split).size(), schedule_of(alone).size());
}

class Checkpoint : public testing::Test {
protected:
    std::string file() const { return folder_.path() / "exploration"; }

    std::string refusal(const ExploreConfig& config, const Scenario& scenario) const {
        try {
            explore(config, scenario);
        } catch (const CheckpointError& refused) {
            return refused.what();
        }
        return "";
    }

private:
    test::Scratch folder_;
};

TEST_F(Checkpoint, WhatWasCutOffGoesOnToTheSameEnd) {
    const Result alone = explore(config_of(1), holds);
    ExploreConfig config = config_of(1);
    config.file = file();
    unsigned rounds = 0;
    Result result;
    do {
        config.states_max = 300 * ++rounds;
        result = explore(config, holds);
        ASSERT_LT(rounds, 100u);
    } while (result.limit == limit_states);
    EXPECT_GT(rounds, 3u);
    EXPECT_EQ(result.verdict, Verdict::holds);
    EXPECT_EQ(result.states, alone.states);
    EXPECT_EQ(result.executions, alone.executions);
}

TEST_F(Checkpoint, WhatWasStoppedGoesOnWithMoreProcesses) {
    ExploreConfig config = config_of(1);
    config.file = file();
    config.stop = [] { return true; };
    const Result stopped = explore(config, breaks);
    EXPECT_EQ(stopped.limit, limit_stopped);
    config.stop = {};
    config.processes = 2;
    const Result resumed = explore(config, breaks);
    EXPECT_EQ(resumed.verdict, Verdict::broken);
    EXPECT_EQ(resumed.states, explore(config_of(1), breaks).states);
}

TEST_F(Checkpoint, WhatIsOverIsNotDoneAgain) {
    ExploreConfig config = config_of(1);
    config.file = file();
    const Result first = explore(config, breaks);
    const Result again = explore(config, breaks);
    EXPECT_EQ(again.executions, first.executions);
    EXPECT_EQ(again.states, first.states);
    EXPECT_EQ(schedule_of(again), schedule_of(first));
    EXPECT_EQ(again.found.at(0).counterexample.events.size(),
              first.found.at(0).counterexample.events.size());
}

TEST_F(Checkpoint, AFileOfSomethingElseIsRefused) {
    ExploreConfig config = config_of(1);
    config.file = file();
    config.states_max = 100;
    explore(config, holds);
    config.execution.model = Model::lkmm;
    EXPECT_NE(refusal(config, holds).find("another scenario or configuration"), std::string::npos);
    config.execution.model = Model::rc11;
    std::filesystem::resize_file(file(), std::filesystem::file_size(file()) - 1);
    EXPECT_NE(refusal(config, holds).find("damaged"), std::string::npos);
    std::ofstream(file()) << "something else";
    EXPECT_NE(refusal(config, holds).find("is no exploration"), std::string::npos);
}

TEST_F(Checkpoint, AFolderThatIsNotIsRefused) {
    ExploreConfig config = config_of(1);
    config.file = file() + "/nowhere";
    EXPECT_NE(refusal(config, holds).find("cannot be written"), std::string::npos);
}

int calls = 0;  // a static, as no scenario may have it

void counts_its_calls(Setup& setup) {
    struct Words {
        W::Atomic<int> a{0};
        W::Atomic<int> b{0};
    };
    auto& words = setup.make<Words>();
    for (unsigned i = 0; i < 2; ++i) {
        setup.thread("thread", i, [&words] {
            words.a.fetch_add_relaxed(1);
            (++calls % 3 == 0 ? words.a : words.b).fetch_add_relaxed(1);
        });
    }
}

TEST(Explore, AScenarioThatDependsOnMoreThanTheWorldIsFound) {
    ExploreConfig config;
    config.execution.model = Model::sc;
    const Result result = explore(config, counts_its_calls);
    ASSERT_EQ(result.verdict, Verdict::broken);
    EXPECT_EQ(result.found.at(0).violation.property, Execution::world_alone);
}

}  // namespace
}  // namespace anypage::check
