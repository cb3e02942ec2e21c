// Kernel: the kind of machine and kernel that contexts run on, as far as it decides who may
// interrupt, preempt or wait for whom.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace anypage::check {

/// CONFIG_PREEMPT_*.
enum class Preemption : std::uint8_t { none, voluntary, full, rt };

inline const char* name_of(Preemption preemption) {
    constexpr const char* names[] = {"none", "voluntary", "full", "rt"};
    return names[static_cast<unsigned>(preemption)];
}

/// What a context is, in the kernel's terms. Without PREEMPT_RT a hardirq and a softirq run to
/// completion on top of what they interrupt; on PREEMPT_RT they are threads of FIFO 50.
enum class ContextKind : std::uint8_t {
    other,  ///< SCHED_OTHER thread
    fifo,   ///< SCHED_FIFO thread
    softirq,
    hardirq,
    hardirq_no_thread,  ///< IRQF_NO_THREAD: a hardirq on PREEMPT_RT too
    nmi,
    signal,  ///< a signal handler on top of a thread; irq_save does not keep it away
};

inline const char* name_of(ContextKind kind) {
    constexpr const char* names[] = {"thread",  "FIFO thread", "softirq",       "hardirq",
                                     "hardirq", "NMI",         "signal handler"};
    return names[static_cast<unsigned>(kind)];
}

struct ContextSpec {
    std::string name;
    ContextKind kind = ContextKind::other;
    unsigned cpu = 0;
    /// CPUs that a thread may be moved to wherever it can be preempted, a bit each; its signal
    /// handlers move with it. 0: it stays where it is.
    unsigned may_move_to = 0;
    unsigned priority = 0;         ///< of a FIFO thread, 1 to 99
    unsigned target = 0;           ///< of a signal: the index of the thread that it comes to
    bool may_stall = false;        ///< perhaps it never runs again, wherever it can be preempted
    bool may_wait = false;         ///< that others make it wait for ever is nobody's fault
    bool starts_by_itself = true;  ///< a thread that must run; handlers may never come
    std::uint64_t refused_sections =
        0;  ///< bit n: its n-th restartable section; 63: all after, too
    std::function<void()> run;
    /// What may come in once, between any two operations inside of this place (World::Place), as a
    /// diagnostic that prints or instrumentation that allocates does. Empty: nothing.
    std::string intrusion_place;
    std::function<void()> intrusion;
};

inline constexpr unsigned contexts_max = 8;
inline constexpr unsigned cpus_max = 8;

}  // namespace anypage::check
