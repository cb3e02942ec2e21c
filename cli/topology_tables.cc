// Topology tables: see topology_tables.hpp.
#include "cli/topology_tables.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <span>

#include "cli/table.hpp"
#include "host/id_list.hpp"
#include "host/quantity.hpp"

namespace anypage::cli {
namespace {

/// More nodes than this are summarised, and then so many are shown as a sample.
constexpr std::size_t nodes_in_full = 32;
constexpr std::size_t nodes_in_sample = 8;
constexpr std::size_t names_in_line = 16;

bool shortened(const TopologyView& view) { return !view.all && view.shown.size() > nodes_in_full; }

std::span<const std::size_t> listed(const TopologyView& view) {
    const std::span<const std::size_t> shown(view.shown);
    return shortened(view) ? shown.first(nodes_in_sample) : shown;
}

void print_left_out(const TopologyView& view, std::FILE* out) {
    const std::size_t left_out = view.shown.size() - listed(view).size();
    if (left_out != 0) fmt::print(out, "  ... and {} more nodes (--all)\n", left_out);
}

std::uint64_t spanned_frames(const topology_node& node) {
    std::uint64_t frames = 0;
    for (const zone_span& zone : node.zones) {
        if (zone.kind != ZoneIndex::device) frames += zone.span.frames;
    }
    return frames;
}

std::string cpu_list(const topology_node& node) {
    return format_id_list(node.cpus, [](CpuId cpu) { return cpu.value; });
}

std::string or_dash(std::string text) { return text.empty() ? "-" : text; }

/// "4 GiB", or "4 GiB of 8 GiB" where something can still be plugged.
std::string memory_text(std::uint64_t present, std::uint64_t spanned) {
    if (spanned == 0) return "-";
    if (present == spanned) return format_frames(present);
    return fmt::format("{} of {}", format_frames(present), format_frames(spanned));
}

void print_summary(const TopologyView& view, std::FILE* out) {
    const topology& machine = view.machine;
    std::uint64_t present = 0;
    std::uint64_t spanned = 0;
    std::size_t cpus = 0;
    for (const topology_node& node : machine.nodes) {
        present += present_frames(node);
        spanned += spanned_frames(node);
        cpus += node.cpus.size();
    }
    fmt::print(out, "{}: {} {}, {} {}, {}, sections of {}\n", machine.source, machine.nodes.size(),
               machine.nodes.size() == 1 ? "node" : "nodes", cpus, cpus == 1 ? "CPU" : "CPUs",
               memory_text(present, spanned), format_frames(machine.section_frames));
}

void print_nodes(const TopologyView& view, std::FILE* out) {
    Table table({{"node", Align::right}, {"CPUs"}, {"memory", Align::right}, {"zones"}});
    for (const std::size_t position : listed(view)) {
        const topology_node& node = view.machine.nodes[position];
        std::string zones;
        for (const zone_span& zone : node.zones) {
            zones += fmt::format("{}{}", zones.empty() ? "" : " ", zone_name(zone.kind));
        }
        table.add({fmt::format("{}", node.id.value), or_dash(cpu_list(node)),
                   memory_text(present_frames(node), spanned_frames(node)), or_dash(zones)});
    }
    fmt::print(out, "\nNodes\n");
    table.print(out);
    print_left_out(view, out);
}

/// "all", "none", or the ranges.
std::string present_text(const zone_span& zone) {
    if (zone.present.empty()) return "none";
    if (present_frames(zone) == zone.span.frames) return "all";
    std::string text;
    for (const PfnRange& range : zone.present) {
        text += fmt::format("{}{}-{}", text.empty() ? "" : ",", range.first.value,
                            range.end().value - 1);
    }
    return fmt::format("{} ({})", format_frames(present_frames(zone)), text);
}

void print_zones(const TopologyView& view, std::FILE* out) {
    Table table({{"node", Align::right},
                 {"zone"},
                 {"first pfn", Align::right},
                 {"last pfn", Align::right},
                 {"size", Align::right},
                 {"present"}});
    for (const std::size_t position : listed(view)) {
        const topology_node& node = view.machine.nodes[position];
        for (const zone_span& zone : node.zones) {
            table.add({fmt::format("{}", node.id.value), zone_name(zone.kind),
                       fmt::format("{}", zone.span.first.value),
                       fmt::format("{}", zone.span.end().value - 1),
                       format_frames(zone.span.frames), present_text(zone)});
        }
    }
    fmt::print(out, "\nZones\n");
    table.print(out);
    print_left_out(view, out);
}

void print_matrix(const TopologyView& view, std::FILE* out) {
    std::vector<Table::Column> columns{{"node", Align::right}};
    for (const topology_node& node : view.machine.nodes) {
        columns.push_back({fmt::format("{}", node.id.value), Align::right});
    }
    Table table(std::move(columns));
    for (const std::size_t from : view.shown) {
        std::vector<std::string> row{fmt::format("{}:", view.machine.nodes[from].id.value)};
        for (std::size_t to = 0; to < view.machine.nodes.size(); ++to) {
            row.push_back(fmt::format("{}", view.machine.distance(from, to)));
        }
        table.add(std::move(row));
    }
    table.print(out);
}

/// How many ordered pairs are how far apart.
void print_distance_counts(const TopologyView& view, std::FILE* out) {
    std::map<unsigned, std::size_t> pairs;
    for (const std::uint8_t distance : view.machine.distances) ++pairs[distance];
    Table table({{"distance", Align::right}, {"pairs", Align::right}});
    std::size_t rows = 0;
    for (const auto& [distance, count] : pairs) {
        if (++rows > nodes_in_full) break;
        table.add({fmt::format("{}", distance), fmt::format("{}", count)});
    }
    table.print(out);
    if (rows > nodes_in_full) {
        fmt::print(out, "  ... and {} more, up to {} (--all prints the matrix)\n",
                   pairs.size() - nodes_in_full, pairs.rbegin()->first);
    }
}

void print_distances(const TopologyView& view, std::FILE* out) {
    fmt::print(out, "\nDistances\n");
    if (shortened(view)) {
        print_distance_counts(view, out);
    } else {
        print_matrix(view, out);
    }
}

/// What is tried from a node, as words.
std::vector<std::string> order_names(const TopologyView& view, std::size_t position) {
    std::vector<std::string> names;
    if (view.zonelists) {
        for (const ZoneName& zone : zonelist(view.machine, view.orders[position])) {
            names.push_back(fmt::format("{}/{}", zone.node.value, zone_name(zone.kind)));
        }
    } else {
        for (const NodeId id : view.orders[position]) names.push_back(fmt::format("{}", id.value));
    }
    return names;
}

void print_orders(const TopologyView& view, std::FILE* out) {
    Table table({{"node", Align::right}, {view.zonelists ? "zones tried" : "nodes tried"}});
    for (const std::size_t position : listed(view)) {
        const std::vector<std::string> names = order_names(view, position);
        const std::size_t count =
            shortened(view) ? std::min(names.size(), names_in_line) : names.size();
        std::string text;
        for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + names[i];
        if (count < names.size()) text += fmt::format(" ... ({} more)", names.size() - count);
        table.add({fmt::format("{}:", view.machine.nodes[position].id.value), or_dash(text)});
    }
    fmt::print(out, "\nFallback order\n");
    table.print(out);
    print_left_out(view, out);
}

}  // namespace

void print_topology_tables(const TopologyView& view, std::FILE* out) {
    print_summary(view, out);
    print_nodes(view, out);
    print_zones(view, out);
    print_distances(view, out);
    print_orders(view, out);
}

}  // namespace anypage::cli
