// Verdicts, and herd7's way to print them.
#include "check/litmus/observation.hpp"

#include "tests/unit/check/litmus/program_text.hpp"

namespace anypage::check::litmus {
namespace {

using test::read;

Program asking(std::string_view question) {
    return read("C ask\n{}\nP0(int *x) { int r1; int *r2; }\n" + std::string(question));
}

TEST(LitmusObservation, PrintsAsHerdDoes) {
    const Program program = asking("exists (0:r1=1 /\\ x=2)");
    const Observation seen = observe(program, {{1, 2}, {0, 10}, {0, 2}, {1, 2}, {-1, 2}});
    EXPECT_EQ(seen.text(),
              "Test ask Allowed\n"
              "States 4\n"
              "0:r1=-1; [x]=2;\n"
              "0:r1=0; [x]=2;\n"
              "0:r1=0; [x]=10;\n"
              "0:r1=1; [x]=2;\n"
              "Ok\n"
              "Witnesses\n"
              "Positive: 1 Negative: 3\n"
              "Condition exists (0:r1=1 /\\ [x]=2)\n"
              "Observation ask Sometimes 1 3\n");
}

TEST(LitmusObservation, AddressesComeBehindNumbers) {
    const Program program = asking("exists (0:r2=x)");
    const Observation seen = observe(program, {{Program::address_of(0)}, {5}});
    EXPECT_EQ(seen.states, (std::vector<std::string>{"0:r2=5;", "0:r2=x;"}));
}

TEST(LitmusObservation, WhatWitnessesDependsOnTheQuantifier) {
    const Observation never = observe(asking("~exists (x=1)"), {{0}, {2}});
    EXPECT_TRUE(never.ok);
    EXPECT_EQ(never.verdict(), Verdict::never);
    EXPECT_NE(never.text().find("Test ask Forbidden"), std::string::npos);
    EXPECT_NE(never.text().find("Positive: 2 Negative: 0"), std::string::npos);
    EXPECT_NE(never.text().find("Observation ask Never 0 2"), std::string::npos);

    const Observation all = observe(asking("forall (x=1)"), {{1}});
    EXPECT_TRUE(all.ok);
    EXPECT_EQ(all.verdict(), Verdict::always);
    EXPECT_NE(all.text().find("Test ask Required"), std::string::npos);
    EXPECT_FALSE(observe(asking("forall (x=1)"), {{1}, {0}}).ok);
    EXPECT_FALSE(observe(asking("exists (x=1)"), {{0}}).ok);
}

TEST(LitmusObservation, AFilterDropsStatesAndIsNotShown) {
    const Observation seen =
        observe(asking("filter (0:r1=1)\nexists (x=1)"), {{1, 0}, {0, 1}, {1, 2}});
    EXPECT_EQ(seen.states, (std::vector<std::string>{"[x]=0;", "[x]=2;"}));
    EXPECT_EQ(seen.verdict(), Verdict::never);
}

TEST(LitmusObservation, PropositionsHold) {
    const std::vector<std::pair<const char*, bool>> expected = {
        {"exists (x=3 => 0:r1=9)", true},      {"exists (x=2 => 0:r1=9)", false},
        {"exists (0:r1=[x])", false},          {"exists (0:r1!=x)", true},
        {"exists (true /\\ not false)", true}, {"exists (x=1 \\/ 0:r1=1)", true},
        {"exists ~(x=2 /\\ 0:r1=1)", false}};
    for (const auto& [question, holds] : expected) {
        const Program program = asking(question);
        FinalState state;
        for (const Place& place : program.observed) state.push_back(place.process ? 1 : 2);
        EXPECT_EQ(observe(program, {state}).ok, holds) << question;
    }
}

// -- What herd7 printed.

TEST(HerdOutput, IsReadBack) {
    const Program program = asking("~exists (0:r1=1 /\\ x=2)");
    const Observation seen = observe(program, {{1, 2}, {0, 1}});
    const auto again =
        read_herd_output("out", seen.text() + "Time ask 0.01\nHash=0\n\n" + seen.text());
    ASSERT_TRUE(again) << again.error().text();
    ASSERT_EQ(again->size(), 2u);
    for (const Observation& one : *again) EXPECT_EQ(one.text(), seen.text());
}

TEST(HerdOutput, OldFormAndFlagsAreRead) {
    const auto read = read_herd_output("out",
                                       "Warning: x\nTest a Allowed\nStates 1\n0:r1=1;x=2;\nOk\n"
                                       "Witnesses\nPositive: 1 Negative: 0\nFlag data-race\n"
                                       "Condition exists (x=2)\nObservation a Always 1 0\n");
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->front().states, (std::vector<std::string>{"0:r1=1; [x]=2;"}));
    EXPECT_EQ(read->front().flags, (std::vector<std::string>{"data-race"}));
    EXPECT_EQ(read->front().verdict(), Verdict::always);
    EXPECT_TRUE(read->front().ok);
}

TEST(HerdOutput, WhatIsNoneIsRefused) {
    for (const char* bad :
         {"", "hello", "Test a", "Test a Allowed\n", "Test a Allowed\nStates x\n",
          "Test a Allowed\nStates 3\nx=1;\n", "Test a Allowed\nObservation a Never\n",
          "Test a Allowed\nObservation a Never 1 2\n", "Test a Maybe\nObservation a Never 0 2\n"}) {
        const auto read = read_herd_output("out", bad);
        ASSERT_FALSE(read) << bad;
        EXPECT_TRUE(read.error().text().starts_with("out:")) << read.error().text();
    }
}

}  // namespace
}  // namespace anypage::check::litmus
