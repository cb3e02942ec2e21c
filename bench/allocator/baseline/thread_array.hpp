// ThreadArray: a baseline. A bare thread-local array of frames, and the least that an allocator can
// do: no order, no other thread, no refill. It holds frames for the thread that makes it, and there
// is one a thread.
#pragma once

#include <memory>

#include "bench/allocator/no_page.hpp"

namespace anypage::bench {

class ThreadArray {
public:
    explicit ThreadArray(PfnRange span) : memory_(std::make_unique<Pfn[]>(span.frames)) {
        frames = memory_.get();
        count = span.frames;
        for (std::uint64_t i = 0; i < count; ++i) frames[i] = span.first + (count - 1 - i);
    }
    ~ThreadArray() { count = 0; }
    ThreadArray(const ThreadArray&) = delete;
    ThreadArray& operator=(const ThreadArray&) = delete;

    Pfn allocate() {
        if (count == 0) return no_page;
        return frames[--count];
    }
    /// No more than came out.
    void free(Pfn pfn) { frames[count++] = pfn; }

private:
    inline static thread_local constinit Pfn* frames = nullptr;
    inline static thread_local constinit std::uint64_t count = 0;
    std::unique_ptr<Pfn[]> memory_;
};

}  // namespace anypage::bench
