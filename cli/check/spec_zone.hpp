// SpecZone: what the layers above a zone may assume of it, and no more: a claim and a free are one
// step each, a claim fails only if nothing is free at that step. That the zone of src/zone is such
// a zone is shown by the scenarios of tests/scenario/zone_*.
#pragma once

#include <anypage/core/alloc/stock.hpp>
#include <anypage/core/zone/zone.hpp>

#include "check/model_world.hpp"

namespace anypage::cli {

/// ModelWorld with specification zones.
struct SpecWorld : check::ModelWorld {};

}  // namespace anypage::cli

namespace anypage {

/// Single frames, two of them: what is in a stock is explored in tests/scenario/stock_*.
template <>
inline constexpr std::array<std::uint8_t, order_count> stock_capacities<cli::SpecWorld>{2};

}  // namespace anypage

namespace anypage::cli {

/// Single frames only, at most 64 of them.
class SpecZone {
    template <class T>
    using Atomic = SpecWorld::Atomic<T>;

public:
    void carve(Arena&, const ZoneShape& shape) {
        shape_ = shape;
        const bool movable = shape.kind == ZoneIndex::movable;
        SpecWorld::name(&present_, movable ? "MOVABLE present" : "NORMAL present");
        SpecWorld::name(&free_, movable ? "MOVABLE free" : "NORMAL free");
    }

    NodeId node() const { return shape_.node; }
    ZoneIndex kind() const { return shape_.kind; }
    PfnRange span() const { return shape_.span; }
    // Release and acquire stand for the lock of hotplug, which whoever changes or asks this holds.
    bool populated() const { return present_.load_acquire() != 0; }
    std::uint64_t managed() const { return present_.load_acquire(); }
    bool is_managed() const { return populated(); }
    void set_present(std::uint32_t frames) { present_.store_release(frames); }
    void fill(std::uint64_t frames) { free_.store_relaxed(frames); }

    Maybe<Pfn> allocate(Order order, Migratetype, CpuId, Stealing = Stealing::allowed) {
        if (order.value != 0) return std::nullopt;
        const std::uint64_t seen = free_.apply(
            [](std::uint64_t free, std::uint64_t) {
                return free & (free - 1);  // the lowest frame goes
            },
            0);
        if (seen == 0) return std::nullopt;
        return shape_.span.first + static_cast<unsigned>(std::countr_zero(seen));
    }
    std::size_t allocate_batch(std::span<Pfn>, Migratetype, CpuId) { return 0; }
    FreeOutcome free(Pfn pfn, Order, CpuId) {
        free_.fetch_or_seq_cst(std::uint64_t{1} << (pfn - shape_.span.first));
        return {};
    }
    FreeOutcome free_glanced(Pfn pfn, Order order, CpuId cpu) { return free(pfn, order, cpu); }
    std::size_t free_batch(std::span<const Pfn>, CpuId) { return 0; }
    std::uint64_t lowmem_reserve(ZoneIndex) const { return 0; }
    FreeOutcome check_free(Pfn, Order) const { return {}; }
    struct Glance {
        PfnRange span{};
        bool spans(Pfn pfn) const { return span.contains(pfn); }
        Maybe<Migratetype> type_of_run(Pfn, Order) const { return Migratetype::unmovable; }
    };
    Glance glance() const { return {shape_.span}; }
    RowType row_type_of(Pfn) const { return RowType::unmovable; }

    std::int64_t free_frames() const { return std::popcount(free_.load_relaxed()); }
    std::uint64_t freed_frames() const { return 0; }
    bool is_ample_for(Order, CpuId) const { return false; }
    void note_free(std::int64_t, Order, CpuId) {}
    void note_left(std::int64_t) {}
    void look_again() {}
    // Between min and low: the fast path fails, the slow path may succeed.
    std::uint64_t mark(Watermark which) const { return which == Watermark::min ? 0 : 100; }
    bool watermark_ok(Order order, std::uint64_t mark, ZoneIndex, AllocFlags) const {
        return order.value == 0 && free_frames() > static_cast<std::int64_t>(mark);
    }
    bool watermark_ok_with(std::int64_t free, Order order, std::uint64_t mark, ZoneIndex,
                           AllocFlags) const {
        return order.value == 0 && free > static_cast<std::int64_t>(mark);
    }

    struct Map {
        bool is_free(FrameIndex) const { return false; }
    };
    Map map() const { return {}; }
    FrameIndex index_of(Pfn pfn) const { return {pfn - shape_.span.first}; }

private:
    ZoneShape shape_{};
    Atomic<std::uint32_t> present_{0};
    Atomic<std::uint64_t> free_{0};
};

}  // namespace anypage::cli

namespace anypage {
template <>
struct ZoneOf<cli::SpecWorld> {
    using type = cli::SpecZone;
};
}  // namespace anypage
