// Topology: the description of a machine from which an allocator is made: its nodes, their zones,
// CPUs and distances. A plain value, read from this host, hwloc, a sysfs tree or a TOML file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../base/result.hpp"
#include "../base/units.hpp"

namespace anypage {

/// The frames that one node may ever have of one kind (the kernel's spanned range).
struct zone_span {
    ZoneIndex kind = ZoneIndex::normal;
    PfnRange span;
    /// Ranges inside `span` that are there at the start, ascending and disjoint, whole sections
    /// (the 16 MiB mark, where DMA ends, may cut a section). Empty for a zone to be plugged later.
    std::vector<PfnRange> present;
};

struct topology_node {
    NodeId id;
    std::vector<CpuId> cpus;       ///< ascending; none on a memory-only node
    std::vector<zone_span> zones;  ///< ascending kind; none on a node without memory
};

/// How a machine's memory is cut into zones where its source does not say (all but TOML).
struct zone_policy {
    unsigned movable_percent = 25;  ///< share of each node's memory that becomes Movable, 0 to 100
    std::uint64_t section_frames = 32768;  ///< power of two, 512 to 262144 (2 MiB to 1 GiB)
};

struct topology {
    std::string source;                    ///< where it came from, for messages
    std::vector<topology_node> nodes;      ///< ascending id
    std::vector<std::uint8_t> distances;   ///< nodes.size()^2, row-major by position in `nodes`
    std::uint64_t section_frames = 32768;  ///< the unit of hotplug

    std::uint8_t distance(std::size_t from, std::size_t to) const {
        return distances[from * nodes.size() + to];
    }
    /// Position of `id` in `nodes`, or nodes.size().
    std::size_t position(NodeId id) const;

    /// This machine, as hwloc sees it (never assumes node 0 or memory on every node).
    static result<topology, failure> host(zone_policy policy = {});
    /// What `-t` takes: "host", a TOML file of ours, hwloc XML, a sysfs tree (a directory holding
    /// sys/devices/system/node, or a .tar/.tar.bz2/.tar.gz/.tar.xz of one), or an hwloc synthetic
    /// string such as "node:4 pu:2".
    static result<topology, failure> load(std::string_view source, zone_policy policy = {});
    /// An hwloc synthetic description, such as "node:4 pu:2".
    static result<topology, failure> synthetic(std::string_view description,
                                               zone_policy policy = {});
};

/// Checks what every reader must deliver (disjoint ranges, unique ascending ids, distances of at
/// least 10 and 10 to oneself, sections aligned, frames below 2^44, a CPU in one node); names the
/// offending node or range and the remedy.
result<topology, failure> checked(topology candidate);

}  // namespace anypage
