// The console of ModelWorld: see model_world.hpp.
#include "model_world.hpp"

namespace anypage::check {

namespace {
thread_local ModelWorld::Lock* port = nullptr;
}

void ModelWorld::attach_console(Lock* lock) { port = lock; }
ModelWorld::Lock* ModelWorld::console() { return port; }

// As vprintk: in an NMI or while printing is deferred the line is only stored; on PREEMPT_RT a
// thread of its own prints. uart_port_lock_irqsave, print, unlock.
void ModelWorld::printk(const char*, Site at) {
    Execution& execution = *Execution::current();
    const int context = execution.running();
    if (port == nullptr || context < 0 || execution.printk_deferrals() > 0) return;
    const Machine& machine = execution.machine();
    if (machine.in_nmi(static_cast<unsigned>(context))) return;
    if (machine.preemption() == Preemption::rt) return;
    if (execution.printing()) return;  // what printing itself has to say is only stored
    execution.printing() = true;
    irq_save(at);
    port->lock(at);
    port->unlock(at);
    irq_restore({}, at);
    execution.printing() = false;
}

}  // namespace anypage::check
