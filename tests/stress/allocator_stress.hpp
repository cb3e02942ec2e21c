// The allocator with snapshots under threads and signals, while a node's memory comes and goes and
// zonelists are rebuilt. Bounded by operations. Nobody fails who must not, nobody has what another
// has, and at the end nothing is lost. Needs no GoogleTest: runs where there is none, too.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "protocol/snapshot.hpp"
#include "tests/support/stress.hpp"
#include "tests/support/test_machine.hpp"
#include "world/native.hpp"

namespace anypage::test::allocator_stress {

using W = NativeWorld;
using P = protocol::snapshot<W>;

/// How much each thread does, and the thread that hotplugs.
struct Amount {
    std::uint64_t operations = operations_per_thread;
    std::uint64_t rounds = hotplug_rounds;
};

constexpr std::uint64_t stays_frames = 16384;
constexpr std::uint64_t comes_frames = 4096;
/// What a thread holds at most: far less than what always stays.
constexpr std::size_t held_max = 1000;

inline MachinePlan plan(bool checked) {
    MachinePlan plan;
    plan.node_ids = {2, 5};
    plan.cpus = {2, 2};
    plan.zones = {{0, ZoneIndex::normal, stays_frames},
                  {0, ZoneIndex::movable, comes_frames},
                  {1, ZoneIndex::normal, comes_frames}};
    plan.checked = checked;
    return plan;
}

struct Shared {
    explicit Shared(bool checked) : machine(plan(checked)) {}

    TestMachine<P> machine;
    OwnerTable owners{8 * layout::tree_frames};
    std::atomic<std::uint64_t> failures{0};
    std::atomic<std::uint64_t> faults{0};
    std::atomic<std::uint64_t> in_handlers{0};
    std::atomic<std::uint64_t> offlined{0};

