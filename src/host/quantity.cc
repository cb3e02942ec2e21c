// Quantity: see quantity.hpp.
#include "quantity.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace anypage {
namespace {

constexpr std::array<std::string_view, 6> unit_names{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t max) {
    int base = 10;
    if (text.starts_with("0x")) {
        base = 16;
        text.remove_prefix(2);
    }
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, status] = std::from_chars(text.data(), end, value, base);
    if (status != std::errc{} || stop != end || value > max) return std::nullopt;
    return value;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) ++digits;
    const auto count =
        parse_number(text.substr(0, digits), std::numeric_limits<std::uint64_t>::max());
    if (!count) return std::nullopt;

    std::string_view unit = text.substr(digits);
    while (unit.starts_with(' ')) unit.remove_prefix(1);
    for (std::size_t i = 0; i < unit_names.size(); ++i) {
        if (unit != unit_names[i]) continue;
        const unsigned shift = static_cast<unsigned>(i) * 10;
        if (*count > (std::numeric_limits<std::uint64_t>::max() >> shift)) return std::nullopt;
        return *count << shift;
    }
    return std::nullopt;
}

std::string format_bytes(std::uint64_t bytes) {
    std::size_t unit = 0;
    while (unit + 1 < unit_names.size() && bytes >> ((unit + 1) * 10) != 0) ++unit;
    const std::uint64_t one = std::uint64_t{1} << (unit * 10);
    std::string text = std::to_string(bytes / one);
    // Tenths, rounded down: 1023.99 MiB must not print as 1024.0 MiB.
    const std::uint64_t rest = bytes % one;
    if (rest != 0) {
        const std::uint64_t tenths = unit == 0 ? 0 : (rest >> ((unit - 1) * 10)) * 10 / 1024;
        text.append(".").append(std::to_string(tenths));
    }
    return text.append(" ").append(unit_names[unit]);
}

}  // namespace anypage
