// One line of trace text taken apart: `comm pid [cpu] time: event: fields`, with whatever other
// fields `perf script -F` puts before [cpu], or the flags that tracefs puts behind it. Finds its
// way by the shape of time and event, since a command name may hold blanks, brackets and colons.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "cli/replay/recording.hpp"

namespace anypage {

struct trace_line {
    std::uint64_t timestamp_ns = 0;
    std::optional<std::uint16_t> cpu;  ///< none: the line has no [cpu] that can be a CPU
    event_context context{};           ///< unknown unless the line has tracefs flags
    std::string_view event;            ///< without its subsystem: "mm_page_alloc"
    std::string_view fields;           ///< the rest of the line
};

/// The parts of an event's line; nothing for other lines (callchains, comments, blank lines).
std::optional<trace_line> split_trace_line(std::string_view line);

/// The number of events that the line says were lost; nothing if it does not speak of lost events.
std::optional<std::uint64_t> lost_events(std::string_view line);

}  // namespace anypage
