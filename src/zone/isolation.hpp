// Isolation: how a range of whole rows leaves a zone and comes back. One hotplug job at a time (its
// lock is hotplug's business), beside allocations and frees in any context, none of whom waits.
//
//   offline -> fill -> isolate -> open -> serving        (online)
//   serving -> isolate -> sweep until all is taken -> close -> offline
//                              \-> put_back -> serving   (cancel)
//
// Isolating stops new allocations only by and by: a claim that looked before may still succeed.
// That is harmless: a frame is taken by the sweep or by the claim, never by both. A frame freed
// into an isolated row lies there for the next sweep.
#pragma once

#include <bit>
#include <cstdint>

#include "raise.hpp"

namespace anypage {

/// Whole words of frames, positions in the zone: [first, first + frames), both multiples of 64 but
/// for the end of the zone's last range.
struct FrameSpan {
    FrameIndex first;
    std::uint64_t frames = 0;

    constexpr FrameIndex end() const { return first + frames; }
    constexpr std::uint64_t word_first() const { return layout::word_of(first); }
    constexpr std::uint64_t word_count() const {
        return layout::divide_up(frames, layout::word_frames);
    }
    /// The bits of its i-th word that lie in the span.
    constexpr std::uint64_t word_mask(std::uint64_t i) const {
        const std::uint64_t left = frames - i * layout::word_frames;
        return left >= layout::word_frames ? bits::all : (std::uint64_t{1} << left) - 1;
    }
};

namespace isolation_detail {

template <World W, class Change>
void change_types(FrameMap<W>& map, FrameSpan span, Change change) {
    const std::uint64_t first = layout::row_of(span.first);
    const std::uint64_t end = layout::divide_up(span.end().value, layout::row_frames);
    for (std::uint64_t row = first; row < end; ++row) {
        auto& word = map.trees[row / layout::tree_rows].types;
        const auto in_tree = static_cast<unsigned>(row % layout::tree_rows);
        std::uint64_t seen = word.load_relaxed();  // cas-revalidates
        // seq_cst: a row that serves again does so before its hints are raised (see raise.hpp).
        while (!word.cas_seq_cst(seen, change(RowTypes{seen}, in_tree).bits)) {
        }
    }
}

template <World W>
void set_types(FrameMap<W>& map, FrameSpan span, RowType type) {
    change_types(map, span, [type](RowTypes types, unsigned row) {
        return types.with(row, type).next_version();
    });
}

template <World W>
void raise_all(FrameMap<W>& map, FrameSpan span) {
    const std::uint64_t end = layout::divide_up(span.end().value, layout::tree_frames);
    for (std::uint64_t tree = layout::tree_of(span.first); tree < end; ++tree) {
        raise_hint<W>(map.trees[tree].hint, order_max);
        raise_hint<W>(map.supers[tree / layout::super_trees], order_max);
    }
}

}  // namespace isolation_detail

/// Rows of an offline span get their frames, but do not serve yet.
template <World W>
void fill(FrameMap<W>& map, FrameSpan span) {
    const std::uint64_t first = span.word_first();
    for (std::uint64_t i = 0; i < span.word_count(); ++i) {
        map.heads[first + i].fetch_or_relaxed(span.word_mask(i));
    }
    if (span.end().value % layout::row_frames != 0) {
        // The frame after a zone's ragged end starts afresh, so that nothing seems to run into it.
        map.heads[layout::word_of(span.end())].fetch_or_relaxed(std::uint64_t{1}
                                                                << layout::bit_of(span.end()));
    }
    isolation_detail::set_types(map, span, RowType::isolate);
    for (std::uint64_t i = 0; i < span.word_count(); ++i) {
        map.words[first + i].fetch_or_seq_cst(span.word_mask(i));
    }
}

/// The rows serve (again), as movable ones; everything in them that is free can be found.
template <World W>
void open(FrameMap<W>& map, FrameSpan span) {
    isolation_detail::set_types(map, span, RowType::movable);
    isolation_detail::raise_all(map, span);
}

/// The rows serve no more.
template <World W>
void isolate(FrameMap<W>& map, FrameSpan span) {
    isolation_detail::set_types(map, span, RowType::isolate);
}

/// What a sweep found.
struct Swept {
    std::uint64_t frames = 0;  ///< taken out of the words
    std::uint64_t fresh = 0;   ///< of these, not taken before
};

/// Takes what is free in an isolated span; a 1 per frame is added to `taken`, a word per 64 frames.
/// A frame that was taken before and is free again has been freed by somebody who did not own it:
/// it counts once, or the span would seem to be complete too early.
template <World W>
Swept sweep(FrameMap<W>& map, FrameSpan span, std::uint64_t* taken) {
    Swept swept;
    const std::uint64_t first = span.word_first();
    for (std::uint64_t i = 0; i < span.word_count(); ++i) {
        if (map.words[first + i].load_relaxed() == 0) continue;  // next sweep finds what is late
        const std::uint64_t word = map.words[first + i].exchange_acq_rel(0);
        if (word == 0) continue;  // claimed meanwhile: its heads are somebody's
        // owned: taken. Release: pairs with starts_fresh, so that whoever finds a neighbour's head
        // bit gone knows that its row does not serve.
        map.heads[first + i].fetch_and_seq_cst(~word);
        swept.frames += static_cast<std::uint64_t>(std::popcount(word));
        swept.fresh += static_cast<std::uint64_t>(std::popcount(word & ~taken[i]));
        taken[i] |= word;
    }
    return swept;
}

/// Cancel: gives back what sweeps have taken, and the rows serve again.
template <World W>
void put_back(FrameMap<W>& map, FrameSpan span, const std::uint64_t* taken) {
    const std::uint64_t first = span.word_first();
    for (std::uint64_t i = 0; i < span.word_count(); ++i) {
        if (taken[i] == 0) continue;
        map.heads[first + i].fetch_or_relaxed(taken[i]);
        map.words[first + i].fetch_or_seq_cst(taken[i]);
    }
    open(map, span);
}

/// Everything is taken: the span is offline.
template <World W>
void close(FrameMap<W>& map, FrameSpan span) {
    isolation_detail::set_types(map, span, RowType::offline);
}

}  // namespace anypage
