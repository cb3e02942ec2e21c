// TOML scan: see toml_scan.hpp.
#include "toml_scan.hpp"

#include <algorithm>
#include <string>

namespace anypage {
namespace {

/// The end of the string that begins at `at`. "..." and '...' end with their line at the latest;
/// three quotes end at three more, and one or two may be the string's own.
std::size_t string_end(std::string_view text, std::size_t at) {
    const char quote = text[at];
    const std::string three(3, quote);
    const bool is_long = text.substr(at, 3) == three;
    at += is_long ? 3 : 1;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '\n' && !is_long) return at;
        if (is_long ? text.substr(at, 3) == three : c == quote) {
            at += is_long ? 3 : 1;
            const std::size_t own = std::min(text.find_first_not_of(quote, at), text.size()) - at;
            return is_long ? at + std::min<std::size_t>(own, 2) : at;
        }
        const bool escapes = c == '\\' && quote == '"' && text.substr(at + 1, 1) != "\n";
        at += escapes ? 2 : 1;
    }
    return text.size();
}

}  // namespace

std::optional<unsigned> line_of_stray_letter(std::string_view text) {
    std::size_t at = text.starts_with("\xef\xbb\xbf") ? 3 : 0;  // A byte order mark may lead.
    while (at < text.size()) {
        const char c = text[at];
        if (static_cast<unsigned char>(c) >= 0x80 || c == '\0') {
            return static_cast<unsigned>(1 + std::count(text.begin(), text.begin() + at, '\n'));
        }
        if (c == '#') {
            at = std::min(text.find('\n', at), text.size());
        } else if (c == '"' || c == '\'') {
            at = string_end(text, at);
        } else {
            ++at;
        }
    }
    return {};
}

}  // namespace anypage
