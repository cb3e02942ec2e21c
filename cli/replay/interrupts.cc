// Interrupts by POSIX timers that signal one thread.
#include "cli/replay/interrupts.hpp"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "world/native.hpp"

namespace anypage {
namespace {

/// What the handler of this thread does, and what calls it again.
struct current_interrupts {
    const interrupt_work* work = nullptr;
    timer_t timer{};
    timespec period{};
};
thread_local current_interrupts current;

int signal_number() { return SIGRTMIN + 3; }

/// Once, a period from now: were the timer periodic, work that takes longer than a period would
/// leave nothing to the thread. Async-signal-safe.
void arm() {
    const itimerspec once{{}, current.period};
    timer_settime(current.timer, 0, &once, nullptr);
}

void handle(int) {
    if (current.work == nullptr) return;
    const int saved = errno;
    current.work->call(current.work->context);
    arm();
    errno = saved;
}

void block(int how) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, signal_number());
    pthread_sigmask(how, &signals, nullptr);
}

}  // namespace

void interrupts::set_up() {
    struct sigaction action {};
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(signal_number(), &action, nullptr);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, signal_number());
    NativeWorld::set_interrupt_signals(signals);
}

interrupts::interrupts(const interrupt_work& work, std::uint64_t period_ns) {
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = signal_number();
    event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
    if (timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0) return;
    armed_ = true;
    current = {&work, timer_,
               timespec{static_cast<time_t>(period_ns / 1'000'000'000),
                        static_cast<long>(period_ns % 1'000'000'000)}};
    block(SIG_UNBLOCK);
    arm();
}

interrupts::~interrupts() {
    block(SIG_BLOCK);
    if (armed_) timer_delete(timer_);
    current = {};
}

}  // namespace anypage
