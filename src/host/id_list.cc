// Id lists: see id_list.hpp.
#include "id_list.hpp"

#include <algorithm>

#include "quantity.hpp"

namespace anypage {
namespace {

/// One item of a list, "8" or "0-3", appended to `ids`.
bool append_item(std::string_view item, std::uint32_t limit, std::vector<std::uint32_t>& ids) {
    const std::size_t dash = item.find('-');
    const auto first = parse_number(trimmed(item.substr(0, dash)), limit - 1);
    if (!first) return false;
    std::optional<std::uint64_t> last = first;
    if (dash != item.npos) last = parse_number(trimmed(item.substr(dash + 1)), limit - 1);
    if (!last || *last < *first) return false;
    // "0-9,0-9,..." repeated must not take more memory than the ids that there can be.
    if (ids.size() + (*last - *first) > std::uint64_t{2} * limit) return false;
    for (std::uint64_t id = *first; id <= *last; ++id)
        ids.push_back(static_cast<std::uint32_t>(id));
    return true;
}

/// The value of a hexadecimal digit, or 16.
unsigned digit_value(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
    return 16;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank(" \t\r\n\0", 5);
    const std::size_t first = text.find_first_not_of(blank);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::optional<std::vector<std::uint32_t>> parse_id_list(std::string_view text,
                                                        std::uint32_t limit) {
    std::vector<std::uint32_t> ids;
    text = trimmed(text);
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        if (!append_item(trimmed(text.substr(0, comma)), limit, ids)) return std::nullopt;
        if (comma == text.npos) break;
        text = text.substr(comma + 1);
        if (text.empty()) return std::nullopt;
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}

std::optional<std::vector<std::uint32_t>> parse_id_map(std::string_view text, std::uint32_t limit) {
    text = trimmed(text);
    if (text.empty()) return std::nullopt;
    std::vector<std::uint32_t> ids;
    std::uint64_t id = 0;
    std::size_t group_digits = 0;
    for (auto c = text.rbegin(); c != text.rend(); ++c) {
        if (*c == ',') {
            // A short group to the right of others would shift every id on its left.
            if (group_digits != 8) return std::nullopt;
            group_digits = 0;
            continue;
        }
        const unsigned bits = digit_value(*c);
        if (bits > 15) return std::nullopt;
        for (unsigned bit = 0; bit < 4; ++bit, ++id) {
            if ((bits >> bit & 1) == 0) continue;
            if (id >= limit) return std::nullopt;
            ids.push_back(static_cast<std::uint32_t>(id));
        }
        ++group_digits;
    }
    return ids;
}

std::string format_id_list(std::span<const std::uint32_t> ids) {
    std::string text;
    for (std::size_t i = 0; i < ids.size();) {
        std::size_t last = i;
        while (last + 1 < ids.size() && ids[last + 1] == ids[last] + 1) ++last;
        if (!text.empty()) text += ',';
        text += std::to_string(ids[i]);
        if (last > i) text.append("-").append(std::to_string(ids[last]));
        i = last + 1;
    }
    return text;
}

}  // namespace anypage
