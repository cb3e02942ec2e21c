// Topology check: what every topology must fulfil, whichever reader it came from. One place holds
// the rules; a reader that knows lines passes them, so that messages point into its file.
#pragma once

#include <string>
#include <vector>

#include "topology.hpp"

namespace anypage {

/// Where a topology's parts stand in a text, parallel to topology::nodes. Empty: not known.
struct topology_places {
    std::string file;
    std::vector<unsigned> node_lines;
    std::vector<std::vector<unsigned>> zone_lines;

    /// "FILE:LINE: " as far as it is known; `fallback` stands for an unknown file.
    std::string of_node(std::size_t node, const std::string& fallback) const;
    std::string of_zone(std::size_t node, std::size_t zone, const std::string& fallback) const;
};

/// As checked() in topology.hpp, with places.
result<topology, failure> checked(topology candidate, const topology_places& places);

}  // namespace anypage
