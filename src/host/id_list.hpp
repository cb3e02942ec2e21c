// Id lists: sets of CPU or node ids as the kernel writes them ("0-3,8"), and its CPU bit maps.
// Knows nothing of what the ids name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anypage {

/// Ascending ids below `limit` named by "0-3,8"; blanks around items are ignored, empty text is an
/// empty list. Nothing when the text is something else.
std::optional<std::vector<std::uint32_t>> parse_id_list(std::string_view text, std::uint32_t limit);

/// Ascending ids of a bit map of hexadecimal digits, most significant first, in groups of eight
/// that commas separate ("00000001,0000000f").
std::optional<std::vector<std::uint32_t>> parse_id_map(std::string_view text, std::uint32_t limit);

/// The inverse of parse_id_list for ascending ids: "0-3,8".
std::string format_id_list(std::span<const std::uint32_t> ids);

/// The same for typed ids (CpuId, NodeId), or whatever `value_of` takes an id from.
template <class Items, class ValueOf>
std::string format_id_list(const Items& items, ValueOf value_of) {
    std::vector<std::uint32_t> ids;
    for (const auto& item : items) ids.push_back(value_of(item));
    return format_id_list(std::span<const std::uint32_t>(ids));
}

/// The text without blanks and NUL at its ends: sysfs ends lines with them.
std::string_view trimmed(std::string_view text);

}  // namespace anypage
