// The verb `topology`: what a machine looks like to the allocator. Reads a topology, chooses nodes
// to show, and hands both to the tables or to the JSON writer.
#pragma once

#include <vector>

#include "cli/verb.hpp"
#include "host/topology.hpp"

namespace anypage::cli {

/// What is to be shown of a topology.
struct TopologyView {
    const topology& machine;
    /// For each node (by position), the nodes with memory in the order in which they are tried.
    std::vector<std::vector<NodeId>> orders;
    /// Positions of the nodes to show, ascending.
    std::vector<std::size_t> shown;
    bool zonelists = false;  ///< zones instead of nodes in fallback orders
    bool all = false;        ///< everything, however long
};

/// For each node (by position), the nodes with memory in the kernel's fallback order.
std::vector<std::vector<NodeId>> fallback_orders(const topology& machine);

/// The zones of a fallback order: of each node from the highest kind down, those with memory.
/// Device zones are in no order: nobody allocates from them.
struct ZoneName {
    NodeId node;
    ZoneIndex kind;
};
std::vector<ZoneName> zonelist(const topology& machine, const std::vector<NodeId>& order);

/// Frames that are there at the start; a node's without its Device zone.
std::uint64_t present_frames(const zone_span& zone);
std::uint64_t present_frames(const topology_node& node);

Verb add_topology_verb(CLI::App& root);

}  // namespace anypage::cli
