// Tally: what a replay counts, in memory that it shares with the process that watches it, so that a
// replay that hangs still leaves its numbers and where each of its threads is. Zeroed memory is an
// empty report. Each tally has one writer: a thread, or the handler on it.
#pragma once

#include <array>
#include <cstdint>

#include "base/units.hpp"
#include "cli/replay/latency.hpp"
#include "world/native.hpp"

namespace anypage {

/// Counts of one context of one thread.
struct tally {
    using Count = NativeWorld::Atomic<std::uint64_t>;

    Count progress;  ///< moves while the context gets on
    Count allocations;
    Count frees;
    Count failures;
    Count spurious_failures;   ///< a permitted zone was above its mark throughout (with a run)
    Count undecided_failures;  ///< not shown to be either
    Count misplaced_pages;     ///< outside of zone limit, node or mask
    Count double_owned_pages;  ///< handed out while somebody had them
    Count misused_frees;       ///< the allocator says that a free was wrong
    Count restarts;
    Count slow_paths;
    Count slow_saw_rebuild;  ///< of these: a rebuild was in flight when it began
    Count waits;             ///< requests that waited at begin
    Count wait_ns;
    Count needless_wait_ns;  ///< of that: by requests that then succeeded
    Count oom_kills;         ///< calls of out_of_memory
    Count allocate_ns;
    Count free_ns;
    Count slow_ns;      ///< of allocate_ns: by requests that took the slow path
    Count moved_pages;  ///< taken elsewhere so that their zone could go

    static void add(Count& count, std::uint64_t by = 1) {
        count.store_relaxed(count.load_relaxed() + by);
    }
};

enum class thread_role : std::uint32_t { replay, hotplug, fifo, pty };

/// One thread: its own tally, and that of the handler that interrupts it.
struct thread_report {
    thread_role role;
    std::uint32_t index;
    NativeWorld::Atomic<std::uint32_t> running;
    native::PlaceStack places;
    tally own;
    tally handler;
    latency_histogram own_latency;
    latency_histogram handler_latency;
};

/// A zone at the end of a replay, before its pages are freed.
struct zone_report {
    std::uint32_t node;
    std::uint32_t kind;
    std::uint64_t managed;
    std::uint64_t free;
    std::array<std::uint64_t, order_count> free_runs;
};

struct replay_report {
    static constexpr unsigned threads_max = 260;
    static constexpr unsigned zones_max = 4 * node_count_max;
    static constexpr std::size_t problem_max = 400;

    NativeWorld::Atomic<std::uint32_t> finished;  ///< the numbers below are complete
    NativeWorld::Atomic<std::uint64_t> rebuilds;
    NativeWorld::Atomic<std::uint64_t> hotplug_steps;
    NativeWorld::Atomic<std::uint64_t> hotplug_refusals;
    NativeWorld::Atomic<std::uint64_t> elapsed_ns;
    std::uint64_t lost_pages;
    std::uint64_t zone_count;
    std::uint32_t thread_count;
    char problem[problem_max];  ///< the replay could not be run, or validation found something
    std::array<zone_report, zones_max> zones;
    std::array<thread_report, threads_max> threads;
};

}  // namespace anypage
