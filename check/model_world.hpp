// ModelWorld: the World whose every operation on shared state is a choice point of an exploration.
// Code that is a template over a World runs here as it is; see include/anypage/check.hpp for how to
// write a scenario. Sites in counterexamples are those of the calls.
#pragma once

#include <anypage/core/world/rseq.hpp>
#include <anypage/core/world/world.hpp>
#include <bit>
#include <cstring>
#include <source_location>
#include <type_traits>

#include "execution.hpp"

namespace anypage::check {

struct ModelWorld {
    using Site = std::source_location;

    template <class T, bool ghost = false>
    class Atomic {
        static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 8);

    public:
        Atomic() = default;
        constexpr explicit Atomic(T value) : value_(value) {}
        Atomic(const Atomic&) = delete;
        Atomic& operator=(const Atomic&) = delete;

        T load_relaxed(Site at = Site::current()) const { return load(MemoryOrder::relaxed, at); }
        T load_acquire(Site at = Site::current()) const { return load(MemoryOrder::acquire, at); }
        T load_seq_cst(Site at = Site::current()) const { return load(MemoryOrder::seq_cst, at); }
        void store_relaxed(T value, Site at = Site::current()) {
            store(value, MemoryOrder::relaxed, at);
        }
        void store_release(T value, Site at = Site::current()) {
            store(value, MemoryOrder::release, at);
        }

        bool cas_relaxed(T& expected, T desired, Site at = Site::current()) {
            return cas(expected, desired, MemoryOrder::relaxed, MemoryOrder::relaxed, at);
        }
        bool cas_acq_rel(T& expected, T desired, Site at = Site::current()) {
            return cas(expected, desired, MemoryOrder::acq_rel, MemoryOrder::relaxed, at);
        }
        bool cas_seq_cst(T& expected, T desired, Site at = Site::current()) {
            return cas(expected, desired, MemoryOrder::seq_cst, MemoryOrder::seq_cst, at);
        }
        T exchange_acq_rel(T value, Site at = Site::current()) {
            return update(OpKind::exchange, value, MemoryOrder::acq_rel, at);
        }
        T fetch_add_relaxed(T value, Site at = Site::current()) {
            return update(OpKind::fetch_add, value, MemoryOrder::relaxed, at);
        }
        T fetch_add_release(T value, Site at = Site::current()) {
            return update(OpKind::fetch_add, value, MemoryOrder::release, at);
        }
        T fetch_add_seq_cst(T value, Site at = Site::current()) {
            return update(OpKind::fetch_add, value, MemoryOrder::seq_cst, at);
        }
        T fetch_or_relaxed(T value, Site at = Site::current()) {
            return update(OpKind::fetch_or, value, MemoryOrder::relaxed, at);
        }
        T fetch_or_seq_cst(T value, Site at = Site::current()) {
            return update(OpKind::fetch_or, value, MemoryOrder::seq_cst, at);
        }
        T fetch_and_seq_cst(T value, Site at = Site::current()) {
            return update(OpKind::fetch_and, value, MemoryOrder::seq_cst, at);
        }
        T fetch_and_relaxed(T value, Site at = Site::current()) {
            return update(OpKind::fetch_and, value, MemoryOrder::relaxed, at);
        }

        // Any order, for scenarios.
        T load(MemoryOrder order, Site at = Site::current()) const {
            return perform(OpKind::load, T{}, order, at);
        }
        void store(T value, MemoryOrder order, Site at = Site::current()) {
            perform(OpKind::store, value, order, at);
        }
        T update(OpKind kind, T value, MemoryOrder order, Site at = Site::current()) {
            return perform(kind, value, order, at);
        }
        /// One step of a specification: the value becomes function(value, a); what it was.
        T apply(std::uint64_t (*function)(std::uint64_t, std::uint64_t), std::uint64_t a,
                Site at = Site::current()) {
            Op op = make(OpKind::apply, T{}, MemoryOrder::acq_rel, at);
            op.a = a;
            op.function = function;
            perform(op);
            return from_word(op.result);
        }
        bool cas(T& expected, T desired, MemoryOrder order, MemoryOrder failure,
                 Site at = Site::current()) {
            Op op = make(OpKind::compare_exchange, desired, order, at);
            op.failure = failure;
            op.expected = to_word(expected);
            perform(op);
            if (!op.succeeded) expected = from_word(op.result);
            return op.succeeded;
        }

