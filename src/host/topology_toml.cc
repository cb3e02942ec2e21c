// Topology from TOML: see topology_toml.hpp. Reads the file's top level, then gives every node its
// place: in ascending id order, behind what was placed before unless it says where.
#include "topology_toml.hpp"

#include <algorithm>

#include "quantity.hpp"
#include "text.hpp"
#include "toml_machine.hpp"
#include "topology_check.hpp"
#include "topology_zones.hpp"

namespace anypage {
namespace {

/// The policy's values where the file does not say.
zone_policy read_policy(toml_reader& reader, const toml::table& root, zone_policy policy) {
    const auto percent = reader.number(root, "movable_percent", 0, 100);
    policy.movable_percent = static_cast<unsigned>(percent.value_or(policy.movable_percent));
    const auto section = reader.frames(root, "section");
    policy.section_frames = section.value_or(policy.section_frames);
    if (auto wrong = policy_fault(policy)) {
        reader.fail(toml_reader::line_of(root, "section"), *wrong);
    }
    return policy;
}

/// Whether `frames` from `first` end at 2^44 or before; a fault otherwise.
bool fits(toml_reader& reader, unsigned line, std::uint64_t first, std::uint64_t frames) {
    if (first <= pfn_limit && frames <= pfn_limit - first) return true;
    reader.fail(line, concat(frames, " frames from ", first,
                             " reach beyond frame 2^44; move memory down or make it smaller"));
    return false;
}

/// A zone at its place. `next` is the first frame behind everything placed so far.
zone_span place_zone(toml_reader& reader, const toml_zone& zone, std::uint64_t section,
                     std::uint64_t& next) {
    const std::uint64_t first = zone.first.value_or(next);
    if (!fits(reader, zone.line, first, zone.frames)) return {};
    zone_span placed{zone.kind, {Pfn{first}, zone.frames}, zone.present_ranges};
    if (zone.present_frames != 0) placed.present.push_back({Pfn{first}, zone.present_frames});
    next = std::max(next, round_up(first + zone.frames, section));
    return placed;
}

topology_node place_node(toml_reader& reader, const toml_node& node, zone_policy policy,
                         std::uint64_t& next) {
    topology_node placed{node.id, node.cpus, {}};
    if (node.memory_frames) {
        const std::uint64_t frames = round_up(*node.memory_frames, policy.section_frames);
        if (!fits(reader, node.line, next, frames)) return placed;
        placed.zones = cut_into_zones({Pfn{next}, frames}, policy);
        next += frames;
    }
    for (const toml_zone& zone : node.zones) {
        placed.zones.push_back(place_zone(reader, zone, policy.section_frames, next));
    }
    return placed;
}

/// Lines of the zones, as far as they were written one by one.
std::vector<unsigned> zone_lines(const toml_node& node) {
    std::vector<unsigned> lines;
    for (const toml_zone& zone : node.zones) lines.push_back(zone.line);
    return lines;
}

}  // namespace

result<topology, failure> read_toml(const std::string& source, std::string_view text,
                                    zone_policy policy) {
    toml_reader reader(source);
    const toml::table root = reader.parse(text);
    reader.allow_keys(root, "a topology",
                      {"name", "section", "movable_percent", "node", "distances"});
    (void)reader.text(root, "name");
    policy = read_policy(reader, root, policy);
    const std::vector<toml_node> nodes = read_toml_nodes(reader, root);
    if (reader.fault()) return *reader.fault();

    topology machine;
    machine.source = source;
    machine.section_frames = policy.section_frames;
    topology_places places{source, {}, {}};
    std::uint64_t next = 0;
    for (const toml_node& node : nodes) {
        machine.nodes.push_back(place_node(reader, node, policy, next));
        places.node_lines.push_back(node.line);
        places.zone_lines.push_back(zone_lines(node));
    }
    machine.distances = default_distances(machine.nodes.size());
    if (!reader.fault()) read_toml_distances(reader, root, machine);
    if (reader.fault()) return *reader.fault();
    return checked(std::move(machine), places);
}

}  // namespace anypage
