// SpinLock: what the baselines take where Linux takes a spinlock_t. Uncontended, it costs what the
// kernel's does: one compare-and-swap and one store. Whoever waits for long yields, because here,
// in contrast to the kernel, the owner may have been preempted.
#pragma once

#include <sched.h>

#include <atomic>

namespace anypage::bench {

class SpinLock {
public:
    bool try_lock() {
        bool free = false;
        return !held_.load(std::memory_order_relaxed) &&
               held_.compare_exchange_strong(free, true, std::memory_order_acquire);
    }
    void lock() {
        for (unsigned spins = 0; !try_lock(); ++spins) {
            if (spins < spins_before_yield) {
                relax();
            } else {
                sched_yield();
            }
        }
    }
    void unlock() { held_.store(false, std::memory_order_release); }

private:
    static constexpr unsigned spins_before_yield = 1000;

    static void relax() {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    }

    std::atomic<bool> held_{false};
};

}  // namespace anypage::bench
