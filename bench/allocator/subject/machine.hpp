// The machines that our own allocator is measured on: one node with `whole` (or more) as its Normal
// zone, the same with a second node of one section that can go and come, and machines of many nodes
// and CPUs. Every CPU of this machine is on the first nodes.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "base/gfp.hpp"
#include "host/topology.hpp"
#include "subject.hpp"

namespace anypage::bench {

/// As small as a section can be, so that it goes and comes as often as it can.
inline constexpr std::uint64_t section_frames = pageblock_frames;
inline constexpr PfnRange far_section{Pfn{whole.first.value + 2 * whole.frames}, section_frames};

inline topology one_node(PfnRange frames = whole) {
    topology machine;
    machine.source = "bench";
    machine.section_frames = section_frames;
    topology_node node;
    node.id = NodeId{0};
    for (unsigned cpu = 0; cpu < cpu_count(); ++cpu) node.cpus.push_back(CpuId{cpu});
    node.zones = {{ZoneIndex::normal, frames, {frames}}};
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

/// `nodes` nodes of 1 GiB with `cpus` CPUs each; nothing is movable.
inline topology synthetic_machine(unsigned nodes, unsigned cpus) {
    const std::string description =
        "node:" + std::to_string(nodes) + "(memory=1GiB) pu:" + std::to_string(cpus);
    auto machine = topology::synthetic(description, {.movable_percent = 0});
    if (machine) return *std::move(machine);
    std::fprintf(stderr, "bench: %s\n", machine.error().message.c_str());
    std::exit(1);
}

/// GFP_KERNEL for a page that is unmovable, and its like for the others.
constexpr gfp_t flags_for(Migratetype type) {
    constexpr gfp_t flags[] = {gfp::KERNEL, gfp::HIGHUSER_MOVABLE, gfp::KERNEL | gfp::RECLAIMABLE};
    return flags[static_cast<unsigned>(type)];
}

}  // namespace anypage::bench
