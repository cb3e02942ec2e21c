// SpanTable: which zone spans a frame. As fast for a thousand zones as for one: the high bits of a
// frame number say where to begin to look. Fixed when it is made; any context.
#pragma once

#include <algorithm>
#include <bit>

#include "../base/arena.hpp"
#include "../base/maybe.hpp"
#include "shape.hpp"

namespace anypage {

class SpanTable {
public:
    void carve(Arena& arena, std::size_t zones) {
        zones_ = zones;
        spans_ = arena.array<Span>(zones + 1);
        // Four for each zone, for zones differ in size.
        bucket_count_ = std::bit_ceil(std::max<std::size_t>(4 * zones, 64));
        buckets_ = arena.array<std::uint16_t>(bucket_count_);
    }

    void fill(const MachineShape& shape) {
        for (std::size_t i = 0; i < zones_; ++i) {
            const PfnRange span = shape.zones[i].span;
            spans_[i] = {span.first, span.frames, ZoneId{static_cast<std::uint32_t>(i)}};
        }
        std::sort(spans_, spans_ + zones_,
                  [](const Span& a, const Span& b) { return a.first < b.first; });
        spans_[zones_] = {Pfn{~std::uint64_t{0}}, 0, {}};  // where looks end
        if (zones_ != 0) end_ = spans_[zones_ - 1].first + spans_[zones_ - 1].frames;
        while (end_.value >> shift_ >= bucket_count_) ++shift_;
        std::size_t at = 0;
        for (std::size_t i = 0; i < bucket_count_; ++i) {
            while (at + 1 < zones_ && spans_[at + 1].first.value <= std::uint64_t{i} << shift_) {
                ++at;
            }
            buckets_[i] = static_cast<std::uint16_t>(at);
        }
    }

    Maybe<ZoneId> find(Pfn pfn) const {
        if (pfn >= end_) return std::nullopt;
        const Span* span = &spans_[buckets_[pfn.value >> shift_]];
        if (pfn - span->first < span->frames) return span->zone;
        while (span[1].first <= pfn) ++span;
        if (pfn - span->first < span->frames) return span->zone;
        return std::nullopt;
    }

private:
    struct Span {
        Pfn first;
        std::uint64_t frames;
        ZoneId zone;
    };

    std::size_t zones_ = 0;
    Pfn end_{};  // of the last span
    std::size_t bucket_count_ = 0;
    unsigned shift_ = 0;                // of a frame number: its bucket
    Span* spans_ = nullptr;             // ascending
    std::uint16_t* buckets_ = nullptr;  // the last span that begins at or before it, or the first
};

}  // namespace anypage
