// Release: gives a run back. Never fails for a correct caller, never waits, any context. A caller
// that gives back what it does not have is told so, with what the map knows.
#pragma once

#include "claim.hpp"

namespace anypage {

/// What is wrong with a free.
enum class FreeFault : std::uint8_t {
    none,
    foreign,      ///< no such frame here, or it is offline
    unaligned,    ///< the frame cannot start a run of that order
    double_free,  ///< free already
    wrong_order,  ///< allocated with another order
    interior,     ///< inside of an allocated run
};

struct FreeOutcome {
    FreeFault fault = FreeFault::none;
    Order actual{};  ///< wrong_order, interior: of the run as allocated
};

namespace release_detail {

template <World W>
bool is_run_of_words(const RunMap<W>& map, FrameIndex frame, Order order) {
    const std::uint64_t first = layout::word_of(frame);
    if (map.heads[first].load_relaxed() != 1) return false;
    for (std::uint64_t i = 1; i < order.frames() / layout::word_frames; ++i) {
        if (map.heads[first + i].load_relaxed() != 0) return false;
    }
    // An offline row behind a smaller run has no head bits either.
    for (std::uint64_t i = layout::row_frames; i < order.frames(); i += layout::row_frames) {
        if (map.row_type(frame + i) == RowType::offline) return false;
    }
    return true;
}

/// Does the run [frame, frame + 2^order) look as an allocated run of that order does?
template <World W>
[[gnu::always_inline]] inline bool is_run(const RunMap<W>& map, FrameIndex frame, Order order) {
    if (order >= bits::word_order) return is_run_of_words(map, frame, order);
    const unsigned bit = layout::bit_of(frame);
    const std::uint64_t mask = bits::run_mask(bit, order);
    // owned: nobody else changes the head bits of a run that is ours.
    return (map.heads[layout::word_of(frame)].load_relaxed() & mask) == std::uint64_t{1} << bit;
}

/// Is `frame` surely not the continuation of a run that starts before it? A neighbour's head bit is
/// stable while we own what lies before it, but for hotplug, which changes it only in rows that do
/// not serve; the row types tell whether it, or a retype, came between two looks. Each repeat is
/// paid for by one of these.
template <World W>
bool starts_fresh(const FrameMap<W>& map, FrameIndex frame) {
    if (layout::tree_of(frame) >= map.tree_count || map.head_set(frame)) return true;
    const auto& types = map.trees[layout::tree_of(frame)].types;
    for (RowTypes before{types.load_acquire()};;) {
        if (!before.serves(layout::row_in_tree(frame)) || map.head_set_acquire(frame)) return true;
        const RowTypes after{types.load_acquire()};
        if (after == before) return false;
        before = after;
    }
}

/// The order of the allocated run that starts at `frame`.
template <World W>
Order order_at(const FrameMap<W>& map, FrameIndex frame) {
    Order order{0};
    while (order < order_max && frame.value % (order.frames() * 2) == 0 &&
           !starts_fresh(map, frame + order.frames())) {
        order = Order{static_cast<std::uint8_t>(order.value + 1)};
    }
    return order;
}

/// Says what is wrong with freeing (frame, order); none if only hotplug made it look wrong. In an
/// isolated row the continuation of a run looks as what a sweep has taken, so there a free of too
/// low an order goes unseen.
template <World W>
FreeOutcome diagnose(const FrameMap<W>& map, FrameIndex frame, Order order) {
    if (map.row_type(frame) == RowType::offline) return {FreeFault::foreign, {}};
    if (map.is_free(frame)) return {FreeFault::double_free, {}};
    if (!map.head_set(frame)) {
        for (unsigned value = 1; value <= order_max.value; ++value) {
            const Order candidate{static_cast<std::uint8_t>(value)};
            const FrameIndex start{frame.value & ~(candidate.frames() - 1)};
            if (!map.head_set(start)) continue;
            const Order actual = order_at(map, start);
            if (start + actual.frames() > frame) return {FreeFault::interior, actual};
        }
        return {FreeFault::foreign, {}};  // taken by an offline in progress
    }
    if (is_run(map, frame, order) && starts_fresh(map, frame + order.frames())) {
        return {};
    }
    return {FreeFault::wrong_order, order_at(map, frame)};
}

/// Words of a run above word_order: each becomes free by one release store.
template <World W>
void release_words(FrameMap<W>& map, FrameIndex frame, Order order) {
    const std::uint64_t first = layout::word_of(frame);
    for (std::uint64_t i = 0; i < order.frames() / layout::word_frames; ++i) {
        // linearizes: free, one word at a time. Release: pairs with the claim's acquire.
        map.words[first + i].store_release(bits::all);
    }
    // Store-load: the words before the hint, as raise needs; a plain store gives no such order.
    W::fence_seq_cst();
    raise(map, frame, bits::all, order);
}

}  // namespace release_detail

/// Is it surely an allocated run of that order, or perhaps one that has been given back since? No:
/// ask inspect.
template <World W>
[[gnu::always_inline]] inline bool looks_allocated(const RunMap<W>& map, FrameIndex frame,
                                                   Order order) {
    if (frame.value % order.frames() != 0) return false;
    const unsigned bit = layout::bit_of(frame);
    if (order.value >= bits::word_order.value || bit + order.frames() >= layout::word_frames) {
        return release_detail::is_run(map, frame, order) && map.head_set(frame + order.frames());
    }
    // The run and its neighbour in one look, as a word has both.
    const std::uint64_t mask = std::uint64_t{1} << order.frames() | 1;
    const std::uint64_t heads = map.heads[layout::word_of(frame)].load_relaxed() >> bit;
    return (heads & (mask | (mask - 2))) == mask;
}

/// Says what release would, as far as looking can tell: a double free of a single frame shows only
/// when it is done.
template <World W>
FreeOutcome inspect(const FrameMap<W>& map, FrameIndex frame, Order order) {
    if (looks_allocated(map, frame, order)) return {};
    if (frame.value % order.frames() != 0) return {FreeFault::unaligned, {}};
    return release_detail::diagnose(map, frame, order);
}

namespace release_detail {

/// Within a word, and it looks allocated.
template <World W>
[[gnu::always_inline]] inline FreeOutcome release_in_word(FrameMap<W>& map, FrameIndex frame,
                                                          Order order) {
    const std::uint64_t mask = bits::run_mask(layout::bit_of(frame), order);
    // linearizes: free. seq_cst: release for the next owner's acquire, and before the hint (raise).
    const std::uint64_t before = map.words[layout::word_of(frame)].fetch_or_seq_cst(mask);
    if ((before & mask) != 0) return {FreeFault::double_free, {}};
    raise(map, frame, before | mask, order);
    return {};
}

/// Above word_order, and it looks allocated.
template <World W>
FreeOutcome release_run_of_words(FrameMap<W>& map, FrameIndex frame, Order order) {
    const std::uint64_t first = layout::word_of(frame);
    for (std::uint64_t i = 0; i < order.frames() / layout::word_frames; ++i) {
        if (map.words[first + i].load_relaxed() != 0) return {FreeFault::double_free, {}};
    }
    split_run(map, frame, order);
    release_words(map, frame, order);
    return {};
}

}  // namespace release_detail

/// Gives a run back that looks allocated; on a fault, a double free, nothing has changed.
template <World W>
FreeOutcome release_run(FrameMap<W>& map, FrameIndex frame, Order order) {
    if (order > bits::word_order) return release_detail::release_run_of_words(map, frame, order);
    if (order.value != 0) split_run(map, frame, order);
    return release_detail::release_in_word(map, frame, order);
}

namespace release_detail {

template <World W>
[[gnu::noinline]] FreeOutcome release_any(FrameMap<W>& map, FrameIndex frame, Order order) {
    if (!looks_allocated(map, frame, order)) {
        const FreeOutcome outcome = inspect(map, frame, order);
        if (outcome.fault != FreeFault::none) return outcome;
    }
    return release_run(map, frame, order);
}

}  // namespace release_detail

/// Gives the run back; on a fault nothing has changed.
template <World W>
[[gnu::always_inline]] inline FreeOutcome release(FrameMap<W>& map, FrameIndex frame, Order order) {
    if (order.value != 0 || !looks_allocated(map, frame, Order{0})) {
        return release_detail::release_any(map, frame, order);
    }
    return release_detail::release_in_word(map, frame, Order{0});
}

/// Gives single frames of one word back, if every one of them looks allocated on its own;
/// otherwise, and where one proves to be free, false: nothing else has changed.
template <World W>
bool release_frames(FrameMap<W>& map, std::uint64_t index, std::uint64_t mask) {
    const std::uint64_t heads = map.heads[index].load_relaxed();
    const bool next_word = (mask >> (bits::word_bits - 1)) != 0;
    const std::uint64_t after = next_word ? map.heads[index + 1].load_relaxed() & 1 : 1;
    const bool plausible = (mask & ~heads) == 0 && ((mask << 1) & ~heads) == 0 && after != 0 &&
                           (map.words[index].load_relaxed() & mask) == 0;
    if (!plausible) return false;
    // linearizes: each of the frees. As in release.
    const std::uint64_t before = map.words[index].fetch_or_seq_cst(mask);
    const FrameIndex first{index * layout::word_frames};
    if (!both_hints(map, first).is_full()) {
        // A completed run may lie round any of them: raise once, for the widest.
        const std::uint64_t seen = before | mask;
        raise(map, first + bits::in_largest_run(seen, mask), seen, Order{0});
    }
    return (before & mask) == 0;
}

}  // namespace anypage
