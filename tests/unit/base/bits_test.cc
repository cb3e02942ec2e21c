// Bits of a word against a naive look at each bit.
#include "base/bits.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace anypage {
namespace {

/// Words worth a look: random ones, dense ones, sparse ones, and those of aligned runs.
std::vector<std::uint64_t> words() {
    std::vector<std::uint64_t> result{0, bits::all, 1, std::uint64_t{1} << 63};
    for (unsigned order = 0; order <= 6; ++order) {
        for (unsigned first = 0; first < 64; first += 1u << order) {
            const std::uint64_t run =
                bits::run_mask(first, Order{static_cast<std::uint8_t>(order)});
            result.push_back(run);
            result.push_back(~run);
        }
    }
    std::uint64_t state = 1;
    const auto next = [&state] {
        state ^= state << 13;
        state ^= state >> 7;
        return state ^= state << 17;
    };
    for (int i = 0; i < 2000; ++i) {
        result.push_back(next());
        result.push_back(next() & next() & next());
        result.push_back(next() | next() | next() | next());
    }
    return result;
}

bool all_set(std::uint64_t word, unsigned first, unsigned count) {
    for (unsigned bit = first; bit < first + count; ++bit) {
        if ((word >> bit & 1) == 0) return false;
    }
    return true;
}

TEST(Bits, LowestAreTheFirstOnes) {
    for (const std::uint64_t word : words()) {
        for (const unsigned count : {1u, 2u, 7u, 31u, 63u, 64u, 100u}) {
            std::uint64_t expected = 0;
            unsigned found = 0;
            for (unsigned bit = 0; bit < 64 && found < count; ++bit) {
                if ((word >> bit & 1) == 0) continue;
                expected |= std::uint64_t{1} << bit;
                ++found;
            }
            EXPECT_EQ(bits::lowest(word, count), expected) << std::hex << word << ' ' << count;
        }
    }
}

TEST(Bits, ARunMaskHasItsFramesAndNoOthers) {
    for (std::uint8_t order = 0; order <= 6; ++order) {
        for (unsigned first = 0; first < 64; first += 1u << order) {
            const std::uint64_t mask = bits::run_mask(first, Order{order});
            for (unsigned bit = 0; bit < 64; ++bit) {
                EXPECT_EQ((mask >> bit & 1) != 0, bit >= first && bit < first + (1u << order));
            }
        }
    }
}

TEST(Bits, RunStartsAreTheAlignedPlacesWhereAllIsSet) {
    for (const std::uint64_t word : words()) {
        for (std::uint8_t order = 0; order <= 6; ++order) {
            std::uint64_t naive = 0;
            for (unsigned first = 0; first < 64; first += 1u << order) {
                if (all_set(word, first, 1u << order)) naive |= std::uint64_t{1} << first;
            }
            ASSERT_EQ(bits::run_starts(word, Order{order}), naive) << word << " order " << +order;
        }
    }
}

TEST(Bits, TheLargestRunIsTheLargestAlignedOneRoundTheBit) {
    for (const std::uint64_t word : words()) {
        for (unsigned bit = 0; bit < 64; ++bit) {
            if ((word >> bit & 1) == 0) continue;
            std::uint8_t naive = 0;
            for (std::uint8_t order = 0; order <= 6; ++order) {
                const unsigned size = 1u << order;
                if (all_set(word, bit / size * size, size)) naive = order;
            }
            ASSERT_EQ(bits::largest_run(word, bit).value, naive) << word << " bit " << bit;
        }
    }
}

TEST(Bits, TheLargestRunAmongSeveralBitsIsTheLargestOfAnyOfThem) {
    EXPECT_TRUE(rc::check("", [](std::uint64_t random, std::uint64_t wiped, std::uint64_t chosen) {
        // Long runs need many ones.
        for (const std::uint64_t word : {random, random | ~wiped, ~(wiped & random & chosen)}) {
            const std::uint64_t among = word & chosen;
            if (among == 0) continue;
            Order naive{0};
            for (unsigned bit = 0; bit < 64; ++bit) {
                if ((among >> bit & 1) != 0) naive = std::max(naive, bits::largest_run(word, bit));
            }
            const unsigned found = bits::in_largest_run(word, among);
            RC_ASSERT((among >> found & 1) == 1u);
            RC_ASSERT(bits::largest_run(word, found) == naive);
        }
    }));
    EXPECT_EQ(bits::in_largest_run(bits::all, std::uint64_t{1} << 63), 63u);
}

TEST(Bits, AnyWordIsCutAsTheNaiveLookCutsIt) {
    EXPECT_TRUE(rc::check("", [](std::uint64_t word, std::uint8_t number) {
        const Order order{static_cast<std::uint8_t>(number % 7)};
        const std::uint64_t starts = bits::run_starts(word, order);
        for (unsigned bit = 0; bit < 64; ++bit) {
            const bool start = bit % order.frames() == 0 &&
                               all_set(word, bit, static_cast<unsigned>(order.frames()));
            RC_ASSERT((starts >> bit & 1) == (start ? 1u : 0u));
        }
    }));
}

}  // namespace
}  // namespace anypage
