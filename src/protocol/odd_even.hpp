// P5, odd_even: the patch of the mail, Tetsuo Handa, 9 August 2023, NACKed. Nobody waits at begin;
// a request that may reclaim directly restarts if the number has moved or is odd. docs/PATCH.md
// walks through the patch line by line. As posted it lacks two semicolons; it is built here with
// them.
#pragma once

#include "in_place.hpp"
#include "kernel_locks.hpp"

namespace anypage::protocol {

template <World W>
class OddEvenGate {
public:
    static constexpr const char* name = "odd_even";
    using Cookie = std::uint32_t;
    using WriteState = typename W::IrqState;

    explicit OddEvenGate(const KernelConfig& config)
        : config_(config),
          lock_(LockKind::spin, config.preempt_rt, "waits for the lock of __build_all_zonelists") {
        W::name(&zonelist_update_seq_, "zonelist_update_seq");
    }

    Cookie begin(gfp_t, BeginWait&) {
        // READ_ONCE, under data_race(): whole, and in no order with what follows.
        return config_.hotremove ? zonelist_update_seq_.load_relaxed() : 0;
    }
    bool changed(gfp_t flags, Cookie seq) const {
        if (!config_.hotremove || !flags.has(gfp::DIRECT_RECLAIM)) return false;
        const Cookie seq2 = zonelist_update_seq_.load_relaxed();
        return seq != seq2 || (seq2 & 1) != 0;
    }

    WriteState enter() {
        if (config_.preempt_rt) W::migrate_disable();
        const WriteState state = spin_lock_irqsave<W>(lock_, config_.preempt_rt);
        increment();
        W::smp_wmb();  // "Tell check_retry_zonelist() that we started rebuilding zonelists."
        return state;
    }
    void leave(const WriteState& state) {
        W::smp_wmb();  // "Tell check_retry_zonelist() that we finished rebuilding zonelists."
        increment();
        spin_unlock_irqrestore<W>(lock_, config_.preempt_rt, state);
        if (config_.preempt_rt) W::migrate_enable();
    }
    bool in_flight() const { return (zonelist_update_seq_.load_relaxed() & 1) != 0; }

private:
    // zonelist_update_seq++, a plain increment under the lock.
    void increment() {
        zonelist_update_seq_.store_relaxed(zonelist_update_seq_.load_relaxed() + 1);
    }

    const KernelConfig config_;
    typename W::Lock lock_;
    typename W::template Atomic<Cookie> zonelist_update_seq_{0};
};

template <World W>
using odd_even = InPlace<W, OddEvenGate<W>>;

}  // namespace anypage::protocol
