// The preparation of a recording: from events that name pages, as a reader found them, to events
// that name blocks. Pure: no files, no clocks. It repairs what tracing leaves out, and counts each
// repair; the rules are in docs/recordings.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/replay/recording.hpp"

namespace anypage {

/// What happened, with the numbers of the PTRC1 format.
enum class raw_op : std::uint8_t { allocate = 0, free = 1, process_exit = 2, implied_free = 3 };

/// One event as the input has it.
struct raw_event {
    std::uint64_t timestamp_ns = 0;
    std::uint64_t pfn = 0;
    gfp_t gfp{};
    std::uint16_t cpu = 0;  ///< as the recorded machine numbers them
    raw_op op = raw_op::allocate;
    Order order{};
    std::uint8_t migratetype = migratetype_unknown;
    event_context context{};

    friend constexpr bool operator==(const raw_event&, const raw_event&) = default;
};

/// Pages end below this number: 52 bits of physical address.
inline constexpr std::uint64_t pfn_end = std::uint64_t{1} << (52 - frame_shift);

/// What a reader makes: events in order of time, each with order <= order_max and its run below
/// pfn_end, at most 2^32 - 1 of them.
struct raw_recording {
    std::string name;
    std::vector<raw_event> events;
    skipped_counts skipped;
    std::vector<std::string> warnings;
};

recording prepare(raw_recording raw);

}  // namespace anypage
