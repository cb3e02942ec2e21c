// Fills a subject, so that workloads find it as it is after a long life: what is free lies in
// single frames, scattered at random.
#pragma once

#include <algorithm>
#include <random>
#include <vector>

#include "bench/allocator/subject/all.hpp"

namespace anypage::bench {

/// Everything that requests may have, by 256 frames; fewer where the subject gives no more.
template <Zoned S>
std::vector<Pfn> take_all(S& subject) {
    constexpr std::size_t step = 256;
    std::vector<Pfn> pages(subject.usable());
    for (std::size_t done = 0; done < pages.size();) {
        const std::span rest = std::span(pages).subspan(done);
        const std::size_t count = allocate_batch(subject, rest.first(std::min(step, rest.size())));
        done += count;
        if (count == 0) pages.resize(done);
    }
    return pages;
}

/// The frames in use when `per_mille` of what requests may have is in use; in random order.
template <Zoned S>
std::vector<Pfn> fill(S& subject, unsigned per_mille) {
    std::vector<Pfn> pages = take_all(subject);
    std::shuffle(pages.begin(), pages.end(), std::mt19937_64{per_mille});
    const std::size_t kept = pages.size() * per_mille / 1000;
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
