// The verb `check`: see check.hpp.
#include "cli/check.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <system_error>

#include "check/checkpoint.hpp"
#include "check/report.hpp"
#include "check/workers.hpp"
#include "cli/check/matrix.hpp"

namespace anypage::cli {
namespace {

struct Options {
    std::vector<std::string> protocols{"all"};
    std::vector<std::string> kernels{"all"};
    std::vector<unsigned> cpus{1, 2};
    std::vector<std::string> contexts{"all"};
    std::string model = "auto";
    std::vector<std::string> required{"snapshot"};
    std::string show = "1";
    std::string schedule;
    std::string change = "remove";
    unsigned check_sites = 3;
    bool no_hotremove = false;
    std::vector<std::string> assumed;
    bool deep = false;
    std::string folder;
    std::uint64_t states = 5'000'000;
    double seconds = 300;
    unsigned jobs = 0;
    bool json = false;
};

/// The names of the first `count` of an enumeration, in its order.
template <class Kind>
std::vector<std::string> names_of(unsigned count) {
    std::vector<std::string> names;
    for (unsigned i = 0; i < count; ++i) names.emplace_back(name_of(static_cast<Kind>(i)));
    return names;
}

std::vector<std::string> kernel_names() { return names_of<check::Preemption>(4); }
std::vector<std::string> change_names() { return names_of<Change>(change_kinds); }
std::vector<std::string> caller_names() { return names_of<CallerKind>(caller_kinds); }

const std::vector<std::string>& assumption_names() {
    static const std::vector<std::string> names{"throttling", "reclaim-sleeps"};
    return names;
}

/// Names out of a list, in the list's order; what is not one of them is an error.
result<std::vector<std::string>, failure> chosen(const char* option,
                                                 const std::vector<std::string>& wanted,
                                                 const std::vector<std::string>& known) {
    std::set<std::string> asked;
    for (const std::string& each : wanted) {
        if (each == "all") {
            asked.insert(known.begin(), known.end());
        } else if (std::find(known.begin(), known.end(), each) == known.end()) {
            return failure{error::invalid, fmt::format("{} {}: no such; write all or some of {}",
                                                       option, each, fmt::join(known, ","))};
        } else {
            asked.insert(each);
        }
    }
    std::vector<std::string> result;
    for (const std::string& each : known) {
        if (asked.count(each) != 0) result.push_back(each);
    }
    return result;
}

std::size_t index_of(const std::vector<std::string>& names, const std::string& name) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

result<std::vector<CellKey>, failure> cells(const Options& options) {
    const auto protocols = chosen("--protocol", options.protocols, protocol_names());
    if (!protocols) return protocols.error();
    const auto kernels = chosen("--kernel", options.kernels, kernel_names());
    if (!kernels) return kernels.error();
    const auto contexts = chosen("--context", options.contexts, caller_names());
    if (!contexts) return contexts.error();
    const auto assumed = chosen("--assume", options.assumed, assumption_names());
    if (!assumed) return assumed.error();
    const auto is_assumed = [&](const std::string& name) {
        return std::find(assumed->begin(), assumed->end(), name) != assumed->end();
    };
    std::vector<CellKey> keys;
    for (const std::string& kernel : *kernels) {
        for (const unsigned cpus : options.cpus) {
            for (const std::string& protocol : *protocols) {
                for (const std::string& context : *contexts) {
                    CellKey key;
                    key.protocol = protocol;
                    key.platform.preemption =
                        static_cast<check::Preemption>(index_of(kernel_names(), kernel));
                    key.platform.cpus = cpus;
                    key.platform.hotremove = !options.no_hotremove;
                    key.platform.check_sites = options.check_sites;
                    key.platform.throttling = is_assumed("throttling");
                    key.platform.reclaim_sleeps = is_assumed("reclaim-sleeps");
                    key.caller = static_cast<CallerKind>(index_of(caller_names(), context));
                    keys.push_back(std::move(key));
                }
            }
        }
    }
    return keys;
}

/// Linux's protocols are judged by the kernel's model, ours by C++'s too.
std::vector<check::Model> models(const Options& options, const std::string& protocol) {
    if (options.model == "sc") return {check::Model::sc};
    if (options.model == "rc11") return {check::Model::rc11};
    if (options.model == "lkmm" || protocol != "snapshot") return {check::Model::lkmm};
    return {check::Model::rc11, check::Model::lkmm};
}

class Progress {
public:
    explicit Progress(std::size_t all) : all_(all), shown_(isatty(STDERR_FILENO) != 0) {}
    ~Progress() {
        if (shown_) fmt::print(stderr, "\r{:60}\r", "");
    }
    void one_more(const CellOutcome& cell) {
        ++done_;
        states_ += cell.states;
        if (!shown_) return;
        fmt::print(stderr, "\r{} of {} cells, {} states  ", done_, all_, states_);
        std::fflush(stderr);
    }

private:
    const std::size_t all_;
    const bool shown_;
    std::size_t done_ = 0;
    std::uint64_t states_ = 0;
};

volatile std::sig_atomic_t interrupted = 0;

/// In a process of its own: the outcome, or what is wrong, as JSON.
std::string explore_one(const Options& options, const CellKey& key, unsigned processes) {
    CellSearch search;
    search.limits = {options.states, options.seconds};
    search.models = models(options, key.protocol);
    search.deep = options.deep;
    search.processes = processes;
    search.folder = options.folder;
    search.stop = [] { return interrupted != 0; };
    try {
        return to_json(outcome_of(key, explore_cell(key, search))).dump();
    } catch (const check::CheckpointError& wrong) {
        return nlohmann::json{{"failure", wrong.what()}}.dump();
    }
}

result<std::vector<CellOutcome>, failure> explore_all(const Options& options,
                                                      const std::vector<CellKey>& keys) {
    // What was explored until then is still worth a table, and to be gone on with.
    struct sigaction action {};
    action.sa_handler = [](int) { interrupted = 1; };
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
    std::vector<CellOutcome> outcomes(keys.size());
    std::optional<failure> wrong;
    Progress progress(keys.size());
    check::Workers workers;
    const unsigned jobs = check::processes_for(options.jobs);
    workers.at_once = jobs;
    // Few cells: several processes for each.
    const auto processes = static_cast<unsigned>(
        std::max<std::size_t>(1, jobs / std::max<std::size_t>(1, keys.size())));
    workers.work = [&](std::size_t index) { return explore_one(options, keys[index], processes); };
    workers.done = [&](std::size_t index, const std::string& answer) {
        outcomes[index].key = keys[index];
        outcomes[index].limit = "its process died";
        const auto read = nlohmann::json::parse(answer, nullptr, false);
        if (read.contains("failure")) {
            wrong = failure{error::invalid, read.at("failure")};
        } else if (!read.is_discarded()) {
            outcomes[index] = outcome_from_json(read);
        }
        progress.one_more(outcomes[index]);
    };
    check::run_jobs(keys.size(), workers);
    if (wrong) return *wrong;
    return outcomes;
}

int status_of(const Options& options, const std::vector<CellOutcome>& outcomes) {
    int status = exit_ok;
    for (const CellOutcome& cell : outcomes) {
        const auto& required = options.required;
        const bool is_required =
            std::find(required.begin(), required.end(), cell.key.protocol) != required.end() ||
            std::find(required.begin(), required.end(), "all") != required.end();
        if (!is_required) continue;
        if (!cell.broken.empty()) return exit_violated;
        if (!cell.limit.empty()) status = exit_limit;
    }
    return status;
}

int show(const Options& options, const Counterexamples& numbered) {
    if (options.show == "none" || numbered.all().empty()) return exit_ok;
    if (options.show == "all") {
        for (const auto& one : numbered.all()) print_counterexample(one, stdout);
        return exit_ok;
    }
    for (const auto& one : numbered.all()) {
        if (std::to_string(one.number) == options.show) {
            print_counterexample(one, stdout);
            return exit_ok;
        }
    }
    return complain({error::not_found,
                     fmt::format("--show {}: there are counterexamples 1 to {}; or write all, none",
                                 options.show, numbered.all().size())});
}

/// One schedule again, every step of it.
int replay_schedule(const Options& options, const std::vector<CellKey>& keys) {
    if (keys.size() != 1) {
        return complain({error::invalid,
                         "--schedule: says what happens in one cell; name it with --protocol, "
                         "--kernel, --cpus and --context"});
    }
    const auto schedule = check::parse_schedule(options.schedule);
    if (!schedule) {
        return complain(
            {error::invalid, fmt::format("--schedule {}: not a schedule; copy it from a "
                                         "counterexample",
                                         options.schedule)});
    }
    const auto model = models(options, keys[0].protocol).back();
    const auto change = static_cast<Change>(index_of(change_names(), options.change));
    const auto found = check::replay(cell_config(keys[0], model, {}).execution,
                                     cell_scenario(keys[0], change), *schedule);
    if (!found) {
        return complain({error::invalid,
                         "--schedule: this cell cannot go that way; was it made with "
                         "another --change, --model or version?"});
    }
    for (const std::string& line : check::counterexample_lines(found->counterexample, 0)) {
        fmt::print("{}\n", line);
    }
    if (found->violation.property.empty()) {
        fmt::print("\nNothing is violated.\n");
    } else {
        fmt::print("\nViolates \"{}\". {}\n", found->violation.property, found->violation.cause);
    }
    return exit_ok;
}

/// Makes the folder if it is missing. What is kept is written when an exploration ends, perhaps in
/// hours: that it cannot be is said before.
std::optional<failure> make_folder(const std::string& folder) {
    if (folder.empty()) return std::nullopt;
    std::error_code wrong;
    std::filesystem::create_directories(folder, wrong);
    if (!wrong && access(folder.c_str(), W_OK | X_OK) != 0) {
        wrong.assign(errno, std::generic_category());
    }
    if (!wrong) return std::nullopt;
    return failure{error::invalid, fmt::format("--resume {}: {}; name a folder that explorations "
                                               "can be kept in",
                                               folder, wrong.message())};
}

int run(const Options& options) {
    const auto keys = cells(options);
    if (!keys) return complain(keys.error());
    if (const auto known = chosen("--require", options.required, protocol_names()); !known) {
        return complain(known.error());
    }
    if (!options.schedule.empty()) return replay_schedule(options, *keys);
    if (const auto wrong = make_folder(options.folder)) return complain(*wrong);
    const auto explored = explore_all(options, *keys);
    if (!explored) return complain(explored.error());
    const std::vector<CellOutcome>& outcomes = *explored;
    const Counterexamples numbered(outcomes);
    if (options.json) {
        print_matrix_json(outcomes, numbered, stdout);
        return status_of(options, outcomes);
    }
    print_matrix(outcomes, numbered, stdout);
    print_causes(numbered, stdout);
    if (!numbered.all().empty()) fmt::print("\n");
    if (const int status = show(options, numbered); status != exit_ok) return status;
    return status_of(options, outcomes);
}

}  // namespace

Verb add_check_verb(CLI::App& app) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand(
        "check", "Explores every protocol on every kind of kernel, and says what breaks and how");
    verb->add_option("--protocol", options->protocols, "Protocols, or all")->delimiter(',');
    verb->add_option("--kernel", options->kernels, "Preemption: none,voluntary,full,rt, or all")
        ->delimiter(',');
    verb->add_option("--cpus", options->cpus, "Machines of so many CPUs: 1, 2 or both")
        ->delimiter(',')
        ->check(CLI::Range(1, 2));
    verb->add_option(
            "--context", options->contexts,
            "Who asks for a page: thread, nowait, fifo, softirq, hardirq, nmi, signal, pty, "
            "diagnostic, depot, or all")
        ->delimiter(',');
    verb->add_option("--model", options->model,
                     "Memory model; auto: lkmm for Linux's protocols, rc11 and lkmm for ours")
        ->check(CLI::IsMember({"auto", "lkmm", "rc11", "sc"}));
    verb->add_option("--check-sites", options->check_sites,
                     "Where the slow path asks for changes: 2 as in the mail, 3 as in 6.12")
        ->check(CLI::Range(2, 3));
    verb->add_flag("--no-hotremove", options->no_hotremove,
                   "A kernel without CONFIG_MEMORY_HOTREMOVE");
    verb->add_option("--require", options->required,
                     "Protocols that must hold: exit status 1 if not")
        ->delimiter(',');
    verb->add_option("--show", options->show, "Counterexample to print: a number, all or none");
    verb->add_option("--schedule", options->schedule, "Run one schedule of one cell, every step");
    verb->add_option("--change", options->change, "With --schedule: what hotplug does")
        ->check(CLI::IsMember(change_names()));
    verb->add_option("--assume", options->assumed,
                     "What else is so: throttling (of real-time threads), reclaim-sleeps")
        ->delimiter(',');
    verb->add_flag("--deep", options->deep,
                   "Hotplug twice and by two writers, too; takes long: see --timeout, --resume");
    verb->add_option("--resume", options->folder,
                     "A folder to keep explorations in, and to go on with those that are there; "
                     "made if it is missing");
    verb->add_option("--states", options->states, "States of one exploration, at most");
    verb->add_option("--timeout", options->seconds, "Seconds of one exploration, at most");
    verb->add_option("--jobs", options->jobs,
                     "Processes at once, by cells or for one; 0: one a CPU");
    verb->add_flag("--json", options->json, "Print JSON");
    return {verb, [options] { return run(*options); }};
}

}  // namespace anypage::cli
