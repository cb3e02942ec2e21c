// Allocated runs: which runs of an isolated span are still in somebody's hands, for hotplug, which
// moves them away. They come and go meanwhile, so what is told is what was so at some instant.
#pragma once

#include <bit>

#include "isolation.hpp"
#include "release.hpp"

namespace anypage {

/// Calls visit(FrameIndex, Order) for each allocated run that lies in the span or reaches into it.
/// `taken` is what sweeps took there: it looks as what continues a run.
template <World W, class Visit>
void for_each_allocated_run(const FrameMap<W>& map, FrameSpan span, const std::uint64_t* taken,
                            const Visit& visit) {
    const auto in_use = [&](std::uint64_t i) {
        const bool gone = (taken[i / layout::word_frames] >> (i % layout::word_frames) & 1) != 0;
        return !gone && !map.is_free(span.first + i);
    };
    const auto continues = [&](std::uint64_t i) {
        const FrameIndex frame = span.first + i;
        if (i < span.frames) return in_use(i) && !map.head_set(frame);
        return !release_detail::starts_fresh(map, frame);
    };
    if (continues(0)) {  // only the largest run is longer than a row
        visit(FrameIndex{span.first.value & ~(order_max.frames() - 1)}, order_max);
    }
    const auto visit_at = [&](std::uint64_t i) {
        const FrameIndex frame = span.first + i;
        if (!in_use(i) || !map.head_set(frame)) return;  // meanwhile
        Order order{0};
        while (order < order_max && frame.value % (2 * order.frames()) == 0 &&
               continues(i + order.frames())) {
            ++order.value;
        }
        visit(frame, order);
    };
    const std::uint64_t first = span.word_first();
    for (std::uint64_t i = 0; i < span.frames / layout::word_frames; ++i) {
        // A run that is allocated has a head bit on its first frame, and no free bit.
        std::uint64_t starts =
            map.heads[first + i].load_relaxed() & ~map.words[first + i].load_relaxed() & ~taken[i];
        for (; starts != 0; starts &= starts - 1) {
            visit_at(i * layout::word_frames + static_cast<unsigned>(std::countr_zero(starts)));
        }
    }
}

}  // namespace anypage
