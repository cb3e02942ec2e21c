// Units: the numbers that the allocator speaks of, each a type of its own, so that a count is not a
// name and a node is not a CPU. Frames are numbers here; nobody below src/host touches memory.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace anypage {

/// log2 of the bytes in a frame (the kernel's PAGE_SHIFT).
inline constexpr unsigned frame_shift = 12;
inline constexpr std::uint64_t frame_bytes = std::uint64_t{1} << frame_shift;

/// Page frame number: the name of a frame. Physical where memory is ours, any number otherwise.
struct Pfn {
    std::uint64_t value = 0;

    friend constexpr auto operator<=>(Pfn, Pfn) = default;
    friend constexpr Pfn operator+(Pfn pfn, std::uint64_t frames) { return {pfn.value + frames}; }
    friend constexpr Pfn operator-(Pfn pfn, std::uint64_t frames) { return {pfn.value - frames}; }
    friend constexpr std::uint64_t operator-(Pfn a, Pfn b) { return a.value - b.value; }
};

/// A run is 2^value frames, aligned to its own length. 0 to order_max.
struct Order {
    std::uint8_t value = 0;

    constexpr std::uint64_t frames() const { return std::uint64_t{1} << value; }
    friend constexpr auto operator<=>(Order, Order) = default;
};

/// The kernel's MAX_PAGE_ORDER: 4 MiB runs of 4 KiB frames.
inline constexpr Order order_max{10};
inline constexpr unsigned order_count = order_max.value + 1u;

/// The kernel's pageblock_order on x86-64: the grain of migratetypes, one huge page.
inline constexpr Order pageblock_order{9};
inline constexpr std::uint64_t pageblock_frames = std::uint64_t{1} << pageblock_order.value;

/// The kernel's PAGE_ALLOC_COSTLY_ORDER: above it, reclaim gives up early.
inline constexpr Order costly_order{3};

/// The kernel's MAX_NUMNODES for x86-64 (CONFIG_NODES_SHIFT=10).
inline constexpr unsigned node_count_max = 1024;

/// Identity of a NUMA node. Ids may be sparse; node 0 may be missing.
struct NodeId {
    std::uint16_t value = 0;

    friend constexpr auto operator<=>(NodeId, NodeId) = default;
};

/// "The node of the CPU that asks" (the kernel's NUMA_NO_NODE).
inline constexpr NodeId node_local{0xffff};

/// Identity of a CPU as the operating system numbers them.
struct CpuId {
    std::uint32_t value = 0;

    friend constexpr auto operator<=>(CpuId, CpuId) = default;
};

/// Kind of a zone, in the kernel's ascending zone_idx order (64-bit: no HIGHMEM).
enum class ZoneIndex : std::uint8_t { dma, dma32, normal, movable, device };
inline constexpr unsigned zone_index_count = 5;

/// The kernel's names: DMA, DMA32, Normal, Movable, Device.
constexpr const char* zone_name(ZoneIndex zone) {
    constexpr const char* names[] = {"DMA", "DMA32", "Normal", "Movable", "Device"};
    return names[static_cast<unsigned>(zone)];
}

/// Half-open range of frames [first, first + frames).
struct PfnRange {
    Pfn first{};
    std::uint64_t frames = 0;

    constexpr Pfn end() const { return first + frames; }
    constexpr bool contains(Pfn pfn) const { return pfn >= first && pfn < end(); }
    constexpr bool contains(PfnRange other) const {
        // No sums: a caller's numbers may run over the last frame number.
        return other.first >= first && other.frames <= frames &&
               other.first - first <= frames - other.frames;
    }
    constexpr bool overlaps(PfnRange other) const {
        return first < other.end() && other.first < end();
    }
    friend constexpr bool operator==(PfnRange, PfnRange) = default;
};

}  // namespace anypage
