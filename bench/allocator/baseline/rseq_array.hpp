// RseqArray: a baseline. A bare per-CPU array of frames, pushed and popped in restartable sequences
// (rseq(2)): a thread that is preempted, migrated or interrupted before its last store begins
// again, so there is neither a lock nor an atomic operation. No order, no refill; a CPU whose array
// is empty has nothing. x86-64 with glibc's registration; elsewhere is_available() says no.
#pragma once

#include <sys/rseq.h>

#include <bit>
#include <cstddef>
#include <cstdlib>
#include <memory>

#include "bench/allocator/no_page.hpp"

namespace anypage::bench {

class RseqArray {
public:
    static bool is_available() {
#if defined(__x86_64__)
        return __rseq_size != 0 && static_cast<std::int32_t>(registered_cpu()) >= 0;
#else
        return false;
#endif
    }

    /// Deals `span` out to the CPUs; each array has room for all of it.
    RseqArray(PfnRange span, unsigned cpus) : shift_(shift_for(span.frames)) {
        const std::size_t bytes = std::size_t{cpus} << shift_;
        memory_.reset(static_cast<std::byte*>(std::aligned_alloc(64, bytes)));
        for (unsigned cpu = 0; cpu < cpus; ++cpu) array(cpu)[0] = 0;
        for (std::uint64_t i = 0; i < span.frames; ++i) {
            std::uint64_t* frames = array(static_cast<unsigned>(i % cpus));
            frames[first_place + frames[0]++] = (span.first + i).value;
        }
    }

    Pfn allocate() { return Pfn{pop()}; }
    void free(Pfn pfn) { push(pfn.value); }

private:
    static constexpr std::uint64_t first_place = 8;  // the count has a line of its own

    static unsigned shift_for(std::uint64_t frames) {
        return static_cast<unsigned>(std::countr_zero(std::bit_ceil((frames + first_place) * 8)));
    }
    /// A count, then places.
    std::uint64_t* array(unsigned cpu) const {
        return reinterpret_cast<std::uint64_t*>(memory_.get() + (std::size_t{cpu} << shift_));
    }

#if defined(__x86_64__)
    static std::uint32_t registered_cpu() {
        std::uint32_t cpu;
        asm volatile("movl %%fs:4(%[area]), %[cpu]" : [cpu] "=r"(cpu) : [area] "r"(__rseq_offset));
        return cpu;
    }

// A sequence begins with the store of its descriptor, at offset 8 of the thread's struct rseq; the
// CPU's number is at offset 4. The kernel wants the signature before the code that it aborts to.
#define ANYPAGE_RSEQ_BEGIN              \
    ".pushsection __rseq_cs, \"aw\"\n"  \
    ".balign 32\n"                      \
    "3: .long 0, 0\n"                   \
    ".quad 1f, 2f - 1f, 4f\n"           \
    ".popsection\n"                     \
    "0: leaq 3b(%%rip), %[at]\n"        \
    "movq %[at], %%fs:8(%[area])\n"     \
    "1: movl %%fs:4(%[area]), %k[at]\n" \
    "shlq %%cl, %[at]\n"                \
    "addq %[base], %[at]\n"             \
    "movq (%[at]), %[count]\n"
#define ANYPAGE_RSEQ_END                    \
    "2:\n"                                  \
    ".pushsection __rseq_failure, \"ax\"\n" \
    ".byte 0x0f, 0xb9, 0x3d\n"              \
    ".long 0x53053053\n"                    \
    "4: jmp 0b\n"                           \
    ".popsection\n"

    std::uint64_t pop() {
        std::uint64_t at;
        std::uint64_t count;
        std::uint64_t popped;
        asm volatile(ANYPAGE_RSEQ_BEGIN
                     "movq $-1, %[popped]\n"
                     "subq $1, %[count]\n"
                     "jc 2f\n"
                     "movq 64(%[at], %[count], 8), %[popped]\n"
                     "movq %[count], (%[at])\n" ANYPAGE_RSEQ_END
                     : [at] "=&r"(at), [count] "=&r"(count), [popped] "=&r"(popped)
                     : [area] "r"(__rseq_offset), [base] "r"(memory_.get()), "c"(shift_)
                     : "memory", "cc");
        return popped;
    }
    void push(std::uint64_t frame) {
        std::uint64_t at;
        std::uint64_t count;
        asm volatile(ANYPAGE_RSEQ_BEGIN
                     "movq %[frame], 64(%[at], %[count], 8)\n"
                     "addq $1, %[count]\n"
                     "movq %[count], (%[at])\n" ANYPAGE_RSEQ_END
                     : [at] "=&r"(at), [count] "=&r"(count)
                     : [area] "r"(__rseq_offset), [base] "r"(memory_.get()),
                       "c"(shift_), [frame] "r"(frame)
                     : "memory", "cc");
    }
#undef ANYPAGE_RSEQ_BEGIN
#undef ANYPAGE_RSEQ_END
#else
    std::uint64_t pop() { return no_page.value; }
    void push(std::uint64_t) {}
#endif

    struct Free {
        void operator()(std::byte* memory) const { std::free(memory); }
    };

    const unsigned shift_;
    std::unique_ptr<std::byte, Free> memory_;
};

}  // namespace anypage::bench
