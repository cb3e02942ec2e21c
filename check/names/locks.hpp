// The kernel's locks by their names. A lock has no state of its own, so that it may be what it is
// in the kernel: static in a function, global, or in a structure. On PREEMPT_RT a spinlock_t sleeps
// and the _irq, _irqsave variants mask nothing; a raw_spinlock_t is the same everywhere.
#pragma once

#include "context.hpp"

namespace anypage::check::kernel {

struct spinlock_t {
    constexpr explicit spinlock_t(const char* lock_name = "a spinlock_t") : name(lock_name) {}
    spinlock_t(const spinlock_t&) = delete;
    spinlock_t& operator=(const spinlock_t&) = delete;
    const char* name;
};
struct raw_spinlock_t {
    constexpr explicit raw_spinlock_t(const char* lock_name = "a raw_spinlock_t")
        : name(lock_name) {}
    raw_spinlock_t(const raw_spinlock_t&) = delete;
    raw_spinlock_t& operator=(const raw_spinlock_t&) = delete;
    const char* name;
};
/// One lock a CPU: preemption or interrupts off, and on PREEMPT_RT a sleeping lock.
struct local_lock_t {
    constexpr explicit local_lock_t(const char* lock_name = "a local_lock_t") : name(lock_name) {}
    local_lock_t(const local_lock_t&) = delete;
    local_lock_t& operator=(const local_lock_t&) = delete;
    const char* of_this_cpu() const { return cpus + smp_processor_id(); }
    const char* name;
    char cpus[cpus_max] = {};  // their addresses
};

inline bool lock_operation(OpKind kind, const void* lock, bool sleeps, const char* name, Site at) {
    Op op;
    op.kind = kind;
    op.at = at;
    Execution::current()->lock(op, {lock, sleeps, name});
    return op.succeeded;
}

inline void raw_spin_lock(raw_spinlock_t* lock, Site at = Site::current()) {
    lock_operation(OpKind::lock, lock, false, lock->name, at);
}
inline void raw_spin_unlock(raw_spinlock_t* lock, Site at = Site::current()) {
    lock_operation(OpKind::unlock, lock, false, lock->name, at);
}
inline bool raw_spin_trylock(raw_spinlock_t* lock, Site at = Site::current()) {
    return lock_operation(OpKind::try_lock, lock, false, lock->name, at);
}
inline void raw_spin_lock_irq(raw_spinlock_t* lock, Site at = Site::current()) {
    local_irq_disable(at);
    raw_spin_lock(lock, at);
}
inline void raw_spin_unlock_irq(raw_spinlock_t* lock, Site at = Site::current()) {
    raw_spin_unlock(lock, at);
    local_irq_enable(at);
}
inline void raw_spin_lock_irqsave(raw_spinlock_t* lock, unsigned long& flags,
                                  Site at = Site::current()) {
    local_irq_save(flags, at);
    raw_spin_lock(lock, at);
}
inline void raw_spin_unlock_irqrestore(raw_spinlock_t* lock, unsigned long flags,
                                       Site at = Site::current()) {
    raw_spin_unlock(lock, at);
    local_irq_restore(flags, at);
}

inline void spin_lock(spinlock_t* lock, Site at = Site::current()) {
    lock_operation(OpKind::lock, lock, on_rt(), lock->name, at);
}
inline void spin_unlock(spinlock_t* lock, Site at = Site::current()) {
    lock_operation(OpKind::unlock, lock, on_rt(), lock->name, at);
}
inline bool spin_trylock(spinlock_t* lock, Site at = Site::current()) {
    return lock_operation(OpKind::try_lock, lock, on_rt(), lock->name, at);
}
inline void spin_lock_irq(spinlock_t* lock, Site at = Site::current()) {
    if (!on_rt()) local_irq_disable(at);
    spin_lock(lock, at);
}
inline void spin_unlock_irq(spinlock_t* lock, Site at = Site::current()) {
    spin_unlock(lock, at);
    if (!on_rt()) local_irq_enable(at);
}
inline void spin_lock_irqsave(spinlock_t* lock, unsigned long& flags, Site at = Site::current()) {
    flags = 0;
    if (!on_rt()) local_irq_save(flags, at);
    spin_lock(lock, at);
}
inline void spin_unlock_irqrestore(spinlock_t* lock, unsigned long flags,
                                   Site at = Site::current()) {
    spin_unlock(lock, at);
    if (!on_rt()) local_irq_restore(flags, at);
}
inline void spin_lock_bh(spinlock_t* lock, Site at = Site::current()) {
    local_bh_disable(at);
    spin_lock(lock, at);
}
inline void spin_unlock_bh(spinlock_t* lock, Site at = Site::current()) {
    spin_unlock(lock, at);
    local_bh_enable(at);
}
inline void spin_lock_init(spinlock_t*) {}
inline void raw_spin_lock_init(raw_spinlock_t*) {}

inline void local_lock(local_lock_t* lock, Site at = Site::current()) {
    if (!on_rt()) return preempt_disable(at);
    lock_operation(OpKind::lock, lock->of_this_cpu(), true, lock->name, at);
}
inline void local_unlock(local_lock_t* lock, Site at = Site::current()) {
    if (!on_rt()) return preempt_enable(at);
    lock_operation(OpKind::unlock, lock->of_this_cpu(), true, lock->name, at);
}
inline void local_lock_irq(local_lock_t* lock, Site at = Site::current()) {
    if (!on_rt()) return local_irq_disable(at);
    local_lock(lock, at);
}
inline void local_unlock_irq(local_lock_t* lock, Site at = Site::current()) {
    if (!on_rt()) return local_irq_enable(at);
    local_unlock(lock, at);
}
inline void local_lock_irqsave(local_lock_t* lock, unsigned long& flags,
                               Site at = Site::current()) {
    flags = 0;
    if (!on_rt()) return local_irq_save(flags, at);
    local_lock(lock, at);
}
inline void local_unlock_irqrestore(local_lock_t* lock, unsigned long flags,
                                    Site at = Site::current()) {
    if (!on_rt()) return local_irq_restore(flags, at);
    local_unlock(lock, at);
}

}  // namespace anypage::check::kernel

/// Macros because they make a variable, and name it.
#define DEFINE_SPINLOCK(lock) \
    ::anypage::check::kernel::spinlock_t lock { #lock }
#define DEFINE_RAW_SPINLOCK(lock) \
    ::anypage::check::kernel::raw_spinlock_t lock { #lock }
#define DEFINE_LOCAL_LOCK(lock) \
    ::anypage::check::kernel::local_lock_t lock { #lock }
