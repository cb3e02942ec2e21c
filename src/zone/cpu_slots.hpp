// CpuSlots: what a zone keeps for each CPU, in a line of its own: how many frames went out there
// and came back, where it took the last run of each type, and for how long it may take more without
// a look at the zone's watermarks. CPUs beyond the slots share those of others.
//
// Counts are monotone. A CPU adds to its own by a section (world/rseq.hpp), without an atomic
// instruction; where sections are refused, and for CPUs that share a slot, by one, to a count
// beside it. What a section has added is seen by whoever sees what its thread did afterwards.
#pragma once

#include <algorithm>
#include <array>

#include "../base/arena.hpp"
#include "../base/migratetype.hpp"
#include "../world/rseq.hpp"
#include "cursor.hpp"

namespace anypage {

/// Frames that a CPU may take after a look at the watermarks before it looks again: all CPUs
/// together a sixteenth of the zone, but at least a largest run each. A World in which zones are
/// explored has fewer.
template <class W>
inline constexpr std::uint64_t allowance_min = order_max.frames();
inline constexpr std::uint64_t zone_per_allowances = 16;

template <World W>
class CpuSlots {
public:
    using Word = typename W::template Atomic<std::uint64_t>;

    /// `count`: a power of two.
    void carve(Arena& arena, unsigned count) {
        count_ = count;
        slots_ = arena.array<Slot>(count);
    }
    unsigned count() const { return count_; }

    [[gnu::always_inline]] void add_allocated(CpuId cpu, std::uint64_t frames) {
        add(slot(cpu).allocated, cpu, frames);
    }
    [[gnu::always_inline]] void add_freed(CpuId cpu, std::uint64_t frames) {
        add(slot(cpu).freed, cpu, frames);
    }
    std::uint64_t allocated() const { return sum(&Slot::allocated); }
    std::uint64_t freed() const { return sum(&Slot::freed); }

    Cursors<W>& cursors(CpuId cpu, Migratetype type) {
        return slot(cpu).cursors[static_cast<unsigned>(type)];
    }

    /// Is what this CPU was allowed enough for these? Callers that ask at once may together take
    /// more than that, by what each of them takes.
    bool may_take(CpuId cpu, std::uint64_t frames) const {
        const Slot& own = slots_[cpu.value & (count_ - 1)];
        return own.allocated.value() + frames <= own.allowed_until.load_relaxed();
    }
    /// Allows this CPU to take more if so many frames are above a mark that it is not crossed
    /// whatever all others do meanwhile.
    void allow_above(std::int64_t mark, std::int64_t free, CpuId cpu) {
        const std::uint64_t allowance = allowance_.load_relaxed();
        if (free - mark <= static_cast<std::int64_t>(count_ * allowance)) return;
        Slot& own = slot(cpu);
        own.allowed_until.store_relaxed(own.allocated.value() + allowance);
    }
    /// Marks or frames have changed: all have to look again. Who has just looked may not yet.
    void revoke(std::uint64_t managed) {
        allowance_.store_relaxed(
            std::max(allowance_min<W>, managed / (count_ * zone_per_allowances)));
        revoke();
    }
    void revoke() {
        for (unsigned i = 0; i < count_; ++i) slots_[i].allowed_until.store_relaxed(0);
    }

private:
    struct Count {
        Word own;
        Word shared;
        std::uint64_t value() const { return own.load_relaxed() + shared.load_relaxed(); }
    };
    struct alignas(cache_line) Slot {
        Count allocated;
        Count freed;
        Word allowed_until;
        std::array<Cursors<W>, migratetype_count> cursors;
    };
    static_assert(sizeof(Word) != 8 || sizeof(Slot) == cache_line, "a line per CPU and zone");

    [[gnu::always_inline]] Slot& slot(CpuId cpu) { return slots_[cpu.value & (count_ - 1)]; }

    [[gnu::always_inline]] void add(Count& count, CpuId cpu, std::uint64_t frames) {
        // Two CPUs' sections on one word would lose each other's work.
        if (cpu.value < count_ && W::Rseq::add(count.own, cpu, frames)) return;
        count.shared.fetch_add_relaxed(frames);
    }

    std::uint64_t sum(Count Slot::*which) const {
        std::uint64_t total = 0;
        for (unsigned i = 0; i < count_; ++i) total += (slots_[i].*which).value();
        return total;
    }

    unsigned count_ = 1;
    Word allowance_{allowance_min<W>};
    Slot* slots_ = nullptr;
};

}  // namespace anypage
