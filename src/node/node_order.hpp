// Node order: for each node, in which order the nodes with memory are tried. Pure computation, as
// the kernel's build_zonelists does it (mm/page_alloc.c, 6.12: find_next_best_node, node_load).
//
// The kernel picks the best remaining node again and again. What it compares is
//   (distance + (n < local) + (n has CPUs ? 1 : 0)) * MAX_NUMNODES + node_load[n]
// and node_load changes only for nodes that are already picked, so one sort gives the same order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "../base/units.hpp"

namespace anypage {

/// Position of a node in the machine's table of possible nodes (ascending id).
struct NodePos {
    std::uint16_t value = 0;
    friend constexpr auto operator<=>(NodePos, NodePos) = default;
};

/// What an order depends on.
struct NodeFacts {
    bool has_memory = false;
    bool has_cpus = false;
};

/// Computes orders one node after the other, in id order: node_load remembers who was picked first.
/// `load` and `keys` are scratch of one entry a node; `load` must be zero at the first call.
struct NodeOrderBuilder {
    std::span<const NodeFacts> nodes;
    std::span<const std::uint8_t> distances;  // nodes.size()^2, row-major
    std::span<std::uint32_t> load;
    std::span<std::uint64_t> keys;

    /// Writes the order for `local` to `order` (room for every node); how many nodes it has.
    std::size_t build(NodePos local, std::span<std::uint16_t> order) const {
        const std::size_t count = collect(local);
        std::sort(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(count));
        std::uint8_t previous = distance(local.value, local.value);
        for (std::size_t i = 0; i < count; ++i) {
            const auto best = static_cast<std::uint16_t>(keys[i]);
            order[i] = best;
            // The first of a group at a new distance carries the round-robin penalty.
            if (distance(local.value, best) != previous) ++load[best];
            previous = distance(local.value, best);
        }
        return count;
    }

private:
    std::uint8_t distance(std::size_t from, std::size_t to) const {
        return distances[from * nodes.size() + to];
    }

    // Sort keys: what the kernel compares, then the position; the local node comes before all.
    std::size_t collect(NodePos local) const {
        std::size_t count = 0;
        for (std::size_t n = 0; n < nodes.size(); ++n) {
            if (!nodes[n].has_memory) continue;
            std::uint64_t value = 0;
            if (n != local.value) {
                value = distance(local.value, n);
                value += n < local.value ? 1 : 0;
                value += nodes[n].has_cpus ? 1 : 0;
                value = value * node_count_max + load[n];
            }
            keys[count++] = value << 16 | n;
        }
        return count;
    }
};

}  // namespace anypage
