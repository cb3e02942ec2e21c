// PageDescriptor and PageList: what Linux's struct page and list_head are to its free lists. A list
// is circular and doubly linked through the descriptors; nothing here is concurrent.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/migratetype.hpp"
#include "base/units.hpp"

namespace anypage::bench {

/// One a frame, and 64 bytes each, as struct page: the memory that a buddy walks through is part of
/// what it costs.
struct alignas(64) PageDescriptor {
    PageDescriptor* next = nullptr;
    PageDescriptor* previous = nullptr;
    bool is_free = false;  ///< a free run of the buddy starts here; the zone lock's
    Order order{};         ///< of the run that starts here; the zone lock's
    /// Of the request that has it. Looked at, racily, by whoever wants its pageblock.
    std::atomic<Migratetype> type{};
};

class PageList {
public:
    PageList() { head_.next = head_.previous = &head_; }
    PageList(const PageList&) = delete;
    PageList& operator=(const PageList&) = delete;

    bool empty() const { return head_.next == &head_; }
    PageDescriptor& front() { return *head_.next; }
    PageDescriptor& back() { return *head_.previous; }
    void push_front(PageDescriptor& page) { link(page, head_, *head_.next); }
    void push_back(PageDescriptor& page) { link(page, *head_.previous, head_); }
    static void remove(PageDescriptor& page) {
        page.next->previous = page.previous;
        page.previous->next = page.next;
    }

private:
    static void link(PageDescriptor& page, PageDescriptor& before, PageDescriptor& after) {
        page.previous = &before;
        page.next = &after;
        before.next = &page;
        after.previous = &page;
    }

    PageDescriptor head_;
};

}  // namespace anypage::bench
