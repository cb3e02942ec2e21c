// Runs a plan with one protocol, in this process. The process that watches is elsewhere
// (watch.hpp).
#pragma once

#include <string>
#include <vector>

#include "cli/replay/plan.hpp"
#include "cli/replay/tally.hpp"

namespace anypage {

/// The names of all protocols, in the order of the field: unchecked ... snapshot.
const std::vector<std::string>& protocol_names();

/// Fills in `report`, which must be zeroed. `name` is one of protocol_names().
void run_protocol(const std::string& name, const replay_plan& plan, replay_report& report);

}  // namespace anypage
