// P2, seqlock_irqoff: 1007843a9190 (2023). P1, with this CPU's interrupts masked and its printk
// deferred before the lock is taken. On PREEMPT_RT that lock may sleep, with interrupts off.
#pragma once

#include "seqlock.hpp"

namespace anypage::protocol {

template <World W>
class SeqlockIrqoffGate : public SeqlockReader<W> {
public:
    static constexpr const char* name = "seqlock_irqoff";
    using WriteState = typename W::IrqState;
    using SeqlockReader<W>::SeqlockReader;

    WriteState enter() {
        const WriteState state = W::irq_save();  // on every kernel
        W::printk_deferred_enter();
        this->seqlock_.write_lock();
        return state;
    }
    void leave(const WriteState& state) {
        this->seqlock_.write_unlock();
        W::printk_deferred_exit();
        W::irq_restore(state);
    }
};

template <World W>
using seqlock_irqoff = InPlace<W, SeqlockIrqoffGate<W>>;

}  // namespace anypage::protocol
