// The command `anypage litmus` as a user runs it: what it prints where, and its exit status.
#include <filesystem>
#include <fstream>

#include "tests/cli/run_command.hpp"

namespace {

using anypage::test::expect_words;
using anypage::test::Outcome;
namespace fs = std::filesystem;

constexpr const char* store_buffering = R"(C SB
{}
P0(int *x, int *y) { int r; WRITE_ONCE(*x, 1); r = READ_ONCE(*y); }
P1(int *x, int *y) { int r; WRITE_ONCE(*y, 1); r = READ_ONCE(*x); }
exists (0:r=0 /\ 1:r=0)
)";

constexpr const char* store_buffering_states = R"(Test SB Allowed
States 4
0:r=0; 1:r=0;
0:r=0; 1:r=1;
0:r=1; 1:r=0;
0:r=1; 1:r=1;
Ok
Witnesses
Positive: 1 Negative: 3
Condition exists (0:r=0 /\ 1:r=0)
Observation SB Sometimes 1 3
)";

constexpr const char* load_buffering = R"(C LB
{}
P0(int *x, int *y) { int r; r = READ_ONCE(*x); WRITE_ONCE(*y, 1); }
P1(int *x, int *y) { int r; r = READ_ONCE(*y); WRITE_ONCE(*x, 1); }
exists (0:r=1 /\ 1:r=1)
)";

constexpr const char* load_buffering_states = R"(Test LB Allowed
States 4
0:r=0; 1:r=0;
0:r=0; 1:r=1;
0:r=1; 1:r=0;
0:r=1; 1:r=1;
Ok
Witnesses
Positive: 1 Negative: 3
Condition exists (0:r=1 /\ 1:r=1)
Observation LB Sometimes 1 3
)";

/// A folder of its own for each test.
class CliLitmus : public ::testing::Test {
protected:
    CliLitmus()
        : folder_(fs::path(::testing::TempDir()) /
                  (std::string("anypage-litmus-") +
                   ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    ~CliLitmus() override { fs::remove_all(folder_); }

    std::string write(const char* name, const std::string& text) const {
        fs::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name) << text;
        return (folder_ / name).string();
    }
    std::string folder() const { return folder_.string(); }

    static Outcome run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "litmus");
        return anypage::test::run_command(std::move(arguments));
    }

private:
    const fs::path folder_;
};

TEST_F(CliLitmus, PrintsWhatHerdPrints) {
    const Outcome outcome = run({write("SB.litmus", store_buffering)});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(outcome.out, std::string(store_buffering_states) + "\n");
}

TEST_F(CliLitmus, ModelIsChosen) {
    const std::string file = write("SB.litmus", store_buffering);
    expect_words(run({file, "--model", "sc"}).out, {"States 3", "Observation SB Never 0 3"});
    expect_words(run({file, "--model", "rc11"}).out, {"Observation SB Sometimes 1 3"});
}

TEST_F(CliLitmus, SaysWhereLoadBufferingCouldMatter) {
    const std::string file = write("LB.litmus", load_buffering);
    EXPECT_EQ(run({file}).out,
              std::string(load_buffering_states) +
                  "Bounded LB (the machine lacks 1: load buffering is not explored)\n"
                  "Lacks 0:r=1; 1:r=1;\n\n");
    expect_words(run({file, "--machine"}).out,
                 {"Observation LB Never 0 3", "Bounded LB (load buffering is not explored)"});
    EXPECT_EQ(run({file, "--model", "rc11"}).out.find("Bounded"), std::string::npos);
}

TEST_F(CliLitmus, SaysWhereTheMachineOrdersLessThanTheAxioms) {
    const std::string file = write("hb.litmus", R"(C hb
{}
P0(int *x, int *y, int *z) {
    int r; int s; r = READ_ONCE(*x); WRITE_ONCE(*y, r); s = READ_ONCE(*z);
}
P1(int *y, int *z) { int r; r = READ_ONCE(*y); WRITE_ONCE(*z, r + 1); }
P2(int *x, int *z) { WRITE_ONCE(*z, 3); smp_wmb(); WRITE_ONCE(*x, 1); }
exists (0:r=1 /\ 0:s=2 /\ z=3)
)");
    expect_words(run({file}).out, {"Observation hb Never",
                                   "Coarser hb (the machine shows 1 that the axioms forbid)\n"
                                   "Adds 0:r=1; 0:s=2; [z]=3;"});
    EXPECT_EQ(nlohmann::json::parse(run({file, "--json"}).out)["machine_adds"], 1);
    expect_words(run({file, "--machine"}).out, {"Observation hb Sometimes"});
}

