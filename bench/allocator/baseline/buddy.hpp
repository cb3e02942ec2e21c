// Buddy: a zone's free lists by order and migratetype, as Linux has them (mm/page_alloc.c, 6.12):
// runs are split on the way out and merged with their buddy, pfn ^ (1 << order), on the way in; a
// migratetype that has run dry steals the largest run of another one, and its pageblock with it if
// most of that is free or alike. Without watermarks, without a lock: its owner has one.
#pragma once

#include <array>
#include <cassert>
#include <optional>
#include <vector>

#include "page_list.hpp"

namespace anypage::bench {

class Buddy {
public:
    /// All of `span` is free. It begins and ends at a multiple of the largest run.
    explicit Buddy(PfnRange span)
        : span_(span), pages_(span.frames), block_types_(span.frames / pageblock_frames) {
        assert(span.first.value % order_max.frames() == 0);
        assert(span.frames % order_max.frames() == 0);
        for (std::uint64_t i = 0; i < span.frames; i += order_max.frames()) {
            set_block_types(i, order_max, Migratetype::movable);
            put(i, order_max, Migratetype::movable, false);
        }
    }

    /// __rmqueue.
    PageDescriptor* allocate(Order order, Migratetype type) {
        PageDescriptor* page = take_smallest(order, type);
        if (page == nullptr) page = take_fallback(order, type);
        if (page == nullptr) return nullptr;
        page->order = order;
        page->type.store(type, std::memory_order_relaxed);
        free_frames_ -= order.frames();
        return page;
    }

    /// __free_one_page.
    void free(PageDescriptor& page, Order order) {
        std::uint64_t index = index_of(page);
        const Migratetype type = block_type(index);
        free_frames_ += order.frames();
        while (order < order_max) {
            const std::uint64_t buddy = index ^ order.frames();
            if (!is_free(buddy, order)) break;
            // Above a pageblock the two may be of two types: the merged run is of this one.
            if (order >= pageblock_order) set_block_types(buddy, order, type);
            take(pages_[buddy]);
            index &= buddy;
            ++order.value;
        }
        put(index, order, type, merges_soon(index, order));
    }

    PageDescriptor& page_of(Pfn pfn) { return pages_[pfn - span_.first]; }
    Pfn pfn_of(const PageDescriptor& page) const { return span_.first + index_of(page); }
    Migratetype block_type_of(const PageDescriptor& page) const {
        return block_type(index_of(page));
    }
    PfnRange span() const { return span_; }
    std::uint64_t free_frames() const { return free_frames_; }
    /// Free frames in runs of at least a pageblock.
    std::uint64_t free_frames_in_blocks() const {
        std::uint64_t frames = 0;
        for (const PageDescriptor& page : pages_) {
            if (page.is_free && page.order >= pageblock_order) {
                frames += page.order.frames();
            }
        }
        return frames;
    }

private:
    using Lists = std::array<PageList, migratetype_count>;

    std::uint64_t index_of(const PageDescriptor& page) const {
        return static_cast<std::uint64_t>(&page - pages_.data());
    }
    PageList& list(Order order, Migratetype type) {
        return lists_[order.value][static_cast<unsigned>(type)];
    }
    Migratetype block_type(std::uint64_t index) const {
        return block_types_[index / pageblock_frames].load(std::memory_order_relaxed);
    }
    void set_block_types(std::uint64_t index, Order order, Migratetype type) {
        const std::uint64_t end = index + std::max(order.frames(), pageblock_frames);
        for (; index < end; index += pageblock_frames) {
            block_types_[index / pageblock_frames].store(type, std::memory_order_relaxed);
        }
    }

    bool is_free(std::uint64_t index, Order order) const {
        const PageDescriptor& page = pages_[index];
        return page.is_free && page.order == order;
    }
    void put(std::uint64_t index, Order order, Migratetype type, bool at_tail) {
        PageDescriptor& page = pages_[index];
        page.is_free = true;
        page.order = order;
        if (at_tail) {
            list(order, type).push_back(page);
        } else {
            list(order, type).push_front(page);
        }
    }
    static void take(PageDescriptor& page) {
        PageList::remove(page);
        page.is_free = false;
    }

