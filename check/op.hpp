// Op: one operation of a World as the checker sees it: what a context is about to do. Operations
// are the only points at which anybody else may come in between.
#pragma once

#include <cstdint>
#include <source_location>

namespace anypage::check {

enum class OpKind : std::uint8_t {
    load,
    store,
    exchange,
    fetch_add,
    fetch_or,
    fetch_and,
    apply,  ///< a function of what is there: one step of a specification
    compare_exchange,
    fence,
    lock,
    unlock,
    try_lock,
    pause,    ///< a round of a waiting loop is over: nothing new, nothing to do
    resched,  ///< cond_resched: others may have this CPU
    sleep,    ///< gives the CPU away for a while
    irq_save,
    irq_restore,
    preempt_disable,
    preempt_enable,
    migrate_disable,
    migrate_enable,
    softirq_disable,
    softirq_enable,
    which_cpu,  ///< does a thread that may be moved run on
    choose,     ///< one of `a` ways to go on, whichever
    note,       ///< says something in a counterexample, does nothing
    restart,    ///< a restartable section begins again
};

enum class MemoryOrder : std::uint8_t { relaxed, acquire, release, acq_rel, seq_cst, full };

enum class FenceKind : std::uint8_t {
    smp_wmb,
    smp_rmb,
    smp_mb,
    acquire,
    release,
    seq_cst,
    after_unlock_lock,  ///< smp_mb__after_unlock_lock, smp_mb__after_spinlock
    membarrier,         ///< smp_mb at every context's current point
    membarrier_rseq,    ///< and restarts the restartable sections that are being run
};

/// The kinds of locks of the kernel: what their waiters do depends on the kernel, too.
struct LockInfo {
    const void* address = nullptr;
    bool sleeps = false;  ///< waiters give up the CPU and lend their priority
    const char* name = "";
};

/// What a value was computed from: where dependencies order accesses (lkmm). 0: nothing known.
using DependencyId = std::uint16_t;

struct Op {
    OpKind kind{};
    MemoryOrder order = MemoryOrder::relaxed;
    MemoryOrder failure = MemoryOrder::relaxed;  ///< of a failed compare_exchange
    FenceKind fence{};
    bool raced = false;     ///< racing on purpose
    bool plain = false;     ///< plain in the source, and not meant to race
    bool unmarked = false;  ///< lkmm: plain, though not `plain`: its dependencies order nothing
    bool implied = false;   ///< no operation of the source: another one has it in itself
    bool ghost = false;     ///< of the property, not of the code: sequentially consistent
    bool unless = false;    ///< of a read-modify-write: nothing is written over `expected`
    bool returns = true;    ///< lkmm: a read whose value is dropped is not ordered by smp_rmb
    std::uint8_t bytes = 0;
    std::uint16_t location = 0;  ///< of a shared location: its index; of a lock: the lock's
    std::uint64_t a = 0;  ///< value to write, to add; of a choice: how many ways; of a pause: loop
    std::uint64_t expected = 0;  ///< of a compare_exchange, or with `unless`
    const char* text = nullptr;  ///< for people
    std::uint64_t (*function)(std::uint64_t seen, std::uint64_t a) = nullptr;  ///< of apply
    std::source_location at;
    DependencyId address_from = 0;
    DependencyId data_from = 0;
    DependencyId control_from = 0;  ///< what decided that this is done

    // What came out of it.
    std::uint64_t result = 0;
    std::uint32_t seen = 0;  ///< which message was read, in this execution
    std::uint32_t made = 0;  ///< which message was written
    bool succeeded = false;
    DependencyId brought = 0;

    bool reads() const {
        return kind == OpKind::load ||
               (kind >= OpKind::exchange && kind <= OpKind::compare_exchange);
    }
    bool writes() const { return kind >= OpKind::store && kind <= OpKind::compare_exchange; }
    bool is_memory() const { return kind <= OpKind::compare_exchange; }
    bool is_lock() const { return kind >= OpKind::lock && kind <= OpKind::try_lock; }
    /// Of two accesses of one location, one of them a write: is this a race, if they are unordered?
    bool races_with(const Op& other) const {
        return !raced && !other.raced && (plain || other.plain);
    }
    bool is_update() const { return kind >= OpKind::exchange && kind <= OpKind::compare_exchange; }
    /// Does a read-modify-write that sees `before` write?
    bool writes_over(std::uint64_t before) const {
        if (kind == OpKind::compare_exchange) return before == expected;
        return !unless || before != expected;
    }
    /// What a read-modify-write writes over `before`, if it does.
    std::uint64_t updated(std::uint64_t before) const;
};

inline std::uint64_t value_mask(unsigned bytes) {
    return bytes >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * bytes)) - 1;
}

inline std::uint64_t Op::updated(std::uint64_t before) const {
    switch (kind) {
        case OpKind::fetch_add:
            return (before + a) & value_mask(bytes);
        case OpKind::fetch_or:
            return before | a;
        case OpKind::fetch_and:
            return before & a;
        case OpKind::apply:
            return function(before, a);
        default:
            return a;
    }
}

}  // namespace anypage::check
