// Storm: what memory goes and comes during a replay, and how often. A plain value, from a preset or
// a TOML file (docs/storms.md); which zones it means on a given machine is the plan's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"

namespace anypage {

/// Zones that go offline and come back, together with others of the storm in turn.
struct storm_swing {
    std::vector<NodeId> nodes;      ///< ascending; empty: every node
    std::optional<ZoneIndex> kind;  ///< none: every kind
    std::uint64_t sections = 1;     ///< of each zone: how many are there, and go
    unsigned line = 0;              ///< in its file, for messages
};

struct storm {
    std::string name;
    bool moves = true;                ///< false: nothing goes or comes
    std::uint64_t pause_ns = 0;       ///< between two steps; 0: as fast as it goes
    std::vector<storm_swing> swings;  ///< empty: what the plan thinks best
};

/// "none", "gentle" (a step every 10 ms), "storm" (as fast as it goes), or a TOML file.
result<storm, failure> load_storm(const std::string& name_or_path);

/// The storm in a TOML text; `name` is for messages.
result<storm, failure> parse_storm(std::string_view text, const std::string& name);

}  // namespace anypage
