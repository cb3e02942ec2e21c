// Zone: frames of one node and one kind. Hands out runs, takes them back, counts them, and knows
// its watermarks. Any context may call allocate, free and the readers; nobody waits. The hotplug
// part is for one job at a time.
//
// Counts are per-CPU and monotone (cpu_slots.hpp). free_frames() sums everything allocated first
// and everything freed after it, and a claim counts after it has claimed, so the sum is never below
// what is free: to find too little is to be right.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "../base/result.hpp"
#include "allocated_runs.hpp"
#include "batch.hpp"
#include "cpu_slots.hpp"
#include "isolation.hpp"
#include "pick.hpp"
#include "release.hpp"
#include "watermark.hpp"

namespace anypage {

/// What a zone is, for good.
struct ZoneShape {
    NodeId node;
    ZoneIndex kind = ZoneIndex::normal;
    PfnRange span;           ///< every frame that it may ever have
    unsigned cpu_slots = 1;  ///< power of two; CPUs share a slot modulo this
};

/// What a free asks of a zone, at a glance: small enough to lie where the free looks anyway.
template <World W>
struct ZoneGlance {
    Pfn base;
    std::uint64_t frames = 0;  ///< from there; zeroed memory has none
    RunMap<W> map;

    [[gnu::always_inline]] bool spans(Pfn pfn) const { return pfn.value - base.value < frames; }
    /// What the row of a run that it spans is for, if free() would surely take it but for a double
    /// free; if not, check_free() knows.
    [[gnu::always_inline]] Maybe<Migratetype> type_of_run(Pfn pfn, Order order) const {
        const FrameIndex frame{pfn - base};
        if (!looks_allocated(map, frame, order)) return std::nullopt;
        return migratetype(map.row_type(frame));
    }
};

template <World W>
class Zone {
public:
    using Word = typename W::template Atomic<std::uint64_t>;
    using Glance = ZoneGlance<W>;

    /// Lays out the arrays. Called twice: with a measuring arena and with the real one.
    void carve(Arena& arena, const ZoneShape& shape) {
        shape_ = shape;
        base_ = Pfn{shape.span.first.value / layout::tree_frames * layout::tree_frames};
        map_.carve(arena, shape.span.end() - base_);
        cpus_.carve(arena, shape.cpu_slots);
        if (!arena.measures()) spread_cursors();
    }

    const ZoneShape& shape() const { return shape_; }
    NodeId node() const { return shape_.node; }
    ZoneIndex kind() const { return shape_.kind; }
    PfnRange span() const { return shape_.span; }

    /// A run, or nothing if at one instant of the call no completed free run of that order was
    /// there (or, where stealing is avoided, perhaps although there was).
    [[gnu::always_inline]] Maybe<Pfn> allocate(Order order, Migratetype type, CpuId cpu,
                                               Stealing stealing = Stealing::allowed) {
        Cursors<W>& cursors = cpus_.cursors(cpu, type);
        Maybe<FrameIndex> frame = pick_at_cursor_word(map_, order, type, cursors);
        if (!frame) frame = pick(map_, order, type, cursors, stealing);
        if (!frame) return std::nullopt;
        cpus_.add_allocated(cpu, order.frames());
        return base_ + frame->value;
    }

    /// Up to `pages.size()` single frames, as many as one row gives cheaply; how many. 0 does not
    /// mean that there is none: ask allocate().
    std::size_t allocate_batch(std::span<Pfn> pages, Migratetype type, CpuId cpu) {
        const Cursor cursor{cpus_.cursors(cpu, type).frames.load_relaxed()};
        const FrameIndex row{cursor.row() * layout::row_frames};
        if (map_.row_type(row) != row_type(type)) return 0;
        std::size_t count = 0;
        for (unsigned i = 0; i < layout::row_words && count < pages.size(); ++i) {
            const auto wanted = static_cast<unsigned>(
                std::min<std::size_t>(pages.size() - count, layout::word_frames));
            const std::uint64_t index = layout::word_of(row) + i;
            const std::uint64_t taken = claim_batch_in_word(map_, index, wanted);
            count += batch::list(first_of_word(index), taken, &pages[count]);
        }
        if (count != 0) cpus_.add_allocated(cpu, count);
        return count;
    }