TEST_F(CliLitmus, AxiomsJudgeLoadBufferingAndPlainAccesses) {
    const std::string file = write("LB.litmus", load_buffering);
    const Outcome judged = run({file, "--axioms"});
    EXPECT_EQ(judged.out, std::string(load_buffering_states) + "\n");
    const std::string plain = write("plain.litmus", R"(C plain
{}
P0(int *x) { *x = 1; }
P1(int *x) { int r; r = *x; }
exists (1:r=1)
)");
    expect_words(run({plain}).out, {"Flag data-race\n", "Observation plain Sometimes 1 1"});
    EXPECT_EQ(nlohmann::json::parse(run({plain, "--json"}).out)["tests"][0]["by"], "axioms");
    EXPECT_EQ(run({plain, "--model", "sc"}).out.find("Flag"), std::string::npos);
    const Outcome wrong = run({file, "--axioms", "--model", "rc11"});
    EXPECT_EQ(wrong.status, 2);
    expect_words(wrong.err, {"--axioms", "leave --model rc11 out"});
    const Outcome torn = run({file, "--axioms", "--machine"});
    EXPECT_EQ(torn.status, 2);
    expect_words(torn.err, {"--axioms and --machine: name one of them"});
}

TEST_F(CliLitmus, ExpectComparesFlagsToo) {
    const std::string file = write("SB.litmus", store_buffering);
    std::string expected = store_buffering_states;
    expected.insert(expected.find("Condition"), "Flag data-race\n");
    write("SB.litmus.expected", expected);
    EXPECT_EQ(run({file, "--expect"}).status, 1);
}

TEST_F(CliLitmus, ARegisterThatIsNeverSetIsWarnedOf) {
    const Outcome outcome =
        run({write("a.litmus", "C a\n{}\nP0(int *x) { *x = r1; }\nexists (x=0)")});
    EXPECT_EQ(outcome.status, 0);
    expect_words(outcome.err, {"anypage: warning: ", "a.litmus:3:19: \"r1\" is never set in P0"});
}

TEST_F(CliLitmus, DirectoriesAreSearchedAndSummedUp) {
    write("b/SB.litmus", store_buffering);
    write("a/LB.litmus", load_buffering);
    write("a/README", "no test");
    const Outcome outcome = run({folder()});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_LT(outcome.out.find("Test LB"), outcome.out.find("Test SB"));
    expect_words(outcome.out, {"2 tests: 0 Never, 2 Sometimes, 0 Always\n"});
}

