// Reader of recordings as text: what `perf script` prints, in its default form or with other
// fields, and what tracefs shows in `trace`. Knows the tracepoints of page allocation and free;
// counts and skips everything else. A line of a known tracepoint that cannot be understood is a
// failure that names file and line, since a recording with silent holes replays as something that
// never was.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "cli/replay/prepare.hpp"

namespace anypage {

/// The events of a recording in text, sorted by time. `name` is for messages.
result<raw_recording, failure> read_perf_script(std::string_view text, std::string_view name);

}  // namespace anypage
