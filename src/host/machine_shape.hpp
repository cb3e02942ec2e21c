// From a topology, the description that people read and write, to the shape that a machine is made
// of.
#pragma once

#include <utility>
#include <vector>

#include "../node/machine.hpp"
#include "topology.hpp"

namespace anypage {

/// Owns what a MachineShape points to. A CPU id above `cpu_count_max` counts modulo that.
class OwnedShape {
public:
    explicit OwnedShape(const topology& machine);

    const MachineShape& shape() const { return shape_; }
    /// What is there at the start, by zone.
    const std::vector<std::pair<ZoneId, PfnRange>>& present() const { return present_; }

private:
    static constexpr std::uint32_t cpu_count_max = 4096;

    std::vector<std::vector<CpuId>> cpus_;
    std::vector<MachineShape::Node> nodes_;
    std::vector<MachineShape::ZoneOf> zones_;
    std::vector<std::uint8_t> distances_;
    std::vector<std::pair<ZoneId, PfnRange>> present_;
    MachineShape shape_;
};

}  // namespace anypage
