// Interrupts by POSIX timers that signal one thread.
#include "cli/replay/interrupts.hpp"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "world/native.hpp"

namespace anypage {
namespace {

thread_local const interrupt_work* current_work = nullptr;

int signal_number() { return SIGRTMIN + 3; }

void handle(int) {
    if (current_work != nullptr) current_work->call(current_work->context);
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
    current_work = &work;
    block(SIG_UNBLOCK);
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = signal_number();
    event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
    if (timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0) return;
    armed_ = true;
    const timespec period{static_cast<time_t>(period_ns / 1'000'000'000),
                          static_cast<long>(period_ns % 1'000'000'000)};
    const itimerspec each{period, period};
    timer_settime(timer_, 0, &each, nullptr);
}

interrupts::~interrupts() {
    block(SIG_BLOCK);
    if (armed_) timer_delete(timer_);
    current_work = nullptr;
}

}  // namespace anypage
