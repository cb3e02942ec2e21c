// Stalled: an operation in InterruptingWorld that runs up to a step and stays there, on a stack of
// its own, until it is resumed, or for ever: what a preempted, killed or endlessly interrupted
// thread is to everybody else.
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "tests/support/interrupting_world.hpp"
#include "tests/support/sanitizers.hpp"
#if defined(ANYPAGE_TEST_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace anypage::test {

class Stalled {
public:
    /// Runs `operation` until just before its `step`-th shared-memory operation, or to its end.
    Stalled(std::uint64_t step, std::function<void()> operation)
        : operation_(std::move(operation)), stack_(new std::byte[stack_bytes]) {
        getcontext(&own_);
        own_.uc_stack.ss_sp = stack_.get();
        own_.uc_stack.ss_size = stack_bytes;
        own_.uc_link = nullptr;
        starting() = this;
        makecontext(&own_, &Stalled::enter, 0);
        create_fiber();
        {
            const Interruption stop(step, [this] { leave(); });
            go();
        }
    }
    ~Stalled() { destroy_fiber(); }
    Stalled(const Stalled&) = delete;
    Stalled& operator=(const Stalled&) = delete;

    bool finished() const { return finished_; }
    /// Lets the operation run to its end.
    void resume() {
        if (!finished_) go();
    }

private:
    static constexpr std::size_t stack_bytes = 96 * 1024;

    static Stalled*& starting() {
        static Stalled* self = nullptr;
        return self;
    }
    static void enter() {
        Stalled* self = starting();
        self->operation_();
        self->finished_ = true;
        self->leave();
    }
#if defined(ANYPAGE_TEST_TSAN)
    void create_fiber() {
        main_fiber_ = __tsan_get_current_fiber();
        own_fiber_ = __tsan_create_fiber(0);
    }
    void destroy_fiber() { __tsan_destroy_fiber(own_fiber_); }
    void go() {
        __tsan_switch_to_fiber(own_fiber_, 0);
        swapcontext(&main_, &own_);
    }
    void leave() {
        __tsan_switch_to_fiber(main_fiber_, 0);
        swapcontext(&own_, &main_);
    }
    void* main_fiber_ = nullptr;
    void* own_fiber_ = nullptr;
#else
    void create_fiber() {}
    void destroy_fiber() {}
    void go() { swapcontext(&main_, &own_); }
    void leave() { swapcontext(&own_, &main_); }
#endif

    std::function<void()> operation_;
    std::unique_ptr<std::byte[]> stack_;
    ucontext_t main_{};
    ucontext_t own_{};
    bool finished_ = false;
};

}  // namespace anypage::test