    protected:
        static std::uint64_t to_word(T value) {
            std::uint64_t word = 0;
            std::memcpy(&word, &value, sizeof value);
            return word;
        }
        static T from_word(std::uint64_t word) {
            T value;
            std::memcpy(&value, &word, sizeof value);
            return value;
        }
        static Op make(OpKind kind, T value, MemoryOrder order, Site at) {
            Op op;
            op.kind = kind;
            op.order = order;
            op.bytes = sizeof(T);
            op.a = to_word(value);
            op.at = at;
            op.ghost = ghost;
            return op;
        }
        T perform(OpKind kind, T value, MemoryOrder order, Site at) const {
            Op op = make(kind, value, order, at);
            perform(op);
            return from_word(op.result);
        }
        void perform(Op& op) const { Execution::current()->access(op, &value_); }

        alignas(sizeof(T) > 4 ? 8 : 4) T value_;
    };

    /// Plain in the source.
    template <class T, bool on_purpose>
    class Unmarked : Atomic<T> {
    public:
        T read(Site at = Site::current()) const { return access(OpKind::load, T{}, at); }
        void write(T value, Site at = Site::current()) { access(OpKind::store, value, at); }

    private:
        T access(OpKind kind, T value, Site at) const {
            Op op = this->make(kind, value, MemoryOrder::relaxed, at);
            (on_purpose ? op.raced : op.plain) = true;
            Atomic<T>::perform(op);
            return this->from_word(op.result);
        }
    };
    template <class T>
    using Raced = Unmarked<T, true>;  ///< races on purpose
    template <class T>
    using Plain = Unmarked<T, false>;  ///< "no data race" is violated if it races

    /// State of a property, not of the code: shared, sequentially consistent, ordering nothing.
    template <class T>
    using Ghost = Atomic<T, true>;

    class Lock {
    public:
        Lock(LockKind kind, bool preempt_rt, const char* name)
            : sleeps_(kind == LockKind::spin && preempt_rt), name_(without_waits_for(name)) {}
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;

        void lock(Site at = Site::current()) { operate(OpKind::lock, at); }
        void unlock(Site at = Site::current()) { operate(OpKind::unlock, at); }
        bool try_lock(Site at = Site::current()) { return operate(OpKind::try_lock, at); }

    private:
        bool operate(OpKind kind, Site at) {
            Op op;
            op.kind = kind;
            op.at = at;
            Execution::current()->lock(op, {this, sleeps_, name_});
            return op.succeeded;
        }
        // Native reports say "waits for X"; here it is X.
        static const char* without_waits_for(const char* name) {
            constexpr char prefix[] = "waits for ";
            constexpr std::size_t length = sizeof prefix - 1;
            return std::strncmp(name, prefix, length) == 0 ? name + length : name;
        }

        const bool sleeps_;
        const char* const name_;
    };

    class Place {
    public:
        explicit Place(const char* word) { Execution::current()->place(word); }
        ~Place() { Execution::current()->leave_place(); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
    };

    /// A round that has written nothing and would read what the last one read is not gone.
    class Loop {
    public:
        Loop() : index_(Execution::current()->enter_loop()) {}
        ~Loop() { Execution::current()->leave_loop(); }
        Loop(const Loop&) = delete;
        Loop& operator=(const Loop&) = delete;

        void round(std::uint64_t key = 0, Site at = Site::current()) {
            // Another key: not the same round again.
            if (!first_ && key == key_) pause(index_, at);
            first_ = false;
            key_ = key;
            Execution::current()->settle_loop(index_, key);
        }

    private:
        const unsigned index_;
        bool first_ = true;
        std::uint64_t key_ = 0;
    };

    struct IrqState {};

    static void fence(FenceKind kind, Site at = Site::current()) {
        Op op;
        op.kind = OpKind::fence;
        op.fence = kind;
        op.at = at;
        Execution::current()->operate(op);
    }
    /// A restartable section (rseq): `section` runs on its CPU with no other thread and no signal
    /// handler in between, nor a section of an interrupt handler, or begins again. What it stores
    /// is seen at once; its last operation is its commit. It may be called again any number of
    /// times and owns nothing.
    template <class Section>
    static auto restartable(const Section& section) {
        for (;;) {
            Execution::current()->begin_section();
            try {
                if constexpr (std::is_void_v<decltype(section())>) {
                    section();
                    return Execution::current()->end_section();
                } else {
                    const auto value = section();
                    Execution::current()->end_section();
                    return value;
                }
            } catch (const Execution::Restart&) {
            }
        }
    }

