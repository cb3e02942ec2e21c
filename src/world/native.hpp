// NativeWorld: this machine. Interrupts are signals: irq_save blocks the signals named by
// set_interrupt_signals for the calling thread. Everything else is what the CPU and glibc give.
#pragma once

#include <sched.h>
#include <signal.h>
#include <time.h>

#include <atomic>
#include <cstdint>

#include "native_atomic.hpp"
#include "native_console.hpp"
#include "native_lock.hpp"
#include "native_rseq.hpp"
#include "world.hpp"

namespace anypage {

struct NativeWorld {
    template <class T>
    using Atomic = native::Atomic<T>;
    template <class T>
    using Raced = native::Raced<T>;
    using Lock = native::Lock;
    using Place = native::Place;
    using IrqState = sigset_t;
    using Rseq = native::Rseq;
    struct Loop {
        void round(std::uint64_t) {}
    };

    static void fence_seq_cst() { std::atomic_thread_fence(std::memory_order_seq_cst); }
    /// The kernel's smp_wmb: stores before it are seen before stores after it.
    static void smp_wmb() { std::atomic_thread_fence(std::memory_order_release); }
    /// The kernel's smp_rmb: loads before it are satisfied before loads after it.
    static void smp_rmb() { std::atomic_thread_fence(std::memory_order_acquire); }

    /// The CPU that this thread runs on, possibly no longer so on return. Any context.
    static CpuId cpu() {
        // As an int negative where the kernel does not keep it current: ask the slow way.
        const CpuId kept = Rseq::cpu();
        if (static_cast<std::int32_t>(kept.value) >= 0) [[likely]]
            return kept;
        const int cpu = sched_getcpu();
        return {cpu < 0 ? 0u : static_cast<std::uint32_t>(cpu)};
    }

    /// Which signals stand for interrupts. Not concurrently with anything; none by default.
    static void set_interrupt_signals(const sigset_t& signals) { interrupt_signals() = signals; }
    static IrqState irq_save() {
        sigset_t before;
        pthread_sigmask(SIG_BLOCK, &interrupt_signals(), &before);
        return before;
    }
    static void irq_restore(const IrqState& before) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    // A thread may migrate whenever it likes here; nothing of ours depends on the opposite.
    static void migrate_disable() {}
    static void migrate_enable() {}

    static bool prepare_rseq() { return Rseq::prepare(); }
    static bool membarrier_rseq() { return Rseq::membarrier(); }
    static unsigned cpu_limit() { return Rseq::cpu_limit(); }

    static void name(const void*, const char*, std::size_t = 0) {}
    static void cpu_relax() { native::cpu_relax(); }
    static void cond_resched() { sched_yield(); }
    /// Sleep for about a scheduler tick (the kernel's schedule_timeout_uninterruptible(1)).
    static void sleep_tick() {
        const timespec tick{0, 1'000'000};
        nanosleep(&tick, nullptr);
    }

    static std::uint64_t clock_ns() {
        timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
               static_cast<std::uint64_t>(now.tv_nsec);
    }

    static native::Console& console() {
        static native::Console instance;
        return instance;
    }
    static void printk(const char* line) { console().print(line); }
    static void printk_deferred_enter() { native::Console::deferred_enter(); }
    static void printk_deferred_exit() { native::Console::deferred_exit(); }

private:
    static sigset_t& interrupt_signals() {
        static sigset_t signals{};
        return signals;
    }
};

static_assert(World<NativeWorld>);

}  // namespace anypage
