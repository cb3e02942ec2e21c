// Where kernel code runs and who may come in between: interrupts, preemption, migration, printk.
// What depends on the kernel (CONFIG_PREEMPT_RT) is decided while it runs: one build, all kernels.
#pragma once

#include "shared.hpp"

namespace anypage::check::kernel {

inline bool on_rt() { return Execution::current()->config().preemption == Preemption::rt; }

/// `#ifdef CONFIG_PREEMPT_RT` cannot be asked of a kernel that is chosen at run time, and drops
/// what it guards: write `if (IS_ENABLED(CONFIG_PREEMPT_RT))`. Other options are yours to define,
/// as anything that converts to bool.
inline constexpr struct PreemptRtOption {
    operator bool() const { return on_rt(); }
} CONFIG_PREEMPT_RT{};
inline constexpr bool CONFIG_SMP = true;
inline bool IS_ENABLED(bool option) { return option; }

/// The running context, or nothing before and after contexts run.
struct Running {
    const Execution& execution = *Execution::current();
    const bool any = execution.running() >= 0;
    const unsigned index = any ? static_cast<unsigned>(execution.running()) : 0;

    ContextKind kind() const { return any ? execution.contexts()[index].kind : ContextKind::other; }
    const Machine& machine() const { return execution.machine(); }
    bool interrupts() const { return any && machine().is_interrupt(index); }
};

inline bool irqs_disabled() {
    const Running running;
    return running.any && running.machine().irqs_disabled(running.index);
}
inline bool in_nmi() { return Running().kind() == ContextKind::nmi; }
inline bool in_hardirq() {
    const Running running;
    return running.interrupts() && (running.kind() == ContextKind::hardirq ||
                                    running.kind() == ContextKind::hardirq_no_thread);
}
inline bool in_serving_softirq() { return Running().kind() == ContextKind::softirq; }
inline bool in_interrupt() { return in_nmi() || in_hardirq() || in_serving_softirq(); }
inline bool in_task() { return !in_interrupt(); }
inline bool preemptible() {
    const Running running;
    return running.execution.config().preemption >= Preemption::full && running.any &&
           !running.machine().is_atomic(running.index);
}
inline unsigned smp_processor_id() { return ModelWorld::cpu().value; }

inline void local_irq_disable(Site at = Site::current()) {
    if (!irqs_disabled()) ModelWorld::irq_save(at);
}
inline void local_irq_enable(Site at = Site::current()) {
    if (irqs_disabled()) ModelWorld::irq_restore({}, at);
}
inline void local_irq_save(unsigned long& flags, Site at = Site::current()) {
    flags = irqs_disabled() ? 1 : 0;
    local_irq_disable(at);
}
inline void local_irq_restore(unsigned long flags, Site at = Site::current()) {
    if (flags == 0) local_irq_enable(at);
}
inline void local_bh_disable(Site at = Site::current()) { ModelWorld::softirq_disable(at); }
inline void local_bh_enable(Site at = Site::current()) { ModelWorld::softirq_enable(at); }
inline void preempt_disable(Site at = Site::current()) { ModelWorld::preempt_disable(at); }
inline void preempt_enable(Site at = Site::current()) { ModelWorld::preempt_enable(at); }
inline void migrate_disable(Site at = Site::current()) { ModelWorld::migrate_disable(at); }
inline void migrate_enable(Site at = Site::current()) { ModelWorld::migrate_enable(at); }
inline unsigned get_cpu(Site at = Site::current()) {
    preempt_disable(at);
    return smp_processor_id();
}
inline void put_cpu(Site at = Site::current()) { preempt_enable(at); }

/// A place that may sleep, and on PREEMPT_VOLUNTARY one where others may have the CPU.
inline void might_sleep(Site at = Site::current()) {
    const Running running;
    require(!running.any || !running.machine().is_atomic(running.index),
            "every context may do what it does", "might_sleep() where sleeping is not allowed");
    if (running.execution.config().preemption == Preemption::voluntary) {
        ModelWorld::cond_resched(at);
    }
}
inline void cond_resched(Site at = Site::current()) {
    might_sleep(at);
    ModelWorld::cond_resched(at);
}
inline void msleep(unsigned, Site at = Site::current()) { ModelWorld::sleep_tick(at); }
/// Waiting loops must call it: that is how the checker tells waiting from going on.
inline void cpu_relax(Site at = Site::current()) { ModelWorld::cpu_relax(at); }

/// Text and where it is printed.
struct Line {
    const char* text;
    Site at;
    Line(const char* line, Site site = Site::current()) : text(line), at(site) {}
};
/// Takes the console's lock if the scenario has one (ModelWorld::attach_console) and printing is
/// neither deferred nor done by a thread, as on PREEMPT_RT.
template <class... Arguments>
void printk(Line format, const Arguments&...) {
    ModelWorld::printk(format.text, format.at);
}
template <class... Arguments>
void pr_info(Line format, const Arguments&...) {
    printk(format);
}
template <class... Arguments>
void pr_warn(Line format, const Arguments&...) {
    printk(format);
}
inline void printk_deferred_enter() { ModelWorld::printk_deferred_enter(); }
inline void printk_deferred_exit() { ModelWorld::printk_deferred_exit(); }

}  // namespace anypage::check::kernel

/// Macros because the condition is shown as it is written.
#define BUG_ON(condition) \
    ::anypage::check::require(!(condition), "no BUG_ON", "BUG_ON(" #condition ")")
#define WARN_ON_ONCE(condition) \
    ::anypage::check::require(!(condition), "no WARN_ON", "WARN_ON(" #condition ")")
#define __maybe_unused __attribute__((unused))
