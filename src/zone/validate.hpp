// Validation: recounts a zone from its words and compares all that is kept beside them. For
// quiescence only: nobody allocates, frees or hotplugs meanwhile. Looks at every frame; allocates
// nothing.
#pragma once

#include "zone.hpp"

namespace anypage {

/// What a recount found. `problem` is the first that it met; `where` and the two numbers say more.
struct ZoneValidation {
    enum class Problem : std::uint8_t {
        none,
        free_outside,    ///< a frame outside of the zone's span, or of an offline row, is free
        headless_free,   ///< a free frame has no head bit
        offline_head,    ///< a frame of an offline row has a head bit
        stray_interior,  ///< an allocated frame continues nothing
        broken_run,      ///< an allocated run is unaligned or not a power of two long
        tree_hint,       ///< a free run of order `expected` that its tree's hint denies
        super_hint,      ///< the same of its super's hint
        free_count,      ///< the per-CPU counts do not add up to the free frames
    };

    Problem problem = Problem::none;
    Pfn where{};
    std::uint64_t expected = 0;
    std::uint64_t found = 0;

    std::uint64_t online = 0;    ///< frames of rows that are not offline
    std::uint64_t free = 0;      ///< free frames, those of isolated rows included
    std::uint64_t isolated = 0;  ///< frames of isolated rows
    /// Free memory of serving rows, cut into maximal aligned runs: how many of each order.
    std::array<std::uint64_t, order_count> free_runs{};
    std::uint64_t whole_rows = 0;  ///< runs of pageblock_order that could be allocated now

    explicit operator bool() const { return problem == Problem::none; }
    std::uint64_t in_use() const { return online - free; }
};

constexpr const char* to_string(ZoneValidation::Problem problem) {
    constexpr const char* names[] = {
        "none",
        "a frame that is not online is free",
        "a free frame has no head bit",
        "an offline frame has a head bit",
        "an allocated frame continues nothing",
        "an allocated run is unaligned or of no order",
        "a tree's hint denies a free run",
        "a super's hint denies a free run",
        "the counts differ from the free frames",
    };
    return names[static_cast<unsigned>(problem)];
}

namespace validate_detail {

template <World W>
class ZoneRecount {
public:
    explicit ZoneRecount(const Zone<W>& zone) : zone_(zone), map_(zone.map()) {}

    ZoneValidation run() {
        const std::uint64_t words =
            layout::divide_up(zone_.index_of(zone_.span().end()).value, order_max.frames()) *
            (order_max.frames() / layout::word_frames);
        for (std::uint64_t word = 0; word < words; ++word) check_word(word);
        for (std::uint64_t tree = 0; tree < map_.tree_count; ++tree) {
            const std::uint64_t left = words - tree * layout::tree_words;
            const std::uint64_t here = std::min(left, layout::tree_words);
            for (std::uint64_t first = 0; first < here; first += run_words) {
                cut(FrameIndex{tree * layout::tree_frames + first * layout::word_frames},
                    order_max);
            }
        }
        const auto free = static_cast<std::int64_t>(result_.free);
        if (zone_.free_frames() != free) {
            report(ZoneValidation::Problem::free_count, FrameIndex{0}, result_.free,
                   static_cast<std::uint64_t>(zone_.free_frames()));
        }
        return result_;
    }

private:
    using Problem = ZoneValidation::Problem;
    static constexpr std::uint64_t run_words = order_max.frames() / layout::word_frames;

    RowType row_type(FrameIndex frame) const { return map_.row_type(frame); }
    bool in_span(FrameIndex frame) const { return zone_.span().contains(zone_.pfn_of(frame)); }
    bool serves(FrameIndex frame) const {
        return row_type(frame) != RowType::offline && row_type(frame) != RowType::isolate;
    }

    void report(Problem problem, FrameIndex frame, std::uint64_t expected, std::uint64_t found) {
        if (result_.problem != Problem::none) return;
        result_.problem = problem;
        result_.where = zone_.pfn_of(frame);
        result_.expected = expected;
        result_.found = found;
    }

    // Most of a large zone may be offline: 64 frames at a look, where there is nothing to report.
    bool is_void(std::uint64_t word) const {
        return map_.words[word].load_relaxed() == 0 && map_.heads[word].load_relaxed() == 0 &&
               row_type(FrameIndex{word * layout::word_frames}) == RowType::offline;
    }