    // What the machine does with them is the scenario's choice; see Setup and ContextSpec.
    using Rseq = anypage::Rseq<ModelWorld>;
    static bool prepare_rseq() { return Execution::current()->setup().has_rseq; }
    static bool refuses_rseq() { return Execution::current()->refuses_section(); }
    static bool membarrier_rseq(Site at = Site::current()) {
        if (Execution::current()->setup().membarrier_may_fail &&
            choose(2, "membarrier fails", at) == 1) {
            return false;
        }
        fence(FenceKind::membarrier_rseq, at);
        return true;
    }
    static unsigned cpu_limit() { return Execution::current()->setup().cpus; }

    static void fence_seq_cst(Site at = Site::current()) { fence(FenceKind::seq_cst, at); }
    static void smp_wmb(Site at = Site::current()) { fence(FenceKind::smp_wmb, at); }
    static void smp_rmb(Site at = Site::current()) { fence(FenceKind::smp_rmb, at); }

    static void name(const void* address, const char* text, std::size_t stride = 0) {
        Execution::current()->name(address, text, stride);
    }
    static CpuId cpu() { return Execution::current()->cpu(); }
    static IrqState irq_save(Site at = Site::current()) {
        operate(OpKind::irq_save, at);
        return {};
    }
    static void irq_restore(IrqState, Site at = Site::current()) {
        operate(OpKind::irq_restore, at);
    }
    static void preempt_disable(Site at = Site::current()) { operate(OpKind::preempt_disable, at); }
    static void preempt_enable(Site at = Site::current()) { operate(OpKind::preempt_enable, at); }
    static void migrate_disable(Site at = Site::current()) { operate(OpKind::migrate_disable, at); }
    static void migrate_enable(Site at = Site::current()) { operate(OpKind::migrate_enable, at); }
    static void softirq_disable(Site at = Site::current()) {
        Execution::current()->disable_softirqs(at);
    }
    static void softirq_enable(Site at = Site::current()) {
        Execution::current()->enable_softirqs(at);
    }
    static void cpu_relax(Site at = Site::current()) { pause(0, at); }
    static void cond_resched(Site at = Site::current()) { operate(OpKind::resched, at); }
    static void sleep_tick(Site at = Site::current()) { operate(OpKind::sleep, at); }
    static std::uint64_t clock_ns() { return 0; }

    /// One of `count` ways to go on; all are explored.
    static unsigned choose(unsigned count, const char* what = nullptr, Site at = Site::current()) {
        Op op;
        op.kind = OpKind::choose;
        op.a = count;
        op.text = what;
        op.at = at;
        Execution::current()->operate(op);
        return static_cast<unsigned>(op.result);
    }
    /// A line of its own in counterexamples.
    static void note(const char* text, Site at = Site::current()) {
        Op op;
        op.kind = OpKind::note;
        op.text = text;
        op.at = at;
        Execution::current()->operate(op);
    }

    /// Synchronous printing takes the port lock, if the scenario has a console.
    static void printk(const char* line, Site at = Site::current());
    static void printk_deferred_enter() { ++Execution::current()->printk_deferrals(); }
    static void printk_deferred_exit() { --Execution::current()->printk_deferrals(); }
    /// The port lock, for whoever prints or writes to the tty. Null: the scenario has no console.
    static void attach_console(Lock* port);
    static Lock* console();

private:
    static void pause(unsigned loop, Site at) {
        Op op;
        op.kind = OpKind::pause;
        op.a = loop;
        op.at = at;
        Execution::current()->operate(op);
    }
    static void operate(OpKind kind, Site at) {
        Op op;
        op.kind = kind;
        op.at = at;
        Execution::current()->operate(op);
    }
};

static_assert(World<ModelWorld>);

/// In a context or in Setup::after: must hold, or `property` is violated.
inline void require(bool holds, const char* property, const char* cause) {
    Execution::current()->require(holds, property, cause);
}

}  // namespace anypage::check
