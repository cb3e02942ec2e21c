// Machine: CPUs, contexts and locks: who may take the next step. The numbers of rules are those of
// docs/CHECKER.md, "Contexts and scheduling". Knows nothing of memory.
#pragma once

#include <array>
#include <vector>

#include "hash.hpp"
#include "kernel.hpp"
#include "op.hpp"

namespace anypage::check {

class Machine {
public:
    enum class Status : std::uint8_t { fresh, active, finished };

    void reset(Preemption preemption, bool throttling, const std::vector<ContextSpec>& specs,
               unsigned locks);

    /// What each context is about to do; the machine asks for no more than its kind, lock and
    /// whether it has to wait (`parked`: a spin that would see nothing new).
    struct Pending {
        OpKind kind = OpKind::note;
        std::uint16_t lock = 0;
        bool lock_sleeps = false;
        bool parked = false;
    };
    void set_pending(unsigned context, const Pending& pending) {
        states_[context].pending = pending;
    }
    void set_parked(unsigned context, bool parked) { states_[context].pending.parked = parked; }

    /// May this context take the step that it is about to take, now?
    bool may_step(unsigned context) const;
    /// May it, as a step of its own, get its CPU or begin to wait for the lock that it is about to
    /// take? Only where that makes a difference: a handler whose first step has to wait keeps
    /// whom it interrupted from going on, a waiter of a lock that spins cannot be preempted, one
    /// of a lock that sleeps lends its priority.
    bool may_begin(unsigned context) const;
    /// It does. Nullptr, or what is wrong with it.
    const char* begin(unsigned context);
    /// It becomes what runs on its CPU, and takes a step there. Does the CPU change threads?
    bool take_cpu(unsigned context, bool steps = true);
    /// Rule 3: may this thread be moved to that CPU now, and run there?
    bool may_move(unsigned context, unsigned cpu);
    /// It is, and runs there.
    void move(unsigned context, unsigned cpu);
    bool is_movable(unsigned context) const {
        return (*specs_)[thread_of(context)].may_move_to != 0;
    }

    /// Would its step make it what runs on its CPU, after somebody else?
    bool switches(unsigned context) const;
    /// The machine's part of the step. Nullptr, or what is wrong with it.
    const char* perform(unsigned context, const Op& op);
    void finish(unsigned context);

    Status status(unsigned context) const { return states_[context].status; }
    unsigned cpu(unsigned context) const { return states_[thread_of(context)].cpu; }
    /// Itself, or of a signal handler the thread that it comes to.
    unsigned thread_of(unsigned context) const {
        const ContextSpec& spec = (*specs_)[context];
        return spec.kind == ContextKind::signal ? spec.target : context;
    }
    bool is_atomic(unsigned context) const;
    bool is_interrupt(unsigned context) const;
    bool in_nmi(unsigned context) const { return specs_->at(context).kind == ContextKind::nmi; }
    bool irqs_disabled(unsigned context) const;
    /// Does anybody else run on this context's CPU?
    bool shares_cpu(unsigned context) const { return states_[context].shares_cpu; }
    /// May a signal handler come on top of it? That of its thread, for a handler.
    bool may_be_signalled(unsigned context) const {
        return states_[context].signalled || (*specs_)[context].kind == ContextKind::signal;
    }
    bool waits_for_lock(unsigned context) const;
    int holder(unsigned lock) const { return holders_[lock]; }
    void add_lock() { holders_.push_back(-1); }
    Preemption preemption() const { return preemption_; }

    void add_to(Hash& hash) const;

private:
    struct ContextState {
        Status status = Status::fresh;
        std::uint8_t cpu = 0;
        bool interrupt = false;  ///< on this kernel
        bool shares_cpu = false;
        bool signalled = false;  ///< signals may come to it
        std::uint8_t level = 0;  ///< of an interrupt: who interrupts whom
        std::uint8_t base_priority = 0;
        bool waiting = false;  ///< has begun to wait for the lock that it is about to take
        std::int8_t preempt_count = 0;
        std::int8_t irq_off = 0;
        std::int8_t softirq_off = 0;
        std::int8_t migrate_off = 0;
        std::uint8_t held = 0;  ///< locks
        Pending pending;
        std::vector<std::uint8_t> signals;  ///< on top of this thread, innermost last
    };
    struct Cpu {
        std::int8_t current = -1;
        bool ran = false;                      ///< anybody so far
        bool idle = false;                     ///< the current thread has only just got it
        std::vector<std::uint8_t> interrupts;  ///< innermost last
    };

    bool is_ready(unsigned context) const;
    bool may_run(unsigned context) const;
    bool may_arrive(unsigned context) const;
    bool may_be_current(unsigned thread) const;
    bool is_preemptible(unsigned thread) const;
    bool at_switch_point(unsigned thread) const;
    bool is_blocked(unsigned thread) const;
    bool gives_way(unsigned thread) const;
    bool is_live(int thread) const;
    unsigned priority(unsigned thread) const;
    unsigned innermost(unsigned thread) const;
    const Cpu& cpu_of(unsigned context) const { return cpus_[cpu(context)]; }
    Cpu& cpu_of(unsigned context) { return cpus_[cpu(context)]; }
    bool irqs_off(const Cpu& cpu) const;
    bool softirqs_off(const Cpu& cpu) const;

    Preemption preemption_ = Preemption::full;
    bool throttling_ = false;
    const std::vector<ContextSpec>* specs_ = nullptr;
    std::vector<ContextState> states_;
    std::array<Cpu, cpus_max> cpus_;
    bool priorities_ = false;           ///< does anybody have one?
    std::vector<std::int8_t> holders_;  ///< by lock
};

}  // namespace anypage::check
