// Pick: which row a request looks into first, so that pages of one migratetype keep together and
// whole rows stay free. Policy only: a wrong pick costs time or tidiness, never a page.
//
//   1. the row that this CPU used last for this type
//   2. rows of the type, in the next few trees, but for those that are free altogether; for a
//      single frame, the row that runs are taken from comes last
//   3. a row that is free altogether, which then takes the type
//   4. any row, in the kernel's fallback order (this step alone decides that there is nothing)
#pragma once

#include "cursor.hpp"
#include "search.hpp"

namespace anypage {

namespace pick_detail {

/// Trees that step 2 looks at before it opens a new row: enough to find what was freed lately, few
/// enough that a full zone costs a bounded look (the hints of 32 trees are 8 cache lines).
inline constexpr std::uint64_t near_trees = 32;
/// And so many of them before a single frame is taken from the row of runs.
inline constexpr std::uint64_t sparing_trees = 8;

inline constexpr std::uint64_t none = ~std::uint64_t{0};

constexpr std::uint64_t first_word(std::uint64_t tree, unsigned row) {
    return tree * layout::tree_words + row * layout::row_words;
}

template <Look look, World W>
bool is_whole(const FrameMap<W>& map, std::uint64_t first) {
    for (std::uint64_t i = 0; i < layout::row_words; ++i) {
        if (look_at<look>(map.words[first + i]) != bits::all) return false;
    }
    return true;
}

/// Visitor of step 2 and 4: rows of one type after the other.
template <unsigned count>
struct RowsOfTypes {
    Order order;
    std::array<RowType, count> wanted;
    bool spares_whole = false;       ///< leaves alone what is free altogether
    std::uint64_t spared = none;     ///< and this row
    std::uint64_t looked_at = none;  ///< tree in which rows of the first type were looked into

    template <Look look, World W>
    Maybe<FrameIndex> in_tree(FrameMap<W>& map, std::uint64_t tree) {
        const RowTypes types = map.template types<look>(tree);
        for (const RowType type : wanted) {
            if (look == Look::quick && tree == looked_at && type == wanted[0]) continue;
            for (Rows rows = types.rows_of(type); rows.any(); rows = rows.without_first()) {
                const unsigned row = rows.first();
                if (tree * layout::tree_rows + row == spared) continue;
                if (spares_whole && is_whole<look>(map, first_word(tree, row))) continue;
                if (auto frame = claim_in_row<look>(map, first_word(tree, row), order)) {
                    return frame;
                }
            }
        }
        return std::nullopt;
    }
};

inline RowsOfTypes<3> of_any_type(Order order, Migratetype migratetype) {
    const auto other = fallbacks(migratetype);
    return {order, {row_type(migratetype), row_type(other[0]), row_type(other[1])}};
}

/// Visitor of step 3: rows that are free altogether. The row takes the request's type.
struct WholeRows {
    Order order;
    RowType type;

    template <Look look, World W>
    Maybe<FrameIndex> in_tree(FrameMap<W>& map, std::uint64_t tree) {
        RowTypes types = map.template types<look>(tree);
        for (Rows rows = types.rows_that_serve(); rows.any(); rows = rows.without_first()) {
            const unsigned row = rows.first();
            if (!is_whole<look>(map, first_word(tree, row))) continue;
            auto frame = claim_in_row<look>(map, first_word(tree, row), order);
            if (!frame) continue;
            retype(map, tree, row, types, type);
            return frame;
        }
        return std::nullopt;
    }

