// The console of the native world: a sink behind a port lock. printk formats nothing; it hands a
// line to the sink while it holds the port lock, unless printing is deferred on this thread, in
// which case the line is only counted and the next synchronous print stands for it (the kernel's
// irq_work). A pty writer takes the same port lock and allocates under it: hold_port() is for it.
#pragma once

#include <cstdint>

#include "native_atomic.hpp"
#include "native_lock.hpp"

namespace anypage::native {

class Console {
public:
    using Sink = void (*)(void* context, const char* line);

    /// Not concurrently with printing. A null sink (the default) makes printing free: no lock
    /// taken.
    void attach(Sink sink, void* context) {
        sink_ = sink;
        context_ = context;
    }

    void print(const char* line) {
        if (sink_ == nullptr) return;
        if (deferrals() > 0) {
            deferred_.fetch_add_relaxed(1);
            return;
        }
        port_.lock();
        sink_(context_, line);
        port_.unlock();
    }

    Lock& port() { return port_; }
    std::uint64_t deferred_lines() const { return deferred_.load_relaxed(); }

    static void deferred_enter() { ++deferrals(); }
    static void deferred_exit() { --deferrals(); }

private:
    // Per CPU in the kernel, whose caller may not migrate; per thread here, for the same reason.
    static int& deferrals() {
        static thread_local int nesting = 0;
        return nesting;
    }

    Sink sink_ = nullptr;
    void* context_ = nullptr;
    Lock port_{LockKind::raw, false, "waits for port->lock"};
    Atomic<std::uint64_t> deferred_{0};
};

}  // namespace anypage::native
