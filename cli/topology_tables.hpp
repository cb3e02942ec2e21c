// Topology tables: a topology for people, in the manner of numactl -H and lstopo.
#pragma once

#include <cstdio>

#include "cli/topology.hpp"

namespace anypage::cli {

/// Nodes, zones, distances and fallback orders. Shortens what has more than 32 nodes unless
/// view.all.
void print_topology_tables(const TopologyView& view, std::FILE* out);

}  // namespace anypage::cli
