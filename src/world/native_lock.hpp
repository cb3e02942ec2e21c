// Locks of the native world. A raw lock, and a spinlock_t without PREEMPT_RT, spins: whoever waits
// for it burns its CPU. A spinlock_t on PREEMPT_RT is a priority-inheriting mutex: whoever waits
// sleeps and lends its priority. Never taken on the allocate or free path of our own protocol.
#pragma once

#include <pthread.h>

#include <cstdint>

#include "native_atomic.hpp"
#include "native_place.hpp"
#include "world.hpp"

namespace anypage::native {

inline void cpu_relax() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

class Lock {
public:
    Lock(LockKind kind, bool preempt_rt, const char* name)
        : sleeps_(kind == LockKind::spin && preempt_rt), name_(name) {
        pthread_mutexattr_t attributes;
        pthread_mutexattr_init(&attributes);
        pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
        pthread_mutex_init(&mutex_, &attributes);
        pthread_mutexattr_destroy(&attributes);
    }
    ~Lock() { pthread_mutex_destroy(&mutex_); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    void lock() {
        if (sleeps_ ? pthread_mutex_trylock(&mutex_) == 0 : try_spin()) return;
        const Place here{name_};
        if (sleeps_) {
            pthread_mutex_lock(&mutex_);
        } else {
            while (!try_spin()) cpu_relax();
        }
    }
    void unlock() {
        if (sleeps_) {
            pthread_mutex_unlock(&mutex_);
        } else {
            held_.store_release(0);
        }
    }

private:
    bool try_spin() {
        std::uint32_t free = 0;
        return held_.load_relaxed() == 0 && held_.cas_acq_rel(free, 1);
    }

    const bool sleeps_;
    const char* const name_;  // "waits for ..."
    Atomic<std::uint32_t> held_{0};
    pthread_mutex_t mutex_;
};

}  // namespace anypage::native
