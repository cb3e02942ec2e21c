// What an emulated CPU is told to do with a restartable section, and the words that sections work
// on. Compiled for both sides: the one that is emulated and the test, which sees the same memory.
#pragma once

#include <cstdint>

namespace anypage::test {

enum class Operation : std::uint64_t { count_named, count, add, pop, push, pop_many, push_many };

inline constexpr unsigned cpus_at_most = 2;
inline constexpr unsigned stack_capacity = 3;
inline constexpr unsigned values_at_most = 4;

/// What sections read and write.
struct SectionWords {
    alignas(64) std::uint32_t counts[cpus_at_most][16] = {};
    std::uint64_t named = 0;
    std::uint64_t sum = 0;
    std::uint64_t gate = 0;
    std::uint64_t stack[1 + stack_capacity] = {};

    friend bool operator==(const SectionWords&, const SectionWords&) = default;
};

/// One call of an operation of Rseq, with its arguments and what it returned.
struct Call {
    Operation operation{};
    std::uint32_t cpus = cpus_at_most;          ///< of counts
    std::uint32_t cpu = 0;                      ///< whose sum or stack it is
    std::uint64_t index = 0;                    ///< of a count
    std::uint64_t value = 0;                    ///< that is added or pushed
    std::uint64_t many = 0;                     ///< how many are wanted, or pushed
    std::uint64_t limit = 0;                    ///< of the stack, once they are pushed
    std::uint64_t values[values_at_most] = {};  ///< that are pushed, or were popped

    bool done = false;         ///< not refused
    std::uint64_t result = 0;  ///< the word seen or popped, or how many, if done
};

/// Of the thread's rseq area from the thread pointer.
inline constexpr std::int64_t area_offset = 192;

}  // namespace anypage::test
