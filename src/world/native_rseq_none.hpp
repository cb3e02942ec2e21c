// The sections of native_rseq.hpp where there are none: all are refused.
#pragma once

#include "native_rseq.hpp"

#if !defined(ANYPAGE_HAS_RSEQ)

namespace anypage::native {

inline CpuId Rseq::cpu() { return {~std::uint32_t{0}}; }
inline std::optional<std::uint64_t> Rseq::count_named(const Word&, CpuCounts<Count>) {
    return std::nullopt;
}
inline bool Rseq::count(CpuCounts<Count>, unsigned) { return false; }
inline bool Rseq::add(Word&, CpuId, std::uint64_t) { return false; }
inline std::uint64_t Rseq::pop(const Word&, CpuStack<Word>) { return CpuStack<Word>::nothing; }
inline bool Rseq::push(const Word&, CpuStack<Word>, std::uint64_t) { return false; }
inline std::size_t Rseq::pop_many(const Word&, CpuStack<Word>, std::span<std::uint64_t>) {
    return 0;
}
inline std::size_t Rseq::push_many(const Word&, CpuStack<Word>, std::span<const std::uint64_t>,
                                   unsigned) {
    return 0;
}

}  // namespace anypage::native

#endif
