// Tokens, numbers and printable text.
#include "cli/replay/text_scan.hpp"

#include <algorithm>
#include <charconv>

namespace anypage {

std::string_view next_token(std::string_view& rest) {
    constexpr std::string_view blanks = " \t\r";
    const std::size_t begin = std::min(rest.find_first_not_of(blanks), rest.size());
    const std::size_t end = std::min(rest.find_first_of(blanks, begin), rest.size());
    const std::string_view token = rest.substr(begin, end - begin);
    rest.remove_prefix(end);
    return token;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    }
    std::uint64_t value = 0;
    const auto [end, problem] =
        std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string printable(std::string_view text, std::size_t length_max) {
    std::string shown(text.substr(0, length_max));
    std::replace_if(
        shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    if (text.size() > length_max) shown += "...";
    return shown;
}

}  // namespace anypage
