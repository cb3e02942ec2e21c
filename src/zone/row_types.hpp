// Row types: what each of a tree's 16 rows is for, three bits a row, and a version that counts
// isolations. Pure transitions. Migratetypes are advisory (who looks where first); a row that is
// offline or isolated is looked into by nobody but the hotplug job that owns it.
#pragma once

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

struct RowTypes {
    static constexpr unsigned row_bits = 3;
    static constexpr unsigned version_shift = row_bits * layout::tree_rows;

    std::uint64_t bits = 0;

    constexpr RowType of(unsigned row) const {
        return static_cast<RowType>(bits >> (row * row_bits) & 7);
    }
    /// May a request take frames out of this row?
    constexpr bool serves(unsigned row) const {
        const RowType type = of(row);
        return type != RowType::offline && type != RowType::isolate;
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
