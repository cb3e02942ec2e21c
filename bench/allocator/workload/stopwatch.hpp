// Stopwatch: how long one call takes, in ns. On x86-64 by the time stamp counter between fences, so
// that the call lies wholly inside; elsewhere by the steady clock. What the watch itself takes is
// measured and taken off.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace anypage::bench {

class Stopwatch {
public:
    static std::uint64_t now() {
#if defined(__x86_64__)
        _mm_lfence();
        const std::uint64_t ticks = __rdtsc();
        _mm_lfence();
        return ticks;
#else
        return static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
#endif
    }

    static double ns(std::uint64_t ticks) {
        static const double per_tick = ns_per_tick();
        static const std::uint64_t own = own_ticks();
        return per_tick * static_cast<double>(ticks > own ? ticks - own : 0);
    }

private:
    using Clock = std::chrono::steady_clock;

    static double ns_per_tick() {
        const auto start = Clock::now();
        const std::uint64_t first = now();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        const std::uint64_t last = now();
        const std::chrono::duration<double, std::nano> passed = Clock::now() - start;
        return passed.count() / static_cast<double>(last - first);
    }
    static std::uint64_t own_ticks() {
        std::vector<std::uint64_t> samples(1001);
        for (std::uint64_t& sample : samples) {
            const std::uint64_t start = now();
            sample = now() - start;
        }
        std::sort(samples.begin(), samples.end());
        return samples[samples.size() / 2];
    }
};

}  // namespace anypage::bench
