// Batch: the frames of one word, as bits and as a list of numbers. Pure functions; lists of
// neighbours in ascending order, the usual ones, take a few instructions for several frames.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <span>

#include "../base/bits.hpp"

namespace anypage::batch {

/// What a list begins with: frames of one word, each once.
struct Share {
    std::uint64_t bits = 0;
    std::size_t count = 0;
};

/// Are they neighbours, ascending? Looks at all of them: that is what makes it fast.
constexpr bool ascend(std::span<const Pfn> pages) {
    std::uint64_t strays = 0;
    for (std::size_t i = 0; i < pages.size(); ++i) {
        strays |= pages[i].value ^ (pages[0].value + i);
    }
    return strays == 0;
}

/// The leading frames of `pages` that lie in the word whose first frame is `word`. The first does.
constexpr Share leading_share(Pfn word, std::span<const Pfn> pages) {
    const auto bit = static_cast<unsigned>(pages[0] - word);
    const std::size_t most = std::min<std::size_t>(pages.size(), bits::word_bits - bit);
    const bool begins_so = most == 1 || pages[1] == pages[0] + 1;
    if (begins_so && ascend(pages.first(most))) {
        return {bits::all >> (bits::word_bits - most) << bit, most};
    }
    Share share;
    for (; share.count < pages.size(); ++share.count) {
        const std::uint64_t each = pages[share.count].value - word.value;
        if (each >= bits::word_bits || (share.bits >> each & 1) != 0) break;
        share.bits |= std::uint64_t{1} << each;
    }
    return share;
}

/// Writes the frames of `taken`, bits of the word whose first frame is `word`; how many.
constexpr std::size_t list(Pfn word, std::uint64_t taken, Pfn* pages) {
    if (taken == 0) return 0;
    const auto first = static_cast<unsigned>(std::countr_zero(taken));
    const std::uint64_t run = taken >> first;
    if ((run & (run + 1)) == 0) {
        const auto count = static_cast<std::size_t>(std::bit_width(run));
        for (std::size_t i = 0; i < count; ++i) pages[i] = word + (first + i);
        return count;
    }
    std::size_t count = 0;
    for (; taken != 0; taken &= taken - 1) {
        pages[count++] = word + static_cast<unsigned>(std::countr_zero(taken));
    }
    return count;
}

}  // namespace anypage::batch