    /// buddy_merge_likely: with the next merge one free away, the run had better wait.
    bool merges_soon(std::uint64_t index, Order order) const {
        if (order.value + 1 >= order_max.value) return false;
        const Order above{static_cast<std::uint8_t>(order.value + 1)};
        return is_free((index & ~order.frames()) ^ above.frames(), above);
    }

    /// expand: gives back the upper halves.
    PageDescriptor* split(PageDescriptor& page, Order from, Order to, Migratetype type) {
        const std::uint64_t index = index_of(page);
        while (from > to) {
            --from.value;
            put(index + from.frames(), from, type, false);
        }
        return &page;
    }

    /// __rmqueue_smallest.
    PageDescriptor* take_smallest(Order order, Migratetype type) {
        for (Order from = order; from <= order_max; ++from.value) {
            PageList& runs = list(from, type);
            if (runs.empty()) continue;
            PageDescriptor& page = runs.front();
            take(page);
            return split(page, from, order, type);
        }
        return nullptr;
    }

    /// find_suitable_fallback.
    std::optional<Migratetype> other_with(Order order, Migratetype type) {
        for (const Migratetype other : fallbacks(type)) {
            if (!list(order, other).empty()) return other;
        }
        return std::nullopt;
    }
    /// can_steal_fallback: may it take the whole pageblock?
    static bool may_take_block(Order order, Migratetype type) {
        return order.value >= pageblock_order.value / 2 || type != Migratetype::movable;
    }

    /// __rmqueue_fallback: the largest run, so that this happens rarely; but movable pages, which
    /// do no harm where they are, take the smallest that does.
    PageDescriptor* take_fallback(Order order, Migratetype type) {
        for (unsigned value = order_count; value-- > order.value;) {
            const Order from{static_cast<std::uint8_t>(value)};
            const auto other = other_with(from, type);
            if (!other) continue;
            if (may_take_block(from, type)) return steal(from, order, *other, type);
            return take_smallest_other(order, type);
        }
        return nullptr;
    }
    PageDescriptor* take_smallest_other(Order order, Migratetype type) {
        for (Order from = order; from <= order_max; ++from.value) {
            const auto other = other_with(from, type);
            if (!other) continue;
            PageDescriptor& page = list(from, *other).front();
            take(page);
            return split(page, from, order, *other);
        }
        return nullptr;
    }

    /// steal_suitable_fallback.
    PageDescriptor* steal(Order from, Order order, Migratetype other, Migratetype type) {
        PageDescriptor& page = list(from, other).front();
        if (from >= pageblock_order) {
            take(page);
            set_block_types(index_of(page), from, type);
            return split(page, from, order, type);
        }
        if (claim_block(index_of(page) / pageblock_frames * pageblock_frames, type)) {
            return take_smallest(order, type);
        }
        take(page);
        return split(page, from, order, other);
    }

    /// move_freepages_block, if half of the block is free or would be with its type.
    bool claim_block(std::uint64_t first, Migratetype type) {
        std::uint64_t free = 0;
        std::uint64_t movable = 0;
        for_each_run(first, [&](PageDescriptor& page) {
            if (page.is_free) {
                free += page.order.frames();
            } else if (page.type.load(std::memory_order_relaxed) == Migratetype::movable) {
                movable += page.order.frames();
            }
        });
        std::uint64_t alike = 0;
        if (type == Migratetype::movable) {
            alike = movable;
        } else if (block_type(first) == Migratetype::movable) {
            alike = pageblock_frames - free - movable;
        }
        if (free + alike < pageblock_frames / 2) return false;
        for_each_run(first, [&](PageDescriptor& page) {
            if (!page.is_free) return;
            PageList::remove(page);
            put(index_of(page), page.order, type, false);
        });
        set_block_types(first, pageblock_order, type);
        return true;
    }

    template <class Visit>
    void for_each_run(std::uint64_t first, const Visit& visit) {
        for (std::uint64_t i = first; i < first + pageblock_frames;) {
            visit(pages_[i]);
            i += pages_[i].order.frames();
        }
    }

    const PfnRange span_;
    std::vector<PageDescriptor> pages_;
    std::vector<std::atomic<Migratetype>> block_types_;  // looked at without the lock, as in Linux
    std::array<Lists, order_count> lists_;
    std::uint64_t free_frames_ = span_.frames;
};

}  // namespace anypage::bench
