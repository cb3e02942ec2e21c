// Topology zones: see topology_zones.hpp.
#include "topology_zones.hpp"

#include <algorithm>

#include "quantity.hpp"
#include "text.hpp"

namespace anypage {
namespace {

/// Frames at the end of a node that become Movable: the share rounded up to sections, so that a
/// small node has some too, but never the last section unless all was asked for.
std::uint64_t movable_frames(std::uint64_t frames, zone_policy policy) {
    const std::uint64_t section = policy.section_frames;
    if (policy.movable_percent >= 100) return frames;
    if (frames < 2 * section || policy.movable_percent == 0) return 0;
    const std::uint64_t sections = frames / section;
    const std::uint64_t movable = (sections * policy.movable_percent + 99) / 100;
    return std::min(movable, sections - 1) * section;
}

/// Appends a zone of [from, to) unless that is empty, and returns where the rest starts.
std::uint64_t append_zone(std::vector<zone_span>& zones, ZoneIndex kind, std::uint64_t from,
                          std::uint64_t to) {
    if (from >= to) return from;
    const PfnRange span{Pfn{from}, to - from};
    zones.push_back({kind, span, {span}});
    return to;
}

}  // namespace

std::optional<std::string> policy_fault(zone_policy policy) {
    if (policy.movable_percent > 100) {
        return concat("a Movable share of ", policy.movable_percent, " %; use 0 to 100");
    }
    if (!is_section(policy.section_frames)) {
        return concat("a section of ", policy.section_frames,
                      " frames; use a power of two from 2 MiB to 1 GiB");
    }
    return {};
}

std::vector<zone_span> cut_into_zones(PfnRange memory, zone_policy policy) {
    std::vector<zone_span> zones;
    const std::uint64_t end = memory.end().value;
    const std::uint64_t movable = end - movable_frames(memory.frames, policy);
    std::uint64_t at = memory.first.value;
    at = append_zone(zones, ZoneIndex::dma, at, std::min(movable, dma_end_pfn));
    at = append_zone(zones, ZoneIndex::dma32, at, std::min(movable, dma32_end_pfn));
    at = append_zone(zones, ZoneIndex::normal, at, movable);
    append_zone(zones, ZoneIndex::movable, at, end);
    return zones;
}

std::vector<std::uint8_t> default_distances(std::size_t count) {
    std::vector<std::uint8_t> distances(count * count, remote_distance);
    for (std::size_t i = 0; i < count; ++i) distances[i * count + i] = local_distance;
    return distances;
}

result<topology, failure> lay_out(std::string source, std::vector<node_memory> nodes,
                                  zone_policy policy) {
    if (auto fault = policy_fault(policy)) {
        return failure{error::invalid, source + ": " + *fault};
    }
    if (nodes.size() > node_count_max) {
        return failure{error::invalid, concat(source, ": ", nodes.size(), " nodes; at most ",
                                              node_count_max, " are possible")};
    }
    std::stable_sort(nodes.begin(), nodes.end(),
                     [](const node_memory& a, const node_memory& b) { return a.id < b.id; });
    topology machine;
    machine.section_frames = policy.section_frames;
    std::uint64_t next = 0;
    for (node_memory& node : nodes) {
        // Divided first: a hostile size near 2^64 must not wrap around. 2^52 frames at most.
        const std::uint64_t frames = round_up(
            node.bytes / frame_bytes + (node.bytes % frame_bytes != 0), policy.section_frames);
        const std::uint64_t device =
            round_up(node.device_bytes / frame_bytes, policy.section_frames);
        if (frames > pfn_limit - next || device > pfn_limit - next - frames) {
            return failure{error::invalid,
                           concat(source, ": the memory of node ", node.id.value,
                                  " would reach beyond frame 2^44; make nodes smaller")};
        }
        std::vector<zone_span> zones = cut_into_zones({Pfn{next}, frames}, policy);
        append_zone(zones, ZoneIndex::device, next + frames, next + frames + device);
        next += frames + device;
        machine.nodes.push_back({node.id, std::move(node.cpus), std::move(zones)});
    }
    machine.distances = default_distances(machine.nodes.size());
    machine.source = std::move(source);
    return machine;
}

}  // namespace anypage
