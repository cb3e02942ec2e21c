// Bits of a 64-bit word in which a 1 stands for a free frame: pure functions, no concurrency.
#pragma once

#include <bit>
#include <cstdint>

#include "units.hpp"

namespace anypage::bits {

/// Orders 0 to word_order fit into one word.
inline constexpr Order word_order{6};
inline constexpr unsigned word_bits = 64;
inline constexpr std::uint64_t all = ~std::uint64_t{0};

/// 2^order ones, from bit `first` on. `order` at most word_order.
constexpr std::uint64_t run_mask(unsigned first, Order order) {
    return order == word_order ? all : ((std::uint64_t{1} << order.frames()) - 1) << first;
}

// Not in the function: g++ 12 would build the table anew for each call.
inline constexpr std::uint64_t starts_by_order[] = {all,
                                                    0x5555555555555555,
                                                    0x1111111111111111,
                                                    0x0101010101010101,
                                                    0x0001000100010001,
                                                    0x0000000100000001,
                                                    1};

/// Ones at the multiples of 2^order: where an aligned run may start.
constexpr std::uint64_t aligned_starts(Order order) { return starts_by_order[order.value]; }

/// Starts of the aligned all-ones runs of 2^order in `word`.
constexpr std::uint64_t run_starts(std::uint64_t word, Order order) {
    if (order.value == 0) return word;
    for (unsigned half = 0; half < order.value; ++half) word &= word >> (1u << half);
    return word & aligned_starts(order);
}

/// The lowest `count` of the ones; all of them, if there are no more. `count` is not 0.
constexpr std::uint64_t lowest(std::uint64_t word, unsigned count) {
    if (word == 0) return 0;
    const auto first = static_cast<unsigned>(std::countr_zero(word));
    const auto run = static_cast<unsigned>(std::countr_one(word >> first));
    if (count <= run) return all >> (word_bits - count) << first;
    std::uint64_t rest = word;
    for (unsigned i = 0; i < count && rest != 0; ++i) rest &= rest - 1;
    return word & ~rest;
}

/// The order of the largest aligned all-ones run that holds `bit`, which must be set.
constexpr Order largest_run(std::uint64_t word, unsigned bit) {
    Order order{0};
    while (order < word_order) {
        const Order next{static_cast<std::uint8_t>(order.value + 1)};
        const unsigned first = bit & ~static_cast<unsigned>(next.frames() - 1);
        const std::uint64_t mask = run_mask(first, next);
        if ((word & mask) != mask) break;
        order = next;
    }
    return order;
}

/// One of the bits `among`, which must be set, that lies in the largest aligned all-ones run that
/// any of them lies in.
constexpr unsigned in_largest_run(std::uint64_t word, std::uint64_t among) {
    const bool is_one = (among & (among - 1)) == 0;
    for (std::uint8_t value = is_one ? 0 : word_order.value; value > 0; --value) {
        const Order order{value};
        const std::uint64_t in_runs = run_starts(word, order) * run_mask(0, order);
        if ((in_runs & among) != 0) {
            return static_cast<unsigned>(std::countr_zero(in_runs & among));
        }
    }
    return static_cast<unsigned>(std::countr_zero(among));
}

}  // namespace anypage::bits
