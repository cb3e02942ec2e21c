// move_to: this thread stays on a CPU. OnOneCpu: while it lives, on the first that it may use.
#pragma once

#include <pthread.h>
#include <sched.h>

#include "base/units.hpp"

namespace anypage::test {

/// This thread runs on that CPU from here on. False: it may not.
inline bool move_to(CpuId cpu) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu.value, &one);
    return pthread_setaffinity_np(pthread_self(), sizeof one, &one) == 0;
}

class OnOneCpu {
public:
    OnOneCpu() {
        pthread_getaffinity_np(pthread_self(), sizeof before_, &before_);
        while (!CPU_ISSET(cpu_.value, &before_)) ++cpu_.value;
        move_to(cpu_);
    }
    ~OnOneCpu() { pthread_setaffinity_np(pthread_self(), sizeof before_, &before_); }
    OnOneCpu(const OnOneCpu&) = delete;
    OnOneCpu& operator=(const OnOneCpu&) = delete;

    CpuId cpu() const { return cpu_; }

private:
    CpuId cpu_{0};
    cpu_set_t before_;
};

}  // namespace anypage::test
