// The machines that our own allocator is measured on: one node with `whole` as its Normal zone, and
// the same with a second node of one section that can go and come. Every CPU is on the first node.
#pragma once

#include "base/gfp.hpp"
#include "host/topology.hpp"
#include "subject.hpp"

namespace anypage::bench {

/// As small as a section can be, so that it goes and comes as often as it can.
inline constexpr std::uint64_t section_frames = pageblock_frames;
inline constexpr PfnRange far_section{Pfn{whole.first.value + 2 * whole.frames}, section_frames};

inline topology one_node() {
    topology machine;
    machine.source = "bench";
    machine.section_frames = section_frames;
    topology_node node;
    node.id = NodeId{0};
    for (unsigned cpu = 0; cpu < cpu_count(); ++cpu) node.cpus.push_back(CpuId{cpu});
    node.zones = {{ZoneIndex::normal, whole, {whole}}};
    machine.nodes = {node};
    machine.distances = {10};
    return machine;
}

inline topology two_nodes() {
    topology machine = one_node();
    machine.nodes.push_back({NodeId{1}, {}, {{ZoneIndex::normal, far_section, {far_section}}}});
    machine.distances = {10, 20, 20, 10};
    return machine;
}

/// GFP_KERNEL for a page that is unmovable, and its like for the others.
constexpr gfp_t flags_for(Migratetype type) {
    constexpr gfp_t flags[] = {gfp::KERNEL, gfp::HIGHUSER_MOVABLE, gfp::KERNEL | gfp::RECLAIMABLE};
    return flags[static_cast<unsigned>(type)];
}

}  // namespace anypage::bench
