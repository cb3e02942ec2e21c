// Layout of a zone's metadata. A zone is an array of frames, counted from a base that is aligned to
// the largest tree; the bits of 64 frames make a word, 8 words a row (a pageblock, and one cache
// line of bits), 16 rows a tree, 512 trees a super. Nothing here is concurrent.
#pragma once

#include <cstdint>

#include "../base/bits.hpp"
#include "../base/units.hpp"

namespace anypage {

/// Position of a frame in its zone, counted from the zone's base.
struct FrameIndex {
    std::uint64_t value = 0;
    friend constexpr auto operator<=>(FrameIndex, FrameIndex) = default;
    friend constexpr FrameIndex operator+(FrameIndex frame, std::uint64_t frames) {
        return {frame.value + frames};
    }
};

namespace layout {

inline constexpr std::uint64_t word_frames = bits::word_bits;
inline constexpr std::uint64_t row_words = 8;
inline constexpr std::uint64_t row_frames = row_words * word_frames;
inline constexpr std::uint64_t tree_rows = 16;
inline constexpr std::uint64_t tree_frames = tree_rows * row_frames;
inline constexpr std::uint64_t tree_words = tree_rows * row_words;
inline constexpr std::uint64_t super_trees = 512;

static_assert(row_frames == pageblock_frames, "a row carries one migratetype, as a pageblock does");
static_assert(tree_frames % order_max.frames() == 0, "a run never crosses a tree");

constexpr std::uint64_t word_of(FrameIndex frame) { return frame.value / word_frames; }
constexpr unsigned bit_of(FrameIndex frame) {
    return static_cast<unsigned>(frame.value % word_frames);
}
constexpr std::uint64_t row_of(FrameIndex frame) { return frame.value / row_frames; }
constexpr std::uint64_t tree_of(FrameIndex frame) { return frame.value / tree_frames; }
constexpr std::uint64_t super_of(FrameIndex frame) { return tree_of(frame) / super_trees; }
constexpr unsigned row_in_tree(FrameIndex frame) {
    return static_cast<unsigned>(row_of(frame) % tree_rows);
}

constexpr std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) {
    return (value + by - 1) / by;
}

}  // namespace layout
}  // namespace anypage
