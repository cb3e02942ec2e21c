// TOML reader: see toml_reader.hpp.
#include "toml_reader.hpp"

#include <algorithm>
#include <limits>

#include "quantity.hpp"
#include "text.hpp"

namespace anypage {
namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    }
    return result;
}

std::string_view nearest(std::string_view word, std::initializer_list<std::string_view> words) {
    return *std::min_element(words.begin(), words.end(), [&](auto a, auto b) {
        return edit_distance(word, a) < edit_distance(word, b);
    });
}

std::string listed(std::initializer_list<std::string_view> words) {
    std::string text;
    for (const std::string_view word : words) {
        text += concat(text.empty() ? "" : ", ", '"', word, '"');
    }
    return text;
}

/// The text with a question mark for each byte beyond ASCII: toml++ 3.3 reaches what it calls
/// unreachable when a letter such as U+00E9 stands where a blank could. No topology needs one.
std::string ascii(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // A byte order mark.
    std::string plain(text);
    for (char& c : plain) {
        if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    }
    return plain;
}

bool fails_assertion(std::string_view text) {
    try {
        (void)toml::parse(text);
    } catch (const toml::parse_error&) {
        return false;
    } catch (const std::logic_error&) {
        return true;
    }
    return false;
}

/// The line at which toml++ fails an assertion: it reads from front to back, so that a beginning of
/// the text fails if and only if it reaches that line.
unsigned line_of_assertion(std::string_view text) {
    std::vector<std::size_t> ends;
    for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n', end + 1)) {
        ends.push_back(end + 1);
    }
    const auto first = std::partition_point(ends.begin(), ends.end(), [&](std::size_t end) {
        return !fails_assertion(text.substr(0, end));
    });
    return static_cast<unsigned>(first - ends.begin()) + 1;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

void toml_reader::fail(unsigned line, const std::string& what) {
    if (fault_) return;
    fault_ = failure{error::invalid,
                     line == 0 ? concat(file_, ": ", what) : concat(file_, ":", line, ": ", what)};
}

toml::table toml_reader::parse(std::string_view text) {
    const std::string plain = ascii(text);
    try {
        return toml::parse(std::string_view(plain), std::string_view(file_));
    } catch (const toml::parse_error& problem) {
        fail(problem.source().begin.line,
             concat("not TOML: ", problem.description(), "; correct the syntax"));
    } catch (const std::logic_error&) {
        fail(line_of_assertion(plain),
             "not TOML: a bracket or brace stands here that means nothing; correct the syntax");
    }
    return {};
}

void toml_reader::allow_keys(const toml::table& table, std::string_view what,
                             std::initializer_list<std::string_view> keys) {
    // The table is ordered by key; the reader of the message goes by line.
    const toml::key* first = nullptr;
    for (const auto& [key, value] : table) {
        if (std::find(keys.begin(), keys.end(), key.str()) != keys.end()) continue;
        if (first == nullptr || key.source().begin.line < first->source().begin.line) first = &key;
    }
    if (first == nullptr) return;
    const std::string_view name = first->str().substr(0, 100);
    fail(first->source().begin.line, concat("unknown key \"", name, "\" in ", what,
                                            "; did you mean \"", nearest(name, keys), "\"?"));
}

unsigned toml_reader::line_of(const toml::table& table, std::string_view key) {
    const toml::node* value = table.get(key);
    return line_of(value != nullptr ? *value : static_cast<const toml::node&>(table));
}

std::optional<std::uint64_t> toml_reader::number_at(const toml::node& value, std::string_view what,
                                                    std::uint64_t min, std::uint64_t max) {
    const auto* integer = value.as_integer();
    if (integer == nullptr) {
        fail(value, concat(what, " must be an integer from ", min, " to ", max));
        return std::nullopt;
    }
    const std::int64_t number = integer->get();
    if (number >= 0 && static_cast<std::uint64_t>(number) >= min &&
        static_cast<std::uint64_t>(number) <= max) {
        return static_cast<std::uint64_t>(number);
    }
    fail(value, concat(what, " is ", number, "; it must be ", min, " to ", max));
    return std::nullopt;
}

std::optional<std::uint64_t> toml_reader::frames_at(const toml::node& value,
                                                    std::string_view what) {
    if (value.is_integer()) return number_at(value, what, 0, pfn_limit);
    const auto* text = value.as_string();
    const auto bytes = text != nullptr ? parse_bytes(text->get()) : std::nullopt;
    if (!bytes) {
        fail(value, concat(what,
                           " must be a size such as \"512 MiB\" (units B, KiB, MiB, GiB, "
                           "TiB, PiB) or a number of frames"));
        return std::nullopt;
    }
    if (*bytes % frame_bytes != 0) {
        fail(value, concat(what, " is not a multiple of the frame size of ", frame_bytes,
                           " bytes; round it"));
        return std::nullopt;
    }
    if (*bytes / frame_bytes > pfn_limit) {
        fail(value, concat(what, " is ", format_bytes(*bytes), "; frames end at 2^44 (",
                           format_frames(pfn_limit), "), use less"));
        return std::nullopt;
    }
    return *bytes / frame_bytes;
}

std::optional<std::uint64_t> toml_reader::number(const toml::table& table, std::string_view key,
                                                 std::uint64_t min, std::uint64_t max) {
    const toml::node* value = table.get(key);
    if (value == nullptr) return std::nullopt;
    return number_at(*value, concat('"', key, '"'), min, max);
}

std::optional<std::uint64_t> toml_reader::frames(const toml::table& table, std::string_view key) {
    const toml::node* value = table.get(key);
    if (value == nullptr) return std::nullopt;
    return frames_at(*value, concat('"', key, '"'));
}

std::optional<bool> toml_reader::flag(const toml::table& table, std::string_view key) {
    const toml::node* value = table.get(key);
    if (value == nullptr) return std::nullopt;
    if (const auto* flag = value->as_boolean()) return flag->get();
    fail(*value, concat('"', key, "\" must be true or false"));
    return std::nullopt;
}

std::optional<std::string> toml_reader::text(const toml::table& table, std::string_view key) {
    const toml::node* value = table.get(key);
    if (value == nullptr) return std::nullopt;
    if (const auto* text = value->as_string()) return text->get();
    fail(*value, concat('"', key, "\" must be a text in quotes"));
    return std::nullopt;
}

std::optional<std::size_t> toml_reader::choice(const toml::table& table, std::string_view key,
                                               std::initializer_list<std::string_view> names) {
    const auto chosen = text(table, key);
    if (!chosen) return std::nullopt;
    std::size_t index = 0;
    for (const std::string_view name : names) {
        if (lower(name) == lower(*chosen)) return index;
        ++index;
    }
    fail(line_of(table, key), concat('"', key, "\" is \"", chosen->substr(0, 100),
                                     "\"; it must be one of ", listed(names)));
    return std::nullopt;
}

std::vector<const toml::table*> toml_reader::tables(const toml::table& table,
                                                    std::string_view key) {
    std::vector<const toml::table*> found;
    const toml::node* value = table.get(key);
    if (value == nullptr) return found;
    const toml::array* list = value->as_array();
    if (list == nullptr) {
        fail(*value, concat('"', key, "\" must be a list of tables; write [[", key, "]]"));
        return found;
    }
    for (const toml::node& item : *list) {
        if (!item.is_table()) {
            fail(item, concat('"', key, "\" must be a list of tables; write [[", key, "]] or { }"));
            return {};
        }
        found.push_back(item.as_table());
    }
    return found;
}

}  // namespace anypage
