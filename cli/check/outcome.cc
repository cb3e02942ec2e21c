// Outcomes as JSON and back: see outcome.hpp.
#include "cli/check/outcome.hpp"

#include <nlohmann/json.hpp>

#include "check/report.hpp"

namespace anypage::cli {

const std::vector<std::string>& cell_properties() {
    static const std::vector<std::string> all{
        "no livelock",       "no deadlock",    "every context may do what it does",
        no_spurious_failure, no_needless_kill, no_misplaced_page};
    return all;
}

const Broken* CellOutcome::broken_in(const std::string& property) const {
    for (const Broken& each : broken) {
        if (each.property == property) return &each;
    }
    return nullptr;
}

CellOutcome outcome_of(const CellKey& key, const std::vector<CellPart>& parts) {
    CellOutcome outcome;
    outcome.key = key;
    for (const CellPart& part : parts) {
        outcome.states += part.result.states;
        outcome.seconds += part.result.seconds;
        if (!part.result.limit.empty()) outcome.limit = part.result.limit;
        for (const check::Found& found : part.result.found) {
            if (outcome.broken_in(found.violation.property) != nullptr) continue;
            const auto& counterexample = found.counterexample;
            outcome.broken.push_back({found.violation.property, found.violation.cause, part.change,
                                      name_of(part.model),
                                      check::to_string(counterexample.schedule),
                                      check::counterexample_lines(counterexample),
                                      static_cast<unsigned>(counterexample.events.size()),
                                      check::stale_reads(counterexample)});
        }
    }
    return outcome;
}

nlohmann::json to_json(const CellOutcome& outcome) {
    nlohmann::json broken = nlohmann::json::array();
    for (const Broken& each : outcome.broken) {
        broken.push_back({{"property", each.property},
                          {"cause", each.cause},
                          {"change", static_cast<unsigned>(each.change)},
                          {"model", each.model},
                          {"schedule", each.schedule},
                          {"lines", each.lines},
                          {"steps", each.steps},
                          {"stale_reads", each.stale_reads}});
    }
    const Platform& platform = outcome.key.platform;
    return {{"protocol", outcome.key.protocol},
            {"preemption", static_cast<unsigned>(platform.preemption)},
            {"cpus", platform.cpus},
            {"hotremove", platform.hotremove},
            {"check_sites", platform.check_sites},
            {"throttling", platform.throttling},
            {"reclaim_sleeps", platform.reclaim_sleeps},
            {"caller", static_cast<unsigned>(outcome.key.caller)},
            {"states", outcome.states},
            {"seconds", outcome.seconds},
            {"limit", outcome.limit},
            {"broken", broken}};
}

CellOutcome outcome_from_json(const nlohmann::json& json) {
    CellOutcome outcome;
    outcome.key.protocol = json.at("protocol");
    outcome.key.platform.preemption =
        static_cast<check::Preemption>(json.at("preemption").get<unsigned>());
    outcome.key.platform.cpus = json.at("cpus");
    outcome.key.platform.hotremove = json.at("hotremove");
    outcome.key.platform.check_sites = json.at("check_sites");
    outcome.key.platform.throttling = json.at("throttling");
    outcome.key.platform.reclaim_sleeps = json.at("reclaim_sleeps");
    outcome.key.caller = static_cast<CallerKind>(json.at("caller").get<unsigned>());
    outcome.states = json.at("states");
    outcome.seconds = json.at("seconds");
    outcome.limit = json.at("limit");
    for (const auto& each : json.at("broken")) {
        outcome.broken.push_back({each.at("property"), each.at("cause"),
                                  static_cast<Change>(each.at("change").get<unsigned>()),
                                  each.at("model"), each.at("schedule"), each.at("lines"),
                                  each.at("steps"), each.at("stale_reads")});
    }
    return outcome;
}

}  // namespace anypage::cli
