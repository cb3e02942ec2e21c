// The verb `mutants`: see mutants.hpp.
#include "cli/mutants.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "check/workers.hpp"
#include "cli/mutants/hunt.hpp"
#include "cli/mutants/reasons.hpp"
#include "cli/mutants/strengthen.hpp"
#include "cli/table.hpp"

namespace anypage::cli {
namespace {

struct Options {
    std::string source = ".";
    std::vector<std::string> files;
    Wanted scenarios;
    bool strengthen = false;
    std::vector<std::string> protocols;
    unsigned jobs = 0;
    bool json = false;
};

/// Whose orders are ours to justify.
bool is_ours(const std::string& file) {
    for (const char* prefix : {"src/sync/", "src/zone/", "src/protocol/snapshot", "src/alloc/",
                               "src/hotplug/", "src/node/", "src/world/"}) {
        if (file.starts_with(prefix)) return true;
    }
    return false;
}

std::optional<failure> unknown_scenario(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        const auto& all = scenario::catalogue();
        const bool known = std::any_of(all.begin(), all.end(), [&](const scenario::Entry& entry) {
            return entry.name == name;
        });
        if (known) continue;
        return failure{
            error::not_found,
            fmt::format("--scenario {}: no such; they are the entries of tests/scenario", name)};
    }
    return std::nullopt;
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

void print_pairs(const std::vector<Killed>& pairs) {
    Table table({{"survivor"}, {"with"}, {"together needed for"}, {"model"}});
    for (const Killed& each : pairs) {
        if (each.by.empty()) continue;
        const check::Mutation& other = each.mutation.others.front();
        table.add({place_of(each.mutation.site) + " " + weakening_of(each.mutation),
                   place_of(other.site) + " " + weakening_of(other), each.by + ": " + each.property,
                   each.model});
    }
    fmt::print("\n");
    table.print(stdout);
}

void print_json(const std::vector<Killed>& all, const std::vector<Killed>& pairs,
                const Reasons& reasons) {
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
    nlohmann::json together = nlohmann::json::array();
    for (const Killed& each : pairs) {
        together.push_back({{"mutants", each.mutation.text()},
                            {"killed", !each.by.empty()},
                            {"scenario", each.by},
                            {"model", each.model},
                            {"property", each.property}});
    }
    fmt::print("{}\n", nlohmann::json{{"mutants", rows}, {"pairs", together}}.dump(1));
}

/// "full: thread, nowait; rt: thread": where a property is mended, without what hotplug did there.
std::string places_of(const std::set<Violated>& those, const std::string& property) {
    std::map<std::string, std::set<std::string>> callers;
    for (const Violated& each : those) {
        if (each.property != property) continue;
        const auto kernel_end = each.where.find(", ");
        const auto caller_end = each.where.find(", ", kernel_end + 2);
        callers[each.where.substr(0, kernel_end)].insert(
            each.where.substr(kernel_end + 2, caller_end - kernel_end - 2));
    }
    std::vector<std::string> parts;
    for (const auto& [kernel, names] : callers) {
        parts.push_back(fmt::format("{}: {}", kernel, fmt::join(names, " ")));
    }
    return fmt::format("{}", fmt::join(parts, "; "));
}

std::set<std::string> properties_of(const std::set<Violated>& those) {
    std::set<std::string> properties;
    for (const Violated& each : those) properties.insert(each.property);
    return properties;
}

std::size_t count_of(const std::set<Violated>& those, const std::string& property) {
    return static_cast<std::size_t>(
        std::count_if(those.begin(), those.end(),
                      [&](const Violated& each) { return each.property == property; }));
}

void print_strengthened(const std::vector<Strengthened>& all) {
    constexpr std::size_t shown_max = 3;
    for (const Strengthened& one : all) {
        fmt::print("{}: {} single additions tried\n", one.protocol, one.tried);
        for (const std::string& property : properties_of(one.violated)) {
            fmt::print("  {}: violated ({})\n", property, places_of(one.violated, property));
            std::size_t shown = 0;
            for (const Addition& each : one.additions) {
                const std::size_t mended = count_of(each.mends, property);
                if (mended == 0 || shown++ == shown_max) continue;
                fmt::print("    {}\n      mends {} of {} ({})", each.text, mended,
                           count_of(one.violated, property), places_of(each.mends, property));
                for (const std::string& broken : properties_of(each.breaks)) {
                    fmt::print("\n      then breaks \"{}\" ({})", broken,
                               places_of(each.breaks, broken));
                }
                fmt::print("\n");
            }
            if (shown == 0) fmt::print("    no single addition mends it anywhere\n");
        }
    }
}

nlohmann::json to_json(const std::set<Violated>& those) {
    nlohmann::json list = nlohmann::json::array();
    for (const Violated& each : those) {
        list.push_back({{"where", each.where}, {"property", each.property}});
    }
    return list;
}

void print_strengthened_json(const std::vector<Strengthened>& all) {
    nlohmann::json protocols = nlohmann::json::array();
    for (const Strengthened& one : all) {
        nlohmann::json additions = nlohmann::json::array();
        for (const Addition& each : one.additions) {
            additions.push_back({{"addition", each.text},
                                 {"mends", to_json(each.mends)},
                                 {"breaks", to_json(each.breaks)}});
        }
        protocols.push_back({{"protocol", one.protocol},
                             {"tried", one.tried},
                             {"violated", to_json(one.violated)},
                             {"additions", additions}});
    }
    fmt::print("{}\n", nlohmann::json{{"strengthened", protocols}}.dump(1));
}

int run_strengthen(const Options& options, unsigned jobs) {
    std::vector<std::string> protocols = options.protocols;
    if (protocols.empty()) {
        protocols = protocol_names();
        std::erase(protocols, "snapshot");
    }
    for (const std::string& each : protocols) {
        const auto& known = protocol_names();
        if (std::find(known.begin(), known.end(), each) != known.end()) continue;
        return complain({error::invalid, fmt::format("--protocol {}: no such; write some of {}",
                                                     each, fmt::join(known, ","))});
    }
    const auto all = strengthen(protocols, jobs);
    options.json ? print_strengthened_json(all) : print_strengthened(all);
    return exit_ok;
}

int run(const Options& options) {
    const unsigned jobs = check::processes_for(options.jobs);
    if (options.strengthen) return run_strengthen(options, jobs);
    if (const auto wrong = unknown_scenario(options.scenarios.names)) return complain(*wrong);
    const auto reasons = Reasons::read(options.source);
    if (!reasons) return complain(reasons.error());
    const std::vector<Trial> trials = run_trials(options.scenarios, jobs);
    for (const Trial& trial : trials) {
        if (trial.verdict == "holds") continue;
        return complain(
            {error::invalid, fmt::format("{} under {}: {} as it is; mend that first",
                                         trial.entry->name, name_of(trial.model), trial.verdict)});
    }
    const std::vector<Killed> all = hunt(mutations(options, trials), trials, jobs);
    const std::vector<Killed> pairs = hunt(pairs_of(all), cheap_ones(trials), jobs);
    const auto killed = [](const Killed& each) { return !each.by.empty(); };
    const auto killed_pairs = std::count_if(pairs.begin(), pairs.end(), killed);
    if (options.json) {
        print_json(all, pairs, *reasons);
    } else {
        print_table(all, *reasons);
        if (killed_pairs != 0) print_pairs(pairs);
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
            "\n{} mutants in {} scenarios: {} killed, {} survive with a reason, {} without; {} of "
            "{} pairs of neighbours among the survivors are killed\n",
            all.size(), trials.size(), all.size() - survivors, survivors - unexplained, unexplained,
            killed_pairs, pairs.size());
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
    verb->add_flag("--deep", options->scenarios.deep, "The scenarios that take long, too");
    verb->add_option("--scenario", options->scenarios.names,
                     "Only these, as zone.batch_or_two_words")
        ->delimiter(',');
    verb->add_flag("--strengthen", options->strengthen,
                   "Instead: what single addition would mend a protocol of Linux");
    verb->add_option("--protocol", options->protocols, "With --strengthen: only these")
        ->delimiter(',');
    verb->add_option("--jobs", options->jobs, "Mutants at once; 0: one a CPU");
    verb->add_flag("--json", options->json, "Print JSON");
    return {verb, [options] { return run(*options); }};
}

}  // namespace anypage::cli
