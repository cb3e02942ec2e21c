// P4, reclaim_only: Tetsuo Handa, 2 April 2023, not merged. P1's writer; only requests that may
// reclaim directly wait and look again. The others never reach out-of-memory, so they are left to
// fail.
#pragma once

#include "in_place.hpp"
#include "kernel_locks.hpp"

namespace anypage::protocol {

template <World W>
class ReclaimOnlyGate {
public:
    static constexpr const char* name = "reclaim_only";
    using Cookie = typename Seqlock<W>::Sequence;
    struct WriteState {};

    explicit ReclaimOnlyGate(const KernelConfig& config)
        : config_(config), seqlock_(config.preempt_rt) {}

    Cookie begin(gfp_t flags, BeginWait& wait) {
        return checks(flags) ? seqlock_.read_begin(wait) : 0;
    }
    bool changed(gfp_t flags, Cookie cookie) const {
        return checks(flags) && seqlock_.read_retry(cookie);
    }

    WriteState enter() {
        seqlock_.write_lock();
        return {};
    }
    void leave(WriteState) { seqlock_.write_unlock(); }
    bool in_flight() const { return (seqlock_.peek() & 1) != 0; }

private:
    bool checks(gfp_t flags) const { return config_.hotremove && flags.has(gfp::DIRECT_RECLAIM); }

    const KernelConfig config_;
    Seqlock<W> seqlock_;
};

template <World W>
using reclaim_only = InPlace<W, ReclaimOnlyGate<W>>;

}  // namespace anypage::protocol
