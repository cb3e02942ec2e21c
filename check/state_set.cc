// The memory of a StateSet: see state_set.hpp.
#include "state_set.hpp"

#include <sched.h>
#include <sys/mman.h>

#include <new>

namespace anypage::check {

StateSet::StateSet() { map(capacity_min); }
StateSet::~StateSet() { unmap(); }

void StateSet::map(std::uint64_t capacity) {
    const std::size_t bytes = sizeof(Header) + capacity * sizeof(Entry);
    void* const base =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
             (shared_ ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) throw std::bad_alloc();
    // Zeroed memory is an empty set.
    header_ = static_cast<Header*>(base);
    entries_ = reinterpret_cast<Entry*>(header_ + 1);
    capacity_ = capacity;
}

void StateSet::unmap() { munmap(header_, sizeof(Header) + capacity_ * sizeof(Entry)); }

// It may have been preempted, on a busy machine for long: half a second at least.
std::uint64_t StateSet::wait_for_second(const Entry& entry) {
    std::uint64_t seen = 0;
    for (unsigned i = 0; seen == 0 && i < 1'000'000; ++i) {
        if (i > 1'000) sched_yield();
        seen = entry.second.load();
    }
    return seen;
}

void StateSet::clear() {
    unmap();
    shared_ = false;
    map(capacity_min);
}

void StateSet::share(std::uint64_t room) {
    std::uint64_t capacity = capacity_;
    while ((size() + room) * 3 > capacity * 2) capacity *= 2;
    if (shared_ && capacity == capacity_) return;
    shared_ = true;
    grow(capacity);
}

void StateSet::grow(std::uint64_t capacity) {
    Header* const header = header_;
    const Entry* const entries = entries_;
    const std::uint64_t before = capacity_;
    map(capacity);
    for (std::uint64_t i = 0; i < before; ++i) {
        const std::uint64_t first = entries[i].first.load(std::memory_order_relaxed);
        const std::uint64_t second = entries[i].second.load(std::memory_order_relaxed);
        if (first == 0) continue;
        put(first, second & ~sleeping_mask, static_cast<std::uint8_t>(second));
    }
    munmap(header, sizeof(Header) + before * sizeof(Entry));
}

void StateSet::for_each(const std::function<void(std::uint64_t, std::uint64_t)>& visit) const {
    for (std::uint64_t i = 0; i < capacity_; ++i) {
        const std::uint64_t first = entries_[i].first.load(std::memory_order_relaxed);
        if (first != 0) visit(first, entries_[i].second.load(std::memory_order_relaxed));
    }
}

}  // namespace anypage::check
