// Topology check: see topology_check.hpp. Each rule is a function that returns the first breach, in
// words, or nothing.
#include "topology_check.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "quantity.hpp"
#include "text.hpp"
#include "topology_zones.hpp"

namespace anypage {
namespace {

using breach = std::optional<failure>;

failure invalid(std::string message) { return {error::invalid, std::move(message)}; }

std::string range_text(PfnRange range) {
    return concat("[", range.first.value, ", ", range.first.value + range.frames, ")");
}

std::string zone_text(const topology_node& node, const zone_span& zone) {
    return concat("node ", node.id.value, " zone ", zone_name(zone.kind));
}

/// An edge of memory is the edge of a section, or the 16 MiB mark that ends the DMA zone.
bool is_edge(std::uint64_t pfn, std::uint64_t section_frames) {
    return pfn % section_frames == 0 || pfn == dma_end_pfn;
}

bool in_bounds(PfnRange range) {
    return range.first.value < pfn_limit && range.frames <= pfn_limit - range.first.value;
}

/// A range by itself: its size, its place and its alignment.
breach check_range(PfnRange range, std::uint64_t section_frames, const std::string& what) {
    if (range.frames == 0) {
        return invalid(what + " is empty; give it a size or leave it out");
    }
    if (!in_bounds(range)) {
        return invalid(concat(what, ": ", range.frames, " frames from ", range.first.value,
                              " reach beyond frame 2^44; move it down or make it smaller"));
    }
    if (is_edge(range.first.value, section_frames) && is_edge(range.end().value, section_frames)) {
        return {};
    }
    return invalid(concat(what, " ", range_text(range), " is not made of whole sections of ",
                          section_frames, " frames (", format_frames(section_frames),
                          "); align its first frame and its size"));
}

/// `name` says where the zone is written and which zone it is.
breach check_present(const zone_span& zone, std::uint64_t section_frames, const std::string& name) {
    const PfnRange* previous = nullptr;
    for (const PfnRange& range : zone.present) {
        if (auto found = check_range(range, section_frames, name)) return found;
        if (!zone.span.contains(range)) {
            return invalid(concat(name, " ", range_text(range), " is outside of the zone's span ",
                                  range_text(zone.span), "; widen the span or cut the range"));
        }
        if (previous != nullptr && range.first < previous->end()) {
            return invalid(concat(name, " ", range_text(range), " overlaps or precedes ",
                                  range_text(*previous), "; list ranges in ascending order"));
        }
        previous = &range;
    }
    return {};
}

breach check_zones(const topology& machine, const topology_places& places) {
    for (std::size_t n = 0; n < machine.nodes.size(); ++n) {
        const topology_node& node = machine.nodes[n];
        for (std::size_t z = 0; z < node.zones.size(); ++z) {
            const zone_span& zone = node.zones[z];
            const std::string place = places.of_zone(n, z, machine.source);
            if (static_cast<unsigned>(zone.kind) >= zone_index_count) {
                return invalid(place + "unknown kind of zone; use DMA to Device");
            }
            const std::string what = place + zone_text(node, zone);
            const std::string present = place + "present range of " + zone_text(node, zone);
            if (z > 0 && zone.kind <= node.zones[z - 1].kind) {
                return invalid(what +
                               " is given twice or out of order; a node has at most one "
                               "zone of each kind, in ascending kind");
            }
            if (auto found = check_range(zone.span, machine.section_frames, what)) return found;
            if (auto found = check_present(zone, machine.section_frames, present)) return found;
        }
    }
    return {};
}

/// No frame may belong to two zones: a frame's number must lead to one zone.
breach check_overlaps(const topology& machine, const topology_places& places) {
    std::vector<std::tuple<PfnRange, std::size_t, std::size_t>> spans;
    for (std::size_t n = 0; n < machine.nodes.size(); ++n) {
        for (std::size_t z = 0; z < machine.nodes[n].zones.size(); ++z) {
            spans.emplace_back(machine.nodes[n].zones[z].span, n, z);
        }
    }
    std::sort(spans.begin(), spans.end(), [](const auto& a, const auto& b) {
        return std::get<0>(a).first < std::get<0>(b).first;
    });
    for (std::size_t i = 1; i < spans.size(); ++i) {
        const auto& [low, low_node, low_zone] = spans[i - 1];
        const auto& [high, node, zone] = spans[i];
        if (!low.overlaps(high)) continue;
        const topology_node& a = machine.nodes[node];
        const topology_node& b = machine.nodes[low_node];
        return invalid(concat(places.of_zone(node, zone, machine.source),
                              zone_text(a, a.zones[zone]), " ", range_text(high), " overlaps ",
                              zone_text(b, b.zones[low_zone]), " ", range_text(low),
                              "; move one of them, or give sizes only"));
    }
    if (!spans.empty()) return {};
    return invalid(machine.source + ": no node has memory; give at least one node a zone");
}

breach check_node_ids(const topology& machine, const topology_places& places) {
    const auto& nodes = machine.nodes;
    if (nodes.empty()) return invalid(machine.source + ": no nodes; describe at least one");
    for (std::size_t n = 0; n < nodes.size(); ++n) {
        const std::string place = places.of_node(n, machine.source);
        if (nodes[n].id.value >= node_count_max) {
            return invalid(concat(place, "node id ", nodes[n].id.value,
                                  " is out of range; ids are 0 to ", node_count_max - 1));
        }
        if (n > 0 && nodes[n].id == nodes[n - 1].id) {
            return invalid(concat(place, "node ", nodes[n].id.value,
                                  " is given twice; give each node an id of its own"));
        }
        if (n > 0 && nodes[n].id < nodes[n - 1].id) {
            return invalid(concat(place, "node ", nodes[n].id.value, " follows node ",
                                  nodes[n - 1].id.value, "; order nodes by id"));
        }
    }
    return {};
}

breach check_cpus(const topology& machine, const topology_places& places) {
    constexpr std::uint32_t nobody = 0xffffffff;
    std::vector<std::uint32_t> owner(cpu_limit, nobody);
    for (std::size_t n = 0; n < machine.nodes.size(); ++n) {
        const topology_node& node = machine.nodes[n];
        const std::string place = places.of_node(n, machine.source);
        if (!std::is_sorted(node.cpus.begin(), node.cpus.end())) {
            return invalid(concat(place, "the CPUs of node ", node.id.value,
                                  " are out of order; list them in ascending order"));
        }
        for (const CpuId cpu : node.cpus) {
            if (cpu.value >= cpu_limit) {
                return invalid(concat(place, "CPU ", cpu.value, " of node ", node.id.value,
                                      " is out of range; ids are 0 to ", cpu_limit - 1));
            }
            if (owner[cpu.value] != nobody) {
                return invalid(concat(place, "CPU ", cpu.value, " is in node ", node.id.value,
                                      " and in node ", owner[cpu.value],
                                      "; a CPU belongs to one node"));
            }
            owner[cpu.value] = node.id.value;
        }
    }
    return {};
}

breach check_distances(const topology& machine, const topology_places& places) {
    const std::size_t count = machine.nodes.size();
    if (machine.distances.size() != count * count) {
        return invalid(concat(machine.source, ": ", machine.distances.size(), " distances for ",
                              count, " nodes; give one for each pair, ", count * count));
    }
    for (std::size_t from = 0; from < count; ++from) {
        for (std::size_t to = 0; to < count; ++to) {
            const unsigned distance = machine.distance(from, to);
            if (distance == local_distance || (from != to && distance > local_distance)) continue;
            return invalid(
                concat(places.of_node(from, machine.source), "distance from node ",
                       machine.nodes[from].id.value, " to node ", machine.nodes[to].id.value,
                       " is ", distance,
                       from == to ? "; a node is 10 from itself" : "; the least distance is 10"));
        }
    }
    return {};
}

breach check_section(const topology& machine) {
    if (is_section(machine.section_frames)) return {};
    return invalid(concat(machine.source, ": a section of ", machine.section_frames,
                          " frames; use a power of two from 2 MiB to 1 GiB"));
}

std::string place_text(const std::string& file, unsigned line, const std::string& fallback) {
    if (line == 0) return (file.empty() ? fallback : file) + ": ";
    return concat(file, ":", line, ": ");
}

}  // namespace

std::string topology_places::of_node(std::size_t node, const std::string& fallback) const {
    return place_text(file, node < node_lines.size() ? node_lines[node] : 0, fallback);
}

std::string topology_places::of_zone(std::size_t node, std::size_t zone,
                                     const std::string& fallback) const {
    if (node >= zone_lines.size() || zone >= zone_lines[node].size()) {
        return of_node(node, fallback);
    }
    return place_text(file, zone_lines[node][zone], fallback);
}

result<topology, failure> checked(topology candidate, const topology_places& places) {
    if (auto found = check_section(candidate)) return *found;
    if (auto found = check_node_ids(candidate, places)) return *found;
    if (auto found = check_cpus(candidate, places)) return *found;
    if (auto found = check_zones(candidate, places)) return *found;
    if (auto found = check_overlaps(candidate, places)) return *found;
    if (auto found = check_distances(candidate, places)) return *found;
    return candidate;
}

}  // namespace anypage
