// What the stress tests share: how much to do, who owns which frame, and signals that interrupt.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/units.hpp"
#include "tests/support/sanitizers.hpp"

namespace anypage::test {

/// Operations for a thread to do: fewer where each costs more.
inline constexpr std::uint64_t operations_per_thread = tsan ? 50'000 : 500'000;
inline constexpr std::uint64_t hotplug_rounds = tsan ? 500 : 2'000;
inline constexpr unsigned thread_count = 3;

/// At most one owner for each frame; whoever breaks that is counted.
class OwnerTable {
public:
    explicit OwnerTable(std::uint64_t frames) : owners_(new std::atomic<std::uint8_t>[frames] {}) {}

    void take(Pfn pfn, Order order) {
        for (std::uint64_t i = 0; i < order.frames(); ++i) change(pfn + i, 0, 1);
    }
    void give(Pfn pfn, Order order) {
        for (std::uint64_t i = 0; i < order.frames(); ++i) change(pfn + i, 1, 0);
    }
    std::uint64_t conflicts() const { return conflicts_.load(); }

private:
    void change(Pfn pfn, std::uint8_t from, std::uint8_t to) {
        // Relaxed: the allocator itself must order one owner's hands before the next one's.
        if (owners_[pfn.value].exchange(to, std::memory_order_relaxed) != from) ++conflicts_;
    }

    std::unique_ptr<std::atomic<std::uint8_t>[]> owners_;
    std::atomic<std::uint64_t> conflicts_{0};
};

/// A generator of numbers for one thread, or one handler.
class Numbers {
public:
    explicit Numbers(std::uint64_t seed) : state_(seed * 2 + 1) {}
    std::uint32_t next() {
        state_ = state_ * 6364136223846793005u + 1442695040888963407u;
        return static_cast<std::uint32_t>(state_ >> 33);
    }
    std::uint32_t below(std::uint32_t bound) { return next() % bound; }

private:
    std::uint64_t state_;
};

/// Runs the jobs, a thread each, and interrupts them with signals until all are done.
inline void run_under_signals(const std::vector<std::function<void()>>& jobs,
                              void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, nullptr);
    std::atomic<std::size_t> running{jobs.size()};
    std::vector<std::thread> threads;
    for (const auto& job : jobs) {
        threads.emplace_back([&] {
            job();
            running.fetch_sub(1);
        });
    }
    // A thread that is done but not joined may still be sent one.
    while (running.load() != 0) {
        for (std::thread& thread : threads) pthread_kill(thread.native_handle(), SIGUSR1);
        std::this_thread::yield();
    }
    for (std::thread& thread : threads) thread.join();
    action.sa_handler = SIG_IGN;
    sigaction(SIGUSR1, &action, nullptr);
}

}  // namespace anypage::test
