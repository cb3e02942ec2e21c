// Quantity: amounts of memory and plain numbers as people write them ("512 MiB", "4096").
// Does not accept decimal units (MB): they are not what anybody means by memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "../base/units.hpp"

namespace anypage {

/// The hotplug unit may be 2 MiB to 1 GiB.
inline constexpr std::uint64_t section_frames_min = 512;
inline constexpr std::uint64_t section_frames_max = 262144;

/// Names of frames end here: 2^44 frames of 4 KiB are 64 PiB.
inline constexpr std::uint64_t pfn_limit = std::uint64_t{1} << 44;

/// CPU ids end here, far above the kernel's NR_CPUS.
inline constexpr std::uint32_t cpu_limit = 65536;

/// Digits only (or 0x and hexadecimal digits), at most `max`; nothing else around them.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t max);

/// "512 MiB", "4GiB", "8192 B": an integer and a unit of B, KiB, MiB, GiB, TiB or PiB.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// The largest unit in which the number is at least 1: "128 MiB", "125.6 GiB".
std::string format_bytes(std::uint64_t bytes);
inline std::string format_frames(std::uint64_t frames) {
    return format_bytes(frames * frame_bytes);
}

constexpr std::uint64_t round_down(std::uint64_t value, std::uint64_t grain) {
    return value / grain * grain;
}
constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t grain) {
    return round_down(value + grain - 1, grain);
}

/// A power of two from 2 MiB to 1 GiB: what a section may be.
constexpr bool is_section(std::uint64_t frames) {
    return frames >= section_frames_min && frames <= section_frames_max &&
           (frames & (frames - 1)) == 0;
}

}  // namespace anypage
