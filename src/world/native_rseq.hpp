// Rseq of the native world: restartable sequences as glibc registers them (2.35 and later).
// Read rseq.hpp first: it has the same in C++. The instructions are in native_rseq_<machine>.hpp.
//
// A sequence stores its descriptor's address in this thread's rseq area; a preemption, a signal or
// a membarrier between its two labels makes the kernel clear that and go on at the abort handler,
// whose signature precedes it: the section is then refused, which costs less than a loop. Its last
// instruction is its commit. Each that ends leaves the address behind, which is allowed while the
// code is mapped: the library, and what calls it inline, is never unloaded.
#pragma once

#include <linux/membarrier.h>
#include <linux/rseq.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "native_atomic.hpp"
#include "rseq.hpp"

// ThreadSanitizer does not see what assembly orders.
#if defined(__SANITIZE_THREAD__)
#define ANYPAGE_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ANYPAGE_THREAD_SANITIZER 1
#endif
#endif
#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(ANYPAGE_THREAD_SANITIZER)
#define ANYPAGE_HAS_RSEQ 1
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
    /// All sections that have begun on any CPU have committed, and are seen, or are refused. False:
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
    /// How many CPUs this machine can have. Their ids are below, but where some are left out: those
    /// above have no sections.
    static unsigned cpu_limit() {
        const long count = sysconf(_SC_NPROCESSORS_CONF);
        return count < 1 ? 1 : static_cast<unsigned>(count);
    }

    /// Larger than all where no sequences are registered.
    static CpuId cpu();
    static std::optional<std::uint64_t> count_named(const Word& word, CpuCounts<Count> counts);
    static bool count(CpuCounts<Count> counts, unsigned index);
    [[gnu::always_inline]] static bool add(Word& word, CpuId cpu, std::uint64_t value);
    [[gnu::always_inline]] static std::uint64_t pop(const Word& gate, CpuStack<Word> stack);
    [[gnu::always_inline]] static bool push(const Word& gate, CpuStack<Word> stack,
                                            std::uint64_t value);
    static std::size_t pop_many(const Word& gate, CpuStack<Word> stack,
                                std::span<std::uint64_t> values);
    static std::size_t push_many(const Word& gate, CpuStack<Word> stack,
                                 std::span<const std::uint64_t> values, unsigned limit);
};

}  // namespace anypage::native

// One of these has them.
#include "native_rseq_aarch64.hpp"
#include "native_rseq_none.hpp"
#include "native_rseq_x86_64.hpp"
