// Search: finds a free run of an order by the hints, lowers the hints that turn out wrong, and
// fails only if at one instant of the call no completed free run of that order was there.
//
// Lower, in two steps: clear DIRTY (and count the version up), look again, clear the order bits.
// The last step succeeds only on the hint as the first step left it, so a free in between, which
// sets DIRTY, or another lowering, which changes the version, makes it leave the hint alone.
// Whoever finds DIRTY clear already joins: looking again is all that is owed. Nobody waits for a
// lowering that stalls.
//
// A search takes a *visitor* that says what to do with a row (or a pair of rows, for the largest
// order):
//   Maybe<FrameIndex> visit.template in_tree<look>(map, tree)
#pragma once

#include <optional>

#include "claim.hpp"

namespace anypage {

namespace search_detail {

/// First step: clears DIRTY, or joins whoever has. The hint as the last step must find it; nothing
/// if there is nothing to lower, or somebody else's news came in between.
template <class Word>
std::optional<Hint> begin_lowering(Word& hint, Order order) {
    Hint seen{hint.load_seq_cst()};
    if (!seen.may_have(order)) return std::nullopt;
    if (!seen.is_dirty()) return seen;
    const Hint begun = seen.lowering_begun();
    // Pairs with raise: from here on a free sets DIRTY again, which makes the last step fail.
    if (!hint.cas_seq_cst(seen.bits, begun.bits)) return std::nullopt;
    return begun;
}

/// Last step, after a second look that found nothing. Fails, rightly, on a hint that has changed.
template <class Word>
void end_lowering(Word& hint, Hint begun, Order order) {
    std::uint64_t expected = begun.bits;
    hint.cas_seq_cst(expected, begun.lowered(order).bits);
}

/// The tree's hint promised `order` and a quick look found nothing: look again for certain, and
/// lower.
template <World W, class Visitor>
Maybe<FrameIndex> lower_tree(FrameMap<W>& map, std::uint64_t tree, Order order, Visitor& visit) {
    auto& hint = map.trees[tree].hint;
    const auto begun = begin_lowering(hint, order);
    if (!begun) return std::nullopt;
    if (auto frame = visit.template in_tree<Look::certain>(map, tree)) return frame;
    end_lowering(hint, *begun, order);
    return std::nullopt;
}

template <World W, class Visitor>
Maybe<FrameIndex> search_tree(FrameMap<W>& map, std::uint64_t tree, Order order, Visitor& visit) {
    // hint: stale costs a wasted probe, or is found again by the certain look.
    if (!Hint{map.trees[tree].hint.load_relaxed()}.may_have(order)) return std::nullopt;
    if (auto frame = visit.template in_tree<Look::quick>(map, tree)) return frame;
    return lower_tree(map, tree, order, visit);
}

template <World W, class Visitor>
Maybe<FrameIndex> lower_super(FrameMap<W>& map, std::uint64_t super, Order order, Visitor& visit) {
    auto& hint = map.supers[super];
    const auto begun = begin_lowering(hint, order);
    if (!begun) return std::nullopt;
    const std::uint64_t first = super * layout::super_trees;
    const std::uint64_t end = std::min(first + layout::super_trees, map.tree_count);
    for (std::uint64_t tree = first; tree < end; ++tree) {
        auto& child = map.trees[tree].hint;
        if (!Hint{child.load_seq_cst()}.may_have(order)) continue;
        if (auto frame = visit.template in_tree<Look::quick>(map, tree)) return frame;
        if (auto frame = lower_tree(map, tree, order, visit)) return frame;
        if (Hint{child.load_seq_cst()}.may_have(order)) return std::nullopt;
    }
    end_lowering(hint, *begun, order);
    return std::nullopt;
}

/// Trees of `super` in ascending order from `start` on, then from the super's first.
template <World W, class Visitor>
Maybe<FrameIndex> search_super(FrameMap<W>& map, std::uint64_t super, std::uint64_t start,
                               Order order, Visitor& visit) {
    const std::uint64_t first = super * layout::super_trees;
    const std::uint64_t count = std::min(layout::super_trees, map.tree_count - first);
    std::uint64_t tree = start / layout::super_trees == super ? start : first;
    for (std::uint64_t i = 0; i < count; ++i) {
        if (auto frame = search_tree(map, tree, order, visit)) return frame;
        if (++tree == first + count) tree = first;
    }
    return lower_super(map, super, order, visit);
}

}  // namespace search_detail

/// One pass over everything that may have a run of `order`, beginning at tree `start`.
template <World W, class Visitor>
Maybe<FrameIndex> search_once(FrameMap<W>& map, std::uint64_t start, Order order, Visitor visit) {
    std::uint64_t super = start / layout::super_trees;
    for (std::uint64_t i = 0; i < map.super_count; ++i) {
        if (Hint{map.supers[super].load_seq_cst()}.may_have(order)) {
            const auto frame = search_detail::search_super(map, super, start, order, visit);
            if (frame) return frame;
        }
        if (++super == map.super_count) super = 0;
    }
    return std::nullopt;
}

/// Sum of the supers' versions if none of them may have a run of `order`.
template <World W>
std::optional<std::uint64_t> versions_without(const FrameMap<W>& map, Order order) {
    std::uint64_t sum = 0;
    for (std::uint64_t super = 0; super < map.super_count; ++super) {
        const Hint hint{map.supers[super].load_seq_cst()};
        if (hint.may_have(order)) return std::nullopt;
        sum += hint.version();
    }
    return sum;
}

/// Searches until a run is found or surely none was there: two looks at all supers that find
/// neither the order's bit nor a new version between them, so that between the two the bit was
/// clear everywhere. Each repeat is paid for by a free, an undo or a lowering of somebody else.
template <World W, class Visitor>
Maybe<FrameIndex> search(FrameMap<W>& map, std::uint64_t start, Order order, Visitor visit) {
    for (;;) {
        if (auto frame = search_once(map, start, order, visit)) return frame;
        const auto before = versions_without(map, order);
        if (!before) continue;
        // linearizes: failed allocate, between the two looks.
        if (versions_without(map, order) == before) return std::nullopt;
    }
}

}  // namespace anypage
