// A zone under threads and signals, while rows go offline and come back. Bounded by operations, not
// by time. At the end nothing is lost and nobody has had what another had.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/stress.hpp"
#include "tests/support/test_zone.hpp"
#include "world/native.hpp"

namespace anypage {
namespace {

using test::Numbers;
using test::OwnerTable;
using W = NativeWorld;

constexpr std::uint64_t frames = 4 * layout::tree_frames;

struct Shared {
    test::TestZone<W> zone{{.frames = frames}};
    OwnerTable owners{frames};
    std::atomic<std::uint64_t> faults{0};
    std::atomic<std::uint64_t> in_handlers{0};

    std::optional<Pfn> allocate(Order order, Migratetype type) {
        const auto pfn = zone->allocate(order, type, W::cpu());
        if (pfn) owners.take(*pfn, order);
        return pfn;
    }
    void free(Pfn pfn, Order order) {
        owners.give(pfn, order);
        if (zone->free(pfn, order, W::cpu()).fault != FreeFault::none) ++faults;
    }
};

Shared* shared = nullptr;

/// Allocates and frees where it interrupts, whatever that is.
void handle(int) {
    Shared& s = *shared;
    const std::uint64_t count = s.in_handlers.fetch_add(1, std::memory_order_relaxed);
    const Order order{static_cast<std::uint8_t>(count % order_count)};
    if (const auto pfn = s.allocate(order, Migratetype::unmovable)) s.free(*pfn, order);
}

struct Held {
    Pfn pfn;
    Order order;
};

void give_back(Shared& s, std::vector<Held>& held, std::size_t which) {
    s.free(held[which].pfn, held[which].order);
    held[which] = held.back();
    held.pop_back();
}

void batch(Shared& s, std::vector<Held>& held, Numbers& numbers) {
    std::array<Pfn, 32> pages;
    const std::size_t count = s.zone->allocate_batch(std::span(pages).first(numbers.below(32)),
                                                     Migratetype::movable, W::cpu());
    for (std::size_t i = 0; i < count; ++i) s.owners.take(pages[i], Order{0});
    if (numbers.below(2) == 0) {
        for (std::size_t i = 0; i < count; ++i) held.push_back({pages[i], Order{0}});
        return;
    }
    for (std::size_t i = 0; i < count; ++i) s.owners.give(pages[i], Order{0});
    std::span<const Pfn> left(pages.data(), count);
    while (!left.empty()) {
        const std::size_t done = s.zone->free_batch(left, W::cpu());
        left = left.subspan(done);
        if (done != 0 || left.empty()) continue;
        if (s.zone->free(left[0], Order{0}, W::cpu()).fault != FreeFault::none) ++s.faults;
        left = left.subspan(1);
    }
}

/// Keeps the zone near full for a while, then near empty.
void work(unsigned seed, std::uint64_t operations) {
    Shared& s = *shared;
    Numbers numbers(seed);
    std::vector<Held> held;
    for (std::uint64_t i = 0; i < operations; ++i) {
        const bool filling = i / 4096 % 2 == 0;
        const std::uint32_t what = numbers.below(16);
        if (what == 0) {
            batch(s, held, numbers);
        } else if (what < (filling ? 11u : 6u)) {
            const std::uint32_t large = numbers.below(4) == 0 ? order_count : 3;
            const Order order{static_cast<std::uint8_t>(numbers.below(large))};
            const auto type = static_cast<Migratetype>(numbers.below(migratetype_count));
            if (const auto pfn = s.allocate(order, type)) held.push_back({*pfn, order});
        } else if (!held.empty()) {
            give_back(s, held, numbers.below(static_cast<std::uint32_t>(held.size())));
        }
    }
    while (!held.empty()) give_back(s, held, held.size() - 1);
}

/// One row after the other: isolated, swept, and closed and opened again, or given back.
void hotplug(std::uint64_t rounds) {
    Shared& s = *shared;
    Numbers numbers(99);
    for (std::uint64_t i = 0; i < rounds; ++i) {
        const PfnRange row = s.zone.section(numbers.below(frames / layout::row_frames));
        std::array<std::uint64_t, layout::row_words> taken{};
        s.zone->isolate_range(row);
        std::uint64_t count = 0;
        for (int sweep = 0; sweep < 3; ++sweep) count += s.zone->sweep_range(row, taken.data());
        if (count != row.frames) {
            s.zone->put_back_range(row, taken.data(), count);
            continue;
        }
        s.zone->close_range(row);
        s.owners.take(row.first, pageblock_order);
        s.owners.give(row.first, pageblock_order);
        s.zone.online(row);
    }
}

TEST(ZoneStress, NothingIsLostOrOwnedTwiceUnderThreadsSignalsAndHotplug) {
    Shared state;
    shared = &state;
    std::vector<std::function<void()>> jobs;
    for (unsigned i = 0; i < test::thread_count; ++i) {
        jobs.emplace_back([i] { work(i + 1, test::operations_per_thread); });
    }
    jobs.emplace_back([] { hotplug(test::hotplug_rounds * 10); });
    test::run_under_signals(jobs, handle);
    shared = nullptr;
    EXPECT_NE(state.in_handlers.load(), 0u);
    EXPECT_EQ(state.owners.conflicts(), 0u);
    EXPECT_EQ(state.faults.load(), 0u);
    const ZoneValidation validation = state.zone.validated();
    EXPECT_TRUE(validation) << validation;
    EXPECT_EQ(validation.free, frames);
    EXPECT_EQ(state.zone.allocate_all(order_max).size(), frames / order_max.frames());
}

/// Threads that share a zone of which one run is left: a request that fails has seen it in use.
TEST(ZoneStress, TheLastRunIsAlwaysWithSomebodyOrFound) {
    constexpr Order order{3};
    test::TestZone<W> zone({.frames = 1024});
    std::vector<Pfn> all = zone.allocate_all(order);
    // As many runs as threads: nobody may ever fail.
    for (unsigned i = 0; i < test::thread_count; ++i) {
        ASSERT_EQ(zone->free(all.back(), order, CpuId{0}).fault, FreeFault::none);
        all.pop_back();
    }
    std::atomic<std::uint64_t> failures{0};
    const auto use = [&](unsigned cpu) {
        for (std::uint64_t i = 0; i < test::operations_per_thread; ++i) {
            const auto pfn = zone->allocate(order, Migratetype::movable, CpuId{cpu});
            if (!pfn || zone->free(*pfn, order, CpuId{cpu}).fault != FreeFault::none) ++failures;
        }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < test::thread_count; ++i) threads.emplace_back(use, i);
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(failures.load(), 0u);
    EXPECT_TRUE(zone.validated()) << zone.validated();
}

}  // namespace
}  // namespace anypage
