// Crew: the threads of a replay. One for each recorded CPU, one for hotplug, and as the plan says a
// SCHED_FIFO thread beside it and a pty writer; each with a timer signal if wanted.
#pragma once

#include <pthread.h>
#include <sys/resource.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <random>
#include <thread>

#include "cli/replay/interrupts.hpp"
#include "cli/replay/rig.hpp"
#include "cli/replay/tally.hpp"

namespace anypage {

template <class P>
class crew {
public:
    using W = typename P::WorldT;

    crew(rig<P>& on, replay_report& report) : rig_(on), plan_(on.plan()), report_(report) {}

    /// Runs the whole replay; everything that was allocated is free again when it returns.
    void run() {
        enlist();
        rig_.begin_hold(mover_.own);
        for (const std::size_t target : plan_.targets) rig_.crowd(target);
        const std::uint64_t since = W::clock_ns();
        start_others();
        wait_for_others_to_begin();
        for (unsigned pass = 0; pass < plan_.options.repeat; ++pass) replay_once(pass);
        stop_.store_release(1);
        for (auto& thread : others_) thread.join();
        report_.elapsed_ns.store_relaxed(W::clock_ns() - since);
        report_.rebuilds.store_relaxed(rig_.hotplug().rebuilds() - rebuilds_before_);
    }

    /// After the look at the zones: frees what the recording left allocated.
    void clean_up() {
        for (std::uint32_t block = 0; block < plan_.recorded.blocks(); ++block) close(block);
    }

private:
    /// One thread's place in the report, and who allocates on it.
    struct member {
        thread_report* report = nullptr;
        agent own;
        agent handler;
        interrupt_work work{};
    };
    static constexpr std::uint64_t interrupt_period_ns = 250'000;
    static constexpr std::uint32_t window = 2048;  // events that a thread may be ahead of others

    // -- Setting up.

    void enlist() {
        members_ = std::make_unique<member[]>(plan_.options.threads);
        for (unsigned i = 0; i < plan_.options.threads; ++i) {
            enlist(members_[i], thread_role::replay, i,
                   plan_.node_of_cpu[i % plan_.node_of_cpu.size()]);
        }
        enlist(mover_, thread_role::hotplug, 0, plan_.node_of_cpu.front());
        if (plan_.options.contexts.fifo)
            enlist(fifo_, thread_role::fifo, 0, plan_.node_of_cpu.front());
        if (plan_.options.contexts.pty) enlist(pty_, thread_role::pty, 0, plan_.node_of_cpu.back());
        // The probe runs on the hotplug thread, inside of whatever it is doing: an agent of its
        // own.
        prober_.counts = &mover_.report->own;
        prober_.latency = &mover_.report->own_latency;
        prober_.node = plan_.node_of_cpu.front();
        prober_.in_interrupt = true;
        rig_.enroll(prober_);
        rig_.set_prober(prober_);
        rig_.set_mover(mover_.own);
        positions_ = std::make_unique<Position[]>(plan_.options.threads);
        rebuilds_before_ = rig_.hotplug().rebuilds();
    }

    void enlist(member& who, thread_role role, std::uint32_t index, NodeId node) {
        who.report = &report_.threads[report_.thread_count++];
        who.report->role = role;
        who.report->index = index;
        who.own.counts = &who.report->own;
        who.own.latency = &who.report->own_latency;
        who.own.node = node;
        who.handler.counts = &who.report->handler;
        who.handler.latency = &who.report->handler_latency;
        who.handler.node = node;
        who.handler.in_interrupt = true;
        rig_.enroll(who.own);
        rig_.enroll(who.handler);
    }

    /// Runs `body` as a member: watched, and interrupted if the plan says so.
    template <class Body>
    void serve(member& who, Body body) {
        native::Place::attach(&who.report->places);
        who.report->running.store_release(1);
        {
            auto call = [this, &who] { interrupted(who); };
            who.work = {[](void* context) { (*static_cast<decltype(call)*>(context))(); }, &call};
            std::optional<interrupts> timer;
            if (plan_.options.contexts.signals) timer.emplace(who.work, interrupt_period_ns);
            body();
        }
        who.report->running.store_release(0);
        native::Place::attach(nullptr);
    }

