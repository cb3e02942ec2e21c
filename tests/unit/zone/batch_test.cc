// Lists of frames and bits of a word, beside a naive look at each frame.
#include "zone/batch.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>
#include <vector>

namespace anypage {
namespace {

constexpr Pfn word{640};

batch::Share naive_share(const std::vector<Pfn>& pages) {
    std::set<Pfn> seen;
    batch::Share share;
    for (const Pfn page : pages) {
        if (page < word || page.value >= word.value + 64 || !seen.insert(page).second) break;
        share.bits |= std::uint64_t{1} << (page - word);
        ++share.count;
    }
    return share;
}

void expect_naive(const std::vector<Pfn>& pages) {
    const batch::Share share = batch::leading_share(word, pages);
    const batch::Share naive = naive_share(pages);
    EXPECT_EQ(share.bits, naive.bits);
    EXPECT_EQ(share.count, naive.count);
}

std::vector<Pfn> ascending(Pfn first, std::size_t count) {
    std::vector<Pfn> pages;
    for (std::size_t i = 0; i < count; ++i) pages.push_back(first + i);
    return pages;
}

TEST(WordBatch, NeighboursShareTheirWordUpToItsEnd) {
    for (std::uint64_t bit = 0; bit < 64; ++bit) {
        for (const std::size_t count : {1, 2, 31, 63, 64, 65, 130}) {
            expect_naive(ascending(word + bit, count));
        }
    }
}

TEST(WordBatch, AFrameTwiceEndsAShare) { expect_naive({word, word + 1, word + 1, word + 2}); }
TEST(WordBatch, NeighboursUpToTheEndMayGoOnBeforeThem) {
    expect_naive({word + 63, word + 52});
    expect_naive({word + 62, word + 63, word + 1, word + 2, word + 64});
}
TEST(WordBatch, AFrameBeforeTheWordEndsAShare) {
    expect_naive({word, Pfn{word.value - 1}, word + 1});
}

TEST(WordBatch, AnyListIsCutAsTheNaiveLookCutsIt) {
    EXPECT_TRUE(rc::check("", [](std::uint8_t first, const std::vector<std::uint8_t>& others) {
        std::vector<Pfn> pages{word + first % 64};
        // Mostly the next one, now and then any near the word.
        for (const std::uint8_t each : others) {
            pages.push_back(each < 200 ? pages.back() + 1 : Pfn{word.value - 4 + each % 72});
        }
        const batch::Share share = batch::leading_share(word, pages);
        RC_ASSERT(share.bits == naive_share(pages).bits);
        RC_ASSERT(share.count == naive_share(pages).count);
    }));
}

TEST(WordBatch, AnyBitsAreListedInAscendingOrder) {
    EXPECT_TRUE(rc::check("", [](std::uint64_t taken, std::uint8_t shift) {
        for (const std::uint64_t bits :
             {taken, ~std::uint64_t{0} >> shift % 64, std::uint64_t{0}}) {
            std::vector<Pfn> pages(64);
            pages.resize(batch::list(word, bits, pages.data()));
            std::vector<Pfn> naive;
            for (std::uint64_t bit = 0; bit < 64; ++bit) {
                if ((bits >> bit & 1) != 0) naive.push_back(word + bit);
            }
            RC_ASSERT(pages == naive);
        }
    }));
}

}  // namespace
}  // namespace anypage
