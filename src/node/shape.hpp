// Shape: from what a machine is made, and the names of its zones.
#pragma once

#include <compare>
#include <cstdint>
#include <span>

#include "../base/units.hpp"
#include "node_order.hpp"

namespace anypage {

/// Position of a zone in the machine's table of possible zones (by node, then kind).
struct ZoneId {
    std::uint32_t value = 0;
    friend constexpr auto operator<=>(ZoneId, ZoneId) = default;
};

/// From what a machine is made. Spans must stay valid while it is being made, no longer.
struct MachineShape {
    struct Node {
        NodeId id;
        std::span<const CpuId> cpus;
    };
    struct ZoneOf {
        NodePos node;
        ZoneIndex kind = ZoneIndex::normal;
        PfnRange span;  ///< disjoint from every other zone's
    };
    std::span<const Node> nodes;    ///< ascending id, at least one
    std::span<const ZoneOf> zones;  ///< ascending node, then kind; at most one of a kind a node
    std::span<const std::uint8_t> distances;
    std::uint32_t cpu_count =
        1;  ///< CPU ids below this are known; others count as CPU id % cpu_count
};

}  // namespace anypage
