// FrameMap: the arrays that say which frames of a zone are free, and nothing else. Frames are
// positions here. Any context may call anything; nobody waits.
//
// INVARIANTS
//   free frame        word bit 1, head bit 1
//   allocated run     word bits 0, head bit 1 on its first frame and 0 on the others
//   offline or taken  word bit 0, head bit 0 (taken: by an offline in progress)
//   Hint H            if a free run of order k exists and every free in it has returned, bit k is
//                     set in its tree's and its super's hint, whoever is stalled.
// Words are the only truth. Zeroed memory is a map in which everything is offline.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "../base/arena.hpp"
#include "../world/world.hpp"
#include "hint.hpp"
#include "layout.hpp"
#include "row_types.hpp"

namespace anypage {

/// How sure a look must be. `certain` loads are part of a lowering's second look (search.hpp).
enum class Look { quick, certain };

template <Look look, class Word>
std::uint64_t look_at(const Word& word) {
    if constexpr (look == Look::certain) {
        return word.load_seq_cst();
    } else {
        return word.load_relaxed();  // cas-revalidates: stale costs a wasted probe
    }
}

/// What is allocated, and what each row is for: all that a free has to look at before it is done.
template <World W>
struct RunMap {
    using Word = typename W::template Atomic<std::uint64_t>;
    struct Tree {
        Word hint;
        Word types;
    };

    Word* heads = nullptr;  // 1: free, or first frame of an allocated run
    Tree* trees = nullptr;

    template <Look look>
    RowTypes types(std::uint64_t tree) const {
        return {look_at<look>(trees[tree].types)};
    }
    [[gnu::always_inline]] RowType row_type(FrameIndex frame) const {
        return RowTypes{trees[layout::tree_of(frame)].types.load_relaxed()}.of(
            layout::row_in_tree(frame));
    }
    [[gnu::always_inline]] bool head_set(FrameIndex frame) const {
        return (heads[layout::word_of(frame)].load_relaxed() >> layout::bit_of(frame) & 1) != 0;
    }
    /// Acquire: pairs with a sweep, which clears it after the row has ceased to serve.
    bool head_set_acquire(FrameIndex frame) const {
        return (heads[layout::word_of(frame)].load_acquire() >> layout::bit_of(frame) & 1) != 0;
    }
};

template <World W>
struct FrameMap : RunMap<W> {
    using typename RunMap<W>::Word;
    using typename RunMap<W>::Tree;
    using RunMap<W>::heads;
    using RunMap<W>::trees;

    Word* words = nullptr;  // 1: free
    Word* supers = nullptr;
    std::uint64_t tree_count = 0;
    std::uint64_t super_count = 0;

    /// Lays the arrays out for `frames` frames; while the arena measures, only their size counts.
    void carve(Arena& arena, std::uint64_t frames) {
        // Whole runs of the largest order, so that looking at a neighbour never leaves the arrays.
        const std::uint64_t runs = layout::divide_up(frames, order_max.frames());
        const std::uint64_t word_count = runs * (order_max.frames() / layout::word_frames);
        tree_count = layout::divide_up(frames, layout::tree_frames);
        super_count = layout::divide_up(tree_count, layout::super_trees);
        words = arena.array<Word>(word_count);
        arena.array<std::byte>(gap(word_count));
        heads = arena.array<Word>(word_count + 1);  // the frame after the last has a head bit too
        trees = arena.array<Tree>(tree_count);
        supers = arena.array<Word>(super_count);
    }

    /// Bytes between words and heads. In large zones these are not a power of two apart: a frame's
    /// two bits would then lie at addresses that some caches take for one another, which is 10 ns
    /// more a pair at 16 TiB. A sixteenth of the words, that it be little.
    static std::size_t gap(std::uint64_t word_count) {
        if (word_count < 4096) return 0;
        return std::min<std::uint64_t>(word_count / 2, 4096) + cache_line;
    }

    bool is_free(FrameIndex frame) const {
        return (words[layout::word_of(frame)].load_relaxed() >> layout::bit_of(frame) & 1) != 0;
    }
};

}  // namespace anypage
