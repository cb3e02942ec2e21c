// Topology zones: how amounts of memory become zones at frame numbers, for sources that say how
// much memory a node has and not where. Rounds every node up to whole sections: what a kernel
// reports is what was installed less what it took for itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "topology.hpp"

namespace anypage {

/// Where the kernel's zones end on x86-64: DMA at 16 MiB, DMA32 at 4 GiB.
inline constexpr std::uint64_t dma_end_pfn = (std::uint64_t{16} << 20) >> frame_shift;
inline constexpr std::uint64_t dma32_end_pfn = (std::uint64_t{4} << 30) >> frame_shift;

/// The kernel's LOCAL_DISTANCE and REMOTE_DISTANCE.
inline constexpr std::uint8_t local_distance = 10;
inline constexpr std::uint8_t remote_distance = 20;

/// What a source without frame numbers knows of a node.
struct node_memory {
    NodeId id;
    std::vector<CpuId> cpus;
    std::uint64_t bytes = 0;
    std::uint64_t device_bytes = 0;  ///< DAX memory: a Device zone behind the node's other zones
};

/// What is wrong with a policy, in words, or nothing.
std::optional<std::string> policy_fault(zone_policy policy);

/// The zones of the frames [first, first + frames), all present: the last part of the policy's
/// share is Movable, the rest DMA, DMA32 or Normal by frame number. Both are whole sections.
std::vector<zone_span> cut_into_zones(PfnRange memory, zone_policy policy);

/// Nodes in ascending id order, memory one after the other from frame 0. Distances are 10 and 20
/// until the reader knows better. `nodes` may be in any order; the result is not yet checked.
result<topology, failure> lay_out(std::string source, std::vector<node_memory> nodes,
                                  zone_policy policy);

/// count^2 distances of 10 to oneself and 20 to others.
std::vector<std::uint8_t> default_distances(std::size_t count);

}  // namespace anypage
