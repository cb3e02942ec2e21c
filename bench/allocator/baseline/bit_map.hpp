// BitMap: a baseline. A bare bitmap of free frames, with one atomic read-modify-write an operation
// and nothing else: no hints but the word used last, no migratetypes, no counts, no checks. Runs
// lie within a word, so orders 0 to 6. Any context.
#pragma once

#include <atomic>
#include <bit>
#include <vector>

#include "bench/allocator/no_page.hpp"

namespace anypage::bench {

class BitMap {
public:
    static constexpr Order largest{6};

    /// All of `span` is free; whole words.
    explicit BitMap(PfnRange span) : first_(span.first), words_(span.frames / word_frames) {
        for (auto& word : words_) word.store(~std::uint64_t{0}, std::memory_order_relaxed);
    }

    Pfn allocate(Order order) {
        const std::uint64_t start = cursor_.load(std::memory_order_relaxed);
        std::uint64_t index = start;
        do {
            const std::uint64_t bit = take(words_[index], order);
            if (bit != word_frames) {
                if (index != start) cursor_.store(index, std::memory_order_relaxed);
                return first_ + (index * word_frames + bit);
            }
            if (++index == words_.size()) index = 0;
        } while (index != start);
        return no_page;
    }
    void free(Pfn pfn, Order order) {
        const std::uint64_t frame = pfn - first_;
        words_[frame / word_frames].fetch_or(run(order) << (frame % word_frames),
                                             std::memory_order_release);
    }

private:
    static constexpr std::uint64_t word_frames = 64;

    static std::uint64_t run(Order order) {
        return order == largest ? ~std::uint64_t{0} : (std::uint64_t{1} << order.frames()) - 1;
    }
    /// Bits at which an aligned run of ones begins.
    static std::uint64_t starts(std::uint64_t word, Order order) {
        constexpr std::uint64_t aligned[] = {
            ~std::uint64_t{0},  0x5555555555555555, 0x1111111111111111, 0x0101010101010101,
            0x0001000100010001, 0x0000000100000001, 0x0000000000000001};
        for (unsigned i = 0; i < order.value; ++i) word &= word >> (1u << i);
        return word & aligned[order.value];
    }
    /// The bit at which it has taken a run, or word_frames.
    static std::uint64_t take(std::atomic<std::uint64_t>& word, Order order) {
        std::uint64_t seen = word.load(std::memory_order_relaxed);
        for (std::uint64_t at = starts(seen, order); at != 0; at = starts(seen, order)) {
            const auto bit = static_cast<std::uint64_t>(std::countr_zero(at));
            if (word.compare_exchange_weak(seen, seen & ~(run(order) << bit),
                                           std::memory_order_acquire, std::memory_order_relaxed)) {
                return bit;
            }
        }
        return word_frames;
    }

    const Pfn first_;
    std::vector<std::atomic<std::uint64_t>> words_;
    alignas(64) std::atomic<std::uint64_t> cursor_{0};
};

}  // namespace anypage::bench
