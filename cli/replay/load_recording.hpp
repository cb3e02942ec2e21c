// Recordings from files: finds out the format by the first bytes, not by the name, and hands the
// data to its reader and on to the preparation. Formats that a user is likely to try and that are
// not read (perf.data, other packers) are named in the failure, with what to do about them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/replay/recording.hpp"

namespace anypage {

/// The recording in `bytes`: PTRC1 or text of perf script, plain or packed with xz.
result<recording, failure> read_recording(std::span<const std::byte> bytes, std::string_view name);

/// The recording in the file `path`.
result<recording, failure> load_recording(const std::string& path);

}  // namespace anypage
