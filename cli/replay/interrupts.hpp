// Interrupts: a timer signal on each thread that wants one, whose handler does what that thread has
// registered. The signal is what the native world's irq_save blocks.
#pragma once

#include <signal.h>
#include <time.h>

#include <cstdint>

namespace anypage {

/// What the handler of the calling thread calls; a plain pointer, so that a handler may read it.
struct interrupt_work {
    void (*call)(void* context) = nullptr;
    void* context = nullptr;
};

class interrupts {
public:
    /// Interrupts the calling thread until destroyed, on the same thread: `period_ns` after each
    /// return of the handler.
    interrupts(const interrupt_work& work, std::uint64_t period_ns);
    ~interrupts();
    interrupts(const interrupts&) = delete;
    interrupts& operator=(const interrupts&) = delete;

    /// Makes the signal known to the native world. Once, before any thread.
    static void set_up();

private:
    timer_t timer_{};
    bool armed_ = false;
};

}  // namespace anypage
