// The verb `mutants`: see mutants.hpp.
#include "cli/mutants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/mutants/hunt.hpp"
#include "cli/mutants/reasons.hpp"
#include "cli/table.hpp"

namespace anypage::cli {
namespace {

struct Options {
    std::string source = ".";
    std::vector<std::string> files;
    bool deep = false;
    unsigned jobs = 0;
    bool json = false;
};

/// Whose orders are ours to justify.
bool is_ours(const std::string& file) {
    for (const char* prefix : {"src/sync/", "src/zone/", "src/protocol/snapshot", "src/alloc/",
                               "src/hotplug/", "src/node/"}) {
        if (file.starts_with(prefix)) return true;
    }
    return false;
}

std::vector<check::Mutation> mutations(const Options& options, const std::vector<Trial>& trials) {
    std::set<check::Site> sites;
    for (const Trial& trial : trials) sites.insert(trial.sites.begin(), trial.sites.end());
    std::vector<check::Mutation> all;
    for (const check::Site& site : sites) {
        const auto& files = options.files;
        const bool wanted = files.empty()
                                ? is_ours(site.file)
                                : std::find(files.begin(), files.end(), site.file) != files.end();
        if (!wanted) continue;
        const auto weaker = check::weakenings(site);
        all.insert(all.end(), weaker.begin(), weaker.end());
    }
    return all;
}

std::string place_of(const check::Site& site) {
    return fmt::format("{}:{}:{}", site.file, site.line, site.column);
}

void print_table(const std::vector<Killed>& all, const Reasons& reasons) {
    Table table({{"site"}, {"weaker"}, {"needed for"}, {"model"}});
    for (const Killed& each : all) {
        const std::string reason = reasons.of(each.mutation);
        const std::string needed = !each.by.empty() ? each.by + ": " + each.property
                                   : reason.empty() ? std::string("SURVIVES")
                                                    : "survives: " + reason;
        table.add({place_of(each.mutation.site), weakening_of(each.mutation), needed, each.model});
    }
    table.print(stdout);
}

void print_json(const std::vector<Killed>& all, const Reasons& reasons) {
    nlohmann::json rows = nlohmann::json::array();
    for (const Killed& each : all) {
        rows.push_back({{"file", each.mutation.site.file},
                        {"line", each.mutation.site.line},
                        {"column", each.mutation.site.column},
                        {"code", reasons.code_of(each.mutation.site)},
                        {"weakening", weakening_of(each.mutation)},
                        {"killed", !each.by.empty()},
                        {"scenario", each.by},
                        {"model", each.model},
                        {"property", each.property},
                        {"reason", reasons.of(each.mutation)},
                        {"trials", each.trials},
                        {"seconds", each.seconds}});
    }
    fmt::print("{}\n", nlohmann::json{{"mutants", rows}}.dump(1));
}

int run(const Options& options) {
    const auto reasons = Reasons::read(options.source);
    if (!reasons) return complain(reasons.error());
    const unsigned jobs =
        options.jobs != 0 ? options.jobs : std::max(1u, std::thread::hardware_concurrency());
    const std::vector<Trial> trials = run_trials(options.deep, jobs);
    for (const Trial& trial : trials) {
        if (trial.verdict == "holds") continue;
        return complain(
            {error::invalid, fmt::format("{} under {}: {} as it is; mend that first",
                                         trial.entry->name, name_of(trial.model), trial.verdict)});
    }
    const std::vector<Killed> all = hunt(mutations(options, trials), trials, jobs);
    if (options.json) {
        print_json(all, *reasons);
    } else {
        print_table(all, *reasons);
    }
    std::size_t survivors = 0;
    std::size_t unexplained = 0;
    for (const Killed& each : all) {
        if (!each.by.empty()) continue;
        ++survivors;
        unexplained += reasons->of(each.mutation).empty() ? 1 : 0;
    }
    if (!options.json) {
        fmt::print(
            "\n{} mutants in {} scenarios: {} killed, {} survive with a reason, {} without\n",
            all.size(), trials.size(), all.size() - survivors, survivors - unexplained,
            unexplained);
    }
    return unexplained == 0 ? exit_ok : exit_violated;
}

}  // namespace

Verb add_mutants_verb(CLI::App& app) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand(
        "mutants", "Weakens each memory order of the allocator, and says what it is needed for");
    verb->add_option("--source", options->source, "The project's sources");
    verb->add_option("--file", options->files, "Only sites of these files, as src/zone/raise.hpp")
        ->delimiter(',');
    verb->add_flag("--deep", options->deep, "The scenarios that take long, too");
    verb->add_option("--jobs", options->jobs, "Mutants at once; 0: one a CPU");
    verb->add_flag("--json", options->json, "Print JSON");
    return {verb, [options] { return run(*options); }};
}

}  // namespace anypage::cli