    void check_word(std::uint64_t word) {
        if (is_void(word)) return;
        for (unsigned bit = 0; bit < layout::word_frames; ++bit) {
            check_frame(FrameIndex{word * layout::word_frames + bit});
        }
    }

    void check_frame(FrameIndex frame) {
        const bool online = in_span(frame) && row_type(frame) != RowType::offline;
        const bool free = map_.is_free(frame);
        if (online) {
            ++result_.online;
            result_.isolated += row_type(frame) == RowType::isolate;
            result_.free += free;
            if (free && !map_.head_set(frame)) report(Problem::headless_free, frame, 1, 0);
            if (serves(frame)) check_run(frame, free);
        } else {
            if (free) report(Problem::free_outside, frame, 0, 1);
            // The frame after a ragged end has a head bit, and lies outside.
            if (in_span(frame) && map_.head_set(frame)) report(Problem::offline_head, frame, 0, 1);
        }
    }

    // Frames in ascending order: `run_end_` is where the run that was met last ends.
    void check_run(FrameIndex frame, bool free) {
        if (free || frame < run_end_) return;
        if (!map_.head_set(frame)) {
            report(Problem::stray_interior, frame, 1, 0);
            return;
        }
        run_end_ = frame + 1;
        while (in_span(run_end_) && serves(run_end_) && !map_.is_free(run_end_) &&
               !map_.head_set(run_end_)) {
            run_end_ = run_end_ + 1;
        }
        const std::uint64_t length = run_end_.value - frame.value;
        if (!std::has_single_bit(length) || length > order_max.frames() ||
            frame.value % length != 0) {
            report(Problem::broken_run, frame, std::bit_floor(length), length);
        }
    }

    bool all_free(FrameIndex frame, Order order) const {
        if (order <= bits::word_order) {
            const std::uint64_t mask = bits::run_mask(layout::bit_of(frame), order);
            return (map_.words[layout::word_of(frame)].load_relaxed() & mask) == mask;
        }
        for (std::uint64_t i = 0; i < order.frames() / layout::word_frames; ++i) {
            if (map_.words[layout::word_of(frame) + i].load_relaxed() != bits::all) return false;
        }
        return true;
    }
    bool all_serve(FrameIndex frame, Order order) const {
        for (std::uint64_t i = 0; i < order.frames(); i += layout::row_frames) {
            if (!serves(frame + i)) return false;
        }
        return true;
    }

    bool none_free(FrameIndex frame, Order order) const {
        for (std::uint64_t i = 0; i < order.frames(); i += layout::word_frames) {
            if (map_.words[layout::word_of(frame + i)].load_relaxed() != 0) return false;
        }
        return true;
    }

    // Cuts [frame, frame + 2^order) into maximal free runs.
    void cut(FrameIndex frame, Order order) {
        if (order >= bits::word_order && none_free(frame, order)) return;
        if (all_serve(frame, order) && all_free(frame, order)) {
            ++result_.free_runs[order.value];
            if (order >= pageblock_order) {
                result_.whole_rows += order.frames() / layout::row_frames;
            }
            check_hints(frame, order);
            return;
        }
        if (order.value == 0) return;
        const Order half{static_cast<std::uint8_t>(order.value - 1)};
        cut(frame, half);
        cut(frame + half.frames(), half);
    }

    // Invariant H of frame_map.hpp; a run of an order holds runs of all lower ones.
    void check_hints(FrameIndex frame, Order order) {
        const std::uint64_t tree = layout::tree_of(frame);
        const Hint tree_hint{map_.trees[tree].hint.load_relaxed()};
        const Hint super_hint{map_.supers[tree / layout::super_trees].load_relaxed()};
        for (std::uint8_t value = 0; value <= order.value; ++value) {
            const Order each{value};
            if (!tree_hint.may_have(each)) {
                report(Problem::tree_hint, frame, value, tree_hint.bits);
            } else if (!super_hint.may_have(each)) {
                report(Problem::super_hint, frame, value, super_hint.bits);
            }
        }
    }

    const Zone<W>& zone_;
    const FrameMap<W>& map_;
    ZoneValidation result_;
    FrameIndex run_end_{0};
};

}  // namespace validate_detail

/// Recounts `zone`; it must be quiescent.
template <World W>
ZoneValidation validate(const Zone<W>& zone) {
    return validate_detail::ZoneRecount<W>(zone).run();
}

}  // namespace anypage
