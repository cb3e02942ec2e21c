// The header of a PTRC1 recording: magic, length, JSON. Gives the reader checked numbers only:
// where each column is, that all of it is inside of the file, and the tables that columns index.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/gfp.hpp"
#include "base/result.hpp"

namespace anypage {

inline constexpr std::string_view ptrc_magic{"PTRC1\0\0\0", 8};

/// The remedy for a damaged file.
inline constexpr std::string_view ptrc_remedy =
    "copy the file again, or make it again with tools/recording/convert.py";

/// The columns of the format, in the order that convert.py writes.
enum class ptrc_column : std::uint8_t { dt_ns, pfn, tid, op, order, mt, cpu, gfp, ctx };
inline constexpr std::size_t ptrc_column_count = 9;

struct ptrc_column_form {
    std::string_view name;
    std::string_view type;  ///< as Python's array module names it
    std::size_t bytes;      ///< of one value, little-endian
};

inline constexpr std::array<ptrc_column_form, ptrc_column_count> ptrc_columns{{{"dt_ns", "I", 4},
                                                                               {"pfn", "I", 4},
                                                                               {"tid", "H", 2},
                                                                               {"op", "B", 1},
                                                                               {"order", "B", 1},
                                                                               {"mt", "B", 1},
                                                                               {"cpu", "B", 1},
                                                                               {"gfp", "B", 1},
                                                                               {"ctx", "B", 1}}};

/// A header whose claims about the file hold.
struct ptrc_header {
    std::uint64_t events = 0;
    std::uint64_t base_ts_ns = 0;
    std::uint64_t tids = 0;  ///< entries of the tid table
    std::vector<gfp_t> gfp;
    std::array<std::size_t, ptrc_column_count> column_at{};  ///< byte where each column begins
    // What the writer counted, where it says so.
    std::optional<std::uint64_t> allocs;
    std::optional<std::uint64_t> frees;
    std::optional<std::uint64_t> implied_frees;

    std::size_t at(ptrc_column column) const { return column_at[static_cast<std::size_t>(column)]; }
};

/// Reads and checks the header of the recording in `bytes`.
result<ptrc_header, failure> read_ptrc_header(std::span<const std::byte> bytes,
                                              std::string_view name);

}  // namespace anypage
