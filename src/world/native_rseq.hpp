// Rseq of the native world: restartable sequences as glibc registers them (2.35 and later).
// Read rseq.hpp first: it has the same in C++.
//
// A sequence stores its descriptor's address in this thread's rseq area; a preemption, a signal or
// a membarrier between its two labels makes the kernel clear that and go on at the abort handler,
// whose signature precedes it. Its last instruction is its commit. Each that ends leaves the
// address behind, which is allowed while the code is mapped: the library is never unloaded.
#pragma once

#include <linux/membarrier.h>
#include <linux/rseq.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "native_atomic.hpp"
#include "rseq.hpp"

// ThreadSanitizer does not see what assembly orders.
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define ANYPAGE_HAS_RSEQ 1
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#undef ANYPAGE_HAS_RSEQ
#endif
#endif
#endif

namespace anypage::native {

struct Rseq {
    using Word = Atomic<std::uint64_t>;
    using Count = Atomic<std::uint32_t>;

    /// Can this process run sections and membarrier? Takes a system call; not in handlers.
    static bool prepare() {
#ifdef ANYPAGE_HAS_RSEQ
        return __rseq_size != 0 &&
               syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, 0, 0) == 0;
#else
        return false;
#endif
    }
    /// All sections that have begun on any CPU have committed, and are seen, or begin again. False:
    /// the kernel had no memory for it, and nothing has happened.
    static bool membarrier() {
        const auto on = [](unsigned flags, unsigned cpu) {
            return syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, flags, cpu) == 0;
        };
        if (on(0, 0)) return true;
        // That may have lacked memory for a mask of CPUs; one at a time needs none.
        for (unsigned cpu = 0; cpu < cpu_limit(); ++cpu) {
            if (!on(MEMBARRIER_CMD_FLAG_CPU, cpu)) return false;
        }
        return true;
    }
    /// Above every CPU id that this machine can have.
    static unsigned cpu_limit() {
        const long count = sysconf(_SC_NPROCESSORS_CONF);
        return count < 1 ? 1 : static_cast<unsigned>(count);
    }

    static std::optional<std::uint64_t> count_named(const Word& word, CpuCounts<Count> counts);
    static bool count(CpuCounts<Count> counts, unsigned index);
    static std::optional<std::uint64_t> pop(const Word& gate, CpuStacks<Word> stacks);
    static bool push(const Word& gate, CpuStacks<Word> stacks, std::uint64_t value);

private:
    // More in a row is somebody who single-steps.
    static constexpr unsigned tries = 8;
    /// What comes out of one.
    struct Attempt {
        std::uint64_t value;
        std::uint64_t line;
        std::uint32_t again;
        bool failed;
    };
    static char* area() { return static_cast<char*>(__builtin_thread_pointer()) + __rseq_offset; }
};

#ifdef ANYPAGE_HAS_RSEQ

static_assert(offsetof(struct rseq, cpu_id) == 4 && offsetof(struct rseq, rseq_cs) == 8);

// No asm goto: g++ 12 takes the wrong values for its outputs. Instead CF is clear where the section
// has committed, and otherwise `again` says whether it may be tried again.
//
// Labels: 1 and 2 are the section's ends, 3 its descriptor, 4 its abort handler, 5 what comes after
// all, 6 where it is refused. cpu_id is compared as unsigned, which refuses "not registered" too.
#define ANYPAGE_SECTION_BEGIN            \
    ".pushsection __rseq_cs, \"aw\"\n\t" \
    ".balign 32\n\t"                     \
    "3: .long 0, 0\n\t"                  \
    ".quad 1f, 2f - 1f, 4f\n\t"          \
    ".popsection\n\t"                    \
    "leaq 3b(%%rip), %[line]\n\t"        \
    "movq %[line], 8(%[area])\n\t"       \
    "1: movl 4(%[area]), %k[line]\n\t"   \
    "cmpl %[cpus], %k[line]\n\t"         \
    "jae 6f\n\t"
// Then: `line` becomes the address of this CPU's line, or of its stack if the gate is open.
#define ANYPAGE_SECTION_LINE \
    "shlq $6, %[line]\n\t"   \
    "addq %[first], %[line]\n\t"
#define ANYPAGE_SECTION_STACK       \
    "imulq %[stride], %[line]\n\t"  \
    "addq %[first], %[line]\n\t"    \
    "movl (%[gate]), %k[value]\n\t" \
    "andl $3, %k[value]\n\t"        \
    "cmpl $1, %k[value]\n\t"        \
    "jne 6f\n\t"                    \
    "movzbl (%[line]), %k[value]\n\t"
// The signature in front of the handler is the operand of an instruction that traps.
#define ANYPAGE_SECTION_END                   \
    "2: clc\n\t"                              \
    "5:\n\t"                                  \
    ".pushsection __rseq_failure, \"ax\"\n\t" \
    ".byte 0x0f, 0xb9, 0x3d\n\t"              \
    ".long %c[signature]\n\t"                 \
    "4: movl $1, %[again]\n\t"                \
    "stc\n\t"                                 \
    "jmp 5b\n\t"                              \
    "6: movl $0, %[again]\n\t"                \
    "stc\n\t"                                 \
    "jmp 5b\n\t"                              \
    ".popsection\n\t"

