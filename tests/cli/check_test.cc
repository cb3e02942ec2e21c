// The commands `anypage check` and `anypage mutants` as a user runs them: what they find, what they
// print where, and their exit statuses.
#include "tests/cli/run_command.hpp"
#include "tests/support/sanitizers.hpp"
#include "tests/support/scratch.hpp"

namespace {

using anypage::test::expect_words;
using anypage::test::Outcome;
using anypage::test::run_command;
using nlohmann::json;

/// The verdicts of one cell, by property.
json cell(const char* protocol, const char* kernel, const char* cpus, const char* context,
          const char* property) {
    const Outcome outcome = run_command({"check", "--protocol", protocol, "--kernel", kernel,
                                         "--cpus", cpus, "--context", context, "--json"});
    EXPECT_EQ(outcome.err, "");
    const json matrix = json::parse(outcome.out);
    for (const json& each : matrix.at("cells")) {
        if (each.at("property") == property) return each;
    }
    ADD_FAILURE() << "no such property: " << property;
    return {};
}

constexpr const char* spurious = "no request fails for nothing";
constexpr const char* misplaced = "no page from where it may not come";
constexpr const char* contexts = "every context may do what it does";

void expect_broken(const json& found) {
    EXPECT_EQ(found.at("verdict"), "broken") << found;
    EXPECT_LE(found.at("counterexample").size(), 20u);
    EXPECT_NE(found.at("cause"), "");
}

// What zonelist-protocols tags as seen first-hand.

TEST(Check, FindsThatUncheckedReadersFailForNothing) {
    expect_broken(cell("unchecked", "full", "2", "nowait", spurious));
}

TEST(Check, FindsTheHandlerThatWaitsForTheWriterThatItInterrupted) {
    const json found = cell("seqlock", "none", "1", "hardirq", "no livelock");
    expect_broken(found);
    EXPECT_NE(found.at("cause").get<std::string>().find("the writer never gets CPU0 back"),
              std::string::npos);
}

TEST(Check, FindsTheDeadlockThroughPrintk) {
    expect_broken(cell("seqlock", "full", "2", "pty", "no livelock"));
    EXPECT_EQ(cell("seqlock_irqoff", "full", "2", "pty", "no livelock").at("verdict"), "holds");
}

TEST(Check, FindsThatIrqoffSleepsWithInterruptsOffOnRt) {
    expect_broken(cell("seqlock_irqoff", "rt", "2", "thread", contexts));
    EXPECT_EQ(cell("seqlock_irqsave", "rt", "2", "thread", contexts).at("verdict"), "holds");
}

// What was open.

TEST(Check, FindsThatTheMailsPatchFailsForNothingOnWeakMemory) {
    if (anypage::test::asan) GTEST_SKIP() << "tens of thousands of states: a minute";
    const json weak = cell("odd_even", "full", "2", "thread", spurious);
    expect_broken(weak);
    EXPECT_NE(weak.at("assumptions").dump().find("weak memory"), std::string::npos);
}

TEST(Check, FindsThatTheMailsPatchNeverEndsBesideAFifoThreadOnRt) {
    expect_broken(cell("odd_even", "rt", "2", "fifo", "no livelock"));
}

TEST(Check, FindsThatAStaleZonerefGivesAMovablePage) {
    expect_broken(cell("seqlock_irqsave", "full", "2", "thread", misplaced));
}

TEST(Check, FindsNothingWithSnapshot) {
    const Outcome outcome = run_command({"check", "--protocol", "snapshot"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out.find("BROKEN"), std::string::npos) << outcome.out;
    EXPECT_EQ(outcome.out.find("bounded"), std::string::npos) << outcome.out;
    expect_words(outcome.out, {"UP none", "SMP rt", "holds"});
}

TEST(Check, ExitsWith1IfWhatIsRequiredIsBroken) {
    const Outcome outcome =
        run_command({"check", "--protocol", "seqlock", "--kernel", "full", "--cpus", "1",
                     "--context", "hardirq", "--require", "seqlock"});
    EXPECT_EQ(outcome.status, 1);
    expect_words(outcome.out, {"BROKEN #1", "no livelock", "--schedule"});
}

TEST(Check, ExitsWith3IfALimitIsHitWhereSomethingIsRequired) {
    const Outcome outcome = run_command({"check", "--protocol", "snapshot", "--kernel", "full",
                                         "--cpus", "2", "--context", "thread", "--states", "10"});
    EXPECT_EQ(outcome.status, 3);
    expect_words(outcome.out, {"bounded (states)"});
}

TEST(Check, RunsAScheduleAgain) {
    const json found = cell("seqlock", "none", "1", "hardirq", "no livelock");
    const Outcome outcome = run_command({"check", "--protocol", "seqlock", "--kernel", "none",
                                         "--cpus", "1", "--context", "hardirq", "--change",
                                         found.at("change"), "--schedule", found.at("schedule")});
    EXPECT_EQ(outcome.status, 0);
    expect_words(outcome.out, {"zonelist_update_seq = 3", "Violates \"no livelock\""});
}

TEST(Check, SaysWhatAnAssumptionMends) {
    const Outcome outcome =
        run_command({"check", "--protocol", "odd_even", "--kernel", "rt", "--cpus", "1",
                     "--context", "fifo", "--assume", "throttling", "--require", "odd_even"});
    EXPECT_EQ(outcome.status, 0);
    expect_words(outcome.out, {"Assumed: real-time threads are throttled", "holds"});
}

TEST(Check, GoesOnWithWhatItHasKept) {
    const anypage::test::Scratch scratch;
    const std::string folder = scratch.path() / "kept" / "there";  // is made
    std::vector<std::string> arguments{"check",  "--protocol", "snapshot",  "--kernel", "full",
                                       "--cpus", "2",          "--context", "pty",      "--resume",
                                       folder,   "--json",     "--deep",    "--model",  "lkmm"};
    const auto states_of = [](const Outcome& outcome) {
        return json::parse(outcome.out).at("cells").at(0).at("states").get<unsigned>();
    };
    std::vector<std::string> limited = arguments;
    limited.insert(limited.end(), {"--states", "300"});
    const Outcome cut_off = run_command(limited);
    EXPECT_EQ(cut_off.status, 3) << cut_off.out;
    const Outcome resumed = run_command(arguments);
    EXPECT_EQ(resumed.status, 0) << resumed.out;
    EXPECT_GT(states_of(resumed), states_of(cut_off));
    for (const auto& each : std::filesystem::directory_iterator(folder)) {
        std::ofstream(each.path()) << "something else";
    }
    const Outcome refused = run_command(arguments);
    EXPECT_EQ(refused.status, 2);
    expect_words(refused.err, {folder.c_str(), "remove it to begin anew"});
}

TEST(Check, SaysBeforeItExploresThatNothingCanBeKept) {
    const Outcome outcome = run_command(
        {"check", "--protocol", "snapshot", "--context", "nmi", "--resume", "/dev/null/kept"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.out, "");
    expect_words(outcome.err, {"--resume /dev/null/kept: Not a directory", "name a folder"});
}

TEST(Check, SaysWhatIsWrongWithItsOptions) {
    const std::vector<std::vector<std::string>> wrong{
        {"check", "--protocol", "rcu"},
        {"check", "--kernel", "lowlatency"},
        {"check", "--context", "tasklet"},
        {"check", "--cpus", "3"},
        {"check", "--assume", "luck"},
        {"check", "--change", "thrice"},
        {"check", "--require", "rcu"},
        {"check", "--schedule", "0"},
        {"check", "--protocol", "seqlock", "--kernel", "none", "--cpus", "1", "--context",
         "hardirq", "--schedule", "0*x"},
        {"check", "--protocol", "seqlock", "--kernel", "none", "--cpus", "1", "--context",
         "hardirq", "--schedule", "7"},
        {"check", "--protocol", "seqlock", "--kernel", "none", "--cpus", "1", "--context",
         "hardirq", "--show", "9"},
        {"mutants", "--source", "/nowhere"},
    };
    for (const auto& arguments : wrong) {
        const Outcome outcome = run_command(arguments);
        EXPECT_EQ(outcome.status, 2) << anypage::test::line_of(arguments);
        EXPECT_NE(outcome.err, "") << anypage::test::line_of(arguments);
    }
}

TEST(Mutants, SaysWhatAnOrderIsNeededFor) {
    const Outcome outcome =
        run_command({"mutants", "--source", ANYPAGE_SOURCE_DIR, "--file", "src/zone/claim.hpp",
                     "--scenario", "zone.two_words_or_frame,zone.batch_or_two_words", "--json"});
    const json table = json::parse(outcome.out);
    std::size_t killed = 0;
    for (const json& each : table.at("mutants")) {
        EXPECT_EQ(each.at("file"), "src/zone/claim.hpp");
        EXPECT_NE(each.at("code"), "");
        killed += each.at("killed").get<bool>() ? 1 : 0;
    }
    EXPECT_GE(killed, 2u);
    // Without the other scenarios, orders survive that are needed.
    EXPECT_EQ(outcome.status, killed == table.at("mutants").size() ? 0 : 1);
}

TEST(Mutants, RefusesAScenarioThatIsNot) {
    const Outcome outcome =
        run_command({"mutants", "--source", ANYPAGE_SOURCE_DIR, "--scenario", "zone.of_no_return"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.err.find("--scenario zone.of_no_return"), std::string::npos);
}

TEST(Mutants, RefusesToStrengthenWhatIsNoProtocol) {
    const Outcome outcome = run_command({"mutants", "--strengthen", "--protocol", "seqlok"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.err.find("--protocol seqlok"), std::string::npos);
}

}  // namespace
