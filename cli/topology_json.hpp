// Topology JSON: a topology for programs. Field names are documented in docs/json.md and stay.
#pragma once

#include <cstdio>

#include "cli/topology.hpp"

namespace anypage::cli {

/// One object; nothing is shortened. Zonelists only when view.zonelists.
void print_topology_json(const TopologyView& view, std::FILE* out);

}  // namespace anypage::cli