    result<Pfn> allocate(const Request<W>& request) {
        const auto page = machine.pages.allocate(request);
        if (page) owners.take(*page, request.order);
        return page;
    }
    void free(Pfn pfn, Order order) {
        owners.give(pfn, order);
        if (machine.pages.free(pfn, order).fault != FreeFault::none) ++faults;
    }
};

inline Shared* shared = nullptr;

/// A handler's request must not fail either: it may interrupt anything.
inline void handle(int) {
    Shared& s = *shared;
    const std::uint64_t count = s.in_handlers.fetch_add(1, std::memory_order_relaxed);
    Request<W> request;
    request.flags = count % 3 == 0 ? gfp::NOLOCK : gfp::ATOMIC | gfp::NOWARN;
    request.nolock = count % 3 == 0;
    request.caller.in_interrupt = true;
    request.order = Order{static_cast<std::uint8_t>(count / 3 % 4 == 0 ? count / 12 % 4 : 0)};
    if (const auto page = s.allocate(request)) {
        s.free(*page, request.order);
    } else if (request.order.value == 0) {
        ++s.failures;
    }
}

struct Held {
    Pfn pfn;
    Order order;
};

inline Request<W> random_request(Numbers& numbers) {
    constexpr gfp_t flags[] = {gfp::NOWAIT, gfp::ATOMIC | gfp::NOWARN, gfp::KERNEL | gfp::NOWARN,
                               gfp::HIGHUSER_MOVABLE | gfp::NOWARN, gfp::NOWAIT | gfp::RECLAIMABLE};
    Request<W> request;
    request.flags = flags[numbers.below(std::size(flags))];
    if (numbers.below(3) == 0)
        request.node = NodeId{numbers.below(2) == 0 ? std::uint16_t{2} : std::uint16_t{5}};
    const bool large = numbers.below(16) == 0;
    request.order = Order{static_cast<std::uint8_t>(large ? numbers.below(7) : numbers.below(2))};
    return request;
}

inline void give_back(Shared& s, std::vector<Held>& held, std::size_t which) {
    s.free(held[which].pfn, held[which].order);
    held[which] = held.back();
    held.pop_back();
}

inline void bulk(Shared& s, Numbers& numbers) {
    std::array<Pfn, 48> pages;
    Request<W> request;
    request.flags = numbers.below(2) == 0 ? gfp::NOWAIT : gfp::HIGHUSER_MOVABLE | gfp::NOWARN;
    const std::size_t count = s.machine.pages.allocate_bulk(request, pages);
    if (count == 0) ++s.failures;
    for (std::size_t i = 0; i < count; ++i) s.owners.take(pages[i], Order{0});
    for (std::size_t i = 0; i < count; ++i) s.owners.give(pages[i], Order{0});
    if (s.machine.pages.free_bulk(std::span(pages).first(count)) != count) ++s.faults;
}

inline void work(unsigned seed, std::uint64_t operations) {
    Shared& s = *shared;
    Numbers numbers(seed);
    std::vector<Held> held;
    std::uint64_t frames = 0;
    for (std::uint64_t i = 0; i < operations; ++i) {
        const std::uint32_t what = numbers.below(32);
        if (what == 0) {
            bulk(s, numbers);
        } else if (what < 17 && frames < held_max) {
            const Request<W> request = random_request(numbers);
            if (const auto page = s.allocate(request)) {
                held.push_back({*page, request.order});
                frames += request.order.frames();
            } else if (request.order.value == 0) {
                ++s.failures;
            }
        } else if (!held.empty()) {
            const auto which = numbers.below(static_cast<std::uint32_t>(held.size()));
            frames -= held[which].order.frames();
            give_back(s, held, which);
        }
    }
    while (!held.empty()) give_back(s, held, held.size() - 1);
}

/// Whole zones come and go, so that zonelists change; sections in use stay.
inline void hotplug(std::uint64_t rounds) {
    Shared& s = *shared;
    Numbers numbers(7);
    for (std::uint64_t i = 0; i < rounds; ++i) {
        const std::uint32_t zone = 1 + numbers.below(2);
        if (numbers.below(4) == 0) s.machine.hotplug.rebuild_now(0);
        for (std::uint64_t index = 0; index < comes_frames / 512; ++index) {
            const PfnRange range = s.machine.section(zone, index);
            if (s.machine.hotplug.online(range, 0)) continue;
            const auto report = s.machine.hotplug.offline(range, 0);
            if (!report || report->offlined == 0) continue;
            s.offlined.fetch_add(1, std::memory_order_relaxed);
            // Nobody has it, and nobody is given it.
            s.owners.take(range.first, pageblock_order);
            s.owners.give(range.first, pageblock_order);
        }
    }
}

/// What is wrong at the end; empty if nothing is.
inline std::string wrong(Shared& state) {
    std::ostringstream words;
    const auto zero = [&](const char* what, std::uint64_t count) {
        if (count != 0) words << what << ": " << count << '\n';
    };
    if (state.in_handlers.load() == 0) words << "no handler ran\n";
    if (state.offlined.load() == 0) words << "nothing went offline\n";
    zero("requests failed", state.failures.load());
    zero("frees found a fault", state.faults.load());
    zero("frames had two owners", state.owners.conflicts());
    state.machine.drain();
    const AllocatorValidation validation = state.machine.validated();
    if (!validation) words << validation << '\n';
    zero("frames in use", validation.in_use());
    zero("frames in stocks", validation.stocked);
    zero("frames lost", stays_frames - validate(state.machine.zone(0)).free);
    return words.str();
}

/// Runs it; what is wrong.
inline std::string run(bool checked, const Amount& amount = {}) {
    Shared state(checked);
    shared = &state;
    std::vector<std::function<void()>> jobs;
    for (unsigned i = 0; i < thread_count; ++i) {
        jobs.emplace_back([&, i] { work(i + 1, amount.operations); });
    }
    jobs.emplace_back([&] { hotplug(amount.rounds); });
    run_under_signals(jobs, handle);
    shared = nullptr;
    return wrong(state);
}

}  // namespace anypage::test::allocator_stress
