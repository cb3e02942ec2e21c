// Subject: what a workload is run with. A subject hands out runs and takes them back; what it
// cannot do it does not offer, and the workloads that need it leave it out. A page's name is its
// frame number, or its address where the subject is a malloc.
#pragma once

#include <concepts>
#include <span>
#include <string>
#include <thread>

#include "base/migratetype.hpp"
#include "bench/allocator/no_page.hpp"

namespace anypage::bench {

/// The frames that every subject begins with: 1 GiB, all free.
inline constexpr PfnRange whole{Pfn{262144}, 262144};

inline unsigned cpu_count() { return std::max(1u, std::thread::hardware_concurrency()); }

template <class S>
concept Subject = requires(S subject, Pfn pfn, Order order, Migratetype type) {
    { S::name } -> std::convertible_to<const char*>;
    { S::serves(order) } -> std::same_as<bool>;
    { subject.allocate(order, type) } -> std::same_as<Pfn>;
    subject.free(pfn, order);
};

/// Is all of `whole` its own, so that it can be full? usable(): what requests may have without
/// dipping into a reserve.
template <class S>
concept Zoned = Subject<S> && requires(const S subject) {
    { subject.usable() } -> std::same_as<std::uint64_t>;
};

/// Frames in one call.
template <class S>
concept Batched = Subject<S> && requires(S subject, std::span<Pfn> pages) {
    { subject.allocate_batch(pages) } -> std::same_as<std::size_t>;
    subject.free_batch(std::span<const Pfn>(pages));
};

/// May one thread free what another has allocated, for ever?
template <class S>
concept Shared = Subject<S> && S::is_shared;

/// Why this subject cannot be measured here; empty if it can.
template <class S>
std::string missing() {
    if constexpr (requires { S::missing(); }) {
        return S::missing();
    } else {
        return {};
    }
}

template <Subject S>
std::size_t allocate_batch(S& subject, std::span<Pfn> pages) {
    if constexpr (Batched<S>) {
        return subject.allocate_batch(pages);
    } else {
        std::size_t count = 0;
        for (Pfn& page : pages) {
            page = subject.allocate(Order{0}, Migratetype::unmovable);
            if (page == no_page) break;
            ++count;
        }
        return count;
    }
}
template <Subject S>
void free_batch(S& subject, std::span<const Pfn> pages) {
    if constexpr (Batched<S>) {
        subject.free_batch(pages);
    } else {
        for (const Pfn page : pages) subject.free(page, Order{0});
    }
}

}  // namespace anypage::bench
