// P3, seqlock_irqsave: a2ebb5157582 (2023), mainline today. write_seqlock_irqsave, which masks
// interrupts except on PREEMPT_RT; printk is deferred inside, but not round the two changes of the
// number.
#pragma once

#include "seqlock.hpp"

namespace anypage::protocol {

template <World W>
class SeqlockIrqsaveGate : public SeqlockReader<W> {
public:
    static constexpr const char* name = "seqlock_irqsave";
    using WriteState = typename W::IrqState;
    using SeqlockReader<W>::SeqlockReader;

    WriteState enter() {
        const WriteState state = this->seqlock_.write_lock_irqsave();
        W::printk_deferred_enter();
        return state;
    }
    void leave(const WriteState& state) {
        W::printk_deferred_exit();
        this->seqlock_.write_unlock_irqrestore(state);
    }
};

template <World W>
using seqlock_irqsave = InPlace<W, SeqlockIrqsaveGate<W>>;

}  // namespace anypage::protocol
