// Row types: what each of a tree's 16 rows is for, three bits a row, and a version that counts
// isolations. Pure transitions. Migratetypes are advisory (who looks where first); a row that is
// offline or isolated is looked into by nobody but the hotplug job that owns it.
#pragma once

#include <bit>
#include <cstdint>

#include "../base/maybe.hpp"
#include "../base/migratetype.hpp"
#include "layout.hpp"

namespace anypage {

/// Zero, as fresh metadata is, means offline.
enum class RowType : std::uint8_t { offline, unmovable, movable, reclaimable, isolate };

constexpr RowType row_type(Migratetype type) {
    return static_cast<RowType>(static_cast<unsigned>(type) + 1);
}

/// Nothing for a row that does not serve.
constexpr Maybe<Migratetype> migratetype(RowType type) {
    if (type == RowType::offline || type == RowType::isolate) return std::nullopt;
    return static_cast<Migratetype>(static_cast<unsigned>(type) - 1);
}

/// Some of a tree's rows, a bit each, as far apart as their types are.
struct Rows {
    static constexpr unsigned stride = 3;
    static constexpr std::uint64_t every = 0x249249249249;
    static_assert(std::popcount(every) == layout::tree_rows);

    std::uint64_t bits = 0;

    constexpr bool any() const { return bits != 0; }
    /// In ascending order; only while there is any.
    constexpr unsigned first() const {
        return static_cast<unsigned>(std::countr_zero(bits)) / stride;
    }
    constexpr Rows without_first() const { return {bits & (bits - 1)}; }
};

struct RowTypes {
    static constexpr unsigned row_bits = Rows::stride;
    static constexpr unsigned version_shift = row_bits * layout::tree_rows;

    std::uint64_t bits = 0;

    constexpr RowType of(unsigned row) const {
        return static_cast<RowType>(bits >> (row * row_bits) & 7);
    }
    constexpr Rows rows_of(RowType type) const {
        const std::uint64_t differ = bits ^ static_cast<std::uint64_t>(type) * Rows::every;
        return {~(differ | differ >> 1 | differ >> 2) & Rows::every};
    }
    /// May a request take frames out of this row?
    constexpr bool serves(unsigned row) const {
        const RowType type = of(row);
        return type != RowType::offline && type != RowType::isolate;
    }
    constexpr Rows rows_that_serve() const {
        const std::uint64_t idle = rows_of(RowType::offline).bits | rows_of(RowType::isolate).bits;
        return {~idle & Rows::every};
    }
    constexpr RowTypes with(unsigned row, RowType type) const {
        const unsigned shift = row * row_bits;
        return {(bits & ~(std::uint64_t{7} << shift)) | static_cast<std::uint64_t>(type) << shift};
    }
    constexpr RowTypes next_version() const { return {bits + (std::uint64_t{1} << version_shift)}; }
    friend constexpr bool operator==(RowTypes, RowTypes) = default;
};

static_assert(RowTypes::version_shift == 48);

}  // namespace anypage
