// The verb `topology`: see topology.hpp.
#include "cli/topology.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>

#include "cli/topology_json.hpp"
#include "cli/topology_tables.hpp"
#include "host/id_list.hpp"
#include "host/text.hpp"
#include "node/node_order.hpp"

namespace anypage::cli {
namespace {

struct Options {
    std::string source = "host";
    std::string nodes;
    unsigned movable_percent = zone_policy{}.movable_percent;
    bool json = false;
    bool zonelists = false;
    bool all = false;
};

/// "0-3,!2": ids to show, less those behind an exclamation mark. Only exclusions: all others.
result<std::vector<std::size_t>, failure> chosen(const topology& machine, const std::string& list) {
    std::string wanted;
    std::string unwanted;
    bool empty_item = list.ends_with(',');
    for (std::size_t at = 0; at < list.size();) {
        const std::size_t end = std::min(list.find(',', at), list.size());
        const bool excluded = list[at] == '!';
        const std::string item = list.substr(at + excluded, end - at - excluded);
        std::string& part = excluded ? unwanted : wanted;
        part += (part.empty() ? "" : ",") + item;
        empty_item |= item.empty();
        at = end + 1;
    }
    if (wanted.empty()) wanted = concat("0-", node_count_max - 1);
    const auto include = parse_id_list(wanted, node_count_max);
    const auto exclude = parse_id_list(unwanted, node_count_max);
    if (!include || !exclude || empty_item) {
        return failure{error::invalid, concat("--node ", list, ": not a list of node ids; write ",
                                              "ids below ", node_count_max, " such as 0-3,!2")};
    }
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < machine.nodes.size(); ++i) {
        const std::uint32_t id = machine.nodes[i].id.value;
        if (!std::binary_search(include->begin(), include->end(), id)) continue;
        if (std::binary_search(exclude->begin(), exclude->end(), id)) continue;
        positions.push_back(i);
    }
    if (!positions.empty()) return positions;
    const auto ids =
        format_id_list(machine.nodes, [](const topology_node& node) { return node.id.value; });
    return failure{error::not_found,
                   concat("--node ", list, ": no such node in ", machine.source, "; it has ", ids)};
}

int run(const Options& options) {
    zone_policy policy;
    policy.movable_percent = options.movable_percent;
    const auto machine = topology::load(options.source, policy);
    if (!machine) return complain(machine.error());
    auto shown = chosen(*machine, options.nodes);
    if (!shown) return complain(shown.error());
    const TopologyView view{*machine, fallback_orders(*machine), *std::move(shown),
                            options.zonelists, options.all || !options.nodes.empty()};
    if (options.json) {
        print_topology_json(view, stdout);
    } else {
        print_topology_tables(view, stdout);
    }
    return exit_ok;
}

}  // namespace

std::uint64_t present_frames(const zone_span& zone) {
    std::uint64_t frames = 0;
    for (const PfnRange& range : zone.present) frames += range.frames;
    return frames;
}

std::uint64_t present_frames(const topology_node& node) {
    std::uint64_t frames = 0;
    for (const zone_span& zone : node.zones) {
        if (zone.kind != ZoneIndex::device) frames += present_frames(zone);
    }
    return frames;
}

std::vector<std::vector<NodeId>> fallback_orders(const topology& machine) {
    const std::size_t count = machine.nodes.size();
    std::vector<NodeFacts> facts;
    for (const topology_node& node : machine.nodes) {
        facts.push_back({present_frames(node) != 0, !node.cpus.empty()});
    }
    std::vector<std::uint32_t> load(count);
    std::vector<std::uint64_t> keys(count);
    const NodeOrderBuilder builder{facts, machine.distances, load, keys};
    std::vector<std::uint16_t> order(count);
    std::vector<std::vector<NodeId>> orders(count);
    for (std::size_t local = 0; local < count; ++local) {
        const std::size_t length = builder.build({static_cast<std::uint16_t>(local)}, order);
        for (std::size_t rank = 0; rank < length; ++rank) {
            orders[local].push_back(machine.nodes[order[rank]].id);
        }
    }
    return orders;
}

std::vector<ZoneName> zonelist(const topology& machine, const std::vector<NodeId>& order) {
    std::vector<ZoneName> names;
    for (const NodeId id : order) {
        const topology_node& node = machine.nodes[machine.position(id)];
        for (auto zone = node.zones.rbegin(); zone != node.zones.rend(); ++zone) {
            const bool tried = zone->kind != ZoneIndex::device && !zone->present.empty();
            if (tried) names.push_back({id, zone->kind});
        }
    }
    return names;
}

Verb add_topology_verb(CLI::App& root) {
    CLI::App* app = root.add_subcommand(
        "topology", "Show nodes, zones, distances and the order in which they are tried");
    const auto options = std::make_shared<Options>();
    app->add_option(
           "-t,--topology", options->source,
           "host, a TOML or hwloc XML file, a sysfs tree (directory or tar archive), or an "
           "hwloc description such as \"node:4 pu:2\"")
        ->capture_default_str();
    app->add_option("--node", options->nodes, "Only these nodes, such as 0-3,!2");
    app->add_option("--movable", options->movable_percent,
                    "Percent of each node's memory that becomes Movable where the source does not "
                    "say")
        ->check(CLI::Range(0, 100))
        ->capture_default_str();
    app->add_flag("--zonelists", options->zonelists, "Show zones, not nodes, in fallback orders");
    app->add_flag("--all", options->all, "Shorten nothing, however many nodes there are");
    app->add_flag("--json", options->json, "Print JSON (see docs/json.md)");
    return {app, [options] { return run(*options); }};
}

}  // namespace anypage::cli
