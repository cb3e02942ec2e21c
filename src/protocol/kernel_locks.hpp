// The kernel's locks, seqcounts and seqlocks on a World, under the kernel's names, as 6.12 defines
// them for PREEMPT_RT and without.
#pragma once

#include "protocol.hpp"

namespace anypage {

/// spin_lock_irqsave: masks interrupts except on PREEMPT_RT, where it may sleep and keeps the CPU.
template <World W>
typename W::IrqState spin_lock_irqsave(typename W::Lock& lock, bool preempt_rt) {
    typename W::IrqState state{};
    if (preempt_rt) {
        W::migrate_disable();
    } else {
        state = W::irq_save();
    }
    lock.lock();
    return state;
}

template <World W>
void spin_unlock_irqrestore(typename W::Lock& lock, bool preempt_rt,
                            const typename W::IrqState& state) {
    lock.unlock();
    if (preempt_rt) {
        W::migrate_enable();
    } else {
        W::irq_restore(state);
    }
}

/// seqlock_t: a sequence number, odd while a writer writes, and the spinlock_t that writers take.
template <World W>
class Seqlock {
public:
    using Sequence = std::uint32_t;

    explicit Seqlock(bool preempt_rt)
        : preempt_rt_(preempt_rt),
          lock_(LockKind::spin, preempt_rt, "waits for zonelist_update_seq.lock") {
        W::name(&sequence_, "zonelist_update_seq");
    }

    /// read_seqbegin: waits until the number is even. On PREEMPT_RT by taking the writer's lock,
    /// which lends it our priority; else by spinning, for as long as the writer does not run.
    Sequence read_begin(BeginWait& wait) {
        Sequence seen = sequence_.load_acquire();
        if ((seen & 1) == 0) return seen;
        const typename W::Place here{
            "waits in zonelist_iter_begin for an even zonelist_update_seq"};
        const std::uint64_t since = W::clock_ns();
        while (((seen = sequence_.load_acquire()) & 1) != 0) {
            if (preempt_rt_) {
                lock_.lock();
                lock_.unlock();
            } else {
                W::cpu_relax();
            }
        }
        wait.ns += W::clock_ns() - since;
        return seen;
    }

    /// read_seqretry.
    bool read_retry(Sequence begun) const {
        W::smp_rmb();  // pairs with the writer's two smp_wmb: what was read was read before this
        return sequence_.load_relaxed() != begun;
    }

    /// do_write_seqcount_begin and _end: the number, without the lock.
    void sequence_begin() {
        sequence_.store_relaxed(sequence_.load_relaxed() + 1);  // writers exclude each other
        W::smp_wmb();                                           // odd before the first change
    }
    void sequence_end() {
        W::smp_wmb();  // the last change before even
        sequence_.store_relaxed(sequence_.load_relaxed() + 1);
    }
    Sequence peek() const { return sequence_.load_relaxed(); }
    Sequence peek_acquire() const { return sequence_.load_acquire(); }
    typename W::Lock& lock() { return lock_; }

    /// write_seqlock, write_sequnlock.
    void write_lock() {
        lock_.lock();
        sequence_begin();
    }
    void write_unlock() {
        sequence_end();
        lock_.unlock();
    }
    /// write_seqlock_irqsave, write_sequnlock_irqrestore.
    typename W::IrqState write_lock_irqsave() {
        const auto state = spin_lock_irqsave<W>(lock_, preempt_rt_);
        sequence_begin();
        return state;
    }
    void write_unlock_irqrestore(const typename W::IrqState& state) {
        sequence_end();
        spin_unlock_irqrestore<W>(lock_, preempt_rt_, state);
    }

private:
    const bool preempt_rt_;
    typename W::Lock lock_;
    typename W::template Atomic<Sequence> sequence_{0};
};

}  // namespace anypage
