// Our allocator below its face. `ours_no_stock` is the whole policy with the stocks held closed, as
// hotplug holds them, so that every request goes to the zone; `zone_core` and `zone_bulk` are the
// zone alone: no flags, no zonelist, no watermarks.
#pragma once

#include <sys/mman.h>

#include <bit>
#include <cstdlib>

#include "machine.hpp"

#include "alloc/page_allocator.hpp"
#include "host/machine_shape.hpp"
#include "hotplug/hotplug.hpp"
#include "protocol/snapshot.hpp"
#include "world/native.hpp"

namespace anypage::bench {

/// Zeroed memory that lasts as long as its owner.
class Mapping {
public:
    /// Measures with a first arena, then carves a second one.
    template <class Carve>
    explicit Mapping(const Carve& carve) {
        Arena measuring;
        carve(measuring);
        bytes_ = measuring.used();
        memory_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory_ == MAP_FAILED) std::abort();
        Arena real(static_cast<std::byte*>(memory_));
        carve(real);
    }
    ~Mapping() { munmap(memory_, bytes_); }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;

private:
    std::size_t bytes_ = 0;
    void* memory_ = nullptr;
};

/// Free frames in free pageblocks of a zone, at quiescence.
inline std::uint64_t free_frames_in_blocks(const Zone<NativeWorld>& zone) {
    std::uint64_t frames = 0;
    for (Pfn row = zone.span().first; row < zone.span().end(); row = row + pageblock_frames) {
        bool free = true;
        for (std::uint64_t i = 0; i < pageblock_frames; ++i) {
            free &= zone.map().is_free(zone.index_of(row + i));
        }
        if (free) frames += pageblock_frames;
    }
    return frames;
}

/// With stocks, as behind the face.
class Core {
public:
    static constexpr const char* name = "ours";
    static constexpr bool is_shared = true;
    static constexpr bool serves(Order) { return true; }

    explicit Core(const topology& machine = one_node())
        : shape_(machine),
          pages_(KernelConfig{}, ReclaimHooks{}, false),
          hotplug_(pages_, {.section_frames = machine.section_frames}),
          memory_([this](Arena& arena) {
              pages_.carve(arena, shape_.shape());
              hotplug_.carve(arena);
          }) {
        if (!hotplug_.boot(shape_.present())) std::abort();
        fast_path_ = pages_.fast_path();
    }

    // As anypage::allocator does it: the fast path inlined, all else by a call.
    [[gnu::always_inline]] Pfn allocate(Order order, Migratetype type) {
        const Request<NativeWorld> request{.flags = flags_for(type), .order = order};
        if (const auto page = fast_path_.allocate(request)) return *page;
        const Request<NativeWorld> copy = request;
        return walk(copy);
    }
    [[gnu::always_inline]] void free(Pfn pfn, Order order) {
        if (!fast_path_.free(pfn, order)) free_past_fast_path(pfn, order);
    }
    std::uint64_t usable() const { return zone().managed() - zone().mark(Watermark::low); }

    const Zone<NativeWorld>& zone() const { return pages_.machine().zone(ZoneId{0}); }
    void drain() { pages_.drain(ZoneId{0}); }

protected:
    PageAllocator<protocol::snapshot<NativeWorld>>& pages() { return pages_; }

private:
    [[gnu::noinline]] Pfn walk(const Request<NativeWorld>& request) {
        const auto page = pages_.walk(request);
        return page ? *page : no_page;
    }
    [[gnu::noinline]] void free_past_fast_path(Pfn pfn, Order order) {
        if (pages_.free_past_fast_path(pfn, order).fault != FreeFault::none) std::abort();
    }

    OwnedShape shape_;
    PageAllocator<protocol::snapshot<NativeWorld>> pages_;
    Hotplug<protocol::snapshot<NativeWorld>> hotplug_;
    Mapping memory_;
    FastPath<NativeWorld> fast_path_;
};

struct OursNoStock : Core {
    static constexpr const char* name = "ours_no_stock";
    explicit OursNoStock(const topology& machine = one_node()) : Core(machine) {
        for (std::uint32_t zone = 0; zone < pages().machine().zone_count(); ++zone) {
            pages().stocks().hold(ZoneId{zone});
        }
    }
};

class ZoneCore {
public:
    static constexpr const char* name = "zone_core";
    static constexpr bool is_shared = true;
    static constexpr bool serves(Order) { return true; }

    explicit ZoneCore(PfnRange frames = whole, unsigned cpu_slots = std::bit_ceil(cpu_count()))
        : memory_([&](Arena& arena) {
              zone_.carve(arena, {NodeId{0}, ZoneIndex::normal, frames, cpu_slots});
          }) {
        zone_.fill_range(frames);
        zone_.open_range(frames);
    }

    Pfn allocate(Order order, Migratetype type) {
        return zone_.allocate(order, type, NativeWorld::cpu()).value_or(no_page);
    }
    void free(Pfn pfn, Order order) {
        if (zone_.free(pfn, order, NativeWorld::cpu()).fault != FreeFault::none) std::abort();
    }
    std::uint64_t usable() const { return zone_.span().frames; }

    const Zone<NativeWorld>& zone() const { return zone_; }

protected:
    Zone<NativeWorld>& zone() { return zone_; }

private:
    Zone<NativeWorld> zone_;
    Mapping memory_;
};

struct ZoneBulk : ZoneCore {
    static constexpr const char* name = "zone_bulk";
    std::size_t allocate_batch(std::span<Pfn> pages) {
        std::size_t count = 0;
        while (count < pages.size()) {
            const std::size_t got = zone().allocate_batch(
                pages.subspan(count), Migratetype::unmovable, NativeWorld::cpu());
            count += got;
            if (got != 0) continue;
            // The row is used up: one frame by the long way moves on.
            const auto page = allocate(Order{0}, Migratetype::unmovable);
            if (page == no_page) break;
            pages[count++] = page;
        }
        return count;
    }
    void free_batch(std::span<const Pfn> pages) {
        for (;;) {
            pages = pages.subspan(zone().free_batch(pages, NativeWorld::cpu()));
            if (pages.empty()) return;
            // A frame before one that is not there, such as the zone's last, goes the long way.
            free(pages.front(), Order{0});
            pages = pages.subspan(1);
        }
    }
};

}  // namespace anypage::bench
