// The caller's ranges as a topology: see range_topology.hpp.
#include "range_topology.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace anypage {
namespace {

void add_to_zone(std::vector<zone_span>& zones, ZoneIndex kind, PfnRange frames) {
    const auto zone = std::find_if(zones.begin(), zones.end(),
                                   [&](const zone_span& known) { return known.kind == kind; });
    if (zone == zones.end()) {
        zones.push_back({kind, frames, {frames}});
        return;
    }
    const Pfn first = std::min(zone->span.first, frames.first);
    zone->span = {first, std::max(zone->span.end(), frames.end()) - first};
    zone->present.push_back(frames);
}

/// Sorts, and joins ranges that touch: where they meet need not be a section's edge.
void join_neighbours(std::vector<PfnRange>& ranges) {
    std::sort(ranges.begin(), ranges.end(),
              [](PfnRange a, PfnRange b) { return a.first < b.first; });
    std::size_t last = 0;
    for (std::size_t i = 1; i < ranges.size(); ++i) {
        const bool touch = ranges[last].end() == ranges[i].first && ranges[i].frames != 0;
        if (touch && ranges[last].frames != 0) {
            ranges[last].frames += ranges[i].frames;
        } else {
            ranges[++last] = ranges[i];
        }
    }
    ranges.resize(last + 1);
}

}  // namespace

result<topology, failure> topology_of_ranges(const topology& machine,
                                             std::span<const range> ranges) {
    topology result = machine;
    for (topology_node& node : result.nodes) node.zones.clear();
    for (const range& each : ranges) {
        const std::size_t at = result.position(each.node);
        if (at == result.nodes.size()) {
            return failure{error::not_found, "the topology has no node " +
                                                 std::to_string(each.node.value) +
                                                 ", which a range names"};
        }
        add_to_zone(result.nodes[at].zones, each.zone, {each.first, each.frames});
    }
    for (topology_node& node : result.nodes) {
        std::sort(node.zones.begin(), node.zones.end(),
                  [](const zone_span& a, const zone_span& b) { return a.kind < b.kind; });
        for (zone_span& zone : node.zones) join_neighbours(zone.present);
    }
    return checked(std::move(result));
}

}  // namespace anypage
