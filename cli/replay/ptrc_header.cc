// The header of PTRC1, read in steps; each step checks what the next relies on.
#include "cli/replay/ptrc_header.hpp"

#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "cli/replay/gfp_names.hpp"
#include "cli/replay/text_scan.hpp"

namespace anypage {
namespace {

using json = nlohmann::json;

constexpr std::size_t json_begin = 16;                            // behind magic and length
constexpr std::uint64_t json_bytes_max = std::uint64_t{4} << 20;  // far above any real table
constexpr std::uint64_t base_ts_ns_max = std::uint64_t{1} << 62;  // leaves room for the events

// Reads one header; each step either fills in its part of the result or gives the failure.
class header_reader {
public:
    header_reader(std::span<const std::byte> bytes, std::string_view name)
        : bytes_(bytes), name_(name) {}

    result<ptrc_header, failure> read() && {
        for (const auto step : {&header_reader::read_json, &header_reader::read_numbers,
                                &header_reader::read_tables, &header_reader::read_columns}) {
            if (auto problem = (this->*step)()) return *std::move(problem);
        }
        return std::move(header_);
    }

private:
    using maybe_failure = std::optional<failure>;

    template <class... Values>
    failure at(std::size_t offset, fmt::format_string<Values...> format, Values&&... values) {
        return {error::invalid,
                fmt::format("{}: byte {}: {}; {}", name_, offset,
                            fmt::format(format, std::forward<Values>(values)...), ptrc_remedy)};
    }

    maybe_failure read_json() {
        if (bytes_.size() < json_begin) {
            return at(bytes_.size(), "the file ends inside of its first {} bytes", json_begin);
        }
        if (std::memcmp(bytes_.data(), ptrc_magic.data(), ptrc_magic.size()) != 0) {
            return at(0, "not a PTRC1 recording");
        }
        std::uint64_t length = 0;
        for (std::size_t i = 8; i-- > 0;) {
            length = length << 8 | std::to_integer<std::uint64_t>(bytes_[8 + i]);
        }
        if (length > json_bytes_max) {
            return at(8, "a header of {} bytes is above the limit of {}", length, json_bytes_max);
        }
        if (length > bytes_.size() - json_begin) {
            return at(8, "a header of {} bytes does not fit into a file of {}", length,
                      bytes_.size());
        }
        columns_begin_ = json_begin + static_cast<std::size_t>(length);
        return parse_json();
    }

    maybe_failure parse_json() {
        const char* text = reinterpret_cast<const char*>(bytes_.data());
        try {
            json_ = json::parse(text + json_begin, text + columns_begin_);
        } catch (const json::parse_error& parse_error) {
            return at(json_begin + parse_error.byte, "the header is not JSON");
        } catch (const json::out_of_range&) {
            return at(json_begin, "the header has a number that is too large");
        }
        if (!json_.is_object()) return at(json_begin, "the header is not a JSON object");
        return {};
    }

    std::optional<std::uint64_t> number(const char* key) const {
        const auto it = json_.find(key);
        if (it == json_.end() || !it->is_number_unsigned()) return std::nullopt;
        return it->get<std::uint64_t>();
    }

    maybe_failure read_numbers() {
        const auto events = number("events");
        if (!events) return at(json_begin, "the header has no count \"events\"");
        if (*events == 0) return at(json_begin, "a recording of 0 events");
        const auto base_ts_ns = number("base_ts_ns");
        if (!base_ts_ns || *base_ts_ns > base_ts_ns_max) {
            return at(json_begin, "the header has no time \"base_ts_ns\" from 0 to 2^62");
        }
        header_.events = *events;
        header_.base_ts_ns = *base_ts_ns;
        header_.allocs = number("allocs");
        header_.frees = number("frees");
        header_.implied_frees = number("implied_frees");
        return {};
    }

    const json* array(const char* key) const {
        const auto it = json_.find(key);
        return it != json_.end() && it->is_array() ? &*it : nullptr;
    }

    maybe_failure read_tables() {
        const json* tids = array("tid");
        if (tids == nullptr) return at(json_begin, "the header has no table \"tid\"");
        header_.tids = tids->size();
        const json* names = array("gfp");
        if (names == nullptr) return at(json_begin, "the header has no table \"gfp\"");
        for (const json& entry : *names) {
            const std::size_t index = header_.gfp.size();
            if (!entry.is_string()) return at(json_begin, "\"gfp\" entry {} is no text", index);
            const auto flags = parse_gfp(entry.get_ref<const std::string&>());
            if (!flags) {
                return at(json_begin, "\"gfp\" entry {}: {}", index, flags.error().message);
            }
            header_.gfp.push_back(*flags);
        }
        return {};
    }

    maybe_failure read_columns() {
        const json* columns = array("columns");
        if (columns == nullptr) return at(json_begin, "the header has no list \"columns\"");
        std::size_t begin = columns_begin_;
        for (const json& column : *columns) {
            if (auto found = place_column(column, begin)) return found;
        }
        for (std::size_t i = 0; i < ptrc_column_count; ++i) {
            if (header_.column_at[i] == 0) {
                return at(json_begin, "there is no column \"{}\"", ptrc_columns[i].name);
            }
        }
        if (begin != bytes_.size()) {
            return at(begin, "{} bytes follow the last column", bytes_.size() - begin);
        }
        return {};
    }

    /// The next column begins at `begin`, which moves behind it.
    maybe_failure place_column(const json& column, std::size_t& begin) {
        const auto index = column_index(column);
        if (!index) return unknown_column(column);
        const ptrc_column_form& form = ptrc_columns[*index];
        if (header_.column_at[*index] != 0) {
            return at(json_begin, "column \"{}\" is there twice", form.name);
        }
        const std::uint64_t room = (bytes_.size() - begin) / form.bytes;
        if (header_.events > room) {
            return at(bytes_.size(), "the file ends in column \"{}\" at event {} of {}", form.name,
                      room, header_.events);
        }
        header_.column_at[*index] = begin;
        begin += static_cast<std::size_t>(header_.events) * form.bytes;
        return {};
    }

    maybe_failure unknown_column(const json& column) {
        const bool named = column.is_array() && !column.empty() && column[0].is_string();
        return at(json_begin, "column \"{}\" with its type and size is none of the format",
                  named ? printable(column[0].get_ref<const std::string&>()) : "?");
    }

    static std::optional<std::size_t> column_index(const json& column) {
        for (std::size_t i = 0; i < ptrc_column_count; ++i) {
            const ptrc_column_form& form = ptrc_columns[i];
            if (column == json::array({form.name, form.type, form.bytes})) return i;
        }
        return std::nullopt;
    }

    std::span<const std::byte> bytes_;
    std::string_view name_;
    json json_;
    std::size_t columns_begin_ = 0;
    ptrc_header header_;
};

}  // namespace

result<ptrc_header, failure> read_ptrc_header(std::span<const std::byte> bytes,
                                              std::string_view name) {
    return header_reader(bytes, name).read();
}

}  // namespace anypage