    /// Gives a run back. On a fault nothing has changed. Never fails for a correct caller.
    [[gnu::always_inline]] FreeOutcome free(Pfn pfn, Order order, CpuId cpu) {
        if (!shape_.span.contains(PfnRange{pfn, order.frames()})) return {FreeFault::foreign, {}};
        return count_freed(release(map_, index_of(pfn), order), order, cpu);
    }
    /// The same for a run that the glance has a type for.
    FreeOutcome free_glanced(Pfn pfn, Order order, CpuId cpu) {
        return count_freed(release_run(map_, index_of(pfn), order), order, cpu);
    }

    ZoneGlance<W> glance() const { return {base_, shape_.span.end() - base_, map_}; }

    /// Would free() take it? Says all but a double free into a stock.
    FreeOutcome check_free(Pfn pfn, Order order) const {
        if (!shape_.span.contains(PfnRange{pfn, order.frames()})) return {FreeFault::foreign, {}};
        return inspect(map_, index_of(pfn), order);
    }

    /// Gives single frames back, those that share a word with one operation; how many went well,
    /// from the first. On a fault: the outcome of the next one is free()'s.
    std::size_t free_batch(std::span<const Pfn> pages, CpuId cpu) {
        std::size_t done = 0;
        while (done < pages.size() && shape_.span.contains(pages[done])) {
            const std::uint64_t word = layout::word_of(index_of(pages[done]));
            const auto share = batch::leading_share(first_of_word(word), pages.subspan(done));
            if (!release_frames(map_, word, share.bits)) break;
            done += share.count;
        }
        if (done != 0) cpus_.add_freed(cpu, done);
        return done;
    }

    /// The type of the row that a frame lies in; offline and isolate included.
    RowType row_type_of(Pfn pfn) const { return map_.row_type(index_of(pfn)); }

    /// Frames free now, those of isolated rows included; at least the truth at some instant.
    std::int64_t free_frames() const {
        const std::uint64_t allocated = allocated_frames();
        return static_cast<std::int64_t>(freed_frames() - allocated);
    }
    /// Monotone: frames handed out, and frames that came back or came online. For two instants a,
    /// b: freed at a less allocated at b bounds the free frames between them from below.
    std::uint64_t allocated_frames() const { return cpus_.allocated(); }
    std::uint64_t freed_frames() const { return cpus_.freed(); }

    /// May this CPU take so many frames without a look at the marks (allowance.hpp)?
    bool is_ample_for(Order order, CpuId cpu) const { return cpus_.may_take(cpu, order.frames()); }
    /// To be told by everybody who takes a run after a look: what free_frames() has just said.
    void note_free(std::int64_t free, Order wanted, CpuId cpu) {
        cpus_.note(above_high(free), wanted.frames(), cpu,
                   [this] { return above_high(free_frames()); });
    }
    /// And by those who take many: what they leave, before and after.
    void note_left(std::int64_t free) { cpus_.note_left(above_high(free)); }
    /// Nobody takes frames unseen any longer.
    void look_again() { cpus_.revoke(); }

    /// May there be a free run of at least `order`? "No" is certain for one instant of the look.
    bool may_have(Order order) const {
        const auto before = versions_without(map_, order);
        if (!before) return true;
        // One super is one word. With more, the run may have moved to where we had looked already.
        return map_.super_count > 1 && versions_without(map_, order) != before;
    }

    /// Frames that are here (kernel: present_pages) and that allocation manages (managed_pages).
    std::uint64_t present() const { return present_.load_relaxed(); }
    std::uint64_t managed() const { return managed_.load_relaxed(); }
    bool populated() const { return present() != 0; }
    bool is_managed() const { return managed() != 0; }

    std::uint64_t mark(Watermark which) const {
        return marks_[static_cast<unsigned>(which)].load_relaxed();
    }
    std::uint64_t lowmem_reserve(ZoneIndex highest) const {
        return reserves_[static_cast<unsigned>(highest)].load_relaxed();
    }
    void set_watermarks(const Watermarks& marks) {
        for (unsigned i = 0; i < watermark_count; ++i) marks_[i].store_relaxed(marks.mark[i]);
        for (unsigned i = 0; i < zone_index_count; ++i) {
            reserves_[i].store_relaxed(marks.lowmem_reserve[i]);
        }
        cpus_.resize(managed());
    }

