// TOML reader: typed access to keys, keeping the first fault with its line, so that code that reads
// a format is a list of keys. After a fault everything reads as its default; look at fault() last.
// Knows nothing of topologies. For the translation units that read TOML only.
#pragma once

#include <stdexcept>

namespace anypage {

/// toml++ 3.3 asserts, and in release assumes, things that a faulty file breaks ("[[[": its pull
/// request 301). Its assertions are kept in every build and come here; toml_reader::parse catches.
[[noreturn]] inline void throw_toml_assertion(const char* condition) {
    throw std::logic_error(condition);
}

}  // namespace anypage

#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(condition) ((condition) ? void() : ::anypage::throw_toml_assertion(#condition))
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../base/result.hpp"

namespace anypage {

class toml_reader {
public:
    explicit toml_reader(std::string file) : file_(std::move(file)) {}

    const std::string& file() const { return file_; }
    const std::optional<failure>& fault() const { return fault_; }

    /// Parses; an empty table after a syntax error.
    toml::table parse(std::string_view text);

    /// Keeps "FILE:LINE: what" unless there is a fault already.
    void fail(unsigned line, const std::string& what);
    void fail(const toml::node& at, const std::string& what) { fail(line_of(at), what); }

    /// Every key of the table must be one of these; names the nearest when one is not.
    void allow_keys(const toml::table& table, std::string_view what,
                    std::initializer_list<std::string_view> keys);

    /// A value of one kind; nothing when the key is missing (no fault) or of another kind (fault).
    std::optional<std::uint64_t> number(const toml::table& table, std::string_view key,
                                        std::uint64_t min, std::uint64_t max);
    std::optional<bool> flag(const toml::table& table, std::string_view key);
    std::optional<std::string> text(const toml::table& table, std::string_view key);
    /// Memory: an integer counts frames, a string counts bytes ("512 MiB"), whole frames.
    std::optional<std::uint64_t> frames(const toml::table& table, std::string_view key);
    /// The index of the text among `names`, letter case ignored.
    std::optional<std::size_t> choice(const toml::table& table, std::string_view key,
                                      std::initializer_list<std::string_view> names);
    /// The tables of [[key]] or key = [{...}]; none when the key is missing.
    std::vector<const toml::table*> tables(const toml::table& table, std::string_view key);

    /// The same for a value that is already at hand.
    std::optional<std::uint64_t> number_at(const toml::node& value, std::string_view what,
                                           std::uint64_t min, std::uint64_t max);
    std::optional<std::uint64_t> frames_at(const toml::node& value, std::string_view what);

    static unsigned line_of(const toml::node& at) { return at.source().begin.line; }
    /// Where the key's value stands, or the table when there is no such key.
    static unsigned line_of(const toml::table& table, std::string_view key);

private:
    std::string file_;
    std::optional<failure> fault_;
};

/// The steps (insert, delete, replace a letter) from one word to the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace anypage
