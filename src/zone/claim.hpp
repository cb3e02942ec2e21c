// Claim: takes a free run out of a word or out of neighbouring words. The claim's compare-and-swap
// is where an allocation happens; what follows (heads) is the owner's own business.
#pragma once

#include <bit>

#include "../base/maybe.hpp"
#include "raise.hpp"

namespace anypage {

/// The run [frame, frame + 2^order), of several frames, has just become ours: its interior
/// continues its first frame.
template <World W>
void join_run(FrameMap<W>& map, FrameIndex frame, Order order) {
    auto* heads = map.heads + layout::word_of(frame);
    if (order < bits::word_order) {
        const unsigned bit = layout::bit_of(frame);
        const std::uint64_t interior = bits::run_mask(bit, order) & ~(std::uint64_t{1} << bit);
        heads->fetch_and_relaxed(~interior);  // owned: neighbours change other bits of the word
        return;
    }
    heads->store_relaxed(1);  // owned: the run fills the word
    for (std::uint64_t i = 1; i < order.frames() / layout::word_frames; ++i) {
        heads[i].store_relaxed(0);
    }
}

/// The opposite, before the frames are given back.
template <World W>
void split_run(FrameMap<W>& map, FrameIndex frame, Order order) {
    auto* heads = map.heads + layout::word_of(frame);
    if (order < bits::word_order) {
        heads->fetch_or_relaxed(bits::run_mask(layout::bit_of(frame), order));
        return;
    }
    for (std::uint64_t i = 0; i < order.frames() / layout::word_frames; ++i) {
        heads[i].store_relaxed(bits::all);
    }
}

/// Claims a run of an order that fits into a word out of word `index`.
template <Look look, World W>
[[gnu::always_inline]] inline Maybe<FrameIndex> claim_in_word(FrameMap<W>& map, std::uint64_t index,
                                                              Order order) {
    std::uint64_t word = look_at<look>(map.words[index]);
    while (const std::uint64_t starts = bits::run_starts(word, order)) {
        const auto bit = static_cast<unsigned>(std::countr_zero(starts));
        // linearizes: allocate. Acquire pairs with the free's fetch_or: what the last owner wrote
        // to the page, and the heads, happen before this. Release: keeps the chain for a later
        // owner.
        if (map.words[index].cas_acq_rel(word, word & ~bits::run_mask(bit, order))) {
            const FrameIndex frame{index * layout::word_frames + bit};
            if (order.value != 0) join_run(map, frame, order);
            return frame;
        }
    }
    return std::nullopt;
}

/// Claims up to `wanted` single frames out of word `index` with one compare-and-swap; their bits.
template <World W>
std::uint64_t claim_batch_in_word(FrameMap<W>& map, std::uint64_t index, unsigned wanted) {
    std::uint64_t word = map.words[index].load_relaxed();  // cas-revalidates
    while (word != 0) {
        const std::uint64_t taken = bits::lowest(word, wanted);
        if (map.words[index].cas_acq_rel(word, word & ~taken)) return taken;
    }
    return 0;
}

/// Gives `count` full words back that a failed claim had taken: a free in all but name.
template <World W>
void unclaim_words(FrameMap<W>& map, std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t i = first; i < first + count; ++i) {
        map.words[i].fetch_or_seq_cst(bits::all);
    }
    for (std::uint64_t i = first; i < first + count; ++i) {
        raise(map, FrameIndex{i * layout::word_frames}, bits::all, bits::word_order);
    }
}

/// Claims the `order` run (above word_order) that begins at word `first`, if it is all free.
template <Look look, World W>
bool claim_words(FrameMap<W>& map, std::uint64_t first, Order order) {
    const std::uint64_t count = order.frames() / layout::word_frames;
    for (std::uint64_t i = 0; i < count; ++i) {
        if (look_at<look>(map.words[first + i]) != bits::all) return false;
    }
    // Ascending, so that claims alone cannot undo each other for ever.
    for (std::uint64_t i = 0; i < count; ++i) {
        std::uint64_t full = bits::all;
        if (!map.words[first + i].cas_acq_rel(full, 0)) {
            unclaim_words(map, first, i);
            return false;
        }
    }
    // linearizes: allocate, at the last of the 2^(order - 6) compare-and-swaps.
    join_run(map, FrameIndex{first * layout::word_frames}, order);
    return true;
}

/// Claims a run of `order` (at most a row's) out of the row whose first word is `first`.
template <Look look, World W>
Maybe<FrameIndex> claim_in_row(FrameMap<W>& map, std::uint64_t first, Order order) {
    if (order <= bits::word_order) {
        for (std::uint64_t i = 0; i < layout::row_words; ++i) {
            if (auto frame = claim_in_word<look>(map, first + i, order)) return frame;
        }
        return std::nullopt;
    }
    const std::uint64_t step = order.frames() / layout::word_frames;
    for (std::uint64_t i = 0; i < layout::row_words; i += step) {
        if (claim_words<look>(map, first + i, order)) {
            return FrameIndex{(first + i) * layout::word_frames};
        }
    }
    return std::nullopt;
}

}  // namespace anypage
