// Topology JSON: see topology_json.hpp.
#include "cli/topology_json.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace anypage::cli {
namespace {

using json = nlohmann::ordered_json;

json range_json(PfnRange range) {
    return {{"first_pfn", range.first.value}, {"frames", range.frames}};
}

json zone_json(const zone_span& zone) {
    json present = json::array();
    for (const PfnRange& range : zone.present) present.push_back(range_json(range));
    return {{"kind", zone_name(zone.kind)},
            {"first_pfn", zone.span.first.value},
            {"frames", zone.span.frames},
            {"present_frames", present_frames(zone)},
            {"present", std::move(present)}};
}

json node_json(const topology_node& node) {
    json cpus = json::array();
    for (const CpuId cpu : node.cpus) cpus.push_back(cpu.value);
    json zones = json::array();
    for (const zone_span& zone : node.zones) zones.push_back(zone_json(zone));
    return {{"id", node.id.value},
            {"cpus", std::move(cpus)},
            {"present_frames", present_frames(node)},
            {"zones", std::move(zones)}};
}

/// Rows of the shown nodes, columns of all.
json distances_json(const TopologyView& view) {
    const topology& machine = view.machine;
    json to = json::array();
    for (const topology_node& node : machine.nodes) to.push_back(node.id.value);
    json from = json::array();
    json rows = json::array();
    for (const std::size_t position : view.shown) {
        from.push_back(machine.nodes[position].id.value);
        json row = json::array();
        for (std::size_t i = 0; i < machine.nodes.size(); ++i) {
            row.push_back(machine.distance(position, i));
        }
        rows.push_back(std::move(row));
    }
    return {{"from", std::move(from)}, {"to", std::move(to)}, {"rows", std::move(rows)}};
}

json orders_json(const TopologyView& view) {
    json orders = json::array();
    for (const std::size_t position : view.shown) {
        json nodes = json::array();
        for (const NodeId id : view.orders[position]) nodes.push_back(id.value);
        orders.push_back(
            {{"node", view.machine.nodes[position].id.value}, {"nodes", std::move(nodes)}});
    }
    return orders;
}

json zonelists_json(const TopologyView& view) {
    json lists = json::array();
    for (const std::size_t position : view.shown) {
        json zones = json::array();
        for (const ZoneName& zone : zonelist(view.machine, view.orders[position])) {
            zones.push_back({{"node", zone.node.value}, {"kind", zone_name(zone.kind)}});
        }
        lists.push_back(
            {{"node", view.machine.nodes[position].id.value}, {"zones", std::move(zones)}});
    }
    return lists;
}

}  // namespace

void print_topology_json(const TopologyView& view, std::FILE* out) {
    json nodes = json::array();
    for (const std::size_t position : view.shown) {
        nodes.push_back(node_json(view.machine.nodes[position]));
    }
    json root{{"source", view.machine.source},
              {"frame_bytes", frame_bytes},
              {"section_frames", view.machine.section_frames},
              {"nodes", std::move(nodes)},
              {"distances", distances_json(view)},
              {"fallback_orders", orders_json(view)}};
    if (view.zonelists) root["zonelists"] = zonelists_json(view);
    // One line: indented, the distances of 1,024 nodes would take 20 MiB more. A file name need not
    // be UTF-8; JSON must be.
    const int one_line = -1;
    fmt::print(out, "{}\n", root.dump(one_line, ' ', false, json::error_handler_t::replace));
}

}  // namespace anypage::cli
