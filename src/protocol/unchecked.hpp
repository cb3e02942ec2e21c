// P0, unchecked: nothing. What Linux had from 4.14 (11cd8638c37f) until 3d36424b3b58: writers
// exclude each other, readers neither wait nor look again. "A racing iteration may miss a zone or
// see one twice."
#pragma once

#include "in_place.hpp"

namespace anypage::protocol {

template <World W>
class UncheckedGate {
public:
    static constexpr const char* name = "unchecked";
    struct Cookie {};
    struct WriteState {};

    explicit UncheckedGate(const KernelConfig& config)
        : lock_(LockKind::spin, config.preempt_rt, "waits for the zonelist lock") {}

    Cookie begin(gfp_t, BeginWait&) { return {}; }
    bool changed(gfp_t, Cookie) const { return false; }

    WriteState enter() {
        lock_.lock();
        writing_.store_relaxed(1);
        return {};
    }
    void leave(WriteState) {
        writing_.store_relaxed(0);
        lock_.unlock();
    }
    bool in_flight() const { return writing_.load_relaxed() != 0; }

private:
    typename W::Lock lock_;
    typename W::template Atomic<std::uint32_t> writing_{0};  // for statistics only
};

template <World W>
using unchecked = InPlace<W, UncheckedGate<W>>;

}  // namespace anypage::protocol
