// anypage: a page allocator for programs that manage memory themselves. Nodes, zones, zonelists,
// gfp flags, watermarks and memory hotplug as Linux has them; requests that may not reclaim, and
// every free, work in any context (a thread, a signal handler, a SCHED_FIFO thread), take no lock
// and wait for nobody.
#pragma once

#include <anypage/core/alloc/fast_path.hpp>
#include <anypage/core/alloc/reclaim.hpp>
#include <anypage/core/alloc/request.hpp>
#include <anypage/core/base/gfp.hpp>
#include <anypage/core/base/result.hpp>
#include <anypage/core/base/units.hpp>
#include <anypage/core/host/topology.hpp>
#include <anypage/core/hotplug/notifier.hpp>
#include <anypage/core/hotplug/report.hpp>
#include <anypage/core/world/native.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace anypage {

using request = Request<NativeWorld>;
using cpuset = Cpuset<NativeWorld>;

/// What lies behind the frames.
enum class backing : std::uint8_t {
    host,     ///< memory of this machine, populated section by section as they go online
    numbers,  ///< nothing: frames are numbers, address() is null
};
/// Where `backing::host` memory lies.
enum class binding : std::uint8_t {
    strict,  ///< on the node that the topology says; an error if this machine lacks it
    none,    ///< wherever the system likes; zone_stats.bound says so
};

/// A free of something that the caller does not own. `what` names the frame and both values.
using misuse_handler = void (*)(void* context, const char* what);

struct config {
    anypage::backing backing = anypage::backing::host;
    anypage::binding binding = anypage::binding::strict;
    /// Bytes online at the start, dealt out to the nodes section by section: at least one for each
    /// node's Movable zone and its highest other zone; the rest waits for online(). 0: everything
    /// that the topology says is there.
    std::uint64_t online_bytes = std::uint64_t{64} << 20;
    std::uint64_t min_free_kbytes = 0;          ///< as /proc/sys/vm; 0: computed
    std::uint64_t watermark_scale_factor = 10;  ///< as /proc/sys/vm; 1 to 3000
    ReclaimHooks reclaim{};
    /// Null: print to stderr and abort. Must work in every context that frees.
    misuse_handler on_misuse = nullptr;
    void* misuse_context = nullptr;
    bool checked = false;  ///< also look for double frees among the stocks, at once
    /// Keep ready frames for each CPU. false: each request goes to its zone, by an atomic
    /// instruction, and more huge free runs stay whole (docs/PERFORMANCE.md has what each costs).
    bool stocks = true;
};

/// Memory that the caller owns, by frame number; `base` null: numbers only.
struct range {
    NodeId node;
    ZoneIndex zone = ZoneIndex::normal;
    Pfn first;
    std::uint64_t frames = 0;
    void* base = nullptr;
};

struct zone_stats {
    NodeId node;
    ZoneIndex zone;
    PfnRange span;
    std::uint64_t present, managed;  ///< frames
    std::int64_t free;               ///< frames, those in stocks not included
    std::uint64_t min, low, high;    ///< watermarks
    bool bound;                      ///< is its memory on its node?
};

class allocator {
public:
    /// Reserves address space for the whole topology and brings config.online_bytes of it online.
    static result<allocator, failure> create(const topology&, const config& = {}) noexcept;
    /// Over memory that the caller owns: maps nothing; its tables are in `metadata` (zeroed, at
    /// least metadata_size() bytes, aligned to 64; it must outlive the allocator). All ranges are
    /// online.
    static result<allocator, failure> create(const topology&, std::span<const range>,
                                             std::span<std::byte> metadata,
                                             const config& = {}) noexcept;
    /// 0 for ranges that create() refuses.
    static std::size_t metadata_size(const topology&, std::span<const range>) noexcept;

    allocator(allocator&&) noexcept;
    allocator& operator=(allocator&&) noexcept;
    ~allocator();

    /// A run of 2^order frames. Any context unless the flags have DIRECT_RECLAIM.
    result<Pfn> allocate(const request&) noexcept;
    /// Up to pages.size() single frames; how many. Any context unless the flags have
    /// DIRECT_RECLAIM.
    std::size_t allocate_bulk(const request&, std::span<Pfn> pages) noexcept;
    /// Any context; never waits, never fails. Misuse goes to config.on_misuse and changes nothing.
    void free(Pfn, Order) noexcept;
    void free_bulk(std::span<const Pfn>) noexcept;

    /// Where a frame is, and which frame is there. Null and Pfn{~0} if there is none. Any context.
    void* address(Pfn) const noexcept;
    Pfn frame(const void*) const noexcept;

    /// Threads only, and one at a time (they wait for each other). Whole sections of one zone;
    /// returns frames. See hotplug/hotplug.hpp for the errors.
    result<std::uint64_t> online(PfnRange, unsigned wait_ms = 0) noexcept;
    result<OfflineReport> offline(PfnRange, unsigned wait_ms = 0) noexcept;
    /// Every online section of a node.
    result<OfflineReport> offline_node(NodeId, unsigned wait_ms = 0) noexcept;
    void add_notifier(Notifier&) noexcept;
    void remove_notifier(Notifier&) noexcept;

    /// Of every zone that the topology has, by node and kind; throws std::bad_alloc. Threads.
    std::vector<zone_stats> read_stats() const;
    /// Of one; index < zone_count(). Any context.
    zone_stats read_zone(std::size_t index) const noexcept;
    std::size_t zone_count() const noexcept;
    std::uint64_t section_frames() const noexcept;
    /// Recounts everything from the bits up; only while nobody allocates, frees or hotplugs. The
    /// frames in use, or what contradicts what, and where. Threads.
    result<std::uint64_t, failure> validate() const;

private:
    struct impl;
    struct impl_delete {
        void operator()(impl*) const noexcept;
    };
    explicit allocator(impl*) noexcept;
    result<Pfn> allocate_out_of_line(const request&) noexcept;
    result<Pfn> allocate_past_fast_path(const request&) noexcept;
    void free_out_of_line(Pfn, Order) noexcept;
    void free_past_fast_path(Pfn, Order) noexcept;

    std::unique_ptr<impl, impl_delete> impl_;
    FastPath<NativeWorld> fast_path_;
};

// What a stock serves is served in the caller's code, without a call. A module that must be able to
// be unloaded defines ANYPAGE_OUT_OF_LINE: no thread may be left in a restartable section of it.

[[gnu::always_inline]] inline result<Pfn> allocator::allocate(const request& wanted) noexcept {
    // Copies: only their address leaves, so what the caller wrote need not be in memory.
#ifndef ANYPAGE_OUT_OF_LINE
    if (!wanted.flags.has(gfp::ZERO)) {
        if (const auto page = fast_path_.allocate(wanted)) return *page;
        const request copy = wanted;
        return allocate_past_fast_path(copy);
    }
#endif
    const request copy = wanted;
    return allocate_out_of_line(copy);
}

[[gnu::always_inline]] inline void allocator::free(Pfn pfn, Order order) noexcept {
#ifdef ANYPAGE_OUT_OF_LINE
    free_out_of_line(pfn, order);
#else
    if (!fast_path_.free(pfn, order)) free_past_fast_path(pfn, order);
#endif
}

}  // namespace anypage
