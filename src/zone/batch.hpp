// Batch: the frames of one word, as bits and as a list of numbers. Pure functions; lists of
// neighbours in ascending order, the usual ones, take a few instructions for several frames.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <span>

#include "../base/bits.hpp"

namespace anypage::batch {

/// What a list begins with: frames of one word, each once.
struct Share {
    std::uint64_t bits = 0;
    std::size_t count = 0;
};

/// Two numbers in a vector register, which x86-64 and aarch64 have all.
using Pair [[gnu::vector_size(16)]] = std::uint64_t;
static_assert(sizeof(Pair) == 2 * sizeof(Pfn));

/// Pairs of neighbours from `first` on: next(i, pair) for i = 0, 2, 4 and so on below `count` - 1.
template <class Next>
void for_pairs(Pfn first, std::size_t count, const Next& next) {
    Pair pair{first.value, first.value + 1};
    for (std::size_t i = 0; i + 1 < count; i += 2, pair += 2) next(i, pair);
}

/// Are they neighbours, ascending? Looks at all of them: that is what makes it fast.
inline bool ascend(std::span<const Pfn> pages) {
    Pair strays{};
    for_pairs(pages[0], pages.size(), [&](std::size_t i, Pair expected) {
        Pair found;
        std::memcpy(&found, &pages[i], sizeof found);
        strays |= found ^ expected;
    });
    return (strays[0] | strays[1]) == 0 && pages.back() == pages[0] + (pages.size() - 1);
}

/// Writes `count` frames, neighbours, from `first` on.
inline void list_run(Pfn first, std::size_t count, Pfn* pages) {
    for_pairs(first, count, [&](std::size_t i, Pair pair) {
        std::memcpy(static_cast<void*>(&pages[i]), &pair, sizeof pair);
    });
    pages[count - 1] = first + (count - 1);
}

/// The leading frames of `pages` that lie in the word whose first frame is `word`. The first does.
inline Share leading_share(Pfn word, std::span<const Pfn> pages) {
    const auto bit = static_cast<unsigned>(pages[0] - word);
    const std::size_t most = std::min<std::size_t>(pages.size(), bits::word_bits - bit);
    const bool begins_so = most == 1 || pages[1] == pages[0] + 1;
    Share share;
    if (begins_so && ascend(pages.first(most))) {
        share = {bits::all >> (bits::word_bits - most) << bit, most};
    }
    for (; share.count < pages.size(); ++share.count) {
        const std::uint64_t each = pages[share.count].value - word.value;
        if (each >= bits::word_bits || (share.bits >> each & 1) != 0) break;
        share.bits |= std::uint64_t{1} << each;
    }
    return share;
}

/// Writes the frames of `taken`, bits of the word whose first frame is `word`; how many.
inline std::size_t list(Pfn word, std::uint64_t taken, Pfn* pages) {
    if (taken == 0) return 0;
    const auto first = static_cast<unsigned>(std::countr_zero(taken));
    const std::uint64_t run = taken >> first;
    if ((run & (run + 1)) == 0) {
        const auto count = static_cast<std::size_t>(std::bit_width(run));
        list_run(word + first, count, pages);
        return count;
    }
    std::size_t count = 0;
    for (; taken != 0; taken &= taken - 1) {
        pages[count++] = word + static_cast<unsigned>(std::countr_zero(taken));
    }
    return count;
}

}  // namespace anypage::batch
