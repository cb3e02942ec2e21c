// The verb `replay`: see replay.hpp.
#include "cli/replay.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cli/replay/load_recording.hpp"
#include "cli/replay/results.hpp"
#include "cli/replay/run_protocol.hpp"
#include "cli/table.hpp"
#include "host/text.hpp"

namespace anypage::cli {
namespace {

struct Options {
    std::string input;
    std::string topology = "host";
    std::string storm = "storm";
    std::vector<std::string> protocols{"all"};
    std::vector<std::string> require{"snapshot"};
    std::vector<std::string> contexts;
    std::string kernel = "plain";
    unsigned check_sites = 3;
    bool no_hotremove = false;
    bool no_hold = false;
    unsigned movable_percent = zone_policy{}.movable_percent;
    bool json = false;
    replay_options replay;
};

result<std::vector<std::string>, failure> chosen_protocols(const std::vector<std::string>& asked,
                                                           const char* option) {
    const auto& known = protocol_names();
    std::vector<std::string> chosen;
    for (const std::string& name : asked) {
        if (name == "all") return known;
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            return failure{error::invalid,
                           concat(option, " ", name, ": no such protocol; there are all, ",
                                  fmt::format("{}", fmt::join(known, ", ")))};
        }
        chosen.push_back(name);
    }
    return chosen;
}

std::optional<failure> read_contexts(const std::vector<std::string>& asked, replay_contexts& to) {
    for (const std::string& name : asked) {
        if (name == "none") continue;
        const bool all = name == "all";
        to.signals |= all || name == "signals";
        to.fifo |= all || name == "fifo";
        to.pty |= all || name == "pty";
        to.probe |= all || name == "probe";
        if (all || name == "signals" || name == "fifo" || name == "pty" || name == "probe")
            continue;
        return failure{error::invalid,
                       concat("--contexts ", name,
                              ": no such context; there are none, signals, fifo, pty, "
                              "probe, all")};
    }
    return std::nullopt;
}

/// May this process have SCHED_FIFO threads?
bool may_run_fifo() {
    const sched_param wanted{1};
    const sched_param usual{0};
    if (sched_setscheduler(0, SCHED_FIFO, &wanted) != 0) return false;
    sched_setscheduler(0, SCHED_OTHER, &usual);
    return true;
}

std::optional<failure> settle(Options& options) {
    options.replay.hold = !options.no_hold;
    options.replay.kernel.preempt_rt = options.kernel == "rt";
    options.replay.kernel.hotremove = !options.no_hotremove;
    options.replay.kernel.check_sites =
        options.check_sites == 2 ? CheckSites::two : CheckSites::three;
    if (auto wrong = read_contexts(options.contexts, options.replay.contexts)) return wrong;
    if (options.replay.contexts.fifo && !may_run_fifo()) {
        return failure{error::unsupported,
                       "--contexts fifo needs the right to SCHED_FIFO; run as root, with "
                       "CAP_SYS_NICE, or under a higher `ulimit -r`"};
    }
    return std::nullopt;
}

/// One line that overwrites itself, on a terminal only.
class ProgressLine {
public:
    void show(const std::string& protocol, std::uint64_t done, std::uint64_t all) {
        if (!terminal_ || all == 0) return;
        fmt::print(stderr, "\r{:<16} {:>3} %  ({} of {} events)\033[K", protocol, done * 100 / all,
                   done, all);
        std::fflush(stderr);
    }
    void clear() {
        if (terminal_) fmt::print(stderr, "\r\033[K");
    }

private:
    const bool terminal_ = isatty(STDERR_FILENO) == 1;
};

void print_head(const replay_plan& plan, const Options& options) {
    const recording_summary& summary = plan.recorded.summary();
    fmt::print("Recording {}: {} allocations, {} frees, {} CPUs, {} frames at its peak\n",
               plan.recorded.name(), summary.allocations, summary.frees, summary.cpus,
               summary.live_frames_max);
    fmt::print("Machine {}: {} nodes; {} of its zones go and come\n", plan.machine.source,
               plan.machine.nodes.size(), plan.targets.size());
    fmt::print("Storm {}, {} kernel, {} check sites{}{}\n\n", plan.weather.name, options.kernel,
               options.check_sites, options.no_hotremove ? ", hot-remove not configured" : "",
               plan.options.hold ? "; zones that stay are held between min and low" : "");
}

/// A machine that is too small makes requests fail rightly; say so before anybody wonders.
void warn_of_lack(const replay_plan& plan) {
    const std::uint64_t peak = plan.recorded.summary().live_frames_max;
    if (peak < plan.frames) return;
    fmt::print(
        stderr,
        "anypage: {} frames at the recording's peak do not fit the machine's {}; requests will "
        "fail for lack of memory\n",
        peak, plan.frames);
}

int exit_status(const std::vector<replay_outcome>& outcomes,
                const std::vector<std::string>& required) {
    for (const replay_outcome& outcome : outcomes) {
        const bool asked =
            std::find(required.begin(), required.end(), outcome.protocol) != required.end();
        if (asked && is_violated(outcome)) return exit_violated;
    }
    return exit_ok;
}

int run(Options options) {
    if (auto wrong = settle(options)) return complain(*wrong);
    const auto protocols = chosen_protocols(options.protocols, "--protocol");
    if (!protocols) return complain(protocols.error());
    const auto required = chosen_protocols(options.require, "--require");
    if (!required) return complain(required.error());
    zone_policy policy;
    policy.movable_percent = options.movable_percent;
    const auto machine = topology::load(options.topology, policy);
    if (!machine) return complain(machine.error());
    const auto weather = load_storm(options.storm);
    if (!weather) return complain(weather.error());
    const auto recorded = load_recording(options.input);
    if (!recorded) return complain(recorded.error());
    for (const std::string& warning : recorded->warnings()) {
        fmt::print(stderr, "anypage: {}\n", warning);
    }
    const auto plan = make_plan(*recorded, *machine, *weather, options.replay);
    if (!plan) return complain(plan.error());

    warn_of_lack(*plan);
    if (!options.json) print_head(*plan, options);
    std::vector<replay_outcome> outcomes;
    ProgressLine line;
    for (const std::string& protocol : *protocols) {
        outcomes.push_back(watch_protocol(
            protocol, *plan,
            [&line](const auto& name, auto done, auto all) { line.show(name, done, all); }));
    }
    line.clear();
    if (options.json) {
        print_replay_json(*plan, outcomes, stdout);
    } else {
        print_replay_tables(*plan, outcomes, stdout);
    }
    return exit_status(outcomes, *required);
}

void add_options(CLI::App& app, Options& options) {
    app.add_option("-i,--input", options.input,
                   "The recording: PTRC1 (plain or .xz) or the text of `perf script`")
        ->required();
    app.add_option("-t,--topology", options.topology,
                   "host, a TOML or hwloc XML file, a sysfs tree (directory or tar archive), or an "
                   "hwloc description such as \"node:4 pu:2\"")
        ->capture_default_str();
    app.add_option("--storm", options.storm,
                   "none, gentle, storm (as fast as it goes), or a TOML file")
        ->capture_default_str();
    app.add_option("--protocol", options.protocols, "Protocols to run, or all")
        ->delimiter(',')
        ->capture_default_str();
    app.add_option("--require", options.require,
                   "Protocols whose violations make the exit status 1")
        ->delimiter(',')
        ->capture_default_str();
    app.add_option(
           "--contexts", options.contexts,
           "Who else allocates: signals (a timer signal on every thread), fifo (a SCHED_FIFO "
           "thread on the hotplug thread's CPU), pty (a writer under the console's port "
           "lock), probe (from inside of the write section), all")
        ->delimiter(',');
    app.add_option("--kernel", options.kernel, "Which kernel the protocols play")
        ->check(CLI::IsMember({"plain", "rt"}))
        ->capture_default_str();
    app.add_option("--check-sites", options.check_sites,
                   "Where the slow path asks for changes: 2 places as in 2023, 3 as in 6.12")
        ->check(CLI::IsMember({2, 3}))
        ->capture_default_str();
    app.add_flag("--no-hotremove", options.no_hotremove,
                 "As without CONFIG_MEMORY_HOTREMOVE: no protocol of Linux's ever restarts");
    app.add_flag("--no-hold", options.no_hold,
                 "Leave memory plentiful: measures fragmentation, exercises no protocol");
    app.add_option(
           "--movable", options.movable_percent,
           "Percent of each node's memory that becomes Movable where the source does not say")
        ->check(CLI::Range(0, 100))
        ->capture_default_str();
    app.add_option("--threads", options.replay.threads, "Threads; 0: one for each recorded CPU")
        ->check(CLI::Range(0, 256))
        ->capture_default_str();
    app.add_option("--repeat", options.replay.repeat, "Replay the recording so many times")
        ->check(CLI::Range(1, 10000))
        ->capture_default_str();
    app.add_option("--timeout", options.replay.timeout_s,
                   "Seconds without progress after which a protocol counts as stuck")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    app.add_option("--seed", options.replay.seed, "Where the storm begins")->capture_default_str();
    app.add_flag("--json", options.json, "Print JSON (see docs/json.md)");
}

}  // namespace

Verb add_replay_verb(CLI::App& root) {
    CLI::App* app = root.add_subcommand(
        "replay", "Replay a recording of page allocations while memory comes and goes");
    const auto options = std::make_shared<Options>();
    add_options(*app, *options);
    return {app, [options] { return run(*options); }};
}

}  // namespace anypage::cli
