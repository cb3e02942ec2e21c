// SpinBuddy: a baseline. Linux's buddy behind Linux's zone lock and nothing in front of it. Threads
// only: a signal handler would wait for the lock that it has interrupted.
#pragma once

#include <mutex>

#include "bench/allocator/no_page.hpp"
#include "buddy.hpp"
#include "spin_lock.hpp"

namespace anypage::bench {

class SpinBuddy {
public:
    explicit SpinBuddy(PfnRange span) : buddy_(span) {}

    Pfn allocate(Order order, Migratetype type) {
        const std::lock_guard guard(lock_);
        const PageDescriptor* page = buddy_.allocate(order, type);
        if (page == nullptr) return no_page;
        return buddy_.pfn_of(*page);
    }
    void free(Pfn pfn, Order order) {
        const std::lock_guard guard(lock_);
        buddy_.free(buddy_.page_of(pfn), order);
    }

    /// At quiescence.
    const Buddy& buddy() const { return buddy_; }

private:
    SpinLock lock_;
    Buddy buddy_;
};

}  // namespace anypage::bench
