// Small pieces of text scanning that the readers of recordings share: tokens, numbers, and user
// text made safe to print in a message. Nothing here allocates except `printable`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace anypage {

/// The next word of `rest`, which then begins behind it; empty when only blanks are left.
std::string_view next_token(std::string_view& rest);

/// The whole of `text` as a number: decimal, or hexadecimal with 0x. Nothing else, no sign.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// Input text for a message: cut at `length_max`, what is not printable ASCII shown as '?'.
std::string printable(std::string_view text, std::size_t length_max = 100);

}  // namespace anypage