    /// In the signal handler: one page, atomically.
    void interrupted(member& who) {
        const native::Place here("is in its timer handler");
        const wish asked{gfp::ATOMIC | gfp::NOWARN, Order{0}, who.handler.node};
        if (const auto page = rig_.ask(who.handler, asked, ledger::owner_passing)) {
            rig_.give_back(who.handler, *page, Order{0});
        }
        tally::add(who.handler.counts->progress);
    }

    // -- Replaying.

    void replay_once(unsigned pass) {
        rig_.clear_blocks();
        std::vector<std::thread> threads;
        for (unsigned i = 0; i < plan_.options.threads; ++i) {
            positions_[i].event.store_relaxed(0);
            threads.emplace_back([this, i] { serve(members_[i], [this, i] { replay(i); }); });
        }
        for (auto& thread : threads) thread.join();
        if (pass + 1 < plan_.options.repeat) clean_up();
    }

    void replay(unsigned index) {
        member& who = members_[index];
        for (const std::uint32_t event : plan_.events_of_thread[index]) {
            positions_[index].event.store_release(event);
            wait_for_others(event);
            const recorded_event& each = plan_.recorded.events()[event];
            if (each.kind == event_kind::allocate) {
                open(who, each);
            } else {
                close(who, each);
            }
            tally::add(who.report->own.progress);
        }
        positions_[index].event.store_release(~std::uint32_t{0});
    }

    void open(member& who, const recorded_event& event) {
        // The recording's own context, as far as it tells, is the caller's here.
        const wish asked{event.gfp, event.order, plan_.node_of_cpu[event.cpu]};
        const auto page = rig_.ask(who.own, asked, ledger::owner_of_block(event.block));
        rig_.set_block(event.block, page);
        if (page) {
            rig_.hold(who.own, *page);
        } else {
            rig_.hold_all(who.own);
        }
    }

    void close(member& who, const recorded_event& event) {
        // Another thread may have to allocate it first. Events are in one order for all, so the
        // earliest never waits.
        while (rig_.block_state(event.block) == rig<P>::block_none) W::cond_resched();
        if (!rig_.is_open(event.block)) return;
        const Pfn pfn = rig_.close_block(event.block);
        rig_.give_back(who.own, pfn, event.order);
        rig_.hold(who.own, pfn);
    }
    void close(std::uint32_t block) {
        if (!rig_.is_open(block)) return;
        const Order order = plan_.recorded.events()[plan_.event_of_block[block]].order;
        rig_.give_back(mover_.own, rig_.close_block(block), order);
    }

    // Far ahead of the others a thread would hold more pages than the recording ever did.
    void wait_for_others(std::uint32_t event) {
        while (event > window && slowest() < event - window) W::cond_resched();
    }
    std::uint32_t slowest() const {
        std::uint32_t least = ~std::uint32_t{0};
        for (unsigned i = 0; i < plan_.options.threads; ++i) {
            least = std::min(least, positions_[i].event.load_acquire());
        }
        return least;
    }

    // -- Everybody else.

    void start_others() {
        others_.emplace_back([this] { serve(mover_, [this] { make_weather(); }); });
        if (plan_.options.contexts.fifo) {
            others_.emplace_back([this] { serve(fifo_, [this] { run_fifo(); }); });
        }
        if (plan_.options.contexts.pty) {
            others_.emplace_back([this] { serve(pty_, [this] { write_pty(); }); });
        }
    }

    // A short recording would be over before the storm, or anybody else, has begun.
    void wait_for_others_to_begin() const {
        while (!plan_.targets.empty() && weather_steps() == 0) W::cond_resched();
        for (const member* each : {&fifo_, &pty_}) {
            while (each->report != nullptr && each->report->own.progress.load_acquire() == 0) {
                W::cond_resched();
            }
        }
    }
    std::uint64_t weather_steps() const {
        return report_.hotplug_steps.load_acquire() + report_.hotplug_refusals.load_acquire();
    }

