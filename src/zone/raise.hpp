// Raise: what every free does after its frames are back, so that Hint H holds when it returns.
// No loop, no wait: a free is finished by its own steps.
//
// Why it is enough (with lower, in search.hpp): a lowering clears DIRTY and then looks again. If
// this free's load of the hint comes after that clearing, it finds DIRTY clear, sets it, and the
// lowering's last step fails or is undone; if the load comes before, so do the freed words, and the
// second look finds them. All four accesses are seq_cst: it is a store-load pattern on both sides.
#pragma once

#include <algorithm>

#include "frame_map.hpp"

namespace anypage {

template <World W>
void raise_hint(typename FrameMap<W>::Word& hint, Order order) {
    // Pairs with the clearing of DIRTY in lower; weaker, and a lowering may lose this free.
    const std::uint64_t seen = hint.load_seq_cst();
    const std::uint64_t wanted = Hint::raised(order);
    if ((wanted & ~seen) != 0) hint.fetch_or_seq_cst(wanted);
}

/// The order of the largest aligned free run round `frame`, whose word was seen as `word` right
/// after the free. Looks at neighbouring words only if this one is full.
template <World W>
Order completed_run(const FrameMap<W>& map, FrameIndex frame, std::uint64_t word) {
    Order order = bits::largest_run(word, layout::bit_of(frame));
    const std::uint64_t own = layout::word_of(frame);
    while (order >= bits::word_order && order < order_max) {
        const std::uint64_t have = order.frames() / layout::word_frames;
        const std::uint64_t sibling = (own / have ^ 1) * have;
        for (std::uint64_t i = 0; i < have; ++i) {
            // seq_cst, after the free's own write: of two frees that complete a run together, at
            // least one sees the other.
            if (map.words[sibling + i].load_seq_cst() != bits::all) return order;
        }
        order = Order{static_cast<std::uint8_t>(order.value + 1)};
    }
    return order;
}

template <World W>
void raise_both(FrameMap<W>& map, FrameIndex frame, Order order) {
    raise_hint<W>(map.trees[layout::tree_of(frame)].hint, order);
    // Always both: another free may have raised the tree and not yet the super.
    raise_hint<W>(map.supers[layout::super_of(frame)], order);
}

/// What both hints of a frame say. To be asked after the words of a free are written.
template <World W>
[[gnu::always_inline]] inline Hint both_hints(const FrameMap<W>& map, FrameIndex frame) {
    const auto& tree = map.trees[layout::tree_of(frame)].hint;
    const auto& super = map.supers[layout::super_of(frame)];
    return {tree.load_seq_cst() & super.load_seq_cst()};
}

/// May the free run round `bit` be of `order` or larger, as far as its word tells?
constexpr bool may_reach(std::uint64_t word, unsigned bit, unsigned order) {
    const Order within{
        static_cast<std::uint8_t>(std::min<unsigned>(order, bits::word_order.value))};
    const auto first = bit & ~static_cast<unsigned>(within.frames() - 1);
    return (~word & bits::run_mask(first, within)) == 0;
}

/// What raise() does if the hints do not say everything already.
template <World W>
[[gnu::noinline]] void raise_missing(FrameMap<W>& map, FrameIndex frame, std::uint64_t word,
                                     Order freed, Hint known) {
    // Most frees complete no run that is worth telling: one look at their own word says so.
    const unsigned missing = known.first_missing();
    if (freed.value < missing && !may_reach(word, layout::bit_of(frame), missing)) return;
    raise_both(map, frame, std::max(freed, completed_run(map, frame, word)));
}

/// Call after the words of a free are written. `word` is the word of `frame` as the free left it,
/// and `freed` its order: of a run of several words the first may be taken again before the last is
/// free, and then what stays is not round `frame`.
template <World W>
[[gnu::always_inline]] inline void raise(FrameMap<W>& map, FrameIndex frame, std::uint64_t word,
                                         Order freed) {
    const Hint known = both_hints(map, frame);
    if (!known.is_full()) raise_missing(map, frame, word, freed, known);
}

}  // namespace anypage
