// One exploration, by one process or several, in one go or several: see explore.hpp.
#include "explore.hpp"

#include <algorithm>

#include "checkpoint.hpp"
#include "explorer.hpp"
#include "split.hpp"

namespace anypage::check {

const char* name_of(Verdict verdict) {
    constexpr const char* names[] = {"holds", "bounded", "broken"};
    return names[static_cast<unsigned>(verdict)];
}

Result explore(const ExploreConfig& config, const Scenario& scenario) {
    Explorer explorer(config, scenario);
    if (!config.file.empty()) read_checkpoint(explorer, config.file);
    // What is noted on the way stays in the process that notes it.
    const bool notes = config.at_end || config.execution.sites != nullptr;
    run_split(explorer, notes ? 1 : config.processes, config.states_alone);
    if (!config.file.empty()) write_checkpoint(explorer, config.file);
    return explorer.result();
}

std::optional<Found> replay(const ExecutionConfig& config, const Scenario& scenario,
                            const std::vector<Transition>& schedule) {
    Execution execution(config, scenario);
    for (;;) {
        execution.trace(true);
        execution.reset();
        for (const Transition& each : schedule) {
            const auto& ways = execution.transitions();
            const bool possible = std::find(ways.begin(), ways.end(), each) != ways.end();
            // Locations prove to be shared as it goes; until then steps are missing.
            if (!possible && !execution.needs_restart()) return std::nullopt;
            if (!possible) break;
            execution.step(each);
        }
        if (!execution.needs_restart()) break;
        execution.restart();
    }
    execution.transitions();
    if (!execution.violation()) execution.finish();
    return Found{execution.violation().value_or(Violation{}),
                 {schedule, execution.events(), execution.contexts()}};
}

}  // namespace anypage::check
