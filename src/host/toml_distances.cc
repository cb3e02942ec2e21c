// TOML distances: the [distances] half of a topology file. See toml_machine.hpp. A rule or a matrix
// fills everything, then pairs overwrite some, then a claim of symmetry is checked.
#include <algorithm>

#include "text.hpp"
#include "toml_machine.hpp"
#include "topology_zones.hpp"

namespace anypage {
namespace {

constexpr std::uint64_t distance_max = 255;

std::optional<std::uint64_t> read_distance(toml_reader& reader, const toml::table& table,
                                           std::string_view key) {
    return reader.number(table, key, local_distance, distance_max);
}

/// Keys that only some rules read are refused elsewhere: they would silently do nothing.
void refuse_keys(toml_reader& reader, const toml::table& table, std::string_view rule,
                 std::initializer_list<std::string_view> keys) {
    for (const std::string_view key : keys) {
        if (!table.contains(key)) continue;
        reader.fail(toml_reader::line_of(table, key),
                    concat('"', key, "\" does nothing for ", rule, "; remove it"));
    }
}

template <class Distance>
void fill(topology& machine, Distance distance) {
    const std::size_t count = machine.nodes.size();
    for (std::size_t from = 0; from < count; ++from) {
        for (std::size_t to = 0; to < count; ++to) {
            if (from == to) continue;
            machine.distances[from * count + to] = static_cast<std::uint8_t>(distance(from, to));
        }
    }
}

/// Every other node is equally far.
void apply_uniform(toml_reader& reader, const toml::table& table, topology& machine) {
    refuse_keys(reader, table, "rule = \"uniform\"", {"step", "max", "group", "near", "matrix"});
    const auto remote = read_distance(reader, table, "remote").value_or(remote_distance);
    fill(machine, [&](std::size_t, std::size_t) { return remote; });
}

/// Nodes in a circle by ascending id: `step` more for each hop, at most `max`.
void apply_ring(toml_reader& reader, const toml::table& table, topology& machine) {
    refuse_keys(reader, table, "rule = \"ring\"", {"remote", "group", "near", "matrix"});
    const std::uint64_t step = reader.number(table, "step", 1, distance_max).value_or(10);
    const std::uint64_t most = read_distance(reader, table, "max").value_or(distance_max - 1);
    const std::size_t count = machine.nodes.size();
    fill(machine, [&](std::size_t from, std::size_t to) {
        const std::size_t apart = from < to ? to - from : from - to;
        const std::size_t hops = std::min(apart, count - apart);
        return std::min(most, local_distance + step * hops);
    });
}

/// Groups of `group` nodes by ascending id: `near` inside of one, `remote` to the others.
void apply_groups(toml_reader& reader, const toml::table& table, topology& machine) {
    refuse_keys(reader, table, "rule = \"groups\"", {"step", "max", "matrix"});
    const auto size = reader.number(table, "group", 1, node_count_max);
    if (!size) {
        reader.fail(toml_reader::line_of(table, "rule"),
                    "rule = \"groups\" needs \"group\", the nodes in one group");
        return;
    }
    const std::uint64_t near = read_distance(reader, table, "near").value_or(remote_distance);
    const std::uint64_t remote = read_distance(reader, table, "remote").value_or(30);
    fill(machine, [&](std::size_t from, std::size_t to) {
        return from / *size == to / *size ? near : remote;
    });
}

/// Rows and columns in ascending order of node id.
void apply_matrix(toml_reader& reader, const toml::table& table, topology& machine) {
    refuse_keys(reader, table, "a matrix", {"remote", "step", "max", "group", "near"});
    const std::size_t count = machine.nodes.size();
    const toml::node* value = table.get("matrix");
    const toml::array* rows = value->as_array();
    if (rows == nullptr || rows->size() != count) {
        reader.fail(*value, concat("\"matrix\" must be a list of ", count,
                                   " rows, one for each node by ascending id"));
        return;
    }
    for (std::size_t from = 0; from < count; ++from) {
        const toml::node& item = *rows->get(from);
        const toml::array* row = item.as_array();
        if (row == nullptr || row->size() != count) {
            reader.fail(item, concat("the row of node ", machine.nodes[from].id.value,
                                     " must be a list of ", count, " distances"));
            return;
        }
        for (std::size_t to = 0; to < count; ++to) {
            const toml::node& cell = *row->get(to);
            const std::string what = concat("distance from node ", machine.nodes[from].id.value,
                                            " to node ", machine.nodes[to].id.value);
            const auto distance = reader.number_at(cell, what, local_distance, distance_max);
            if (!distance) return;
            if (from == to && *distance != local_distance) {
                reader.fail(cell, concat(what, " is ", *distance, "; a node is 10 from itself"));
                return;
            }
            machine.distances[from * count + to] = static_cast<std::uint8_t>(*distance);
        }
    }
}

/// The position of a node that a pair names.
std::optional<std::size_t> pair_node(toml_reader& reader, const toml::node& value,
                                     const topology& machine) {
    const auto id = reader.number_at(value, "a node of a pair", 0, node_count_max - 1);
    if (!id) return std::nullopt;
    const std::size_t position = machine.position(NodeId{static_cast<std::uint16_t>(*id)});
    if (position < machine.nodes.size()) return position;
    reader.fail(value, concat("there is no node ", *id, "; pairs are of nodes in this file"));
    return std::nullopt;
}

/// One pair: `between = [a, b]` both ways, or `from = a, to = b` one way.
void apply_pair(toml_reader& reader, const toml::table& pair, topology& machine) {
    reader.allow_keys(pair, "a pair", {"between", "from", "to", "distance"});
    const toml::node* from_value = pair.get("from");
    const toml::node* to_value = pair.get("to");
    const toml::array* both = pair.get("between") ? pair.get("between")->as_array() : nullptr;
    const bool both_ways = both != nullptr && both->size() == 2;
    if (both_ways == (from_value != nullptr && to_value != nullptr)) {
        reader.fail(pair, "a pair needs either between = [a, b] or from = a, to = b");
        return;
    }
    const toml::node& first = both_ways ? *both->get(0) : *from_value;
    const toml::node& second = both_ways ? *both->get(1) : *to_value;
    const auto from = pair_node(reader, first, machine);
    const auto to = pair_node(reader, second, machine);
    const auto distance = read_distance(reader, pair, "distance");
    if (!distance) reader.fail(pair, "a pair needs a \"distance\" from 10 to 255");
    if (reader.fault()) return;
    if (*from == *to) {
        reader.fail(pair, "a pair is of two different nodes; a node is 10 from itself");
        return;
    }
    const std::size_t count = machine.nodes.size();
    const auto value = static_cast<std::uint8_t>(*distance);
    machine.distances[*from * count + *to] = value;
    if (both_ways) machine.distances[*to * count + *from] = value;
}

void check_symmetry(toml_reader& reader, const toml::table& table, const topology& machine) {
    for (std::size_t a = 0; a < machine.nodes.size(); ++a) {
        for (std::size_t b = a + 1; b < machine.nodes.size(); ++b) {
            if (machine.distance(a, b) == machine.distance(b, a)) continue;
            const unsigned there = machine.distance(a, b);
            const unsigned back = machine.distance(b, a);
            const unsigned low = machine.nodes[a].id.value;
            const unsigned high = machine.nodes[b].id.value;
            reader.fail(
                toml_reader::line_of(table, "symmetric"),
                concat("symmetric is claimed, but from node ", low, " to node ", high, " is ",
                       there, " and back is ", back, "; make them equal or remove \"symmetric\""));
            return;
        }
    }
}

}  // namespace

void read_toml_distances(toml_reader& reader, const toml::table& root, topology& machine) {
    const toml::node* value = root.get("distances");
    if (value == nullptr) return;
    const toml::table* table = value->as_table();
    if (table == nullptr) {
        reader.fail(*value, "\"distances\" must be a table; write [distances]");
        return;
    }
    reader.allow_keys(
        *table, "[distances]",
        {"symmetric", "rule", "remote", "step", "max", "group", "near", "matrix", "pair"});
    const auto rule = reader.choice(*table, "rule", {"uniform", "ring", "groups"});
    const bool symmetric = reader.flag(*table, "symmetric").value_or(false);
    if (reader.fault()) return;
    if (!rule && table->contains("matrix")) {
        apply_matrix(reader, *table, machine);
    } else {
        constexpr decltype(&apply_ring) rules[] = {apply_uniform, apply_ring, apply_groups};
        rules[rule.value_or(0)](reader, *table, machine);
    }
    for (const toml::table* pair : reader.tables(*table, "pair")) {
        if (reader.fault()) return;
        apply_pair(reader, *pair, machine);
    }
    if (symmetric && !reader.fault()) check_symmetry(reader, *table, machine);
}

}  // namespace anypage
