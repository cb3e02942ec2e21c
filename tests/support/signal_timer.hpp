// SignalTimer: while it lives, a signal interrupts its thread every 50 us. The handler arms the
// next one when it is done, so that the thread gets on however long handlers take.
#pragma once

#include <signal.h>
#include <time.h>
#include <unistd.h>

namespace anypage::test {

/// One a thread.
class SignalTimer {
public:
    // Not a clock of CPU time: those tick with the scheduler, every few milliseconds.
    explicit SignalTimer(int signal) {
        sigevent event{};
        event.sigev_notify = SIGEV_THREAD_ID;
        event.sigev_signo = signal;
        event._sigev_un._tid = gettid();
        armed_ = timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0;
        rearm();
    }
    ~SignalTimer() {
        if (armed_ == 0) return;
        armed_ = 0;  // a last signal may still come
        timer_delete(timer_);
    }
    SignalTimer(const SignalTimer&) = delete;
    SignalTimer& operator=(const SignalTimer&) = delete;

    /// At the end of the handler.
    static void rearm() {
        const itimerspec soon{{0, 0}, {0, 50'000}};
        if (armed_ != 0) timer_settime(timer_, 0, &soon, nullptr);
    }

private:
    static inline thread_local timer_t timer_{};
    static inline thread_local volatile sig_atomic_t armed_ = 0;
};

}  // namespace anypage::test