    /// __zone_watermark_ok: could this request be served and leave `mark` and the reserve?
    bool watermark_ok(Order order, std::uint64_t mark, ZoneIndex highest, AllocFlags flags) const {
        return watermark_ok_with(free_frames(), order, mark, highest, flags);
    }
    bool watermark_ok_with(std::int64_t free, Order order, std::uint64_t mark, ZoneIndex highest,
                           AllocFlags flags) const {
        if (!watermark::leaves_enough(free, order, mark, lowmem_reserve(highest), flags)) {
            return false;
        }
        return order.value == 0 || may_have(order);
    }

    // Hotplug: one job at a time; see isolation.hpp for the order of steps.

    void fill_range(PfnRange range) {
        // Counted before it can be found: free_frames() is never below the truth.
        cpus_.add_freed(CpuId{0}, range.frames);
        fill(map_, span_of(range));
    }
    void open_range(PfnRange range) { open(map_, span_of(range)); }
    void isolate_range(PfnRange range) { isolate(map_, span_of(range)); }
    /// Takes what is free in an isolated range; how many frames that it had not taken before.
    std::uint64_t sweep_range(PfnRange range, std::uint64_t* taken) {
        const Swept swept = sweep(map_, span_of(range), taken);
        cpus_.add_allocated(CpuId{0}, swept.frames);
        cpus_.revoke();
        return swept.fresh;
    }
    void put_back_range(PfnRange range, const std::uint64_t* taken, std::uint64_t count) {
        cpus_.add_freed(CpuId{0}, count);
        put_back(map_, span_of(range), taken);
    }
    void close_range(PfnRange range) { close(map_, span_of(range)); }

    /// visit(Pfn, Order) for each; see allocated_runs.hpp.
    template <class Visit>
    void for_each_allocated(PfnRange range, const std::uint64_t* taken, Visit visit) const {
        for_each_allocated_run(map_, span_of(range), taken,
                               [&](FrameIndex frame, Order order) { visit(pfn_of(frame), order); });
    }
    void adjust_managed(std::int64_t by) {
        managed_.fetch_add_relaxed(static_cast<std::uint64_t>(by));
    }
    void adjust_present(std::int64_t by) {
        present_.fetch_add_relaxed(static_cast<std::uint64_t>(by));
    }

    // For validation, reports and tests.

    const FrameMap<W>& map() const { return map_; }
    FrameIndex index_of(Pfn pfn) const { return {pfn - base_}; }
    Pfn pfn_of(FrameIndex frame) const { return base_ + frame.value; }

private:
    std::int64_t above_high(std::int64_t free) const {
        return free - static_cast<std::int64_t>(mark(Watermark::high));
    }

    [[gnu::always_inline]] FreeOutcome count_freed(FreeOutcome outcome, Order order, CpuId cpu) {
        if (outcome.fault == FreeFault::none) cpus_.add_freed(cpu, order.frames());
        return outcome;
    }

    Pfn first_of_word(std::uint64_t word) const { return base_ + word * layout::word_frames; }

    // What stays begins at the zone's start, together; what moves begins apart, a CPU each.
    void spread_cursors() {
        const Cursor first = Cursor::at(index_of(shape_.span.first));
        for (unsigned i = 0; i < cpus_.count(); ++i) {
            const std::uint64_t tree = map_.tree_count * i / cpus_.count();
            const Cursor apart = Cursor::at({tree * layout::tree_frames});
            cpus_.cursors(CpuId{i}, Migratetype::unmovable).set_both(first);
            cpus_.cursors(CpuId{i}, Migratetype::reclaimable).set_both(first);
            cpus_.cursors(CpuId{i}, Migratetype::movable).set_both(apart);
        }
    }

    FrameSpan span_of(PfnRange range) const { return {index_of(range.first), range.frames}; }

    ZoneShape shape_;
    Pfn base_;
    FrameMap<W> map_;
    CpuSlots<W> cpus_;
    Word present_{0};
    Word managed_{0};
    std::array<Word, watermark_count> marks_{};
    std::array<Word, zone_index_count> reserves_{};
};

/// The zone that an allocator on this World is made of. Where a checker explores what is above the
/// zone, a specification takes its place, in which a claim and a free are one step each.
template <World W>
struct ZoneOf {
    using type = Zone<W>;
};

}  // namespace anypage
