// Who may take the next step: interrupts, preemption, priorities and their inheritance.
#include "machine.hpp"

#include <algorithm>

namespace anypage::check {

namespace {

constexpr std::uint8_t softirq_level = 1;
constexpr std::uint8_t hardirq_level = 2;
constexpr std::uint8_t nmi_level = 3;
constexpr std::uint8_t irq_thread_priority = 50;
constexpr const char* sleeps_in_vain = "a sleeping lock is taken where sleeping is not allowed";

std::uint8_t interrupt_level(ContextKind kind, Preemption preemption) {
    const bool threaded = preemption == Preemption::rt;
    switch (kind) {
        case ContextKind::nmi:
            return nmi_level;
        case ContextKind::hardirq_no_thread:
            return hardirq_level;
        case ContextKind::hardirq:
            return threaded ? 0 : hardirq_level;
        case ContextKind::softirq:
            return threaded ? 0 : softirq_level;
        default:
            return 0;
    }
}

std::uint8_t base_priority(const ContextSpec& spec) {
    switch (spec.kind) {
        case ContextKind::fifo:
            return static_cast<std::uint8_t>(spec.priority);
        case ContextKind::hardirq:
        case ContextKind::softirq:
            return irq_thread_priority;
        default:
            return 0;
    }
}

/// That it may ever run on, a bit each.
unsigned cpus_of(const std::vector<ContextSpec>& specs, unsigned context) {
    const ContextSpec& spec = specs[context];
    const ContextSpec& thread = spec.kind == ContextKind::signal ? specs[spec.target] : spec;
    return thread.may_move_to | 1u << thread.cpu;
}

}  // namespace

void Machine::reset(Preemption preemption, bool throttling, const std::vector<ContextSpec>& specs,
                    unsigned locks) {
    preemption_ = preemption;
    throttling_ = throttling;
    specs_ = &specs;
    states_.resize(specs.size());
    priorities_ = false;
    for (unsigned i = 0; i < specs.size(); ++i) {
        std::vector<std::uint8_t> signals = std::move(states_[i].signals);
        signals.clear();
        states_[i] = {};
        states_[i].signals = std::move(signals);
        states_[i].cpu = static_cast<std::uint8_t>(specs[i].cpu);
        states_[i].level = interrupt_level(specs[i].kind, preemption);
        states_[i].interrupt = states_[i].level != 0;
        states_[i].base_priority = base_priority(specs[i]);
        priorities_ = priorities_ || states_[i].base_priority != 0;
        for (unsigned other = 0; other < specs.size(); ++other) {
            const bool meets = (cpus_of(specs, i) & cpus_of(specs, other)) != 0;
            if (other != i ? meets : is_movable(i)) states_[i].shares_cpu = true;
            const bool signal = specs[other].kind == ContextKind::signal;
            if (signal && specs[other].target == i) states_[i].signalled = true;
        }
    }
    for (Cpu& cpu : cpus_) {
        cpu.current = -1;
        cpu.ran = false;
        cpu.idle = false;
        cpu.interrupts.clear();
    }
    holders_.assign(locks, -1);
}

bool Machine::is_interrupt(unsigned context) const { return states_[context].interrupt; }

bool Machine::is_atomic(unsigned context) const {
    const ContextState& state = states_[context];
    return state.interrupt || state.preempt_count > 0 || state.irq_off > 0;
}

bool Machine::irqs_disabled(unsigned context) const {
    return states_[context].level >= hardirq_level || states_[context].irq_off > 0;
}

bool Machine::waits_for_lock(unsigned context) const {
    const Pending& pending = states_[context].pending;
    return pending.kind == OpKind::lock && holders_[pending.lock] >= 0;
}

// A waiter of a sleeping lock gives up its CPU; one that spins does not.
bool Machine::is_blocked(unsigned thread) const {
    const unsigned top = innermost(thread);
    return states_[top].waiting && states_[top].pending.lock_sleeps && waits_for_lock(top);
}

// A sleep may last as long as the others like; and so, if real-time threads are throttled, may the
// pauses of one that only goes round.
bool Machine::gives_way(unsigned thread) const {
    const unsigned top = innermost(thread);
    const Pending& pending = states_[top].pending;
    if (is_atomic(top) || is_atomic(thread)) return false;
    return pending.kind == OpKind::sleep || (throttling_ && pending.parked);
}

bool Machine::is_ready(unsigned context) const {
    return !states_[context].pending.parked && !waits_for_lock(context);
}

unsigned Machine::innermost(unsigned thread) const {
    return states_[thread].signals.empty() ? thread : states_[thread].signals.back();
}

bool Machine::is_live(int thread) const {
    if (thread < 0) return false;
    const ContextState& state = states_[static_cast<unsigned>(thread)];
    return state.status == Status::active || !state.signals.empty();
}

// Rule 4: whoever holds a sleeping lock runs at the priority of its highest waiter, transitively.
unsigned Machine::priority(unsigned thread) const {
    std::array<std::uint8_t, contexts_max> priorities{};
    for (unsigned i = 0; i < states_.size(); ++i) priorities[i] = states_[i].base_priority;
    for (bool changed = true; changed;) {
        changed = false;
        for (unsigned i = 0; i < states_.size(); ++i) {
            const ContextState& waiter = states_[i];
            if (!waiter.waiting || !waiter.pending.lock_sleeps) continue;
            if (!waits_for_lock(i)) continue;
            auto& holder = priorities[static_cast<unsigned>(holders_[waiter.pending.lock])];
            if (holder >= priorities[i]) continue;
            holder = priorities[i];
            changed = true;
        }
    }
    return priorities[thread];
}

bool Machine::irqs_off(const Cpu& cpu) const {
    if (!cpu.interrupts.empty()) {
        const ContextState& top = states_[cpu.interrupts.back()];
        return top.level >= hardirq_level || top.irq_off > 0;
    }
    return is_live(cpu.current) && states_[innermost(static_cast<unsigned>(cpu.current))].irq_off +
                                           states_[static_cast<unsigned>(cpu.current)].irq_off >
                                       0;
}

bool Machine::softirqs_off(const Cpu& cpu) const {
    if (!cpu.interrupts.empty()) return true;
    return cpu.current >= 0 && states_[static_cast<unsigned>(cpu.current)].softirq_off > 0;
}

// Rule 1 and 6.
bool Machine::may_arrive(unsigned context) const {
    const ContextSpec& spec = (*specs_)[context];
    if (spec.kind == ContextKind::signal) {
        // Its thread lives before and after what the scenario has it do.
        return cpu_of(context).interrupts.empty() && may_be_current(spec.target);
    }
    const Cpu& cpu = cpu_of(context);
    const std::uint8_t running =
        cpu.interrupts.empty() ? std::uint8_t{0} : states_[cpu.interrupts.back()].level;
    const std::uint8_t level = states_[context].level;
    if (level <= running) return false;
    if (level == nmi_level) return true;
    if (irqs_off(cpu)) return false;
    return level != softirq_level || !softirqs_off(cpu);
}

bool Machine::is_preemptible(unsigned thread) const {
    if (preemption_ < Preemption::full) return at_switch_point(thread);
    const ContextState& top = states_[innermost(thread)];
    const ContextState& state = states_[thread];
    return state.preempt_count == 0 && state.irq_off == 0 && top.preempt_count == 0 &&
           top.irq_off == 0;
}

// Rule 2, PREEMPT_NONE and PREEMPT_VOLUNTARY: where a thread lets others have its CPU.
bool Machine::at_switch_point(unsigned thread) const {
    if (is_atomic(thread)) return false;
    const Pending& pending = states_[innermost(thread)].pending;
    if (pending.kind == OpKind::resched || pending.kind == OpKind::sleep) return true;
    return preemption_ == Preemption::voluntary && pending.kind == OpKind::lock &&
           pending.lock_sleeps;
}

// Rule 2.
bool Machine::may_be_current(unsigned thread) const {
    const Cpu& cpu = cpu_of(thread);
    const unsigned own = priority(thread);
    for (unsigned other = 0; other < states_.size(); ++other) {
        if (other == thread || states_[other].interrupt || &cpu_of(other) != &cpu) continue;
        if ((*specs_)[other].kind == ContextKind::signal) continue;
        if (!is_live(static_cast<int>(other)) || is_blocked(other) || gives_way(other)) continue;
        // Somebody of higher priority is ready: it runs, unless this one cannot be preempted.
        const bool can_be = cpu.current != static_cast<int>(thread) || is_preemptible(thread);
        if (priority(other) > own && can_be) return false;
    }
    if (cpu.current == static_cast<int>(thread) || !is_live(cpu.current)) return true;
    const auto current = static_cast<unsigned>(cpu.current);
    if (is_blocked(current)) return true;
    if (!is_preemptible(current)) return false;
    const unsigned running = priority(current);
    // Threads that do nothing but take turns would never end.
    if (cpu.idle && own <= running) return false;
    return own > running || (own == 0 && running == 0) || gives_way(current);
}

bool Machine::may_run(unsigned context) const {
    const ContextState& state = states_[context];
    if (state.status == Status::finished) return false;
    const bool signal = (*specs_)[context].kind == ContextKind::signal;
    if (state.status == Status::fresh && (state.interrupt || signal)) return may_arrive(context);
    const Cpu& cpu = cpu_of(context);
    if (state.interrupt) return cpu.interrupts.back() == context;
    if (!cpu.interrupts.empty()) return false;
    const unsigned thread = signal ? (*specs_)[context].target : context;
    return innermost(thread) == context && may_be_current(thread);
}

bool Machine::may_step(unsigned context) const { return is_ready(context) && may_run(context); }

bool Machine::may_begin(unsigned context) const {
    const ContextState& state = states_[context];
    if (is_ready(context)) return switches(context) && may_run(context);
    if (state.waiting || !may_run(context)) return false;
    if (state.status == Status::fresh && !(*specs_)[context].starts_by_itself) return true;
    if (!waits_for_lock(context)) return state.status == Status::fresh && state.shares_cpu;
    return state.shares_cpu || (state.pending.lock_sleeps && (priorities_ || is_atomic(context)));
}

const char* Machine::begin(unsigned context) {
    ContextState& state = states_[context];
    if (!is_ready(context)) cpu_of(context).idle = false;
    if (!waits_for_lock(context)) return nullptr;
    if (state.pending.lock_sleeps && is_atomic(context)) return sleeps_in_vain;
    state.waiting = true;
    if (!state.pending.lock_sleeps) ++state.preempt_count;
    return nullptr;
}

bool Machine::take_cpu(unsigned context, bool steps) {
    ContextState& state = states_[context];
    const ContextSpec& spec = (*specs_)[context];
    Cpu& cpu = cpu_of(context);
    const bool fresh = state.status == Status::fresh;
    state.status = Status::active;
    if (state.interrupt) {
        if (fresh) cpu.interrupts.push_back(static_cast<std::uint8_t>(context));
        return false;
    }
    const bool signal = spec.kind == ContextKind::signal;
    if (signal && fresh) {
        states_[spec.target].signals.push_back(static_cast<std::uint8_t>(context));
        if (states_[spec.target].status == Status::fresh) {
            states_[spec.target].status = Status::active;
        }
    }
    const auto thread = static_cast<std::int8_t>(signal ? spec.target : context);
    // Whoever is the first has nothing before it that a barrier could order.
    const bool changes = cpu.ran && cpu.current != thread;
    cpu.current = thread;
    cpu.ran = true;
    cpu.idle = !steps;
    return changes;
}

bool Machine::switches(unsigned context) const {
    if (states_[context].interrupt) return false;
    const ContextSpec& spec = (*specs_)[context];
    const unsigned thread = spec.kind == ContextKind::signal ? spec.target : context;
    return cpu_of(context).ran && cpu_of(context).current != static_cast<int>(thread);
}

const char* Machine::perform(unsigned context, const Op& op) {
    ContextState& state = states_[context];
    const bool spins = !state.pending.lock_sleeps;
    switch (op.kind) {
        case OpKind::lock:
        case OpKind::try_lock:
            // Rule 4: contended or not.
            if (op.kind == OpKind::lock && !spins && is_atomic(context)) {
                return sleeps_in_vain;
            }
            if (!spins && state.level == nmi_level) return "a lock is taken in an NMI";
            if (op.kind == OpKind::try_lock && holders_[op.location] >= 0) return nullptr;
            holders_[op.location] = static_cast<std::int8_t>(context);
            ++state.held;
            // Whoever has spun for it has done so without being preempted.
            if (!spins) ++state.migrate_off;
            if (spins && !state.waiting) ++state.preempt_count;
            state.waiting = false;
            return nullptr;
        case OpKind::unlock:
            if (holders_[op.location] != static_cast<int>(context)) {
                return "a lock is released that its releaser does not hold";
            }
            holders_[op.location] = -1;
            --state.held;
            --(spins ? state.preempt_count : state.migrate_off);
            return nullptr;
        case OpKind::irq_save:
            ++state.irq_off;
            return nullptr;
        case OpKind::irq_restore:
            if (state.irq_off > 0) --state.irq_off;  // a mutant may have left out its irq_save
            return nullptr;
        case OpKind::preempt_disable:
            ++state.preempt_count;
            return nullptr;
        case OpKind::preempt_enable:
            --state.preempt_count;
            return nullptr;
        case OpKind::softirq_disable:
            ++state.softirq_off;
            return nullptr;
        case OpKind::softirq_enable:
            --state.softirq_off;
            return nullptr;
        case OpKind::migrate_disable:
            ++state.migrate_off;
            return nullptr;
        case OpKind::migrate_enable:
            --state.migrate_off;
            return nullptr;
        case OpKind::sleep:
            if (is_atomic(context)) return "sleeping where sleeping is not allowed";
            cpu_of(context).current = -1;
            return nullptr;
        default:
            return nullptr;
    }
}

void Machine::finish(unsigned context) {
    ContextState& state = states_[context];
    const bool fresh = state.status == Status::fresh;
    state.status = Status::finished;
    if (fresh) return;  // it had nothing to do
    Cpu& cpu = cpu_of(context);
    if (state.interrupt) {
        cpu.interrupts.pop_back();
    } else if ((*specs_)[context].kind == ContextKind::signal) {
        const unsigned thread = (*specs_)[context].target;
        states_[thread].signals.pop_back();
        if (!is_live(static_cast<int>(thread)) && !states_[thread].signalled) cpu.current = -1;
    } else if (!state.signalled) {
        cpu.current = -1;  // else it lives on there for its signals
    }
}

void Machine::add_to(Hash& hash) const {
    for (const ContextState& state : states_) {
        const auto byte = [](int value, unsigned shift) {
            return static_cast<std::uint64_t>(static_cast<std::uint8_t>(value)) << shift;
        };
        hash.add(byte(static_cast<int>(state.status), 0) | byte(state.preempt_count, 8) |
                 byte(state.irq_off, 16) | byte(state.softirq_off, 24) |
                 byte(state.migrate_off, 32) | byte(state.pending.parked, 40) |
                 byte(state.waiting, 48) | byte(state.cpu, 56));
        for (const std::uint8_t signal : state.signals) hash.add(signal);
    }
    for (const Cpu& cpu : cpus_) {
        hash.add(static_cast<std::uint64_t>(cpu.current + 1) << 8 | cpu.interrupts.size() << 1 |
                 (cpu.idle ? 1 : 0));
        for (const std::uint8_t interrupt : cpu.interrupts) hash.add(interrupt);
    }
    std::uint64_t holders = 0;
    for (const std::int8_t holder : holders_)
        holders = holders * 16 + static_cast<unsigned>(holder + 1);
    hash.add(holders);
}

}  // namespace anypage::check
