// The baselines as subjects.
#pragma once

#include <bit>

#include "bench/allocator/baseline/bit_map.hpp"
#include "bench/allocator/baseline/pcp_buddy.hpp"
#include "bench/allocator/baseline/rseq_array.hpp"
#include "bench/allocator/baseline/spin_buddy.hpp"
#include "bench/allocator/baseline/thread_array.hpp"
#include "subject.hpp"

namespace anypage::bench {

struct SpinBuddySubject : SpinBuddy {
    static constexpr const char* name = "spin_buddy";
    static constexpr bool is_shared = true;
    static constexpr bool serves(Order) { return true; }
    SpinBuddySubject() : SpinBuddy(whole) {}
    std::uint64_t usable() const { return whole.frames; }
};

struct PcpBuddySubject : PcpBuddy {
    static constexpr const char* name = "pcp_buddy";
    static constexpr bool is_shared = true;
    static constexpr bool serves(Order) { return true; }
    PcpBuddySubject() : PcpBuddy(whole, std::bit_ceil(cpu_count())) {}
    std::uint64_t usable() const { return whole.frames; }
};

struct BitMapSubject : BitMap {
    static constexpr const char* name = "bit_map";
    static constexpr bool is_shared = true;
    static constexpr bool serves(Order order) { return order <= largest; }
    BitMapSubject() : BitMap(whole) {}
    Pfn allocate(Order order, Migratetype) { return BitMap::allocate(order); }
    std::uint64_t usable() const { return whole.frames; }
};

struct ThreadArraySubject : ThreadArray {
    static constexpr const char* name = "thread_array";
    static constexpr bool is_shared = false;
    static constexpr bool serves(Order order) { return order.value == 0; }
    ThreadArraySubject() : ThreadArray(whole) {}
    Pfn allocate(Order, Migratetype) { return ThreadArray::allocate(); }
    void free(Pfn pfn, Order) { ThreadArray::free(pfn); }
    std::uint64_t usable() const { return whole.frames; }
};

/// A CPU whose array is empty has nothing, so it is never full.
struct RseqArraySubject : RseqArray {
    static constexpr const char* name = "rseq_array";
    static constexpr bool is_shared = false;
    static constexpr bool serves(Order order) { return order.value == 0; }
    static std::string missing() {
        return is_available() ? "" : "no restartable sequences by glibc on x86-64";
    }
    RseqArraySubject() : RseqArray({whole.first, 8192}, cpu_count()) {}
    Pfn allocate(Order, Migratetype) { return RseqArray::allocate(); }
    void free(Pfn pfn, Order) { RseqArray::free(pfn); }
};

}  // namespace anypage::bench
