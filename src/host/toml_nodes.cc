// TOML nodes: the [[node]] half of a topology file. See toml_machine.hpp.
#include <algorithm>

#include "id_list.hpp"
#include "quantity.hpp"
#include "text.hpp"
#include "toml_machine.hpp"

namespace anypage {
namespace {

/// `present = [{ first = ..., size = ... }]`: ranges by frame number.
void read_present_ranges(toml_reader& reader, const toml::table& table, toml_zone& zone) {
    if (!zone.first) {
        reader.fail(toml_reader::line_of(table, "present"),
                    "\"present\" lists ranges, but the zone has no \"first\"; give it one, or say "
                    "how much is present");
    }
    for (const toml::table* range : reader.tables(table, "present")) {
        reader.allow_keys(*range, "a present range", {"first", "size"});
        const auto first = reader.frames(*range, "first");
        const auto size = reader.frames(*range, "size");
        if (!first || !size) {
            reader.fail(*range, "a present range needs \"first\" and \"size\"");
            return;
        }
        zone.present_ranges.push_back({Pfn{*first}, *size});
    }
}

/// `present`: true (default), false, an amount from the first frame on, or a list of ranges.
void read_present(toml_reader& reader, const toml::table& table, toml_zone& zone) {
    zone.present_frames = zone.frames;
    const toml::node* value = table.get("present");
    if (value == nullptr) return;
    if (const auto* all = value->as_boolean()) {
        zone.present_frames = all->get() ? zone.frames : 0;
        return;
    }
    if (value->is_array()) {
        zone.present_frames = 0;
        read_present_ranges(reader, table, zone);
        return;
    }
    zone.present_frames = reader.frames_at(*value, "\"present\"").value_or(0);
    if (zone.present_frames <= zone.frames) return;
    reader.fail(*value, concat("\"present\" is ", format_frames(zone.present_frames),
                               " of a zone of ", format_frames(zone.frames), "; lower it"));
}

toml_zone read_zone(toml_reader& reader, const toml::table& table) {
    toml_zone zone;
    zone.line = toml_reader::line_of(table);
    reader.allow_keys(table, "a zone", {"kind", "first", "size", "present"});
    const auto kind = reader.choice(
        table, "kind",
        {zone_name(ZoneIndex::dma), zone_name(ZoneIndex::dma32), zone_name(ZoneIndex::normal),
         zone_name(ZoneIndex::movable), zone_name(ZoneIndex::device)});
    if (!kind) reader.fail(table, "a zone needs a \"kind\", such as \"Normal\"");
    zone.kind = static_cast<ZoneIndex>(kind.value_or(0));
    zone.first = reader.frames(table, "first");
    const auto size = reader.frames(table, "size");
    if (!size) reader.fail(table, "a zone needs a \"size\", such as \"4 GiB\"");
    zone.frames = size.value_or(0);
    read_present(reader, table, zone);
    return zone;
}

std::vector<CpuId> read_cpus(toml_reader& reader, const toml::table& table) {
    std::vector<CpuId> cpus;
    const auto text = reader.text(table, "cpus");
    if (!text) return cpus;
    const auto ids = parse_id_list(*text, cpu_limit);
    if (!ids) {
        reader.fail(toml_reader::line_of(table, "cpus"),
                    concat("\"cpus\" is \"", text->substr(0, 60), "\"; write ids below ", cpu_limit,
                           " such as \"0-3,8\""));
        return cpus;
    }
    for (const std::uint32_t id : *ids) cpus.push_back(CpuId{id});
    return cpus;
}

/// What all nodes of one [[node]] have in common, and how many there are.
struct node_group {
    toml_node node;
    std::uint64_t count = 1;
    std::uint64_t stride = 1;
    std::uint64_t cpus_each = 0;
};

/// What cannot be meant for several nodes, or not together.
void check_group(toml_reader& reader, const toml::table& table, const node_group& group) {
    if (table.contains("memory") && table.contains("zone")) {
        reader.fail(toml_reader::line_of(table, "memory"),
                    "\"memory\" and \"zone\" are both given; use one of them");
    }
    if (table.contains("cpus") && table.contains("cpus_each")) {
        reader.fail(toml_reader::line_of(table, "cpus_each"),
                    "\"cpus\" and \"cpus_each\" are both given; use one of them");
    }
    if (group.count == 1) return;
    if (table.contains("cpus")) {
        reader.fail(toml_reader::line_of(table, "cpus"),
                    "\"cpus\" would be in each of \"count\" nodes; use \"cpus_each\"");
    }
    for (const toml_zone& zone : group.node.zones) {
        if (!zone.first) continue;
        reader.fail(zone.line,
                    "\"first\" would be the same in each of \"count\" nodes; give \"size\" only");
    }
}

node_group read_group(toml_reader& reader, const toml::table& table) {
    node_group group;
    reader.allow_keys(table, "a node",
                      {"id", "count", "id_step", "cpus", "cpus_each", "memory", "zone"});
    group.node.line = toml_reader::line_of(table);
    const auto id = reader.number(table, "id", 0, node_count_max - 1);
    if (!id) reader.fail(table, concat("a node needs an \"id\" from 0 to ", node_count_max - 1));
    group.node.id = NodeId{static_cast<std::uint16_t>(id.value_or(0))};
    group.count = reader.number(table, "count", 1, node_count_max).value_or(1);
    group.stride = reader.number(table, "id_step", 1, node_count_max).value_or(1);
    group.cpus_each = reader.number(table, "cpus_each", 0, cpu_limit).value_or(0);
    group.node.cpus = read_cpus(reader, table);
    group.node.memory_frames = reader.frames(table, "memory");
    for (const toml::table* zone : reader.tables(table, "zone")) {
        group.node.zones.push_back(read_zone(reader, *zone));
    }
    std::sort(group.node.zones.begin(), group.node.zones.end(),
              [](const toml_zone& a, const toml_zone& b) { return a.kind < b.kind; });
    check_group(reader, table, group);
    return group;
}

/// Appends the nodes of a group; CPUs of `cpus_each` are numbered on from `next_cpu`.
void unfold(toml_reader& reader, const node_group& group, std::uint32_t& next_cpu,
            std::vector<toml_node>& nodes) {
    const unsigned line = group.node.line;
    if (nodes.size() + group.count > node_count_max) {
        reader.fail(line, concat("more than ", node_count_max, " nodes; lower \"count\""));
        return;
    }
    const std::uint64_t last = group.node.id.value + (group.count - 1) * group.stride;
    if (last >= node_count_max) {
        reader.fail(line, concat("the last of ", group.count, " nodes would have id ", last,
                                 "; ids are 0 to ", node_count_max - 1));
        return;
    }
    if (next_cpu + group.count * group.cpus_each > cpu_limit) {
        reader.fail(line,
                    concat("CPU ids would reach beyond ", cpu_limit - 1, "; lower \"cpus_each\""));
        return;
    }
    for (std::uint64_t i = 0; i < group.count; ++i) {
        toml_node node = group.node;
        node.id.value = static_cast<std::uint16_t>(group.node.id.value + i * group.stride);
        for (std::uint64_t cpu = 0; cpu < group.cpus_each; ++cpu) {
            node.cpus.push_back(CpuId{next_cpu++});
        }
        if (!node.cpus.empty()) next_cpu = std::max(next_cpu, node.cpus.back().value + 1);
        nodes.push_back(std::move(node));
    }
}

}  // namespace

std::vector<toml_node> read_toml_nodes(toml_reader& reader, const toml::table& root) {
    std::vector<toml_node> nodes;
    std::uint32_t next_cpu = 0;
    for (const toml::table* table : reader.tables(root, "node")) {
        const node_group group = read_group(reader, *table);
        if (reader.fault()) return {};
        unfold(reader, group, next_cpu, nodes);
    }
    std::stable_sort(nodes.begin(), nodes.end(),
                     [](const toml_node& a, const toml_node& b) { return a.id < b.id; });
    return nodes;
}

}  // namespace anypage
