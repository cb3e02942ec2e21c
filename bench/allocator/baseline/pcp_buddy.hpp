// PcpBuddy: a baseline. Linux's buddy behind its zone lock, with Linux's per-CPU lists in front of
// it (mm/page_alloc.c, 6.12): orders 0 to 3 by migratetype and order 9, a lock a CPU that is only
// tried, refills and drains of a batch. Left out: the tuning of batch and high while it runs.
// Threads only.
#pragma once

#include <algorithm>
#include <mutex>

#include "bench/allocator/no_page.hpp"
#include "buddy.hpp"
#include "spin_lock.hpp"
#include "world/native.hpp"
#include "zone/watermark.hpp"

namespace anypage::bench {

class PcpBuddy {
public:
    /// For a machine of so many CPUs, a power of two; others share.
    PcpBuddy(PfnRange span, unsigned cpus)
        : buddy_(span), cpus_(cpus), high_(high_for(span.frames, cpus)) {}

    Pfn allocate(Order order, Migratetype type) {
        const PageDescriptor* page = nullptr;
        if (is_listed(order)) page = allocate_listed(order, type);
        if (page == nullptr) page = allocate_unlisted(order, type);
        // What fails, drains; the kernel does so after direct reclaim.
        if (page == nullptr && drain()) page = allocate_unlisted(order, type);
        if (page == nullptr) return no_page;
        return buddy_.pfn_of(*page);
    }

    void free(Pfn pfn, Order order) {
        PageDescriptor& page = buddy_.page_of(pfn);
        if (is_listed(order) && free_listed(page, order)) return;
        const std::lock_guard guard(zone_lock_);
        buddy_.free(page, order);
    }

    /// drain_all_pages; was there anything?
    bool drain() {
        bool any = false;
        for (Cpu& cpu : cpus_) {
            const std::lock_guard guard(cpu.lock);
            any |= cpu.frames != 0;
            drain_some(cpu, cpu.frames, 0);
        }
        return any;
    }

    /// At quiescence.
    const Buddy& buddy() const { return buddy_; }

private:
    static constexpr unsigned batch = 63;
    static constexpr unsigned small_lists = (costly_order.value + 1u) * migratetype_count;
    static constexpr unsigned list_count = small_lists + 2;  // order 9: movable or not

    struct alignas(64) Cpu {
        SpinLock lock;
        std::uint64_t frames = 0;
        std::array<PageList, list_count> lists;
    };

    static bool is_listed(Order order) { return order <= costly_order || order == pageblock_order; }
    static unsigned list_of(Order order, Migratetype type) {
        if (order == pageblock_order) return small_lists + (type == Migratetype::movable ? 1 : 0);
        return order.value * migratetype_count + static_cast<unsigned>(type);
    }
    static Order order_of(unsigned list) {
        if (list >= small_lists) return pageblock_order;
        return Order{static_cast<std::uint8_t>(list / migratetype_count)};
    }

    /// zone_highsize: the low mark, shared by the CPUs, and at least four batches.
    static std::uint64_t high_for(std::uint64_t frames, unsigned cpus) {
        const std::uint64_t min = watermark::min_free_kbytes(frames * 4) / 4;
        const auto marks = watermark::marks(ZoneIndex::normal, frames, frames, min, 10);
        return std::max<std::uint64_t>(marks[static_cast<unsigned>(Watermark::low)] / cpus,
                                       4 * batch);
    }

    Cpu& here() { return cpus_[NativeWorld::cpu().value & (cpus_.size() - 1)]; }

    PageDescriptor* allocate_unlisted(Order order, Migratetype type) {
        const std::lock_guard guard(zone_lock_);
        return buddy_.allocate(order, type);
    }

    /// rmqueue_pcplist.
    PageDescriptor* allocate_listed(Order order, Migratetype type) {
        Cpu& cpu = here();
        const std::unique_lock guard(cpu.lock, std::try_to_lock);
        if (!guard) return nullptr;
        PageList& list = cpu.lists[list_of(order, type)];
        if (list.empty()) refill(cpu, list, order, type);
        if (list.empty()) return nullptr;
        PageDescriptor& page = list.front();
        PageList::remove(page);
        page.type.store(type, std::memory_order_relaxed);
        cpu.frames -= order.frames();
        return &page;
    }

    /// rmqueue_bulk.
    void refill(Cpu& cpu, PageList& list, Order order, Migratetype type) {
        const std::lock_guard guard(zone_lock_);
        for (unsigned i = std::max(batch >> order.value, order.value == 0 ? 1u : 2u); i-- > 0;) {
            PageDescriptor* page = buddy_.allocate(order, type);
            if (page == nullptr) return;
            list.push_back(*page);
            cpu.frames += order.frames();
        }
    }

    /// free_unref_page_commit.
    bool free_listed(PageDescriptor& page, Order order) {
        Cpu& cpu = here();
        const std::unique_lock guard(cpu.lock, std::try_to_lock);
        if (!guard) return false;
        const unsigned list = list_of(order, buddy_.block_type_of(page));
        cpu.lists[list].push_front(page);
        cpu.frames += order.frames();
        if (cpu.frames >= high_) drain_some(cpu, batch, list);
        return true;
    }

    /// free_pcppages_bulk: from this list on, the coldest first.
    void drain_some(Cpu& cpu, std::uint64_t frames, unsigned list) {
        frames = std::min(frames, cpu.frames);
        if (frames == 0) return;
        const std::lock_guard guard(zone_lock_);
        for (;; list = (list + 1) % list_count) {
            const Order order = order_of(list);
            while (!cpu.lists[list].empty()) {
                PageDescriptor& page = cpu.lists[list].back();
                PageList::remove(page);
                cpu.frames -= order.frames();
                buddy_.free(page, order);
                if (frames <= order.frames()) return;
                frames -= order.frames();
            }
        }
    }

    SpinLock zone_lock_;
    Buddy buddy_;
    std::vector<Cpu> cpus_;
    const std::uint64_t high_;
};

}  // namespace anypage::bench
