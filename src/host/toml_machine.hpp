// TOML machine: a topology file as it was written, with lines, before its nodes are placed; and the
// two halves of the reader that fill it, nodes and distances. For the TOML reader only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "toml_reader.hpp"
#include "topology.hpp"

namespace anypage {

/// One zone of a node as written.
struct toml_zone {
    unsigned line = 0;
    ZoneIndex kind = ZoneIndex::normal;
    std::optional<std::uint64_t> first;  ///< nothing: behind what was placed before
    std::uint64_t frames = 0;
    std::uint64_t present_frames = 0;      ///< from the first frame on
    std::vector<PfnRange> present_ranges;  ///< instead of present_frames, where not empty
};

/// One node as written; `count` has been unfolded.
struct toml_node {
    unsigned line = 0;
    NodeId id;
    std::vector<CpuId> cpus;
    std::optional<std::uint64_t> memory_frames;  ///< to be cut by the policy; or else `zones`
    std::vector<toml_zone> zones;
};

/// Reads every [[node]]; faults stay in the reader. At most node_count_max nodes.
std::vector<toml_node> read_toml_nodes(toml_reader& reader, const toml::table& root);

/// Reads [distances] into the matrix of a topology whose nodes are placed.
void read_toml_distances(toml_reader& reader, const toml::table& root, topology& machine);

}  // namespace anypage
