// Published: which of a few slots holds the current version of something, and whether anybody still
// reads an older one. Readers, in any context, pin the current slot and unpin it; they never wait
// for the writer. The writer publishes a filled slot with one store and reuses a slot once its pins
// are gone; a reader that never runs again holds one slot, for ever.
//
// This is the locked form: pins are counted by atomic additions on a line per slot.
//
//   reader:  in[slot]++   | then |   reload current          (both seq_cst)
//   writer:  store current | fence |  ... read out, then in   (before the slot is filled again)
// One of the two sees the other: a reader that still finds its slot current has been counted, or
// will be before the writer looks. Reading `out` before `in` can only err towards "still pinned":
// what unpinned before the look at `out` had pinned before the look at `in`.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "../base/arena.hpp"
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

    /// The current version, pinned: its slot stays as it is until unpin. Any context. Repeats only
    /// if a publication overlapped.
    Version pin() {
        for (;;) {
            const Version seen{current_.load_seq_cst()};
            pins_[seen.slot()].in.fetch_add_seq_cst(1);
            const Version again{current_.load_seq_cst()};
            if (again.slot() == seen.slot()) return again;
            unpin(seen);
        }
    }
    /// Release: what was read in the slot was read before the writer may fill it again.
    void unpin(Version pinned) { pins_[pinned.slot()].out.fetch_add_release(1); }

    /// The current version, not pinned: to compare generations. Any context. Relaxed: whoever pins
    /// later gets one that is at least as new, as it is the same word.
    Version peek() const { return {current_.load_relaxed()}; }

    // The writer, one at a time.

    bool in_use(unsigned slot) const {
        if (slot == peek().slot()) return true;
        // Acquire: pairs with unpin. `in` needs no order of its own: publish() has a fence between
        // the store that took this slot away and any such look.
        const std::uint64_t out = pins_[slot].out.load_acquire();
        return pins_[slot].in.load_relaxed() != out;
    }
    /// A slot that nobody reads, or none if readers hold them all.
    std::optional<unsigned> free_slot() const {
        for (unsigned slot = 0; slot < slot_count; ++slot) {
            if (!in_use(slot)) return slot;
        }
        return std::nullopt;
    }
    /// Makes the filled `slot` current.
    void publish(unsigned slot) {
        // Release: readers that see the version see what fills the slot.
        current_.store_release(peek().next_in(slot).bits);
        // Pairs with pin: the store before any later look at the old slot's pins.
        W::fence_seq_cst();
    }

private:
    using Word = typename W::template Atomic<std::uint64_t>;
    struct alignas(cache_line) Pins {
        Word in{0};
        Word out{0};
    };

    alignas(cache_line) Word current_{0};
    std::array<Pins, slot_count> pins_;
};

}  // namespace anypage