    template <World W>
    static void retype(FrameMap<W>& map, std::uint64_t tree, unsigned row, RowTypes seen,
                       RowType to) {
        if (seen.of(row) == to) return;
        // advisory: lost to another retype or to an isolation, the row keeps what that one says.
        map.trees[tree].types.cas_relaxed(seen.bits, seen.with(row, to).bits);
    }
};

/// Visitor for the largest order: two rows side by side, whatever their types.
struct RowPairs {
    template <Look look, World W>
    Maybe<FrameIndex> in_tree(FrameMap<W>& map, std::uint64_t tree) {
        const RowTypes types = map.template types<look>(tree);
        for (unsigned row = 0; row < layout::tree_rows; row += 2) {
            if (!types.serves(row) || !types.serves(row + 1)) continue;
            if (claim_words<look>(map, first_word(tree, row), order_max)) {
                return FrameIndex{first_word(tree, row) * layout::word_frames};
            }
        }
        return std::nullopt;
    }
};

/// A request that took frames out of another type's row: where at least half of the row is free,
/// the row changes hands (the kernel's try_to_steal_block).
template <World W>
void maybe_take_over(FrameMap<W>& map, FrameIndex frame, RowType type) {
    const std::uint64_t tree = layout::tree_of(frame);
    const unsigned row = layout::row_in_tree(frame);
    const RowTypes types = map.template types<Look::quick>(tree);
    if (types.of(row) == type || !types.serves(row)) return;
    unsigned free = 0;
    for (std::uint64_t i = 0; i < layout::row_words; ++i) {
        free += static_cast<unsigned>(
            std::popcount(map.words[first_word(tree, row) + i].load_relaxed()));  // advisory
    }
    if (free >= layout::row_frames / 2) WholeRows::retype(map, tree, row, types, type);
}

/// Rows that a run fills change hands: freed, it goes where the next request of its type looks.
template <World W>
void take_over_rows(FrameMap<W>& map, FrameIndex run, Order order, RowType type) {
    for (std::uint64_t i = 0; i < order.frames(); i += layout::row_frames) {
        const std::uint64_t tree = layout::tree_of(run + i);
        const unsigned row = layout::row_in_tree(run + i);
        const RowTypes types = map.template types<Look::quick>(tree);
        if (types.serves(row)) WholeRows::retype(map, tree, row, types, type);
    }
}

}  // namespace pick_detail

/// Step 1.
template <World W>
Maybe<FrameIndex> pick_at_cursor(FrameMap<W>& map, Order order, RowType type, Cursor cursor) {
    const RowType here = map.row_type({cursor.row() * layout::row_frames});
    if (!cursor.may_use(here, type)) return std::nullopt;
    return claim_in_row<Look::quick>(map, cursor.row() * layout::row_words, order);
}

/// Step 1 where the very word still has what is wanted: most requests get no further.
template <World W>
[[gnu::always_inline]] inline Maybe<FrameIndex> pick_at_cursor_word(FrameMap<W>& map, Order order,
                                                                    Migratetype type,
                                                                    const Cursors<W>& cursors) {
    if (order > bits::word_order) return std::nullopt;
    const Cursor last{cursors.of(order).load_relaxed()};  // hint
    const RowType here = map.row_type({last.word() * layout::word_frames});
    if (!last.may_use(here, row_type(type))) return std::nullopt;
    // A constant order makes less of it.
    if (order.value == 0) return claim_in_word<Look::quick>(map, last.word(), Order{0});
    return claim_in_word<Look::quick>(map, last.word(), order);
}

/// Steps 2 and 3, beginning at `tree`.
template <World W>
Maybe<FrameIndex> pick_of_own(FrameMap<W>& map, Order order, RowType type, std::uint64_t tree,
                              Cursor runs) {
    using namespace pick_detail;
    const bool is_single = order.value == 0;
    RowsOfTypes<1> own{order, {type}, true, is_single ? runs.row() : none};
    const std::uint64_t count = std::min(near_trees, map.tree_count);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t near = (tree + i) % map.tree_count;
        if (Hint{map.trees[near].hint.load_relaxed()}.may_have(order)) {
            if (auto frame = own.template in_tree<Look::quick>(map, near)) return frame;
        }
        // Sparing is worth a short look: else all that is free would end up in that row.
        if (!is_single || i != std::min(sparing_trees, count) - 1) continue;
        if (auto frame = pick_at_cursor(map, order, type, runs)) return frame;
    }
    return search_once(map, tree, pageblock_order, WholeRows{order, type});
}

/// Runs of one row or two, of any type. They take the type.
template <World W>
Maybe<FrameIndex> pick_rows(FrameMap<W>& map, Order order, Migratetype migratetype,
                            std::uint64_t tree) {
    using namespace pick_detail;
    auto any = of_any_type(order, migratetype);
    if (order == pageblock_order) {  // often there is one in this CPU's tree, of its type
        RowsOfTypes<1> own{order, {row_type(migratetype)}};
        if (auto run = own.template in_tree<Look::quick>(map, tree)) return run;
        any.looked_at = tree;
    }
    const auto run =
        order == order_max ? search(map, tree, order, RowPairs{}) : search(map, tree, order, any);
    if (run) take_over_rows(map, *run, order, row_type(migratetype));
    return run;
}

/// May a request take frames out of another type's rows? `avoided` may fail although there are some
/// (ALLOC_NOFRAGMENT: the next zone is tried first).
enum class Stealing { allowed, avoided };

/// Allocates a run. `cursors` are this CPU's and type's.
template <World W>
[[gnu::noinline]] Maybe<FrameIndex> pick(FrameMap<W>& map, Order order, Migratetype migratetype,
                                         Cursors<W>& cursors, Stealing stealing) {
    using namespace pick_detail;
    auto& cursor = cursors.of(order);
    const Cursor last{cursor.load_relaxed()};  // hint
    const std::uint64_t tree = last.row() / layout::tree_rows;
    if (order >= pageblock_order) return pick_rows(map, order, migratetype, tree);
    const RowType type = row_type(migratetype);
    if (auto frame = pick_at_cursor(map, order, type, last)) {
        cursor.store_relaxed(Cursor::at(*frame, last.is_stolen()).bits);
        return frame;
    }

    auto frame = pick_of_own(map, order, type, tree, Cursor{cursors.runs.load_relaxed()});
    if (!frame) {
        if (stealing == Stealing::avoided) return std::nullopt;
        frame = search(map, tree, order, of_any_type(order, migratetype));
        if (!frame) return std::nullopt;
        maybe_take_over(map, *frame, type);
    }
    cursor.store_relaxed(Cursor::at(*frame, map.row_type(*frame) != type).bits);
    return frame;
}

}  // namespace anypage
