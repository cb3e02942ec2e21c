// Each addition in a process of its own: see strengthen.hpp.
#include "cli/mutants/strengthen.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "check/workers.hpp"

namespace anypage::cli {

namespace {

using nlohmann::json;

// Cells that need more are as good as not mended: it is said as little as can be shown.
constexpr CellLimits limits{300'000, 60};

struct Part {
    CellKey key;
    Change change;

    std::string name() const {
        return fmt::format("{}, {}, {}", check::name_of(key.platform.preemption),
                           name_of(key.caller), name_of(change));
    }
};

std::vector<Part> parts_of(const std::string& protocol) {
    std::vector<Part> parts;
    for (const auto preemption : {check::Preemption::full, check::Preemption::rt}) {
        for (unsigned caller = 0; caller < caller_kinds; ++caller) {
            for (const Change change : {Change::remove, Change::add}) {
                CellKey key;
                key.protocol = protocol;
                key.platform.preemption = preemption;
                key.caller = static_cast<CallerKind>(caller);
                parts.push_back({key, change});
            }
        }
    }
    return parts;
}

struct Explored {
    std::set<std::string> violated;
    bool whole = true;  ///< nothing was left out
};

Explored explore_part(const Part& part, check::ExploreConfig config) {
    const auto result = check::explore(config, cell_scenario(part.key, part.change));
    Explored explored;
    for (const check::Found& found : result.found) {
        explored.violated.insert(found.violation.property);
    }
    explored.whole = result.limit.empty();
    return explored;
}

check::ExploreConfig config_of(const Part& part) {
    return cell_config(part.key, check::Model::lkmm, limits);
}

/// A protocol as it is.
struct Baseline {
    std::vector<Part> parts;
    std::vector<std::set<std::string>> violated;  ///< by part
    std::vector<check::Mutation> additions;
    std::vector<std::string> locks;
};

Baseline baseline_of(const std::string& protocol) {
    Baseline baseline;
    baseline.parts = parts_of(protocol);
    std::set<check::Site> sites;
    for (const Part& part : baseline.parts) {
        check::ExploreConfig config = config_of(part);
        config.execution.sites = &sites;
        const auto result = check::explore(config, cell_scenario(part.key, part.change));
        std::set<std::string> violated;
        for (const check::Found& found : result.found) violated.insert(found.violation.property);
        baseline.violated.push_back(std::move(violated));
        if (result.locks.size() > baseline.locks.size()) baseline.locks = result.locks;
    }
    for (const check::Site& site : sites) {
        if (!site.file.starts_with("src/protocol/")) continue;
        const auto more = check::strengthenings(site, static_cast<unsigned>(baseline.locks.size()));
        baseline.additions.insert(baseline.additions.end(), more.begin(), more.end());
    }
    return baseline;
}

json pairs(const std::set<Violated>& those) {
    json list = json::array();
    for (const Violated& each : those) list.push_back({each.where, each.property});
    return list;
}

std::set<Violated> from_pairs(const json& list) {
    std::set<Violated> those;
    for (const json& each : list) those.insert({each.at(0), each.at(1)});
    return those;
}

/// First what it mends; only if it mends anything, what it breaks elsewhere.
Addition try_addition(const Baseline& baseline, const check::Mutation& mutation) {
    Addition addition;
    for (const bool broken_ones : {true, false}) {
        if (!broken_ones && addition.mends.empty()) break;
        for (std::size_t i = 0; i < baseline.parts.size(); ++i) {
            const auto& before = baseline.violated[i];
            if (before.empty() == broken_ones) continue;
            check::ExploreConfig config = config_of(baseline.parts[i]);
            config.execution.mutation = &mutation;
            const Explored now = explore_part(baseline.parts[i], config);
            const std::string where = baseline.parts[i].name();
            bool only_mends = now.whole;  // what deadlocks first violates nothing later
            for (const std::string& each : now.violated) {
                if (before.count(each) != 0) continue;
                addition.breaks.insert({where, each});
                only_mends = false;
            }
            for (const std::string& each : before) {
                if (only_mends && now.violated.count(each) == 0) {
                    addition.mends.insert({where, each});
                }
            }
        }
    }
    return addition;
}

std::string text_of(const Baseline& baseline, const check::Mutation& mutation) {
    const std::string text = mutation.text();
    if (mutation.what != check::Mutation::What::lock_before) return text;
    return fmt::format("{} ({})", text, baseline.locks[mutation.lock]);
}

/// Several locks of one name are one to a reader; orders of one place that do the same, too.
bool says_the_same(const Addition& one, const Addition& other) { return one.text == other.text; }

Strengthened strengthen_one(const std::string& protocol, unsigned jobs) {
    const Baseline baseline = baseline_of(protocol);
    Strengthened result;
    result.protocol = protocol;
    result.tried = static_cast<unsigned>(baseline.additions.size());
    for (std::size_t i = 0; i < baseline.parts.size(); ++i) {
        for (const std::string& each : baseline.violated[i]) {
            result.violated.insert({baseline.parts[i].name(), each});
        }
    }
    check::Workers workers;
    workers.at_once = jobs;
    workers.work = [&](std::size_t index) {
        const Addition addition = try_addition(baseline, baseline.additions[index]);
        return json{{"mends", pairs(addition.mends)}, {"breaks", pairs(addition.breaks)}}.dump();
    };
    workers.done = [&](std::size_t index, const std::string& answer) {
        if (answer.empty()) return;  // it died: shows nothing
        const json read = json::parse(answer);
        Addition addition{protocol, text_of(baseline, baseline.additions[index]),
                          from_pairs(read.at("mends")), from_pairs(read.at("breaks"))};
        if (!addition.mends.empty()) result.additions.push_back(std::move(addition));
    };
    check::run_jobs(baseline.additions.size(), workers);
    std::sort(result.additions.begin(), result.additions.end(),
              [](const Addition& one, const Addition& other) {
                  const auto gain = [](const Addition& each) {
                      return static_cast<int>(each.mends.size()) -
                             static_cast<int>(each.breaks.size());
                  };
                  if (gain(one) != gain(other)) return gain(one) > gain(other);
                  return one.text < other.text;
              });
    const auto end = std::unique(result.additions.begin(), result.additions.end(), says_the_same);
    result.additions.erase(end, result.additions.end());
    return result;
}

}  // namespace

std::vector<Strengthened> strengthen(const std::vector<std::string>& protocols, unsigned jobs) {
    std::vector<Strengthened> all;
    for (const std::string& protocol : protocols) all.push_back(strengthen_one(protocol, jobs));
    return all;
}

}  // namespace anypage::cli
