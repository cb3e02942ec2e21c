// The sections of native_rseq.hpp in instructions of aarch64. What is one instruction on x86-64 is
// a load, an addition and a store here: whoever comes between them ends the section.
#pragma once

#include "native_rseq.hpp"

#if defined(ANYPAGE_HAS_RSEQ) && defined(__aarch64__)

namespace anypage::native {

static_assert(offsetof(struct rseq, cpu_id) == 4 && offsetof(struct rseq, rseq_cs) == 8);

// No asm goto: g++ 12 takes the wrong values for its outputs. No flags as outputs: clang 16 has
// none here. Instead `section`, the descriptor's address, becomes 0 where it is refused.
//
// Labels: 1 and 2 are the section's ends, 3 its descriptor, 4 its abort handler, 5 what comes after
// all, 6 where it is refused. The question mark puts what belongs to a function into the function's
// group: of an inline function the linker then keeps one of each.
#define ANYPAGE_SECTION_BEGIN                  \
    ".pushsection __rseq_cs, \"aw?\"\n\t"      \
    ".balign 32\n\t"                           \
    "3: .long 0, 0\n\t"                        \
    ".quad 1f, 2f - 1f, 4f\n\t"                \
    ".popsection\n\t"                          \
    "adrp %[section], 3b\n\t"                  \
    "add %[section], %[section], :lo12:3b\n\t" \
    "str %[section], [%[area], 8]\n\t"         \
    "1: ldr %w[scratch], [%[area], 4]\n\t"
// Then: `scratch` becomes the address of this CPU's line. CPU ids are compared as unsigned, which
// refuses "not registered" too.
#define ANYPAGE_SECTION_LINE        \
    "cmp %w[scratch], %w[cpus]\n\t" \
    "b.hs 6f\n\t"                   \
    "add %[scratch], %[first], %[scratch], lsl 6\n\t"
// Or: `word` becomes the stack's first word and `scratch` what it counts, if the stack is this
// CPU's and the gate is open.
#define ANYPAGE_SECTION_STACK        \
    "cmp %w[scratch], %w[cpu]\n\t"   \
    "b.ne 6f\n\t"                    \
    "ldar %[scratch], [%[gate]]\n\t" \
    "tbz %[scratch], 0, 6f\n\t"      \
    "ldr %[word], [%[stack]]\n\t"    \
    "and %[scratch], %[word], 0xff\n\t"
// The handler does not lie in a section of its own, as far away as a conditional branch does not
// reach. The signature in front of it is a trap.
#define ANYPAGE_SECTION_END(refused) \
    "2: b 5f\n\t"                    \
    ".inst %c[signature]\n\t"        \
    "4: 6: mov " refused             \
    "\n\t"                           \
    "5:\n\t"

inline void* rseq_area() {
    return static_cast<std::byte*>(__builtin_thread_pointer()) + __rseq_offset;
}

inline CpuId Rseq::cpu() { return {static_cast<const volatile struct rseq*>(rseq_area())->cpu_id}; }

inline std::optional<std::uint64_t> Rseq::count_named(const Word& word, CpuCounts<Count> counts) {
    static_assert(sizeof(Count) * CpuCounts<Count>::per_cpu == 64, "a line is found by a shift");
    if (counts.first == nullptr) return std::nullopt;
    std::uint64_t seen, which, scratch, section;
    asm volatile(ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_LINE
                 "ldar %[seen], [%[word]]\n\t"
                 "and %[which], %[seen], 7\n\t"
                 "add %[scratch], %[scratch], %[which], lsl 2\n\t"
                 "ldr %w[which], [%[scratch]]\n\t"
                 "add %w[which], %w[which], 1\n\t"
                 "str %w[which], [%[scratch]]\n\t" ANYPAGE_SECTION_END("%[section], 0")
                 : [seen] "=&r"(seen), [which] "=&r"(which), [scratch] "=&r"(scratch),
                   [section] "=&r"(section)
                 : [area] "r"(rseq_area()), [cpus] "r"(counts.cpus), [first] "r"(counts.first),
                   [word] "r"(&word), [signature] "i"(RSEQ_SIG_CODE)
                 : "memory", "cc");
    if (section == 0) return std::nullopt;
    return seen;
}

inline bool Rseq::count(CpuCounts<Count> counts, unsigned index) {
    if (counts.first == nullptr) return false;
    std::uint64_t sum, scratch, section;
    asm volatile(ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_LINE
                 "add %[scratch], %[scratch], %[index], lsl 2\n\t"
                 "ldr %w[sum], [%[scratch]]\n\t"
                 "add %w[sum], %w[sum], 1\n\t"
                 "stlr %w[sum], [%[scratch]]\n\t" ANYPAGE_SECTION_END("%[section], 0")
                 : [sum] "=&r"(sum), [scratch] "=&r"(scratch), [section] "=&r"(section)
                 : [area] "r"(rseq_area()), [cpus] "r"(counts.cpus), [first] "r"(counts.first),
                   [index] "r"(std::uint64_t{index}), [signature] "i"(RSEQ_SIG_CODE)
                 : "memory", "cc");
    return section != 0;
}

inline bool Rseq::add(Word& word, CpuId cpu, std::uint64_t value) {
    std::uint64_t scratch, section;
    asm volatile(ANYPAGE_SECTION_BEGIN
                 "cmp %w[scratch], %w[cpu]\n\t"
                 "b.ne 6f\n\t"
                 "ldr %[scratch], [%[word]]\n\t"
                 "add %[scratch], %[scratch], %[value]\n\t"
                 "str %[scratch], [%[word]]\n\t" ANYPAGE_SECTION_END("%[section], 0")
                 : [scratch] "=&r"(scratch), [section] "=&r"(section)
                 : [area] "r"(rseq_area()), [cpu] "r"(cpu.value), [word] "r"(&word),
                   [value] "rI"(value), [signature] "i"(RSEQ_SIG_CODE)
                 : "memory", "cc");
    return section != 0;
}

// The count is in the low byte of the stack's first word, and is neither 0 when it goes down nor at
// its limit when it goes up: adding to the word moves nothing else.

inline std::uint64_t Rseq::pop(const Word& gate, CpuStack<Word> stack) {
    static_assert(CpuStack<Word>::nothing == ~std::uint64_t{0});
    static_assert(CpuStack<Word>::gate_open == 1);
    std::uint64_t word, scratch, section;
    asm volatile(ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_STACK
                 "cbz %[scratch], 6f\n\t"
                 "ldr %[scratch], [%[stack], %[scratch], lsl 3]\n\t"
                 "sub %[word], %[word], 1\n\t"
                 "str %[word], [%[stack]]\n\t" ANYPAGE_SECTION_END("%[scratch], -1")
                 : [word] "=&r"(word), [scratch] "=&r"(scratch), [section] "=&r"(section)
                 : [area] "r"(rseq_area()), [cpu] "r"(stack.cpu.value), [stack] "r"(stack.words),
                   [gate] "r"(&gate), [signature] "i"(RSEQ_SIG_CODE)
                 : "memory", "cc");
    return scratch;
}

inline bool Rseq::push(const Word& gate, CpuStack<Word> stack, std::uint64_t value) {
    static_assert(CpuStack<Word>::count_mask == 0xff && CpuStack<Word>::limit_shift == 8);
    std::uint64_t word, scratch, limit, section;
    asm volatile(ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_STACK
                 "ubfx %[limit], %[word], 8, 8\n\t"
                 "cmp %[scratch], %[limit]\n\t"
                 "b.hs 6f\n\t"
                 "add %[scratch], %[stack], %[scratch], lsl 3\n\t"
                 "str %[value], [%[scratch], 8]\n\t"
                 "add %[word], %[word], 1\n\t"
                 "str %[word], [%[stack]]\n\t" ANYPAGE_SECTION_END("%[section], 0")
                 : [word] "=&r"(word), [scratch] "=&r"(scratch), [limit] "=&r"(limit),
                   [section] "=&r"(section)
                 : [area] "r"(rseq_area()), [cpu] "r"(stack.cpu.value), [stack] "r"(stack.words),
                   [gate] "r"(&gate), [value] "r"(value), [signature] "i"(RSEQ_SIG_CODE)
                 : "memory", "cc");
    return section != 0;
}

// Those that move many: `many` is how many, what is left of `scratch` is where in the stack.

inline std::size_t Rseq::pop_many(const Word& gate, CpuStack<Word> stack,
                                  std::span<std::uint64_t> values) {
    if (values.empty()) return 0;
    std::uint64_t word, scratch, many, index, value, section;
    asm volatile(ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_STACK
                 "cmp %[scratch], %[wanted]\n\t"
                 "csel %[many], %[scratch], %[wanted], lo\n\t"
                 "cbz %[many], 6f\n\t"
                 "add %[scratch], %[stack], %[scratch], lsl 3\n\t"
                 "mov %[index], 0\n\t"
                 "7: ldr %[value], [%[scratch]], -8\n\t"
                 "str %[value], [%[values], %[index], lsl 3]\n\t"
                 "add %[index], %[index], 1\n\t"
                 "cmp %[index], %[many]\n\t"
                 "b.lo 7b\n\t"
                 "sub %[word], %[word], %[many]\n\t"
                 "str %[word], [%[stack]]\n\t" ANYPAGE_SECTION_END("%[many], 0")
                 : [word] "=&r"(word), [scratch] "=&r"(scratch), [many] "=&r"(many),
                   [index] "=&r"(index), [value] "=&r"(value), [section] "=&r"(section)
                 : [area] "r"(rseq_area()), [cpu] "r"(stack.cpu.value), [stack] "r"(stack.words),
                   [gate] "r"(&gate), [values] "r"(values.data()), [wanted] "r"(values.size()),
                   [signature] "i"(RSEQ_SIG_CODE)
                 : "memory", "cc");
    return many;
}

inline std::size_t Rseq::push_many(const Word& gate, CpuStack<Word> stack,
                                   std::span<const std::uint64_t> values, unsigned limit) {
    static_assert(CpuStack<Word>::limit_mask == 0xff00);
    if (values.empty()) return 0;
    std::uint64_t word, scratch, many, index, value, section;
    asm volatile(ANYPAGE_SECTION_BEGIN ANYPAGE_SECTION_STACK
                 "subs %[many], %[limit], %[scratch]\n\t"
                 "b.ls 6f\n\t"
                 "cmp %[many], %[wanted]\n\t"
                 "csel %[many], %[many], %[wanted], lo\n\t"
                 "add %[scratch], %[stack], %[scratch], lsl 3\n\t"
                 "mov %[index], 0\n\t"
                 "7: ldr %[value], [%[values], %[index], lsl 3]\n\t"
                 "str %[value], [%[scratch], 8]!\n\t"
                 "add %[index], %[index], 1\n\t"
                 "cmp %[index], %[many]\n\t"
                 "b.lo 7b\n\t"
                 "bfi %[word], %[limit], 8, 8\n\t"
                 "add %[word], %[word], %[many]\n\t"
                 "str %[word], [%[stack]]\n\t" ANYPAGE_SECTION_END("%[many], 0")
                 : [word] "=&r"(word), [scratch] "=&r"(scratch), [many] "=&r"(many),
                   [index] "=&r"(index), [value] "=&r"(value), [section] "=&r"(section)
                 : [area] "r"(rseq_area()), [cpu] "r"(stack.cpu.value), [stack] "r"(stack.words),
                   [gate] "r"(&gate), [values] "r"(values.data()), [wanted] "r"(values.size()),
                   [limit] "r"(std::uint64_t{limit}), [signature] "i"(RSEQ_SIG_CODE)
                 : "memory", "cc");
    return many;
}

#undef ANYPAGE_SECTION_END
#undef ANYPAGE_SECTION_STACK
#undef ANYPAGE_SECTION_LINE
#undef ANYPAGE_SECTION_BEGIN

}  // namespace anypage::native

#endif
