// Trials and hunts, each in a process of its own: see hunt.hpp.
#include "cli/mutants/hunt.hpp"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "check/workers.hpp"

namespace anypage::cli {

namespace {

using nlohmann::json;

json to_json(const check::Site& site) {
    return json::array({site.file, site.line, site.column, static_cast<unsigned>(site.kind),
                        static_cast<unsigned>(site.order), static_cast<unsigned>(site.failure),
                        static_cast<unsigned>(site.fence)});
}

check::Site site_from(const json& fields) {
    check::Site site;
    site.file = fields.at(0);
    site.line = fields.at(1);
    site.column = fields.at(2);
    site.kind = static_cast<check::OpKind>(fields.at(3).get<unsigned>());
    site.order = static_cast<check::MemoryOrder>(fields.at(4).get<unsigned>());
    site.failure = static_cast<check::MemoryOrder>(fields.at(5).get<unsigned>());
    site.fence = static_cast<check::FenceKind>(fields.at(6).get<unsigned>());
    return site;
}

check::ExploreConfig config_of(const Trial& trial) {
    check::ExploreConfig config;
    config.execution.model = trial.model;
    config.execution.preemption = trial.preemption;
    // Where nothing is violated, an order may still be what keeps load buffering away.
    config.execution.load_buffering = true;
    return config;
}

/// States of the largest scenario that a hunt repeats, and of the largest that is tried with pairs.
constexpr std::uint64_t states_of_large = 160'000;
constexpr std::uint64_t states_of_cheap = 20'000;

/// Are they asked for by name, or all of them?
bool is_wanted(const scenario::Entry& entry, const Wanted& wanted) {
    if (wanted.names.empty()) return !entry.deep || wanted.deep;
    return std::find(wanted.names.begin(), wanted.names.end(), entry.name) != wanted.names.end();
}

std::vector<Trial> all_trials(const Wanted& wanted) {
    std::vector<Trial> trials;
    for (const scenario::Entry& entry : scenario::catalogue()) {
        if (!is_wanted(entry, wanted)) continue;
        for (const check::Model model : entry.models_if(wanted.deep)) {
            for (const check::Preemption preemption : entry.preemptions) {
                trials.push_back({&entry, model, preemption, {}, {}, 0, 0});
            }
        }
    }
    return trials;
}

}  // namespace

std::vector<Trial> run_trials(const Wanted& wanted, unsigned jobs) {
    std::vector<Trial> trials = all_trials(wanted);
    check::Workers workers;
    workers.at_once = jobs;
    workers.work = [&](std::size_t index) {
        std::set<check::Site> sites;
        check::ExploreConfig config = config_of(trials[index]);
        config.execution.sites = &sites;
        if (!wanted.takes_large()) config.states_max = states_of_large;
        const check::Result result = check::explore(config, trials[index].entry->scenario);
        json answer{{"verdict", check::name_of(result.verdict)},
                    {"states", result.states},
                    {"seconds", result.seconds},
                    {"sites", json::array()}};
        for (const check::Site& site : sites) answer["sites"].push_back(to_json(site));
        return answer.dump();
    };
    workers.done = [&](std::size_t index, const std::string& answer) {
        Trial& trial = trials[index];
        trial.verdict = "died";
        if (answer.empty()) return;
        const json read = json::parse(answer);
        trial.verdict = read.at("verdict");
        trial.states = read.at("states");
        trial.seconds = read.at("seconds");
        for (const json& site : read.at("sites")) trial.sites.insert(site_from(site));
    };
    check::run_jobs(trials.size(), workers);
    std::erase_if(trials, [&](const Trial& trial) {
        return !wanted.takes_large() && trial.verdict == "bounded" &&
               trial.states >= states_of_large;
    });
    std::stable_sort(trials.begin(), trials.end(), [](const Trial& one, const Trial& other) {
        return one.states < other.states;
    });
    return trials;
}

std::vector<Trial> cheap_ones(const std::vector<Trial>& trials) {
    std::vector<Trial> cheap;
    std::copy_if(trials.begin(), trials.end(), std::back_inserter(cheap),
                 [](const Trial& trial) { return trial.states <= states_of_cheap; });
    return cheap;
}

namespace {

Killed try_to_kill(const check::Mutation& mutation, const std::vector<Trial>& trials) {
    Killed killed;
    killed.mutation = mutation;
    for (const Trial& trial : trials) {
        if (trial.sites.count(mutation.site) == 0) continue;
        ++killed.trials;
        check::ExploreConfig config = config_of(trial);
        config.execution.mutation = &mutation;
        // A mutant may make an exploration endless; then it is noticed, too.
        config.states_max = trial.states * 20 + 100'000;
        const check::Result result = check::explore(config, trial.entry->scenario);
        killed.seconds += result.seconds;
        if (result.found.empty() && (!result.load_buffering || !killed.by.empty())) continue;
        killed.by = trial.entry->name;
        killed.model = check::name_of(trial.model);
        killed.property =
            result.found.empty() ? "load buffering" : result.found.front().violation.property;
        if (!result.found.empty()) break;
    }
    return killed;
}

/// Lines between two sites of one thought.
constexpr unsigned close = 8;

bool are_close(const check::Site& one, const check::Site& other) {
    return one.file == other.file && one.line <= other.line && other.line - one.line <= close;
}

}  // namespace

std::vector<check::Mutation> pairs_of(const std::vector<Killed>& hunted) {
    std::vector<check::Mutation> pairs;
    for (const Killed& one : hunted) {
        for (const Killed& other : hunted) {
            if (!one.by.empty() || !other.by.empty()) continue;
            if (!(one.mutation.site < other.mutation.site)) continue;
            if (!are_close(one.mutation.site, other.mutation.site)) continue;
            pairs.push_back(one.mutation);
            pairs.back().others.push_back(other.mutation);
        }
    }
    return pairs;
}

std::vector<Killed> hunt(const std::vector<check::Mutation>& mutations,
                         const std::vector<Trial>& trials, unsigned jobs) {
    std::vector<Killed> all(mutations.size());
    const bool terminal = isatty(STDERR_FILENO) != 0;
    std::size_t done = 0;
    check::Workers workers;
    workers.at_once = jobs;
    workers.work = [&](std::size_t index) {
        const Killed killed = try_to_kill(mutations[index], trials);
        return json{{"by", killed.by},
                    {"model", killed.model},
                    {"property", killed.property},
                    {"trials", killed.trials},
                    {"seconds", killed.seconds}}
            .dump();
    };
    workers.done = [&](std::size_t index, const std::string& answer) {
        Killed& killed = all[index];
        killed.mutation = mutations[index];
        if (answer.empty()) {
            killed.by = "(its process died)";
        } else {
            const json read = json::parse(answer);
            killed.by = read.at("by");
            killed.model = read.at("model");
            killed.property = read.at("property");
            killed.trials = read.at("trials");
            killed.seconds = read.at("seconds");
        }
        ++done;
        if (terminal) std::fprintf(stderr, "\r%zu of %zu mutants  ", done, mutations.size());
    };
    check::run_jobs(mutations.size(), workers);
    if (terminal) std::fprintf(stderr, "\r%40s\r", "");
    return all;
}

}  // namespace anypage::cli
