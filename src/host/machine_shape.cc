// From a topology to a machine's shape.
#include "machine_shape.hpp"

namespace anypage {

OwnedShape::OwnedShape(const topology& machine) : distances_(machine.distances) {
    std::uint32_t cpu_count = 1;
    for (const topology_node& node : machine.nodes) cpus_.push_back(node.cpus);
    for (std::size_t i = 0; i < machine.nodes.size(); ++i) {
        const NodePos position{static_cast<std::uint16_t>(i)};
        nodes_.push_back({machine.nodes[i].id, cpus_[i]});
        for (const CpuId cpu : cpus_[i]) cpu_count = std::max(cpu_count, cpu.value + 1);
        for (const zone_span& zone : machine.nodes[i].zones) {
            const ZoneId id{static_cast<std::uint32_t>(zones_.size())};
            zones_.push_back({position, zone.kind, zone.span});
            if (zone.kind == ZoneIndex::device) continue;
            for (const PfnRange& range : zone.present) present_.emplace_back(id, range);
        }
    }
    shape_ = {nodes_, zones_, distances_, std::min(cpu_count, cpu_count_max)};
}

}  // namespace anypage
