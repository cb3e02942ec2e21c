// OnOneCpu: while it lives, this thread stays on the CPU that it was on.
#pragma once

#include <pthread.h>
#include <sched.h>

#include "base/units.hpp"

namespace anypage::test {

class OnOneCpu {
public:
    OnOneCpu() : cpu_{static_cast<std::uint32_t>(sched_getcpu())} {
        pthread_getaffinity_np(pthread_self(), sizeof before_, &before_);
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
    CpuId cpu_;
    cpu_set_t before_;
};

}  // namespace anypage::test
