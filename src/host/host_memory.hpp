// Host memory: address space for every zone, reserved at once; memory behind a range only while it
// is online, on the node that the range belongs to. Shortage shows when a range goes online, as an
// error: never later, as a SIGBUS. NUMA system calls are made directly: nothing is cached that
// hotplug changes.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "../base/result.hpp"
#include "../base/units.hpp"

namespace anypage {

/// A stretch of address space behind a stretch of frames.
struct MappedSpan {
    PfnRange frames;
    std::byte* base = nullptr;
    NodeId node;
    bool owned = true;  ///< false: the caller's memory, which is never mapped or unmapped
};

class HostMemory {
public:
    HostMemory() = default;
    ~HostMemory();
    HostMemory(const HostMemory&) = delete;
    HostMemory& operator=(const HostMemory&) = delete;

    /// May memory be bound to this node by this process?
    static bool can_bind(NodeId node);

    /// Address space for `frames`, without memory, aligned as the frames' numbers are up to the
    /// largest run. Spans are kept in ascending order of frames.
    result<bool, failure> reserve(PfnRange frames, NodeId node);
    /// Memory of the caller, there for good.
    void lend(PfnRange frames, NodeId node, void* base);

    /// Puts memory behind an offline range; bound to its node if `bind`. False: there is not
    /// enough.
    bool populate(PfnRange range, bool bind);
    /// Gives the memory back; the address space stays.
    void release(PfnRange range);

    /// Null if no memory belongs to the frame. Any context.
    void* address(Pfn pfn) const;
    /// The frame at an address of ours. Any context.
    std::optional<Pfn> frame(const void* address) const;

private:
    const MappedSpan* span_of(Pfn pfn) const;

    std::vector<MappedSpan> spans_;
};

/// Zeroed memory for metadata, touched only where it is used. Null if there is no address space.
std::byte* map_metadata(std::size_t bytes);
void unmap_metadata(std::byte* memory, std::size_t bytes);

}  // namespace anypage