TEST_F(CliLitmus, ExpectComparesWithHerd) {
    const std::string file = write("SB.litmus", store_buffering);
    write("SB.litmus.expected", store_buffering_states);
    write("LB.litmus", load_buffering);
    write("LB.litmus.expected", load_buffering_states);
    write("other.litmus", store_buffering);
    const Outcome outcome = run({folder(), "--expect"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    expect_words(outcome.out,
                 {"Observation LB Sometimes 1 3", "3 tests", "1 agree with herd7, 0 differ",
                  "1 in which the machine lacks states (load buffering)"});
    const Outcome machine = run({folder(), "--expect", "--machine"});
    EXPECT_EQ(machine.status, 0) << machine.err;
    expect_words(machine.out, {"Expected LB Sometimes (what is missing may need load buffering)",
                               "Missing 0:r=1; 1:r=1;", "1 agree with herd7, 0 differ",
                               "1 in which the machine lacks states (load buffering)"});
    EXPECT_EQ(run({file, "--expect", "--model", "rc11"}).status, 0);
    const Outcome strong = run({file, "--expect", "--model", "sc"});
    EXPECT_EQ(strong.status, 1);
    expect_words(strong.out, {"Expected SB Sometimes\n", "Missing 0:r=0; 1:r=0;"});
}

TEST_F(CliLitmus, AnExtraStateIsADifference) {
    const std::string file = write("SB.litmus", store_buffering);
    std::string expected = store_buffering_states;
    expected.replace(expected.find("States 4\n0:r=0; 1:r=0;\n"), 23, "States 3\n");
    write("SB.litmus.expected", expected);
    const Outcome outcome = run({file, "--expect"});
    EXPECT_EQ(outcome.status, 1);
    expect_words(outcome.out, {"Extra 0:r=0; 1:r=0;"});
}

/// The fields of docs/json.md, section "litmus".
TEST_F(CliLitmus, JsonHasTheDocumentedFields) {
    write("LB.litmus", load_buffering);
    write("LB.litmus.expected", load_buffering_states);
    write("bad.litmus", "C bad\n{}\nP0(int *x) { WRITE_ONCE(*x, ); }\nexists (x=1)\n");
    const Outcome outcome = run({folder(), "--expect", "--json"});
    EXPECT_EQ(outcome.status, 2);
    const auto json = nlohmann::json::parse(outcome.out, nullptr, false);
    EXPECT_EQ(json["model"], "lkmm");
    ASSERT_EQ(json["tests"].size(), 2u);
    const auto& test = json["tests"][0];
    EXPECT_EQ(test["file"], folder() + "/LB.litmus");
    EXPECT_EQ(test["name"], "LB");
    EXPECT_EQ(test["outcome"], "explored");
    EXPECT_EQ(test["problem"], "");
    EXPECT_EQ(test["verdict"], "Sometimes");
    EXPECT_EQ(test["ok"], true);
    EXPECT_EQ(test["condition"], "exists (0:r=1 /\\ 1:r=1)");
    EXPECT_EQ(test["states"].size(), 4u);
    EXPECT_EQ(test["positive"], 1);
    EXPECT_EQ(test["negative"], 3);
    EXPECT_TRUE(test["warnings"].empty());
    EXPECT_TRUE(test["flags"].empty());
    EXPECT_EQ(test["by"], "both");
    EXPECT_EQ(test["load_buffering"], true);
    EXPECT_EQ(test["machine_lacks"], std::vector<std::string>{"0:r=1; 1:r=1;"});
    EXPECT_TRUE(test["machine_adds"].empty());
    EXPECT_EQ(test["deadlocks"], false);
    EXPECT_GT(test["explored_states"], 0);
    EXPECT_GT(test["elapsed_ns"], 0);
    EXPECT_EQ(test["herd"]["verdict"], "Sometimes");
    EXPECT_EQ(test["herd"]["agrees"], true);
    EXPECT_TRUE(test["herd"]["missing"].empty());
    EXPECT_TRUE(test["herd"]["extra"].empty());
    EXPECT_EQ(json["tests"][1]["outcome"], "malformed");
    EXPECT_TRUE(json["tests"][1]["verdict"].is_null());
    EXPECT_TRUE(json["tests"][1]["herd"].is_null());
    EXPECT_EQ(json["agree"], 0);
    EXPECT_EQ(json["differ"], 0);
    EXPECT_EQ(json["differ_load_buffering"], 1);
    EXPECT_EQ(json["machine_adds"], 0);
    EXPECT_EQ(json["unsupported"], 0);
    EXPECT_EQ(json["malformed"], 1);
    EXPECT_EQ(json["limited"], 0);
}

TEST_F(CliLitmus, ErrorsNameThePlaceAndOtherTestsGoOn) {
    const std::string rcu =
        write("RCU.litmus", "C RCU\n{}\nP0(int *x) {\n  rcu_read_lock();\n}\nexists (x=1)\n");
    const Outcome outcome = run({rcu, write("SB.litmus", store_buffering)});
    EXPECT_EQ(outcome.status, 2);
    expect_words(outcome.err, {"anypage: ", "RCU.litmus:4:3: ", "leave this test out"});
    expect_words(outcome.out, {"Observation SB Sometimes 1 3", "2 tests", "1 unsupported"});
}

TEST_F(CliLitmus, ALimitIsStatus3AndNoVerdict) {
    const Outcome outcome = run({write("SB.litmus", store_buffering), "--states-max", "2"});
    EXPECT_EQ(outcome.status, 3);
    EXPECT_EQ(outcome.out, "");
    expect_words(outcome.err, {"the limit of ", " was hit after 2 ", "--states-max"});
}

TEST_F(CliLitmus, WrongUseIsStatus2OnStderr) {
    const std::string file = write("SB.litmus", store_buffering);
    write("garbled.litmus", store_buffering);
    write("garbled.litmus.expected", "Test SB Allowed\nStates many\n");
    fs::create_directories(folder() + "/empty");
    const std::vector<std::vector<std::string>> wrong{
        {},
        {"no-such-file.litmus"},
        {folder() + "/empty"},
        {file, "--model", "tso"},
        {file, "--states-max", "0"},
        {file, "--nonsense"},
        {folder() + "/garbled.litmus", "--expect"},
    };
    for (const auto& arguments : wrong) {
        const Outcome outcome = run(arguments);
        EXPECT_EQ(outcome.status, 2) << anypage::test::line_of(arguments);
        EXPECT_EQ(outcome.out, "") << anypage::test::line_of(arguments);
        EXPECT_NE(outcome.err, "") << anypage::test::line_of(arguments);
    }
}

}  // namespace
