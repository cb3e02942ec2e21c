// InterruptingWorld: one thread, sequentially consistent, whose every shared-memory operation first
// counts a step. At a chosen step an Interruption runs a handler once, as an interrupt on this CPU,
// or another CPU that gets ahead, would: so a test interrupts an operation at each of its steps. A
// Stalled runs an operation on a stack of its own up to a step and leaves it there.
//
// A lock that is held, and a spin that lasts, end in a Hang: there is nobody else to wait for.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "world/rseq.hpp"
#include "world/world.hpp"

namespace anypage::test {

/// What would never end.
struct Hang {
    const char* where;
};

/// Who may come in between. An interrupt does not while irq_save masks it.
enum class Comes : std::uint8_t { always, unless_masked };

struct InterruptingWorld {
    template <class T>
    class Atomic {
    public:
        Atomic() = default;
        constexpr explicit Atomic(T value) : value_(value) {}
        Atomic(const Atomic&) = delete;
        Atomic& operator=(const Atomic&) = delete;

        T load_relaxed() const { return stepped(), value_; }
        T load_acquire() const { return stepped(), value_; }
        T load_seq_cst() const { return stepped(), value_; }
        void store_relaxed(T value) { stepped(), value_ = value; }
        void store_release(T value) { stepped(), value_ = value; }
        bool cas_relaxed(T& expected, T desired) { return cas(expected, desired); }
        bool cas_acq_rel(T& expected, T desired) { return cas(expected, desired); }
        bool cas_seq_cst(T& expected, T desired) { return cas(expected, desired); }
        T exchange_acq_rel(T value) { return stepped(), std::exchange(value_, value); }
        T fetch_add_relaxed(T value) { return add(value); }
        T fetch_add_release(T value) { return add(value); }
        T fetch_add_seq_cst(T value) { return add(value); }
        T fetch_or_relaxed(T value) { return stepped(), std::exchange(value_, value_ | value); }
        T fetch_or_seq_cst(T value) { return stepped(), std::exchange(value_, value_ | value); }
        T fetch_and_relaxed(T value) { return stepped(), std::exchange(value_, value_ & value); }
        T fetch_and_seq_cst(T value) { return stepped(), std::exchange(value_, value_ & value); }

    private:
        T add(T value) { return stepped(), std::exchange(value_, static_cast<T>(value_ + value)); }
        bool cas(T& expected, T desired) {
            stepped();
            if (value_ != expected) {
                expected = value_;
                return false;
            }
            value_ = desired;
            return true;
        }
        T value_;
    };

    template <class T>
    class Raced {
    public:
        T read() const { return value_.load_relaxed(); }
        void write(T value) { value_.store_relaxed(value); }

    private:
        Atomic<T> value_;
    };

    class Lock {
    public:
        Lock(LockKind kind, bool preempt_rt, const char* name)
            : sleeps_(kind == LockKind::spin && preempt_rt), name_(name) {}
        void lock() {
            stepped();
            if (sleeps_ && masked) ++sleeps_while_masked;
            if (held_) throw Hang{name_};
            held_ = true;
        }
        void unlock() {
            stepped();
            held_ = false;
        }

    private:
        const bool sleeps_;
        const char* const name_;
        bool held_ = false;
    };

    struct Place {
        explicit Place(const char*) {}
    };
    using IrqState = bool;
    struct Loop {
        void round(std::uint64_t) {}
    };

    static void name(const void*, const char*, std::size_t = 0) {}
    static void fence_seq_cst() { stepped(); }
    static void smp_wmb() { stepped(); }
    static void smp_rmb() { stepped(); }

    /// A section that was interrupted begins again.
    template <class Section>
    static auto restartable(const Section& section) {
        for (;;) {
            in_section = true;
            try {
                const auto value = section();
                in_section = false;
                return value;
            } catch (const Restart&) {
            }
        }
    }
    using Rseq = anypage::Rseq<InterruptingWorld>;
    static bool prepare_rseq() { return !refuses; }
    static bool refuses_rseq() { return refuses; }
    static bool membarrier_rseq() { return stepped(), true; }
    static unsigned cpu_limit() { return cpus_max; }

    static CpuId cpu() { return current_cpu; }
    static IrqState irq_save() { return std::exchange(masked, true); }
    static void irq_restore(IrqState before) { masked = before; }
    static void migrate_disable() {}
    static void migrate_enable() {}
    static void cpu_relax() { spin("spins"); }
    static void cond_resched() {
        stepped();
        spin("yields for ever");
    }
    static void sleep_tick() {
        stepped();
        ++ticks;
        if (on_tick) on_tick();
        spin("sleeps for ever");
    }
    static std::uint64_t clock_ns() { return ++clock; }
    static void printk(const char* line) {
        stepped();
        if (on_printk && deferrals == 0) on_printk(line);
    }
    static void printk_deferred_enter() { ++deferrals; }
    static void printk_deferred_exit() { --deferrals; }

    // What a test sets and reads. One thread.

    inline static CpuId current_cpu{0};
    inline static bool masked = false;
    inline static bool refuses = false;  ///< restartable sections
    inline static unsigned deferrals = 0;
    inline static unsigned sleeps_while_masked =
        0;  // "sleeping function called from invalid context"
    inline static std::uint64_t ticks = 0;
    inline static std::function<void()> on_tick;
    inline static std::function<void(const char*)> on_printk;

    /// Back to how a test finds it.
    static void reset() {
        current_cpu = CpuId{0};
        masked = false;
        refuses = false;
        deferrals = 0;
        sleeps_while_masked = 0;
        ticks = 0;
        spins = 0;
        on_tick = nullptr;
        on_printk = nullptr;
    }

private:
    friend class Interruption;
    friend class Stalled;

    static void stepped() {
        if (armed && !(masked && comes == Comes::unless_masked) && steps++ >= stop_at) interrupt();
    }
    static void interrupt() {
        armed = false;
        const auto handler = std::move(on_step);  // it may arm another one, or never return
        const bool restarts = std::exchange(in_section, false);
        handler();
        if (restarts) throw Restart{};
    }
    static void spin(const char* where) {
        if (++spins > spins_max) {
            spins = 0;
            throw Hang{where};
        }
    }

    struct Restart {};
    static constexpr unsigned cpus_max = 4;
    static constexpr unsigned spins_max = 1000;
    inline static bool in_section = false;
    inline static bool armed = false;
    inline static Comes comes = Comes::always;
    inline static std::uint64_t steps = 0;
    inline static std::uint64_t stop_at = 0;
    inline static unsigned spins = 0;
    inline static std::uint64_t clock = 0;
    inline static std::function<void()> on_step;
};

static_assert(World<InterruptingWorld>);

/// While it lives, the first step from the `step`-th on at which it may come is preceded by
/// `handler`, once. Not nested.
class Interruption {
public:
    Interruption(std::uint64_t step, std::function<void()> handler, Comes comes = Comes::always) {
        W::on_step = std::move(handler);
        W::comes = comes;
        W::steps = 0;
        W::stop_at = step;
        W::spins = 0;
        W::armed = true;
    }
    ~Interruption() { W::armed = false; }
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;

    bool fired() const { return !W::armed; }

private:
    using W = InterruptingWorld;
};

/// attempt(step) for step = 0, 1, 2, ... until it says that its interruption did not fire; how
/// many. Each attempt starts from a state of its own.
template <class Attempt>
std::uint64_t for_each_step(const Attempt& attempt) {
    std::uint64_t step = 0;
    while (attempt(step)) ++step;
    return step;
}

}  // namespace anypage::test