// Loads and stores are acquire and release here: this machine orders them so.

inline std::optional<std::uint64_t> Rseq::count_named(const Word& word, CpuCounts<Count> counts) {
    static_assert(sizeof(Count) * CpuCounts<Count>::per_cpu == 64, "a line is found by a shift");
    if (counts.cpus == 0) return std::nullopt;
    for (unsigned i = 0; i < tries; ++i) {
        Attempt attempt;
        std::uint64_t which;
        asm volatile(ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_LINE
                     "movq (%[word]), %[value]\n\t"
                     "movl %k[value], %k[which]\n\t"
                     "andl $7, %k[which]\n\t"
                     "incl (%[line], %[which], 4)\n\t" ANYPAGE_SECTION_END
                     : [value] "=&r"(attempt.value), [line] "=&r"(attempt.line),
                       [again] "=&r"(attempt.again), "=@ccc"(attempt.failed), [which] "=&r"(which)
                     : [area] "r"(area()), [cpus] "r"(counts.cpus), [first] "r"(counts.first),
                       [word] "r"(&word), [signature] "i"(RSEQ_SIG)
                     : "memory");
        if (!attempt.failed) return attempt.value;
        if (attempt.again == 0) break;
    }
    return std::nullopt;
}

inline bool Rseq::count(CpuCounts<Count> counts, unsigned index) {
    if (counts.cpus == 0) return false;
    for (unsigned i = 0; i < tries; ++i) {
        Attempt attempt;
        asm volatile(ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_LINE
                     "incl (%[line], %[index], 4)\n\t" ANYPAGE_SECTION_END
                     : [line] "=&r"(attempt.line), [again] "=&r"(attempt.again),
                       "=@ccc"(attempt.failed)
                     : [area] "r"(area()), [cpus] "r"(counts.cpus), [first] "r"(counts.first),
                       [index] "r"(std::uint64_t{index}), [signature] "i"(RSEQ_SIG)
                     : "memory");
        if (!attempt.failed) return true;
        if (attempt.again == 0) break;
    }
    return false;
}

// The count is in the low byte of the stack's first word, and is neither 0 when it goes down nor
// full when it goes up: adding to the word moves nothing else.

inline std::optional<std::uint64_t> Rseq::pop(const Word& gate, CpuStacks<Word> stacks) {
    using Stacks = CpuStacks<Word>;
    static_assert(Stacks::count_mask == 0xff && Stacks::gate_mask == 3 && Stacks::gate_open == 1);
    if (stacks.cpus == 0) return std::nullopt;
    for (unsigned i = 0; i < tries; ++i) {
        Attempt attempt;
        asm volatile(ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_STACK
                     "testl %k[value], %k[value]\n\t"
                     "jz 6f\n\t"
                     "movq (%[line], %[value], 8), %[value]\n\t"
                     "decq (%[line])\n\t" ANYPAGE_SECTION_END
                     : [value] "=&r"(attempt.value), [line] "=&r"(attempt.line),
                       [again] "=&r"(attempt.again), "=@ccc"(attempt.failed)
                     : [area] "r"(area()), [cpus] "r"(stacks.cpus), [first] "r"(stacks.first),
                       [stride] "r"(std::uint64_t{stacks.stride} * sizeof(Word)), [gate] "r"(&gate),
                       [signature] "i"(RSEQ_SIG)
                     : "memory");
        if (!attempt.failed) return attempt.value;
        if (attempt.again == 0) break;
    }
    return std::nullopt;
}

inline bool Rseq::push(const Word& gate, CpuStacks<Word> stacks, std::uint64_t pushed) {
    if (stacks.cpus == 0) return false;
    for (unsigned i = 0; i < tries; ++i) {
        Attempt attempt;
        asm volatile(
            ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_STACK
            "cmpl %[capacity], %k[value]\n\t"
            "jae 6f\n\t"
            "movq %[pushed], 8(%[line], %[value], 8)\n\t"
            "incq (%[line])\n\t" ANYPAGE_SECTION_END
            : [value] "=&r"(attempt.value), [line] "=&r"(attempt.line),
              [again] "=&r"(attempt.again), "=@ccc"(attempt.failed)
            : [area] "r"(area()), [cpus] "r"(stacks.cpus), [first] "r"(stacks.first),
              [stride] "r"(std::uint64_t{stacks.stride} * sizeof(Word)), [gate] "r"(&gate),
              [capacity] "r"(stacks.capacity), [pushed] "r"(pushed), [signature] "i"(RSEQ_SIG)
            : "memory");
        if (!attempt.failed) return true;
        if (attempt.again == 0) break;
    }
    return false;
}

#undef ANYPAGE_SECTION_STACK
#undef ANYPAGE_SECTION_LINE
#undef ANYPAGE_SECTION_BEGIN
#undef ANYPAGE_SECTION_END

#else

inline std::optional<std::uint64_t> Rseq::count_named(const Word&, CpuCounts<Count>) {
    return std::nullopt;
}
inline bool Rseq::count(CpuCounts<Count>, unsigned) { return false; }
inline std::optional<std::uint64_t> Rseq::pop(const Word&, CpuStacks<Word>) { return std::nullopt; }
inline bool Rseq::push(const Word&, CpuStacks<Word>, std::uint64_t) { return false; }

#endif

}  // namespace anypage::native
