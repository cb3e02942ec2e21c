// Reader of PTRC1, the compact binary form of a recording (docs/recordings.md). Trusts nothing in
// the input: lengths, names, types and indices are checked before use, and a failure names the byte
// or the column and event. Unpacking xz is not done here: see load_recording.hpp.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "cli/replay/prepare.hpp"

namespace anypage {

/// Does `bytes` begin as a PTRC1 recording does?
bool is_ptrc(std::span<const std::byte> bytes);

/// The events of a PTRC1 recording in memory. `name` is for messages.
result<raw_recording, failure> read_ptrc(std::span<const std::byte> bytes, std::string_view name);

}  // namespace anypage
