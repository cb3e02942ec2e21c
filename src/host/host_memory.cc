// Host memory by mmap, mbind and MADV_POPULATE_WRITE.
#include "host_memory.hpp"

#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23  // Linux 5.14; older headers lack it
#endif

namespace anypage {
namespace {

constexpr int no_memory_flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

constexpr std::size_t run_bytes_max = order_max.frames() * frame_bytes;

/// Addresses without memory that lie as far behind a multiple of the largest run as `first` does,
/// so that a run is aligned in memory as its number is. Null if there are none.
std::byte* reserve_like(Pfn first, std::size_t bytes) {
    const std::size_t more = run_bytes_max - frame_bytes;
    void* memory = mmap(nullptr, bytes + more, PROT_NONE, no_memory_flags, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    const std::size_t offset = first.value % order_max.frames() * frame_bytes;
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    const std::size_t skip = (offset - address) % run_bytes_max;
    auto* base = static_cast<std::byte*>(memory) + skip;
    if (skip != 0) munmap(memory, skip);
    if (skip != more) munmap(base + bytes, more - skip);
    return base;
}

using NodeBits = std::array<unsigned long, node_count_max / (8 * sizeof(unsigned long))>;

// The kernel reads one bit less than it is told.
constexpr unsigned long node_bits_max = node_count_max + 1;

bool bind_to(void* memory, std::size_t bytes, NodeId node) {
    NodeBits bits{};
    constexpr unsigned per_word = 8 * sizeof(unsigned long);
    bits[node.value / per_word] |= 1ul << node.value % per_word;
    return syscall(SYS_mbind, memory, bytes, MPOL_BIND, bits.data(), node_bits_max, 0) == 0;
}

// Kernels before 5.14 refuse MADV_POPULATE_WRITE; mlock populates too, and reports shortage as
// well.
bool populate_now(void* memory, std::size_t bytes) {
    int done;
    do {
        done = madvise(memory, bytes, MADV_POPULATE_WRITE);
    } while (done != 0 && errno == EINTR);
    if (done == 0) return true;
    return errno == EINVAL && mlock(memory, bytes) == 0 && munlock(memory, bytes) == 0;
}

}  // namespace

HostMemory::~HostMemory() {
    for (const MappedSpan& span : spans_) {
        if (span.owned) munmap(span.base, span.frames.frames * frame_bytes);
    }
}

bool HostMemory::can_bind(NodeId node) {
    NodeBits bits{};
    if (syscall(SYS_get_mempolicy, nullptr, bits.data(), node_bits_max, nullptr,
                MPOL_F_MEMS_ALLOWED) != 0) {
        return false;
    }
    constexpr unsigned per_word = 8 * sizeof(unsigned long);
    return node.value < node_count_max &&
           (bits[node.value / per_word] >> node.value % per_word & 1) != 0;
}

result<bool, failure> HostMemory::reserve(PfnRange frames, NodeId node) {
    const std::size_t bytes = frames.frames * frame_bytes;
    std::byte* memory = reserve_like(frames.first, bytes);
    if (memory == nullptr) {
        return failure{error::no_memory,
                       "cannot reserve " + std::to_string(bytes >> 20) +
                           " MiB of address space for node " + std::to_string(node.value) + " (" +
                           std::strerror(errno) + "); use backing::numbers, or a smaller topology"};
    }
    spans_.push_back({frames, memory, node, true});
    std::sort(spans_.begin(), spans_.end(), [](const MappedSpan& a, const MappedSpan& b) {
        return a.frames.first < b.frames.first;
    });
    return true;
}

void HostMemory::lend(PfnRange frames, NodeId node, void* base) {
    spans_.push_back({frames, static_cast<std::byte*>(base), node, false});
    std::sort(spans_.begin(), spans_.end(), [](const MappedSpan& a, const MappedSpan& b) {
        return a.frames.first < b.frames.first;
    });
}

bool HostMemory::populate(PfnRange range, bool bind) {
    const MappedSpan* span = span_of(range.first);
    if (span == nullptr || !span->owned) return true;
    void* memory = address(range.first);
    const std::size_t bytes = range.frames * frame_bytes;
    if (mprotect(memory, bytes, PROT_READ | PROT_WRITE) == 0 &&
        (!bind || bind_to(memory, bytes, span->node)) && populate_now(memory, bytes)) {
        return true;
    }
    release(range);
    return false;
}

void HostMemory::release(PfnRange range) {
    const MappedSpan* span = span_of(range.first);
    if (span == nullptr || !span->owned) return;
    // Mapping afresh gives back memory, protection and policy in one step. The old mapping stays if
    // it fails, which costs memory and nothing else.
    mmap(address(range.first), range.frames * frame_bytes, PROT_NONE, no_memory_flags | MAP_FIXED,
         -1, 0);
}

const MappedSpan* HostMemory::span_of(Pfn pfn) const {
    const auto after = std::upper_bound(
        spans_.begin(), spans_.end(), pfn,
        [](Pfn wanted, const MappedSpan& span) { return wanted < span.frames.first; });
    if (after == spans_.begin() || !after[-1].frames.contains(pfn)) return nullptr;
    return &after[-1];
}

void* HostMemory::address(Pfn pfn) const {
    const MappedSpan* span = span_of(pfn);
    if (span == nullptr || span->base == nullptr) return nullptr;
    return span->base + (pfn - span->frames.first) * frame_bytes;
}

std::optional<Pfn> HostMemory::frame(const void* address) const {
    const auto* byte = static_cast<const std::byte*>(address);
    for (const MappedSpan& span : spans_) {
        const std::size_t bytes = span.frames.frames * frame_bytes;
        if (span.base != nullptr && byte >= span.base && byte < span.base + bytes) {
            return span.frames.first + static_cast<std::uint64_t>(byte - span.base) / frame_bytes;
        }
    }
    return std::nullopt;
}

std::byte* map_metadata(std::size_t bytes) {
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, no_memory_flags, -1, 0);
    return memory == MAP_FAILED ? nullptr : static_cast<std::byte*>(memory);
}

void unmap_metadata(std::byte* memory, std::size_t bytes) { munmap(memory, bytes); }

}  // namespace anypage
