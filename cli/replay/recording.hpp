// A recording: a traced sequence of real page allocations, compact and immutable, ready to be
// replayed. Addresses are gone: an allocation opens the next block id, and a free names the block
// that it ends, so that a replay needs one array from block to what its own allocator gave. Every
// free has its allocation before it, and no block is freed twice. It does not replay itself.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/gfp.hpp"
#include "base/units.hpp"

namespace anypage {

enum class event_kind : std::uint8_t { allocate, free };

/// Where the kernel was when the event happened. Recordings by perf do not tell.
struct event_context {
    static constexpr std::uint8_t unknown = 0xff;
    std::uint8_t bits = unknown;

    constexpr bool known() const { return bits != unknown; }
    constexpr bool irqs_off() const { return known() && (bits & 1) != 0; }
    constexpr bool hardirq() const { return known() && (bits & 2) != 0; }
    constexpr bool softirq() const { return known() && (bits & 4) != 0; }
    constexpr bool preempt_off() const { return known() && (bits & 8) != 0; }
    friend constexpr bool operator==(event_context, event_context) = default;
};

/// Migratetype where the input has none (the kernel's numbers otherwise: 0 unmovable, 1 movable,
/// 2 reclaimable, 3 high-atomic, 4 CMA, 5 isolated).
inline constexpr std::uint8_t migratetype_unknown = 0xff;

/// One allocation or free.
struct recorded_event {
    std::uint64_t timestamp_ns = 0;
    std::uint32_t block = 0;
    gfp_t gfp{};            ///< of the allocation; a free has none
    std::uint16_t cpu = 0;  ///< dense: an index into recording::cpus()
    event_kind kind = event_kind::allocate;
    Order order{};  ///< a free repeats the order of its block
    std::uint8_t migratetype = migratetype_unknown;
    event_context context{};

    friend constexpr bool operator==(const recorded_event&, const recorded_event&) = default;
};
static_assert(sizeof(recorded_event) == 24);

/// What the reader met in the input and did not hand on, or had to put right.
struct skipped_counts {
    std::uint64_t process_exits = 0;       ///< ignored
    std::uint64_t failed_allocations = 0;  ///< no page came of them
    std::uint64_t batched_frees = 0;       ///< mm_page_free_batched: mm_page_free fires too
    std::uint64_t unknown_events = 0;      ///< events of other kinds
    std::uint64_t other_lines = 0;         ///< callchains and other text
    std::uint64_t lost_events = 0;         ///< events that the recorder says it lost
    std::uint64_t out_of_order = 0;  ///< events older than the one before: sorted, not skipped

    friend constexpr bool operator==(const skipped_counts&, const skipped_counts&) = default;
};

/// What the preparation did to make the frees match the allocations.
struct preparation_counts {
    std::uint64_t unmatched_frees = 0;  ///< of pages allocated before the recording: skipped
    std::uint64_t implied_frees = 0;    ///< not recorded, but the page was handed out again
    std::uint64_t partial_frees = 0;    ///< of a part of a block: the last part frees the block

    friend constexpr bool operator==(const preparation_counts&,
                                     const preparation_counts&) = default;
};

struct gfp_count {
    gfp_t gfp{};
    std::uint64_t allocations = 0;

    friend constexpr bool operator==(const gfp_count&, const gfp_count&) = default;
};

/// Counts of a recording, as it will be replayed.
struct recording_summary {
    std::uint64_t events = 0;
    std::uint64_t allocations = 0;
    std::uint64_t frees = 0;
    std::array<std::uint64_t, order_count> allocations_by_order{};
    std::vector<gfp_count> allocations_by_gfp;  ///< most frequent first
    std::uint64_t span_ns = 0;                  ///< from the first event to the last
    std::uint64_t live_frames_max = 0;          ///< peak of the frames in live blocks
    std::uint64_t live_at_end = 0;              ///< blocks never freed
    std::uint64_t live_frames_at_end = 0;
    std::uint64_t cpus = 0;
    preparation_counts prepared;
    skipped_counts skipped;
};

/// Counts `events`; `cpus`, `prepared` and `skipped` are left for the caller.
recording_summary summarize(std::span<const recorded_event> events);

class recording {
public:
    struct parts {
        std::string name;
        std::vector<recorded_event> events;
        std::vector<CpuId> cpus;
        preparation_counts prepared;
        skipped_counts skipped;
        std::vector<std::string> warnings;
    };
    explicit recording(parts from);

    /// Where it came from, for messages.
    const std::string& name() const { return parts_.name; }
    /// In the order to replay: by time, and as recorded where times are equal.
    std::span<const recorded_event> events() const { return parts_.events; }
    /// The CPU ids of the recorded machine; events have indices into it.
    std::span<const CpuId> cpus() const { return parts_.cpus; }
    /// Block ids are 0 to blocks() - 1, in order of allocation.
    std::uint64_t blocks() const { return summary_.allocations; }
    const recording_summary& summary() const { return summary_; }
    /// Sentences for the user: what may make this recording less than it seems.
    std::span<const std::string> warnings() const { return parts_.warnings; }

private:
    parts parts_;
    recording_summary summary_;
};

/// The summary in a few lines for people.
std::string describe(const recording& recorded);

}  // namespace anypage
