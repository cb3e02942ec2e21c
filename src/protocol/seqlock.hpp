// P1, seqlock: 3d36424b3b58 (2022). Every request's slow path waits for an even number before it
// uses the lists, and restarts if the number has moved. A reader that interrupts the writer waits
// for ever.
#pragma once

#include "in_place.hpp"
#include "kernel_locks.hpp"

namespace anypage::protocol {

/// The reader of P1 to P3: all requests wait, all requests look again.
template <World W>
class SeqlockReader {
public:
    using Cookie = typename Seqlock<W>::Sequence;

    explicit SeqlockReader(const KernelConfig& config)
        : config_(config), seqlock_(config.preempt_rt) {}

    Cookie begin(gfp_t, BeginWait& wait) {
        return config_.hotremove ? seqlock_.read_begin(wait) : 0;
    }
    bool changed(gfp_t, Cookie cookie) const {
        return config_.hotremove && seqlock_.read_retry(cookie);
    }
    bool in_flight() const { return (seqlock_.peek() & 1) != 0; }

protected:
    const KernelConfig config_;
    Seqlock<W> seqlock_;
};

template <World W>
class SeqlockGate : public SeqlockReader<W> {
public:
    static constexpr const char* name = "seqlock";
    struct WriteState {};
    using SeqlockReader<W>::SeqlockReader;

    WriteState enter() {
        this->seqlock_.write_lock();
        return {};
    }
    void leave(WriteState) { this->seqlock_.write_unlock(); }
};

template <World W>
using seqlock = InPlace<W, SeqlockGate<W>>;

}  // namespace anypage::protocol
