// Published: which of a few slots holds the current version of something, and whether anybody still
// reads an older one. Readers, in any context, pin the current slot and unpin it; they never wait
// for the writer. The writer publishes a filled slot with one store and reuses a slot once its pins
// are gone; a reader that never runs again holds one slot, for ever.
//
// Pins are counted twice over. Where sections work (world/rseq.hpp), each CPU counts its own
// without an atomic instruction:
//
//   reader:  { slot = current; in[cpu][slot]++ }     reads      out[cpu'][slot]++  (release)
//   writer:  store current | ... membarrier | read out, then in  (before the slot is filled again)
// After the membarrier each pin under the old version is counted, and none comes any more: the
// `in` of a retired slot stands still until it is current again.
//
// Where a section is refused, pins are counted by atomic additions on a line that all CPUs share:
//
//   reader:  in[slot]++   | then |   reload current          (both seq_cst)
//   writer:  store current | fence |  ... read out, then in
// One of the two sees the other: a reader that still finds its slot current has been counted, or
// will be before the writer looks. A pin that finds another slot current is taken back, so reading
// `out` before `in` can only err towards "still pinned".
//
// A pin and its unpin may be of different kinds and on different CPUs: only sums are compared.
// A thread that dies with a pin holds one slot for ever; in a child after fork so do the pins of
// the threads that it lacks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "../base/arena.hpp"
#include "../world/rseq.hpp"
#include "../world/world.hpp"

namespace anypage {

/// A version: which slot, and how many publications came before it.
struct Version {
    static constexpr unsigned slot_bits = 3;
    std::uint64_t bits = 0;

    constexpr unsigned slot() const {
        return static_cast<unsigned>(bits & ((std::uint64_t{1} << slot_bits) - 1));
    }
    constexpr std::uint64_t generation() const { return bits >> slot_bits; }
    constexpr Version next_in(unsigned slot) const {
        return {(generation() + 1) << slot_bits | slot};
    }
    friend constexpr bool operator==(Version, Version) = default;
};

template <World W>
class Published {
public:
    static constexpr unsigned slot_count = 1u << Version::slot_bits;

    /// Lays out a line of counts for each CPU, if sections work. Without it pins are atomic.
    void carve(Arena& arena) {
        if (!W::prepare_rseq()) return;
        lines_ = arena.array<Line>(W::cpu_limit());
        if (!arena.measures()) cpus_ = W::cpu_limit();
    }

    /// The current version, pinned: its slot stays as it is until unpin. Any context.
    Version pin() {
        if (const auto seen = W::Rseq::count_named(current_, counts(&Line::in))) return {*seen};
        return pin_locked();
    }
    /// Release: what was read in the slot was read before the writer may fill it again.
    void unpin(Version pinned) {
        if (W::Rseq::count(counts(&Line::out), pinned.slot())) return;
        locked_.out[pinned.slot()].fetch_add_release(1);
    }

    /// The current version, not pinned: to compare generations. Any context. Relaxed: whoever pins
    /// later gets one that is at least as new, as it is the same word.
    Version peek() const { return {current_.load_relaxed()}; }

    // The writer, one at a time.

    /// May somebody read it, or have it pinned? Of a slot that was retired lately: yes.
    bool in_use(unsigned slot) const {
        if (slot == peek().slot() || (unsettled_ >> slot & 1) != 0) return true;
        // Acquire: pairs with unpin.
        std::uint32_t pins = 0;
        for (unsigned cpu = 0; cpu < cpus_; ++cpu) pins -= lines_[cpu].out[slot].load_acquire();
        pins -= locked_.out[slot].load_acquire();
        // `in` needs no order of its own: there were a fence and a membarrier between the store
        // that took this slot away and any such look.
        for (unsigned cpu = 0; cpu < cpus_; ++cpu) pins += lines_[cpu].in[slot].load_relaxed();
        return pins + locked_.in[slot].load_relaxed() != 0;
    }
    /// A slot that nobody reads, or none if readers hold them all. A membarrier only if no other
    /// slot is free: one for several publications.
    std::optional<unsigned> free_slot() {
        if (const auto slot = unused_slot()) return slot;
        return unsettled_ != 0 && settle() ? unused_slot() : std::nullopt;
    }
    /// Makes the filled `slot` current.
    void publish(unsigned slot) {
        const Version before = peek();
        // Release: readers that see the version see what fills the slot.
        current_.store_release(before.next_in(slot).bits);
        // Pairs with pin_locked: the store before any later look at the old slot's pins.
        W::fence_seq_cst();
        if (cpus_ != 0) unsettled_ |= 1u << before.slot();
    }
    /// After it every pin of the slots that were retired before is counted. False: the kernel had
    /// no memory for a membarrier.
    bool settle() {
        if (unsettled_ != 0 && !W::membarrier_rseq()) return false;
        unsettled_ = 0;
        return true;
    }

private:
    using Word = typename W::template Atomic<std::uint64_t>;
    using Count = typename W::template Atomic<std::uint32_t>;
    using Counts = std::array<Count, slot_count>;
    struct alignas(cache_line) Line {
        Counts in;
        Counts out;
    };

    CpuCounts<Count> counts(Counts Line::*which) const {
        return {cpus_ == 0 ? nullptr : (lines_->*which).data(), cpus_};
    }

    /// Repeats only if a publication overlapped.
    Version pin_locked() {
        for (;;) {
            const Version seen{current_.load_seq_cst()};
            locked_.in[seen.slot()].fetch_add_seq_cst(1);
            const Version again{current_.load_seq_cst()};
            if (again.slot() == seen.slot()) return again;
            locked_.out[seen.slot()].fetch_add_release(1);
        }
    }

    std::optional<unsigned> unused_slot() const {
        for (unsigned slot = 0; slot < slot_count; ++slot) {
            if (!in_use(slot)) return slot;
        }
        return std::nullopt;
    }

    alignas(cache_line) Word current_{0};
    unsigned unsettled_ = 0;  // the writer's: slots retired since the last membarrier, a bit each
    unsigned cpus_ = 0;
    Line* lines_ = nullptr;  // a CPU each
    Line locked_{};
};

}  // namespace anypage
