// Rseq: restartable sections (the kernel's restartable sequences): what runs on one CPU with no
// other thread and no signal handler in between, or not at all. Each ends with the one store that
// others may act on; whoever is interrupted before it has done nothing. So a CPU's words are
// changed without an atomic instruction, and nobody waits.
//
// A section may be refused at any time: it was interrupted, this is another CPU, rseq is not
// registered. The caller then has a way with atomic operations, on words of its own: an atomic
// operation and a section on one word lose each other's work.
//
// Here as any World can run them that has restartable(); native_rseq.hpp has the instructions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "../base/arena.hpp"
#include "../base/units.hpp"

namespace anypage {

/// Counts, a cache line of them for each CPU, written by sections of that CPU alone.
template <class Count>
struct CpuCounts {
    static constexpr unsigned per_cpu = cache_line / sizeof(std::uint32_t);
    Count* first = nullptr;
    unsigned cpus = 0;  ///< lines; sections on later CPUs are refused
};

/// A CPU's stack of words: a word that counts in its low byte and says in the next one how many
/// there may be, then at least so many places. Pushed to and popped from by sections of its CPU
/// while a gate is open; by others only while it is closed, see alloc/stock.hpp.
template <class Word>
struct CpuStack {
    static constexpr std::uint64_t count_mask = 0xff;
    static constexpr std::uint64_t limit_mask = 0xff00;
    static constexpr unsigned limit_shift = 8;
    /// The bit that a gate has while it is open.
    static constexpr std::uint64_t gate_open = 1;
    /// No value of a stack's.
    static constexpr std::uint64_t nothing = ~std::uint64_t{0};

    CpuId cpu{};  ///< sections that run on another are refused
    Word* words = nullptr;
};

template <class W>
struct Rseq {
    using Word = typename W::template Atomic<std::uint64_t>;
    using Count = typename W::template Atomic<std::uint32_t>;

    /// The CPU whose sections may run here; some other number where sections are refused. Cheaper
    /// than W::cpu().
    static CpuId cpu() { return W::cpu(); }

    /// Reads `word`, acquire, and adds 1 to the count of this CPU that the word's low three bits
    /// name; the word. Nothing of this CPU comes between the two.
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

    /// Adds to a word that sections of `cpu` alone write. False: refused; always if this runs on
    /// another CPU.
    static bool add(Word& word, CpuId cpu, std::uint64_t value) {
        return W::restartable([&] {
            if (W::cpu() != cpu || W::refuses_rseq()) return false;
            word.store_relaxed(word.load_relaxed() + value);
            return true;
        });
    }

    /// What lies on top of the stack. `nothing`: refused, shut, or empty.
    static std::uint64_t pop(const Word& gate, CpuStack<Word> stack) {
        return W::restartable([&] {
            if (!may_touch(gate, stack)) return stack.nothing;
            const std::uint64_t word = stack.words->load_relaxed();
            const std::uint64_t count = word & stack.count_mask;
            if (count == 0) return stack.nothing;
            const std::uint64_t top = stack.words[count].load_relaxed();
            stack.words->store_relaxed(word - 1);
            return top;
        });
    }

    /// Puts a value on top of the stack. False: refused, shut, or at its limit.
    static bool push(const Word& gate, CpuStack<Word> stack, std::uint64_t value) {
        return W::restartable([&] {
            if (!may_touch(gate, stack)) return false;
            const std::uint64_t word = stack.words->load_relaxed();
            const std::uint64_t count = word & stack.count_mask;
            if (count >= (word & stack.limit_mask) >> stack.limit_shift) return false;
            stack.words[count + 1].store_relaxed(value);
            stack.words->store_relaxed(word + 1);
            return true;
        });
    }

    /// Takes as many as `values` has room for, the top first; how many. 0: refused, shut, or empty.
    static std::size_t pop_many(const Word& gate, CpuStack<Word> stack,
                                std::span<std::uint64_t> values) {
        return W::restartable([&]() -> std::size_t {
            if (!may_touch(gate, stack)) return 0;
            const std::uint64_t word = stack.words->load_relaxed();
            const std::uint64_t count = word & stack.count_mask;
            const std::uint64_t many = std::min<std::uint64_t>(count, values.size());
            if (many == 0) return 0;
            for (std::uint64_t i = 0; i < many; ++i) {
                values[i] = stack.words[count - i].load_relaxed();
            }
            stack.words->store_relaxed(word - many);
            return many;
        });
    }

    /// Puts values on top, the last one uppermost, up to a limit that from then on is the stack's;
    /// how many. 0: refused, shut, or not below that limit; then nothing has changed.
    static std::size_t push_many(const Word& gate, CpuStack<Word> stack,
                                 std::span<const std::uint64_t> values, unsigned limit) {
        return W::restartable([&]() -> std::size_t {
            if (values.empty() || !may_touch(gate, stack)) return 0;
            const std::uint64_t word = stack.words->load_relaxed();
            const std::uint64_t count = word & stack.count_mask;
            if (count >= limit) return 0;
            const std::uint64_t many = std::min<std::uint64_t>(limit - count, values.size());
            for (std::uint64_t i = 0; i < many; ++i) {
                stack.words[count + 1 + i].store_relaxed(values[i]);
            }
            const std::uint64_t limited = (word & ~stack.limit_mask) | std::uint64_t{limit}
                                                                           << stack.limit_shift;
            stack.words->store_relaxed(limited + many);
            return many;
        });
    }

private:
    static Count* line(CpuCounts<Count> counts) {
        const unsigned cpu = W::cpu().value;
        if (cpu >= counts.cpus || W::refuses_rseq()) return nullptr;
        return counts.first + cpu * counts.per_cpu;
    }
    static bool may_touch(const Word& gate, CpuStack<Word> stack) {
        if (W::cpu() != stack.cpu || W::refuses_rseq()) return false;
        // Acquire: pairs with the opening, after which nobody else changes the stack.
        return (gate.load_acquire() & stack.gate_open) != 0;
    }
};

}  // namespace anypage
