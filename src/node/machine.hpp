// Machine: the possible nodes of a machine, their zones, CPUs and distances. Its shape is fixed
// when it is made; which zones are populated changes with hotplug and is read from the zones.
// Readers in any context.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "../base/arena.hpp"
#include "../base/maybe.hpp"
#include "../zone/zone.hpp"
#include "node_order.hpp"
#include "nodemask.hpp"
#include "span_table.hpp"

namespace anypage {

template <World W>
class Machine {
public:
    using ZoneT = typename ZoneOf<W>::type;

    void carve(Arena& arena, const MachineShape& shape) {
        node_count_ = shape.nodes.size();
        zone_count_ = shape.zones.size();
        cpu_count_ = shape.cpu_count;
        nodes_ = arena.array<Node>(node_count_);
        distances_ = arena.array<std::uint8_t>(node_count_ * node_count_);
        cpu_node_count_ = std::max(cpu_count_, W::cpu_limit());
        cpu_node_ = arena.array<std::uint16_t>(cpu_node_count_);
        by_pfn_.carve(arena, zone_count_);
        zones_ = arena.array<ZoneT>(zone_count_);
        carve_zones(arena, shape);
        if (arena.measures()) return;
        std::copy(shape.distances.begin(), shape.distances.end(), distances_);
        fill_nodes(shape);
        by_pfn_.fill(shape);
    }

    std::size_t node_count() const { return node_count_; }
    std::size_t zone_count() const { return zone_count_; }
    std::uint32_t cpu_count() const { return cpu_count_; }
    NodeId node_id(NodePos node) const { return nodes_[node.value].id; }
    bool has_cpus(NodePos node) const { return nodes_[node.value].cpus != 0; }
    /// CPUs of a zone's node; all, if it has none. Not 0.
    std::uint32_t cpus_near(ZoneId zone) const {
        const auto node = position(zones_[zone.value].node());
        return node && has_cpus(*node) ? nodes_[node->value].cpus : cpu_count_;
    }
    ZoneT& zone(ZoneId zone) const { return zones_[zone.value]; }
    std::span<ZoneT> zones() const { return {zones_, zone_count_}; }
    std::span<const std::uint8_t> distances() const {
        return {distances_, node_count_ * node_count_};
    }
    std::uint8_t distance(NodePos from, NodePos to) const {
        return distances_[from.value * node_count_ + to.value];
    }

    /// The node of a CPU; CPUs that the shape does not name count as others do, by remainder.
    NodePos node_of(CpuId cpu) const {
        if (cpu.value < cpu_node_count_) return {cpu_node_[cpu.value]};
        return {cpu_node_[cpu.value % cpu_count_]};
    }

    Maybe<NodePos> position(NodeId id) const {
        // Ids without gaps are positions.
        if (id.value < node_count_ && nodes_[id.value].id == id) return NodePos{id.value};
        return search(id);
    }

    /// The zone of a kind, if the node may ever have one.
    Maybe<ZoneId> zone_of(NodePos node, ZoneIndex kind) const {
        const std::uint32_t id = nodes_[node.value].zones[static_cast<unsigned>(kind)];
        if (id == no_zone) return std::nullopt;
        return ZoneId{id};
    }
    /// The zone that spans a frame.
    Maybe<ZoneId> zone_of(Pfn pfn) const { return by_pfn_.find(pfn); }

    /// Kinds of the node's populated zones that zonelists show, a bit each. Device memory is not
    /// handed out by zonelists, as in the kernel.
    std::uint8_t populated_kinds(NodePos node) const {
        std::uint8_t kinds = 0;
        for (unsigned kind = 0; kind < static_cast<unsigned>(ZoneIndex::device); ++kind) {
            const std::uint32_t id = nodes_[node.value].zones[kind];
            if (id != no_zone && zones_[id].populated()) {
                kinds = static_cast<std::uint8_t>(kinds | 1u << kind);
            }
        }
        return kinds;
    }
    NodeFacts facts(NodePos node) const { return {populated_kinds(node) != 0, has_cpus(node)}; }

private:
    static constexpr std::uint32_t no_zone = ~std::uint32_t{0};

    struct Node {
        NodeId id;
        std::uint32_t cpus;  ///< how many
        std::array<std::uint32_t, zone_index_count> zones;
    };

    [[gnu::noinline]] Maybe<NodePos> search(NodeId id) const {
        const Node* first = nodes_;
        const Node* end = first + node_count_;
        const Node* node = std::lower_bound(
            first, end, id, [](const Node& each, NodeId wanted) { return each.id < wanted; });
        if (node == end || node->id != id) return std::nullopt;
        return NodePos{static_cast<std::uint16_t>(node - first)};
    }

    void carve_zones(Arena& arena, const MachineShape& shape) {
        unsigned slots = 1;
        while (slots < cpu_count_ && slots < cpu_slots_max) slots *= 2;
        for (std::size_t i = 0; i < zone_count_; ++i) {
            const auto& each = shape.zones[i];
            const ZoneShape zone_shape{shape.nodes[each.node.value].id, each.kind, each.span,
                                       slots};
            if (arena.measures()) {
                ZoneT measured;
                measured.carve(arena, zone_shape);
            } else {
                zones_[i].carve(arena, zone_shape);
            }
        }
    }

    void fill_nodes(const MachineShape& shape) {
        for (std::size_t i = 0; i < node_count_; ++i) {
            nodes_[i].id = shape.nodes[i].id;
            nodes_[i].cpus = static_cast<std::uint32_t>(shape.nodes[i].cpus.size());
            nodes_[i].zones.fill(no_zone);
            for (const CpuId cpu : shape.nodes[i].cpus) {
                if (cpu.value < cpu_count_) cpu_node_[cpu.value] = static_cast<std::uint16_t>(i);
            }
        }
        for (std::uint32_t cpu = cpu_count_; cpu < cpu_node_count_; ++cpu) {
            cpu_node_[cpu] = cpu_node_[cpu % cpu_count_];
        }
        for (std::size_t i = 0; i < zone_count_; ++i) {
            const auto& each = shape.zones[i];
            nodes_[each.node.value].zones[static_cast<unsigned>(each.kind)] =
                static_cast<std::uint32_t>(i);
        }
    }

    // More slots than this cost every sum more than sharing costs an update.
    static constexpr unsigned cpu_slots_max = 16;

    std::size_t node_count_ = 0;
    std::size_t zone_count_ = 0;
    std::uint32_t cpu_count_ = 1;
    Node* nodes_ = nullptr;
    std::uint8_t* distances_ = nullptr;
    std::uint32_t cpu_node_count_ = 0;
    std::uint16_t* cpu_node_ = nullptr;
    SpanTable by_pfn_;
    ZoneT* zones_ = nullptr;
};

}  // namespace anypage
