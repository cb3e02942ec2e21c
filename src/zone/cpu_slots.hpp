// CpuSlots: what a zone keeps for each CPU, in a line of its own: how many frames went out there
// and came back, where it took the last run of each type, and how many it may take without a look
// at the zone's watermarks (allowance.hpp). CPUs beyond the slots share those of others.
//
// Counts are monotone. A CPU adds to its own by a section (world/rseq.hpp), without an atomic
// instruction; where sections are refused, and for CPUs that share a slot, by one, to a count
// beside it. What a section has added is seen by whoever sees what its thread did afterwards.
#pragma once

#include <array>

#include "../base/arena.hpp"
#include "../base/migratetype.hpp"
#include "../world/rseq.hpp"
#include "allowance.hpp"
#include "cursor.hpp"

namespace anypage {

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

    /// Is what this CPU is allowed enough for these?
    bool may_take(CpuId cpu, std::uint64_t frames) const {
        const Slot& own = slot(cpu);
        return allowances_.cover(own.allowed, own.allocated.value() + frames);
    }
    /// What somebody who wants so many frames has just found above the high mark: a look that finds
    /// too little revokes what all are allowed, one that finds plenty allows this CPU some, unless
    /// it may take these already.
    template <class LookAgain>
    void note(std::int64_t above_mark, std::uint64_t wanted, CpuId cpu,
              const LookAgain& look_again) {
        const std::uint64_t size = allowances_.size();
        const std::int64_t plenty = all_allowances();
        if (above_mark <= plenty) return revoke();
        if (may_take(cpu, wanted)) return;
        // A term begins a little higher than it ends, or it would come and go with each request.
        const auto term = allowances_.term(above_mark > plenty + plenty / 8);
        if (!term) return;
        Slot& own = slot(cpu);
        std::uint64_t seen = own.allowed.load_relaxed();
        const std::uint64_t taken = own.allocated.value();
        if (look_again() <= plenty) return revoke();
        // Failed: this CPU has been granted some meanwhile, and may have taken it.
        own.allowed.cas_relaxed(seen, Allowed::until(taken + size, *term).bits);
    }
    /// The same for somebody who takes many, and is not allowed to take more.
    void note_left(std::int64_t above_mark) {
        if (above_mark <= all_allowances()) revoke();
    }
    /// Whatever CPUs are allowed, they look first.
    void revoke() { allowances_.revoke(); }
    /// The same as the zone has changed.
    void resize(std::uint64_t managed) {
        allowances_.resize(managed, count_);
        revoke();
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
        Word allowed;
        std::array<Cursors<W>, migratetype_count> cursors;
    };
    static_assert(sizeof(Word) != 8 || sizeof(Slot) == cache_line, "a line per CPU and zone");

    [[gnu::always_inline]] Slot& slot(CpuId cpu) const { return slots_[cpu.value & (count_ - 1)]; }
    /// What all slots together may take unseen.
    std::int64_t all_allowances() const {
        return static_cast<std::int64_t>(count_ * allowances_.size());
    }

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
    Allowances<W> allowances_;
    Slot* slots_ = nullptr;
};

}  // namespace anypage
