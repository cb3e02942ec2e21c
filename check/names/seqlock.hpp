// The kernel's sequence counters: seqcount_t, and seqlock_t, whose readers on PREEMPT_RT take the
// writers' lock instead of spinning while the number is odd (6.12). KCSAN forgives plain accesses
// in their sections; here they race, unless they are marked or in data_race().
#pragma once

#include "locks.hpp"

namespace anypage::check::kernel {

struct seqcount_t {
    explicit seqcount_t(const char* name = "a sequence") : sequence(0, name) {}
    shared<unsigned> sequence;
};
/// What seqlock_t holds: a counter that knows the lock of its writers.
struct seqcount_spinlock_t : seqcount_t {
    seqcount_spinlock_t(const char* name, spinlock_t* writers) : seqcount_t(name), lock(writers) {}
    spinlock_t* const lock;
};
struct seqlock_t {
    explicit seqlock_t(const char* name = "a seqlock", const char* lock_name = "a seqlock's lock")
        : lock(lock_name), seqcount(name, &lock) {}
    spinlock_t lock;
    seqcount_spinlock_t seqcount;
};

inline unsigned raw_read_seqcount(const seqcount_t* s, Site at = Site::current()) {
    return smp_load_acquire(&s->sequence, at);
}
inline unsigned raw_seqcount_begin(const seqcount_t* s, Site at = Site::current()) {
    return raw_read_seqcount(s, at) & ~1u;
}
inline unsigned read_seqcount_begin(const seqcount_t* s, Site at = Site::current()) {
    unsigned seen = 0;
    while (((seen = raw_read_seqcount(s, at)) & 1) != 0) cpu_relax(at);
    return seen;
}
inline unsigned read_seqcount_begin(const seqcount_spinlock_t* s, Site at = Site::current()) {
    unsigned seen = 0;
    while (((seen = raw_read_seqcount(s, at)) & 1) != 0) {
        if (on_rt()) {
            spin_lock(s->lock, at);
            spin_unlock(s->lock, at);
        } else {
            cpu_relax(at);
        }
    }
    return seen;
}
inline bool read_seqcount_retry(const seqcount_t* s, unsigned start, Site at = Site::current()) {
    smp_rmb(at);
    return READ_ONCE(s->sequence, at) != start;
}
/// s->sequence++, which the kernel exempts from its race detector.
inline void do_write_seqcount_begin(seqcount_t* s, Site at = Site::current()) {
    WRITE_ONCE(s->sequence, READ_ONCE(s->sequence, at) + 1, at);
    smp_wmb(at);
}
inline void do_write_seqcount_end(seqcount_t* s, Site at = Site::current()) {
    smp_wmb(at);
    WRITE_ONCE(s->sequence, READ_ONCE(s->sequence, at) + 1, at);
}
inline void write_seqcount_begin(seqcount_t* s, Site at = Site::current()) {
    do_write_seqcount_begin(s, at);
}
inline void write_seqcount_end(seqcount_t* s, Site at = Site::current()) {
    do_write_seqcount_end(s, at);
}

inline unsigned read_seqbegin(const seqlock_t* lock, Site at = Site::current()) {
    return read_seqcount_begin(&lock->seqcount, at);
}
inline bool read_seqretry(const seqlock_t* lock, unsigned start, Site at = Site::current()) {
    return read_seqcount_retry(&lock->seqcount, start, at);
}
inline void write_seqlock(seqlock_t* lock, Site at = Site::current()) {
    spin_lock(&lock->lock, at);
    do_write_seqcount_begin(&lock->seqcount, at);
}
inline void write_sequnlock(seqlock_t* lock, Site at = Site::current()) {
    do_write_seqcount_end(&lock->seqcount, at);
    spin_unlock(&lock->lock, at);
}
inline void write_seqlock_irq(seqlock_t* lock, Site at = Site::current()) {
    spin_lock_irq(&lock->lock, at);
    do_write_seqcount_begin(&lock->seqcount, at);
}
inline void write_sequnlock_irq(seqlock_t* lock, Site at = Site::current()) {
    do_write_seqcount_end(&lock->seqcount, at);
    spin_unlock_irq(&lock->lock, at);
}
inline void write_seqlock_bh(seqlock_t* lock, Site at = Site::current()) {
    spin_lock_bh(&lock->lock, at);
    do_write_seqcount_begin(&lock->seqcount, at);
}
inline void write_sequnlock_bh(seqlock_t* lock, Site at = Site::current()) {
    do_write_seqcount_end(&lock->seqcount, at);
    spin_unlock_bh(&lock->lock, at);
}
inline void write_seqlock_irqsave(seqlock_t* lock, unsigned long& flags,
                                  Site at = Site::current()) {
    spin_lock_irqsave(&lock->lock, flags, at);
    do_write_seqcount_begin(&lock->seqcount, at);
}
inline void write_sequnlock_irqrestore(seqlock_t* lock, unsigned long flags,
                                       Site at = Site::current()) {
    do_write_seqcount_end(&lock->seqcount, at);
    spin_unlock_irqrestore(&lock->lock, flags, at);
}

}  // namespace anypage::check::kernel

/// Macros because they make a variable, and name it.
#define DEFINE_SEQLOCK(lock) \
    ::anypage::check::kernel::seqlock_t lock { #lock, #lock ".lock" }
#define DEFINE_SEQCOUNT(count) \
    ::anypage::check::kernel::seqcount_t count { #count }