    bool stopped() const { return stop_.load_acquire() != 0; }
    static void pause(std::uint64_t ns) {
        const timespec time{static_cast<time_t>(ns / 1'000'000'000),
                            static_cast<long>(ns % 1'000'000'000)};
        nanosleep(&time, nullptr);
    }
    static bool pin_to(unsigned cpu) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        return pthread_setaffinity_np(pthread_self(), sizeof set, &set) == 0;
    }

    /// The hotplug thread: each target goes offline and comes back, one after the other.
    void make_weather() {
        if (plan_.options.contexts.fifo) pin_to(hotplug_cpu);
        std::mt19937_64 random(plan_.options.seed);
        if (plan_.targets.empty()) {
            while (!stopped()) {
                pause(1'000'000);
                tally::add(mover_.report->own.progress);
            }
            return;
        }
        if (plan_.weather.pause_ns == 0) hurry();
        std::size_t next = random() % plan_.targets.size();
        while (!stopped()) {
            step(plan_.targets[next]);
            next = (next + 1) % plan_.targets.size();
        }
        for (const std::size_t target : plan_.targets) rig_.uncrowd(target);
    }

    /// As fast as it goes: the threads of the recorded CPUs share those of this machine, and leave
    /// hotplug one where that is permitted.
    static void hurry() {
        [[maybe_unused]] const int refused = setpriority(PRIO_PROCESS, 0, hurried_nice);
    }
    static constexpr int hurried_nice = -10;

    void step(std::size_t target) {
        const PfnRange there = plan_.zones[target].present;
        const auto gone = rig_.hotplug().offline(there, 0);
        progress_of_hotplug(gone && gone->left == 0);
        if (plan_.weather.pause_ns != 0) pause(plan_.weather.pause_ns);
        if (!gone || gone->offlined != 0) come_back(there);
        rig_.crowd(target);
        if (plan_.weather.pause_ns != 0) pause(plan_.weather.pause_ns);
    }
    // Sections go one by one, and may not all have gone: what is online refuses to come again.
    void come_back(PfnRange range) {
        bool back = false;
        rig_.hotplug().sections().for_each(range, [&](PfnRange section) {
            back = rig_.hotplug().online(section, 0).has_value() || back;
        });
        progress_of_hotplug(back);
    }
    void progress_of_hotplug(bool done) {
        tally::add(done ? report_.hotplug_steps : report_.hotplug_refusals);
        tally::add(mover_.report->own.progress);
    }

    /// On the hotplug thread's CPU, ahead of everything there.
    void run_fifo() {
        pin_to(hotplug_cpu);
        const sched_param priority{10};
        pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority);
        while (!stopped()) {
            const wish asked{gfp::KERNEL | gfp::NOWARN | gfp::NORETRY, Order{0}, fifo_.own.node};
            passing(fifo_, asked);
            pause(100'000);
        }
    }

    /// tty_insert_flip_string_and_push_buffer: an allocation under the port lock.
    void write_pty() {
        while (!stopped()) {
            {
                auto& port = NativeWorld::console().port();
                port.lock();
                const native::Place here("holds port->lock");
                passing(pty_, {gfp::ATOMIC | gfp::NOWARN, Order{0}, pty_.own.node});
                port.unlock();
            }
            pause(100'000);
        }
    }

    void passing(member& who, const wish& asked) {
        if (const auto page = rig_.ask(who.own, asked, ledger::owner_passing)) {
            rig_.give_back(who.own, *page, asked.order);
        }
        tally::add(who.report->own.progress);
    }

    static constexpr unsigned hotplug_cpu = 0;

    struct alignas(cache_line) Position {
        NativeWorld::Atomic<std::uint32_t> event{0};
    };

    rig<P>& rig_;
    const replay_plan& plan_;
    replay_report& report_;
    std::unique_ptr<member[]> members_;
    std::unique_ptr<Position[]> positions_;
    member mover_;
    member fifo_;
    member pty_;
    agent prober_;
    std::vector<std::thread> others_;
    NativeWorld::Atomic<std::uint32_t> stop_{0};
    std::uint64_t rebuilds_before_ = 0;
};

}  // namespace anypage
