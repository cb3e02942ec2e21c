// Cursor: where a CPU took its last run of a type, so that it looks there first. A hint that
// anybody may overwrite; it owns nothing.
#pragma once

#include "../world/world.hpp"
#include "row_types.hpp"

namespace anypage {

/// A word of the zone, and whether its row is another type's.
struct Cursor {
    static constexpr std::uint32_t stolen = std::uint32_t{1} << 31;
    std::uint32_t bits = 0;

    static constexpr Cursor at(FrameIndex frame, bool in_stolen_row = false) {
        return {(static_cast<std::uint32_t>(layout::word_of(frame)) & ~stolen) |
                (in_stolen_row ? stolen : 0)};
    }
    constexpr std::uint64_t word() const { return bits & ~stolen; }
    constexpr std::uint64_t row() const { return word() / layout::row_words; }
    constexpr bool is_stolen() const { return (bits & stolen) != 0; }
    /// Does a row of that type serve requests of `wanted` from here?
    constexpr bool may_use(RowType here, RowType wanted) const {
        return here == wanted ||
               (is_stolen() && here > RowType::offline && here < RowType::isolate);
    }
};

/// Of a CPU and a type: of single frames, and of runs of several. Apart, so that single frames fill
/// holes and leave the row to the runs that have opened it.
template <World W>
struct Cursors {
    using Word = typename W::template Atomic<std::uint32_t>;

    Word frames;
    Word runs;

    Word& of(Order order) { return order.value == 0 ? frames : runs; }
    const Word& of(Order order) const { return order.value == 0 ? frames : runs; }
    void set_both(Cursor to) {
        frames.store_relaxed(to.bits);
        runs.store_relaxed(to.bits);
    }
};

}  // namespace anypage
