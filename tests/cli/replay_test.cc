// The command `anypage replay` as a user runs it: what a replay comes to on each machine and with
// each protocol, what it prints where, and its exit status.
#include <sched.h>

#include <fstream>
#include <iterator>

#include "tests/cli/run_command.hpp"

namespace {

using anypage::test::expect_words;
using anypage::test::line_of;
using anypage::test::Outcome;
using anypage::test::run_command;
using nlohmann::json;
using Arguments = std::vector<std::string>;

std::string data(const std::string& path) { return ANYPAGE_SOURCE_DIR "/data/" + path; }
std::string machine(const std::string& name) { return data("topologies/" + name + ".toml"); }
const std::string small = data("recordings/small.perf.txt");

Arguments operator+(Arguments all, const Arguments& more) {
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

/// A replay of the small recording with one protocol, unless `more` says otherwise.
Arguments replay(const std::string& on, const std::string& protocol, const Arguments& more = {}) {
    return Arguments{"replay", "-i", small, "-t", on, "--protocol", protocol} + more;
}

json replayed(const Arguments& arguments, int status = 0) {
    const Outcome outcome = run_command(arguments + Arguments{"--json"});
    EXPECT_EQ(outcome.status, status) << line_of(arguments) << '\n' << outcome.err << outcome.out;
    json all = json::parse(outcome.out, nullptr, false);
    EXPECT_FALSE(all.is_discarded()) << outcome.out;
    return all;
}

void expect_right(const json& one, const std::string& where) {
    for (const char* never : {"spurious_failures", "misplaced_pages", "lost_pages",
                              "double_owned_pages", "misused_frees"}) {
        EXPECT_EQ(one[never], 0) << never << ' ' << where;
    }
    EXPECT_EQ(one["stuck"], false) << one["cause"] << ' ' << where;
    EXPECT_EQ(one["problem"], "") << where;
    EXPECT_EQ(one["failures"], one["undecided_failures"]) << where;
    EXPECT_GT(one["allocations"], 0) << where;
}

/// May a test, and so the command, have SCHED_FIFO threads?
bool may_run_fifo() {
    const sched_param wanted{1};
    const sched_param usual{0};
    if (sched_setscheduler(0, SCHED_FIFO, &wanted) != 0) return false;
    sched_setscheduler(0, SCHED_OTHER, &usual);
    return true;
}
/// All contexts that may be had here.
std::string contexts() { return may_run_fifo() ? "all" : "signals,pty,probe"; }

// Snapshot: right everywhere, whoever asks.

TEST(CliReplay, SnapshotIsRightOnEveryMachine) {
    int rebuilds = 0;
    for (const char* name : {"small", "asymmetric", "cxl", "headless", "sparse"}) {
        const Arguments arguments =
            replay(machine(name), "snapshot", {"--contexts", contexts(), "--repeat", "20"});
        const json all = replayed(arguments);
        expect_right(all["protocols"][0], line_of(arguments));
        EXPECT_GT(all["zones_that_swing"], 0) << name;
        rebuilds += all["protocols"][0]["rebuilds"].get<int>();
    }
    EXPECT_GT(rebuilds, 0);
}

TEST(CliReplay, SnapshotIsRightWithEveryRecording) {
    for (const char* name : {"small.perf.txt", "vm_sort.ptrc.xz", "redis.ptrc.xz"}) {
        Arguments arguments = replay(machine("small"), "snapshot", {"--contexts", contexts()});
        arguments[2] = data(std::string("recordings/") + name);
        expect_right(replayed(arguments)["protocols"][0], line_of(arguments));
    }
}

TEST(CliReplay, SnapshotIsRightInEveryStorm) {
    const std::pair<std::string, std::string> storms[] = {{"small", "none"},
                                                          {"small", "gentle"},
                                                          {"small", data("storms/gentle.toml")},
                                                          {"small", data("storms/movable.toml")},
                                                          {"sparse", data("storms/nodes.toml")},
                                                          {"cxl", data("storms/cxl.toml")}};
    for (const auto& [on, weather] : storms) {
        const Arguments arguments = replay(machine(on), "snapshot", {"--storm", weather});
        const json all = replayed(arguments);
        expect_right(all["protocols"][0], line_of(arguments));
        EXPECT_EQ(all["storm"], weather);
        EXPECT_EQ(all["zones_that_swing"] == 0, weather == "none");
    }
}

TEST(CliReplay, SnapshotIsRightAsEachKernelHasIt) {
    const Arguments variants[] = {{"--kernel", "rt"}, {"--check-sites", "2"}, {"--no-hotremove"}};
    for (const Arguments& variant : variants) {
        const Arguments arguments =
            replay(machine("small"), "snapshot", variant + Arguments{"--contexts", contexts()});
        expect_right(replayed(arguments)["protocols"][0], line_of(arguments));
    }
}

TEST(CliReplay, EveryRequestOfTheRecordingIsMade) {
    const json all = replayed(replay(machine("small"), "snapshot", {"--storm", "none"}));
    const json& one = all["protocols"][0];
    EXPECT_EQ(one["latency"]["thread"]["requests"], 1156);
    EXPECT_EQ(one["allocations"].get<int>() + one["failures"].get<int>(), 1156);
    EXPECT_EQ(one["allocations"], one["frees"]);
    EXPECT_EQ(one["rebuilds"], 0);
    EXPECT_EQ(all["recording"], small);
    EXPECT_EQ(all["topology"], machine("small"));
    EXPECT_EQ(all["nodes"], 2);
}

// What hangs, and how it is told.

TEST(CliReplay, SeqlockHangsInItsHandlerAndTheCauseIsNamed) {
    const Arguments arguments =
        replay(machine("small"), "seqlock",
               {"--contexts", "signals", "--timeout", "1", "--repeat", "10000"});
    const json one = replayed(arguments)["protocols"][0];
    EXPECT_EQ(one["stuck"], true);
    EXPECT_TRUE(one["cause"].get<std::string>().starts_with(
        "The timer handler waits for the rebuild that it interrupted"))
        << one["cause"];
}

TEST(CliReplay, AStuckProtocolIsAViolationWhereItIsRequired) {
    const Outcome outcome = run_command(replay(
        machine("small"), "seqlock",
        {"--contexts", "signals", "--timeout", "1", "--repeat", "10000", "--require", "seqlock"}));
    EXPECT_EQ(outcome.status, 1);
    expect_words(outcome.out, {"STUCK", "seqlock is stuck. The timer handler waits"});
}

TEST(CliReplay, SeqlockWaitsForItselfWhereTheWriteSectionAllocates) {
    const json one = replayed(
        replay(machine("small"), "seqlock",
               {"--contexts", "probe", "--timeout", "1", "--repeat", "10000"}))["protocols"][0];
    EXPECT_EQ(one["stuck"], true);
    EXPECT_TRUE(one["cause"].get<std::string>().starts_with("The write section allocates"))
        << one["cause"];
}

// Options.

TEST(CliReplay, AllProtocolsRunInOneCall) {
    const json all = replayed({"replay", "-i", small, "-t", machine("small"), "--storm", "gentle"});
    std::vector<std::string> names;
    for (const json& one : all["protocols"]) {
        names.push_back(one["protocol"]);
        EXPECT_EQ(one["problem"], "") << names.back();
    }
    EXPECT_EQ(names,
              (std::vector<std::string>{"unchecked", "seqlock", "seqlock_irqoff", "seqlock_irqsave",
                                        "reclaim_only", "odd_even", "raw_seqcount", "snapshot"}));
    expect_right(all["protocols"].back(), "all protocols");
}

TEST(CliReplay, OptionsArriveInTheReplay) {
    const json all = replayed(replay(machine("small"), "snapshot",
                                     {"--threads", "3", "--seed", "7", "--repeat", "4", "--storm",
                                      "none", "--contexts", "pty,signals"}));
    EXPECT_EQ(all["threads"], 3);
    EXPECT_EQ(all["seed"], 7);
    EXPECT_EQ(all["repeat"], 4);
    EXPECT_EQ(all["contexts"], (json{"signals", "pty"}));
    EXPECT_EQ(all["held"], true);
    EXPECT_EQ(all["check_sites"], 3);
    EXPECT_EQ(all["preempt_rt"], false);
    EXPECT_EQ(all["hotremove"], true);
    const json& one = all["protocols"][0];
    EXPECT_EQ(one["latency"]["thread"]["requests"], 4 * 1156);
    EXPECT_TRUE(one["latency"].contains("pty"));
    expect_right(one, "options");
}

TEST(CliReplay, KernelOptionsArriveInTheReplay) {
    const json all = replayed(replay(machine("small"), "snapshot",
                                     {"--kernel", "rt", "--check-sites", "2", "--no-hotremove"}));
    EXPECT_EQ(all["preempt_rt"], true);
    EXPECT_EQ(all["check_sites"], 2);
    EXPECT_EQ(all["hotremove"], false);
}

TEST(CliReplay, ProtocolsWithoutHotremoveNeverRestart) {
    const json all = replayed({"replay", "-i", small, "-t", machine("small"), "--protocol",
                               "unchecked,seqlock_irqsave", "--no-hotremove", "--repeat", "5"});
    for (const json& one : all["protocols"]) EXPECT_EQ(one["restarts"], 0) << one["protocol"];
}

TEST(CliReplay, MovableIsAPercentage) {
    const json none = replayed({"replay", "-i", small, "-t", "node:2 pu:1", "--protocol",
                                "snapshot", "--movable", "0", "--storm", "gentle"});
    for (const json& zone : none["protocols"][0]["zones"]) EXPECT_NE(zone["zone"], "Movable");
}

TEST(CliReplay, ThreadsWithoutHoldShowFragmentation) {
    const Outcome outcome =
        run_command(replay(machine("small"), "snapshot", {"--no-hold", "--storm", "none"}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    expect_words(outcome.out, {"Order-9 runs: ", "that the free memory could make\n"});
    const json all =
        replayed(replay(machine("small"), "snapshot", {"--no-hold", "--storm", "none"}));
    EXPECT_EQ(all["held"], false);
    const json& one = all["protocols"][0];
    EXPECT_GT(one["order9_runs_free"], 0);
    EXPECT_LE(one["order9_runs_free"], one["order9_runs_possible"]);
    EXPECT_EQ(one["failures"], 0);
}

TEST(CliReplay, AFifoThreadOnTheHotplugThreadsCpu) {
    if (!may_run_fifo()) GTEST_SKIP() << "skipped: no right to SCHED_FIFO";
    const json all = replayed(replay(machine("small"), "snapshot", {"--contexts", "fifo"}));
    expect_right(all["protocols"][0], "fifo");
    EXPECT_EQ(all["contexts"], json::array({"fifo"}));
    EXPECT_TRUE(all["protocols"][0]["latency"].contains("fifo"));
}

TEST(CliReplay, TablesAreForPeople) {
    const Outcome outcome = run_command(replay(machine("small"), "snapshot"));
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "");
    expect_words(outcome.out, {"Recording ", ": 1156 allocations, 943 frees, 2 CPUs",
                               "2 of its zones go and come",
                               "Storm storm, plain kernel, 3 check sites; zones that stay are held",
                               "protocol", "ns/pair", "Latency of an allocation, by context",
                               "p99.9", "Zones at the end (snapshot)", "(zones are held scarce"});
}

/// The numbers that the JSON has of zones fit together.
TEST(CliReplay, ZonesAddUp) {
    const json all = replayed(replay(machine("small"), "snapshot", {"--storm", "none"}));
    std::uint64_t managed = 0;
    for (const json& zone : all["protocols"][0]["zones"]) {
        std::uint64_t in_runs = 0;
        for (std::size_t order = 0; order < 11; ++order) {
            in_runs += zone["free_runs"][order].get<std::uint64_t>() << order;
        }
        EXPECT_EQ(in_runs, zone["free_frames"].get<std::uint64_t>());
        managed += zone["managed_frames"].get<std::uint64_t>();
    }
    EXPECT_EQ(managed, all["frames"].get<std::uint64_t>());
}

// Wrong use.

/// A file of this text, for as long as the object lives.
class Scratch {
public:
    Scratch(const char* name, const std::string& text) : path_(testing::TempDir() + name) {
        std::ofstream(path_, std::ios::binary) << text;
    }
    ~Scratch() { std::remove(path_.c_str()); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

void expect_refused(const Arguments& arguments, std::initializer_list<const char*> words) {
    const Outcome outcome = run_command(arguments);
    EXPECT_EQ(outcome.status, 2) << line_of(arguments);
    EXPECT_EQ(outcome.out, "") << line_of(arguments);
    expect_words(outcome.err, words);
}

TEST(CliReplay, WrongNamesAreAnsweredWithTheRightOnes) {
    const std::string on = machine("small");
    expect_refused(replay(on, "nonsense"), {"--protocol nonsense: no such protocol; there are all, "
                                            "unchecked, seqlock, ",
                                            "snapshot"});
    expect_refused(replay(on, "snapshot", {"--require", "x"}), {"--require x: no such protocol"});
    expect_refused(replay(on, "snapshot", {"--contexts", "signals,nmi"}),
                   {"--contexts nmi: no such context; there are none, signals, fifo, pty, probe"});
    expect_refused(replay(on, "snapshot", {"--storm", "hail"}),
                   {"cannot read the storm hail; give none, gentle, storm, or a TOML file"});
    expect_refused(replay("no-such-machine", "snapshot"), {"no-such-machine", "node:4 pu:2"});
    expect_refused({"replay", "-i", "no-such-recording"}, {"no-such-recording"});
    expect_refused({"replay"}, {"--input"});
}

TEST(CliReplay, NumbersOutOfRangeAreRefused) {
    const Arguments wrong[] = {{"--threads", "257"},   {"--threads", "-1"}, {"--repeat", "0"},
                               {"--repeat", "10001"},  {"--timeout", "0"},  {"--timeout", "3601"},
                               {"--check-sites", "1"}, {"--kernel", "old"}, {"--movable", "101"},
                               {"--seed", "x"}};
    for (const Arguments& each : wrong) {
        expect_refused(replay(machine("small"), "snapshot", each), {each[0].c_str()});
    }
}

TEST(CliReplay, AStormThatDoesNotFitIsRefusedWithItsLine) {
    const Scratch absent("absent.toml", "pause_us = 1\n[[swing]]\nnodes = \"9\"\n");
    expect_refused(replay(machine("small"), "snapshot", {"--storm", absent.path()}),
                   {"absent.toml:2: node 9 is not in", "`anypage topology` lists its nodes"});
    const Scratch faulty("faulty.toml", "pause_ms = 1\n");
    expect_refused(replay(machine("small"), "snapshot", {"--storm", faulty.path()}),
                   {"faulty.toml:1: ", "did you mean \"pause_us\"?"});
    const Scratch greedy("greedy.toml", "[[swing]]\n");
    expect_refused(replay(machine("small"), "snapshot", {"--storm", greedy.path()}),
                   {"takes all of", "leave a zone out of it"});
}

TEST(CliReplay, ATruncatedRecordingIsRefused) {
    std::ifstream whole(data("recordings/vm_sort.ptrc.xz"), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(whole), {}};
    ASSERT_GT(bytes.size(), 1000u);
    const Scratch cut("cut.ptrc.xz", bytes.substr(0, bytes.size() / 2));
    expect_refused({"replay", "-i", cut.path(), "-t", machine("small")}, {"cut.ptrc.xz"});
    const Scratch none("none.ptrc", "");
    expect_refused({"replay", "-i", none.path(), "-t", machine("small")}, {"none.ptrc"});
}

TEST(CliReplay, HelpNamesEveryOption) {
    const Outcome help = run_command({"replay", "--help"});
    EXPECT_EQ(help.status, 0);
    expect_words(help.out,
                 {"--input", "--topology", "--storm", "--protocol", "--require", "--contexts",
                  "--kernel", "--check-sites", "--no-hotremove", "--no-hold", "--movable",
                  "--threads", "--repeat", "--timeout", "--seed", "--json"});
}

}  // namespace
