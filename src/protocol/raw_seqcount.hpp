// P6, raw_seqcount: Tetsuo Handa's follow-up, 10 August 2023, not merged. Requests that may reclaim
// directly take the number with its last bit masked (raw_seqcount_begin: an odd one can never match
// later), and on PREEMPT_RT take the writer's lock first if it is odd. The others do nothing.
#pragma once

#include "in_place.hpp"
#include "kernel_locks.hpp"

namespace anypage::protocol {

template <World W>
class RawSeqcountGate {
public:
    static constexpr const char* name = "raw_seqcount";
    using Cookie = typename Seqlock<W>::Sequence;
    using WriteState = typename W::IrqState;

    explicit RawSeqcountGate(const KernelConfig& config)
        : config_(config), seqlock_(config.preempt_rt) {}

    Cookie begin(gfp_t flags, BeginWait& wait) {
        if (!checks(flags)) return 0;
        if (config_.preempt_rt && in_flight()) boost_writer(wait);
        return seqlock_.peek_acquire() & ~Cookie{1};
    }
    bool changed(gfp_t flags, Cookie cookie) const {
        return checks(flags) && seqlock_.read_retry(cookie);
    }

    WriteState enter() { return seqlock_.write_lock_irqsave(); }
    void leave(const WriteState& state) { seqlock_.write_unlock_irqrestore(state); }
    bool in_flight() const { return (seqlock_.peek() & 1) != 0; }

private:
    bool checks(gfp_t flags) const { return config_.hotremove && flags.has(gfp::DIRECT_RECLAIM); }

    void boost_writer(BeginWait& wait) {
        const std::uint64_t since = W::clock_ns();
        seqlock_.lock().lock();
        seqlock_.lock().unlock();
        wait.ns += W::clock_ns() - since;
    }

    const KernelConfig config_;
    Seqlock<W> seqlock_;
};

template <World W>
using raw_seqcount = InPlace<W, RawSeqcountGate<W>>;

}  // namespace anypage::protocol
