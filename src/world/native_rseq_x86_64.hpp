// The sections of native_rseq.hpp in instructions of x86-64.
#pragma once

#include "native_rseq.hpp"

#if defined(ANYPAGE_HAS_RSEQ) && defined(__x86_64__)

namespace anypage::native {

static_assert(offsetof(struct rseq, cpu_id) == 4 && offsetof(struct rseq, rseq_cs) == 8);

// No asm goto: g++ 12 takes the wrong values for its outputs. Instead CF says whether the section
// has committed; inc and dec, which commit, leave it as it is.
//
// Labels: 1 and 2 are the section's ends, 3 its descriptor, 4 its abort handler, 5 what comes after
// all, 6 where it is refused. The question mark puts what belongs to a function into the function's
// group: of an inline function the linker then keeps one of each.
#define ANYPAGE_SECTION_BEGIN              \
    ".pushsection __rseq_cs, \"aw?\"\n\t"  \
    ".balign 32\n\t"                       \
    "3: .long 0, 0\n\t"                    \
    ".quad 1f, 2f - 1f, 4f\n\t"            \
    ".popsection\n\t"                      \
    "leaq 3b(%%rip), %[scratch]\n\t"       \
    "movq %[scratch], %%fs:8(%[area])\n\t" \
    "1:\n\t"
// Then: `scratch` becomes the address of this CPU's line. CPU ids are compared as unsigned, which
// refuses "not registered" too.
#define ANYPAGE_SECTION_LINE                \
    "movl %%fs:4(%[area]), %k[scratch]\n\t" \
    "cmpl %[cpus], %k[scratch]\n\t"         \
    "jae 6f\n\t"                            \
    "shlq $6, %[scratch]\n\t"               \
    "addq %[first], %[scratch]\n\t"
// Or: `scratch` becomes what the stack counts, if it is this CPU's and the gate is open.
#define ANYPAGE_SECTION_STACK          \
    "cmpl %[cpu], %%fs:4(%[area])\n\t" \
    "jne 6f\n\t"                       \
    "testb %[open], (%[gate])\n\t"     \
    "jz 6f\n\t"                        \
    "movzbl (%[stack]), %k[scratch]\n\t"
// `refused` makes CF say so. The signature in front of the handler is the operand of an instruction
// that traps.
#define ANYPAGE_SECTION_END(refused)           \
    "2: 5:\n\t"                                \
    ".pushsection __rseq_failure, \"ax?\"\n\t" \
    ".byte 0x0f, 0xb9, 0x3d\n\t"               \
    ".long %c[signature]\n\t"                  \
    "4: 6: " refused                           \
    "\n\t"                                     \
    "jmp 5b\n\t"                               \
    ".popsection\n\t"

inline CpuId Rseq::cpu() {
    std::uint32_t cpu;
    asm volatile("movl %%fs:4(%[area]), %[cpu]" : [cpu] "=r"(cpu) : [area] "r"(__rseq_offset));
    return {cpu};
}

// Loads and stores are acquire and release here: this machine orders them so.

inline std::optional<std::uint64_t> Rseq::count_named(const Word& word, CpuCounts<Count> counts) {
    static_assert(sizeof(Count) * CpuCounts<Count>::per_cpu == 64, "a line is found by a shift");
    if (counts.first == nullptr) return std::nullopt;
    std::uint64_t seen, which, scratch;
    bool failed;
    asm volatile(ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_LINE
                 "movq (%[word]), %[seen]\n\t"
                 "movl %k[seen], %k[which]\n\t"
                 "andl $7, %k[which]\n\t"
                 "incl (%[scratch], %[which], 4)\n\t" ANYPAGE_SECTION_END("stc")
                 : [seen] "=&r"(seen), [which] "=&r"(which), [scratch] "=&r"(scratch),
                   "=@ccc"(failed)
                 : [area] "r"(__rseq_offset), [cpus] "r"(counts.cpus), [first] "r"(counts.first),
                   [word] "r"(&word), [signature] "i"(RSEQ_SIG)
                 : "memory");
    if (failed) return std::nullopt;
    return seen;
}

inline bool Rseq::count(CpuCounts<Count> counts, unsigned index) {
    if (counts.first == nullptr) return false;
    std::uint64_t scratch;
    bool failed;
    asm volatile(ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_LINE
                 "incl (%[scratch], %[index], 4)\n\t" ANYPAGE_SECTION_END("stc")
                 : [scratch] "=&r"(scratch), "=@ccc"(failed)
                 : [area] "r"(__rseq_offset), [cpus] "r"(counts.cpus), [first] "r"(counts.first),
                   [index] "r"(std::uint64_t{index}), [signature] "i"(RSEQ_SIG)
                 : "memory");
    return !failed;
}

inline bool Rseq::add(Word& word, CpuId cpu, std::uint64_t value) {
    std::uint64_t scratch;
    bool failed;
    asm volatile(ANYPAGE_SECTION_BEGIN
                 "cmpl %[cpu], %%fs:4(%[area])\n\t"
                 "jne 6f\n\t"
                 "addq %[value], (%[word])\n\t"  // CF: wrapped, which no count of frames does
                 ANYPAGE_SECTION_END("stc")
                 : [scratch] "=&r"(scratch), "=@ccc"(failed)
                 : [area] "r"(__rseq_offset), [cpu] "r"(cpu.value), [word] "r"(&word),
                   [value] "re"(value), [signature] "i"(RSEQ_SIG)
                 : "memory");
    return !failed;
}

// The count is in the low byte of the stack's first word, and is neither 0 when it goes down nor at
// its limit when it goes up: adding to the word moves nothing else.

inline std::uint64_t Rseq::pop(const Word& gate, CpuStack<Word> stack) {
    static_assert(CpuStack<Word>::nothing == ~std::uint64_t{0});
    std::uint64_t scratch;
    asm volatile(
        ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_STACK
        "testl %k[scratch], %k[scratch]\n\t"
        "jz 6f\n\t"
        "movq (%[stack], %[scratch], 8), %[scratch]\n\t"
        "decq (%[stack])\n\t" ANYPAGE_SECTION_END("movq $-1, %[scratch]")
        : [scratch] "=&r"(scratch)
        : [area] "r"(__rseq_offset), [cpu] "r"(stack.cpu.value), [stack] "r"(stack.words),
          [gate] "r"(&gate), [open] "i"(CpuStack<Word>::gate_open), [signature] "i"(RSEQ_SIG)
        : "memory", "cc");
    return scratch;
}

inline bool Rseq::push(const Word& gate, CpuStack<Word> stack, std::uint64_t value) {
    static_assert(CpuStack<Word>::count_mask == 0xff && CpuStack<Word>::limit_shift == 8);
    std::uint64_t scratch;
    bool done;
    asm volatile(ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_STACK
                 "cmpb 1(%[stack]), %b[scratch]\n\t"  // CF: below
                 "jae 6f\n\t"
                 "movq %[value], 8(%[stack], %[scratch], 8)\n\t"
                 "incq (%[stack])\n\t" ANYPAGE_SECTION_END("clc")
                 : [scratch] "=&r"(scratch), "=@ccc"(done)
                 : [area] "r"(__rseq_offset), [cpu] "r"(stack.cpu.value), [stack] "r"(stack.words),
                   [gate] "r"(&gate), [open] "i"(CpuStack<Word>::gate_open), [value] "r"(value),
                   [signature] "i"(RSEQ_SIG)
                 : "memory");
    return done;
}

// Those that move many: `many` is how many, what is left of `scratch` is where in the stack.

inline std::size_t Rseq::pop_many(const Word& gate, CpuStack<Word> stack,
                                  std::span<std::uint64_t> values) {
    if (values.empty()) return 0;
    std::uint64_t scratch, many, index, value;
    asm volatile(
        ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_STACK
        "movq %[wanted], %[many]\n\t"
        "cmpq %[scratch], %[many]\n\t"
        "cmovaq %[scratch], %[many]\n\t"
        "testq %[many], %[many]\n\t"
        "jz 6f\n\t"
        "leaq (%[stack], %[scratch], 8), %[scratch]\n\t"
        "xorl %k[index], %k[index]\n\t"
        "7: movq (%[scratch]), %[value]\n\t"
        "movq %[value], (%[values], %[index], 8)\n\t"
        "subq $8, %[scratch]\n\t"
        "incq %[index]\n\t"
        "cmpq %[many], %[index]\n\t"
        "jb 7b\n\t"
        "subq %[many], (%[stack])\n\t" ANYPAGE_SECTION_END("xorl %k[many], %k[many]")
        : [scratch] "=&r"(scratch), [many] "=&r"(many), [index] "=&r"(index), [value] "=&r"(value)
        : [area] "r"(__rseq_offset), [cpu] "r"(stack.cpu.value), [stack] "r"(stack.words),
          [gate] "r"(&gate), [open] "i"(CpuStack<Word>::gate_open), [values] "r"(values.data()),
          [wanted] "r"(values.size()), [signature] "i"(RSEQ_SIG)
        : "memory", "cc");
    return many;
}

inline std::size_t Rseq::push_many(const Word& gate, CpuStack<Word> stack,
                                   std::span<const std::uint64_t> values, unsigned limit) {
    static_assert(CpuStack<Word>::limit_mask == 0xff00);
    if (values.empty()) return 0;
    std::uint64_t scratch, many, index, value;
    asm volatile(
        ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_STACK
        "movl %[limit], %k[many]\n\t"
        "subq %[scratch], %[many]\n\t"
        "jbe 6f\n\t"
        "cmpq %[wanted], %[many]\n\t"
        "cmovaq %[wanted], %[many]\n\t"
        "leaq 8(%[stack], %[scratch], 8), %[scratch]\n\t"
        "xorl %k[index], %k[index]\n\t"
        "7: movq (%[values], %[index], 8), %[value]\n\t"
        "movq %[value], (%[scratch], %[index], 8)\n\t"
        "incq %[index]\n\t"
        "cmpq %[many], %[index]\n\t"
        "jb 7b\n\t"
        "movq (%[stack]), %[value]\n\t"
        "andq $0xffffffffffff00ff, %[value]\n\t"
        "addq %[many], %[value]\n\t"
        "movl %[limit], %k[index]\n\t"
        "shlq $8, %[index]\n\t"
        "orq %[index], %[value]\n\t"
        "movq %[value], (%[stack])\n\t" ANYPAGE_SECTION_END("xorl %k[many], %k[many]")
        : [scratch] "=&r"(scratch), [many] "=&r"(many), [index] "=&r"(index), [value] "=&r"(value)
        : [area] "r"(__rseq_offset), [cpu] "r"(stack.cpu.value), [stack] "r"(stack.words),
          [gate] "r"(&gate), [open] "i"(CpuStack<Word>::gate_open), [values] "r"(values.data()),
          [wanted] "r"(values.size()), [limit] "r"(limit), [signature] "i"(RSEQ_SIG)
        : "memory", "cc");
    return many;
}

#undef ANYPAGE_SECTION_END
#undef ANYPAGE_SECTION_STACK
#undef ANYPAGE_SECTION_LINE
#undef ANYPAGE_SECTION_BEGIN

}  // namespace anypage::native

#endif
