// OnOneCpu: while it lives, this thread stays on one CPU, the first that it may use.
#pragma once

#include <pthread.h>
#include <sched.h>

#include "base/units.hpp"

namespace anypage::test {

class OnOneCpu {
public:
    OnOneCpu() {
        pthread_getaffinity_np(pthread_self(), sizeof before_, &before_);
        while (!CPU_ISSET(cpu_.value, &before_)) ++cpu_.value;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu_.value, &one);
        pthread_setaffinity_np(pthread_self(), sizeof one, &one);
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
