// Rseq: restartable sections (the kernel's restartable sequences): what runs on one CPU with no
// other thread and no signal handler in between, or begins again. Each ends with the one store that
// others may act on; whoever is interrupted before it has done nothing. So a CPU's words are
// changed without an atomic instruction, and nobody waits.
//
// A section may be refused at any time: rseq is not registered, a CPU has come that the arrays do
// not have, somebody single-steps. The caller then has a way with atomic operations, on words of
// its own: an atomic operation and a section on one word lose each other's work.
//
// Here as any World can run them that has restartable(); native_rseq.hpp has the instructions.
#pragma once

#include <cstdint>
#include <optional>

#include "../base/arena.hpp"

namespace anypage {

/// Counts, a cache line of them for each CPU, written by sections of that CPU alone.
template <class Count>
struct CpuCounts {
    static constexpr unsigned per_cpu = cache_line / sizeof(std::uint32_t);
    Count* first = nullptr;
    unsigned cpus = 0;  ///< lines; sections on later CPUs are refused
};

/// Stacks of words, one for each CPU: a word that counts in its low byte, then `capacity` places.
/// CPU n's lies n strides, in words, behind CPU 0's. Pushed to and popped from by sections of its
/// CPU while a gate is open; by others only while it is closed, see alloc/stock.hpp.
template <class Word>
struct CpuStacks {
    static constexpr std::uint64_t count_mask = 0xff;
    /// What the low two bits of a gate are while it is open.
    static constexpr std::uint64_t gate_mask = 3;
    static constexpr std::uint64_t gate_open = 1;

    Word* first = nullptr;
    unsigned stride = 0;
    unsigned cpus = 0;  ///< that have one; sections on later CPUs are refused
    unsigned capacity = 0;
};

template <class W>
struct Rseq {
    using Word = typename W::template Atomic<std::uint64_t>;
    using Count = typename W::template Atomic<std::uint32_t>;

    /// Reads `word`, acquire, and adds 1 to the count of this CPU that the word's low three bits
    /// name; the word. The addition is one instruction: not even an interrupt comes between.
    static std::optional<std::uint64_t> count_named(const Word& word, CpuCounts<Count> counts) {
        return W::restartable([&]() -> std::optional<std::uint64_t> {
            Count* own = line(counts);
            if (own == nullptr) return std::nullopt;
            const std::uint64_t seen = word.load_acquire();
            own[seen & 7].fetch_add_relaxed(1);
            return seen;
        });
    }

    /// Adds 1 to this CPU's count `index`, release. False: refused.
    static bool count(CpuCounts<Count> counts, unsigned index) {
        return W::restartable([&] {
            Count* own = line(counts);
            if (own != nullptr) own[index].fetch_add_release(1);
            return own != nullptr;
        });
    }

    /// What lies on top of this CPU's stack. Nothing: refused, shut, or empty.
    static std::optional<std::uint64_t> pop(const Word& gate, CpuStacks<Word> stacks) {
        return W::restartable([&]() -> std::optional<std::uint64_t> {
            Word* own = stack(gate, stacks);
            if (own == nullptr) return std::nullopt;
            const std::uint64_t count = own->load_relaxed();
            if ((count & stacks.count_mask) == 0) return std::nullopt;
            const std::uint64_t top = own[count & stacks.count_mask].load_relaxed();
            own->store_relaxed(count - 1);
            return top;
        });
    }

    /// Puts a value on top of this CPU's stack. False: refused, shut, or full.
    static bool push(const Word& gate, CpuStacks<Word> stacks, std::uint64_t value) {
        return W::restartable([&] {
            Word* own = stack(gate, stacks);
            if (own == nullptr) return false;
            const std::uint64_t count = own->load_relaxed();
            if ((count & stacks.count_mask) == stacks.capacity) return false;
            own[(count & stacks.count_mask) + 1].store_relaxed(value);
            own->store_relaxed(count + 1);
            return true;
        });
    }

private:
    static Count* line(CpuCounts<Count> counts) {
        const unsigned cpu = W::cpu().value;
        if (cpu >= counts.cpus || W::refuses_rseq()) return nullptr;
        return counts.first + cpu * counts.per_cpu;
    }
    static Word* stack(const Word& gate, CpuStacks<Word> stacks) {
        const unsigned cpu = W::cpu().value;
        if (cpu >= stacks.cpus || W::refuses_rseq()) return nullptr;
        // Acquire: pairs with the opening, after which nobody else changes the stack.
        if ((gate.load_acquire() & stacks.gate_mask) != stacks.gate_open) return nullptr;
        return stacks.first + cpu * stacks.stride;
    }
};

}  // namespace anypage
