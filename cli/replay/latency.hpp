// Latency: a histogram of nanoseconds with 16 steps to each power of two (6 % wide), in fixed
// memory that another process may read. One writer.
#pragma once

#include <bit>
#include <cstdint>

#include "world/native.hpp"

namespace anypage {

class latency_histogram {
public:
    static constexpr unsigned steps = 16;
    static constexpr unsigned powers = 40;
    static constexpr unsigned bucket_count = steps * powers;

    void add(std::uint64_t ns) {
        auto& bucket = buckets_[bucket_of(ns)];
        bucket.store_relaxed(bucket.load_relaxed() + 1);
        if (ns > max_.load_relaxed()) max_.store_relaxed(ns);
    }
    void add_all(const latency_histogram& other) {
        for (unsigned i = 0; i < bucket_count; ++i) {
            buckets_[i].store_relaxed(buckets_[i].load_relaxed() +
                                      other.buckets_[i].load_relaxed());
        }
        if (other.max() > max()) max_.store_relaxed(other.max());
    }

    std::uint64_t count() const {
        std::uint64_t total = 0;
        for (const auto& bucket : buckets_) total += bucket.load_relaxed();
        return total;
    }
    std::uint64_t max() const { return max_.load_relaxed(); }
    /// The value that a share of all values (0 to 1) does not exceed; 0 if there are none.
    std::uint64_t quantile(double share) const {
        const std::uint64_t total = count();
        const auto rank = static_cast<std::uint64_t>(static_cast<double>(total) * share);
        std::uint64_t seen = 0;
        for (unsigned i = 0; i < bucket_count; ++i) {
            seen += buckets_[i].load_relaxed();
            if (seen > rank) return std::min(upper_end(i), max());
        }
        return max();
    }

private:
    static constexpr unsigned bucket_of(std::uint64_t ns) {
        if (ns < steps) return static_cast<unsigned>(ns);
        const auto power = static_cast<unsigned>(std::bit_width(ns)) - 1;
        const auto step = static_cast<unsigned>(ns >> (power - 4)) & (steps - 1);
        return std::min((power - 3) * steps + step, bucket_count - 1);
    }
    static constexpr std::uint64_t upper_end(unsigned bucket) {
        if (bucket < steps) return bucket;
        const unsigned power = bucket / steps + 3;
        const std::uint64_t width = std::uint64_t{1} << (power - 4);
        return (std::uint64_t{1} << power) + (bucket % steps + 1) * width - 1;
    }

    NativeWorld::Atomic<std::uint64_t> buckets_[bucket_count];
    NativeWorld::Atomic<std::uint64_t> max_;
};

}  // namespace anypage
