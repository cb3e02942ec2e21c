// Unpacks xz data in memory, with limits on what it may grow to and on what the decoder may use, so
// that a small hostile file cannot fill the machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace anypage {

/// What a recording may hold, unpacked.
inline constexpr std::uint64_t recording_bytes_max = std::uint64_t{4} << 30;

/// Does `bytes` begin as xz data does?
bool is_xz(std::span<const std::byte> bytes);

/// The unpacked data. `name` is for the message of a failure.
result<std::vector<std::byte>, failure> unpack_xz(std::span<const std::byte> bytes,
                                                  std::string_view name,
                                                  std::uint64_t bytes_max = recording_bytes_max);

}  // namespace anypage
