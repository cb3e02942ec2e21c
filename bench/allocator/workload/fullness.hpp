// Fills a subject, so that workloads find it as it is after a long life: what is free lies in
// single frames, scattered at random.
#pragma once

#include <algorithm>
#include <random>
#include <vector>

#include "bench/allocator/subject/all.hpp"

namespace anypage::bench {

/// As many frames as there is room for, by 256; how many the subject gives.
template <Subject S>
std::size_t take_all(S& subject, std::span<Pfn> pages) {
    constexpr std::size_t step = 256;
    std::size_t done = 0;
    while (done < pages.size()) {
        const std::span rest = pages.subspan(done);
        const std::size_t count = allocate_batch(subject, rest.first(std::min(step, rest.size())));
        if (count == 0) break;
        done += count;
    }
    return done;
}

/// The frames in use when so many of 10,000 that requests may have are in use; in random order.
template <Zoned S>
std::vector<Pfn> fill(S& subject, unsigned of_10000) {
    std::vector<Pfn> pages(subject.usable());
    pages.resize(take_all(subject, pages));
    std::shuffle(pages.begin(), pages.end(), std::mt19937_64{of_10000});
    const std::size_t kept = pages.size() * of_10000 / 10000;
    for (std::size_t i = kept; i < pages.size(); ++i) subject.free(pages[i], Order{0});
    pages.resize(kept);
    return pages;
}

/// A cheap source of positions: what it costs, every subject pays.
class Positions {
public:
    explicit Positions(std::size_t count) : count_(count) {}
    std::size_t next() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return static_cast<std::size_t>((state_ >> 32) * count_ >> 32);
    }

private:
    const std::uint64_t count_;
    std::uint64_t state_ = 88172645463325252;
};

}  // namespace anypage::bench
