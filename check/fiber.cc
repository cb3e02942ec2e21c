// Fiber on Boost.Context: a switch costs a few nanoseconds, and a stack may be abandoned.
#include "fiber.hpp"

#include <sys/mman.h>

#include <boost/context/detail/fcontext.hpp>
#include <new>
#include <vector>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ANYPAGE_CHECK_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ANYPAGE_CHECK_ASAN 1
#endif
#ifdef ANYPAGE_CHECK_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace anypage::check {

namespace context = boost::context::detail;

namespace {

constexpr std::size_t stack_bytes = 256 * 1024;

/// Stacks that nobody uses, to be used again: many explorations take less time than the kernel does
/// to map their memory.
class Stacks {
public:
    ~Stacks() {
        for (char* each : spare_) munmap(each, stack_bytes);
    }
    char* take() {
        if (spare_.empty()) return map();
        char* const stack = spare_.back();
        spare_.pop_back();
        return stack;
    }
    void give_back(char* stack) { spare_.push_back(stack); }

private:
    static char* map() {
        void* stack = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
        if (stack == MAP_FAILED) throw std::bad_alloc();
        return static_cast<char*>(stack);
    }

    std::vector<char*> spare_;
};
thread_local Stacks stacks;

}  // namespace

Fiber::Fiber() : stack_(stacks.take()) {}
Fiber::~Fiber() { stacks.give_back(stack_); }

void Fiber::start(const std::function<void()>& body) {
#ifdef ANYPAGE_CHECK_ASAN
    // Its fake stack stays, with what was abandoned there: a new one for each run would fill the
    // address space in seconds.
    __asan_unpoison_memory_region(stack_, stack_bytes);
#endif
    body_ = &body;
    finished_ = false;
    inside_ =
        context::make_fcontext(stack_ + stack_bytes, stack_bytes, [](context::transfer_t from) {
            Fiber& self = *static_cast<Fiber*>(from.data);
            self.outside_ = from.fctx;
            self.run();
        });
}

void Fiber::run() {
#ifdef ANYPAGE_CHECK_ASAN
    __sanitizer_finish_switch_fiber(fake_stack_, &outside_stack_, &outside_size_);
#endif
    (*body_)();
    finished_ = true;
#ifdef ANYPAGE_CHECK_ASAN
    fake_stack_ = nullptr;  // it goes
    __sanitizer_start_switch_fiber(nullptr, outside_stack_, outside_size_);
#endif
    context::jump_fcontext(outside_, nullptr);  // never comes back
}

void Fiber::resume() {
#ifdef ANYPAGE_CHECK_ASAN
    void* fake_stack = nullptr;
    __sanitizer_start_switch_fiber(&fake_stack, stack_, stack_bytes);
#endif
    inside_ = context::jump_fcontext(inside_, this).fctx;
#ifdef ANYPAGE_CHECK_ASAN
    __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
}

void Fiber::yield() {
#ifdef ANYPAGE_CHECK_ASAN
    __sanitizer_start_switch_fiber(&fake_stack_, outside_stack_, outside_size_);
#endif
    outside_ = context::jump_fcontext(outside_, nullptr).fctx;
#ifdef ANYPAGE_CHECK_ASAN
    __sanitizer_finish_switch_fiber(fake_stack_, &outside_stack_, &outside_size_);
#endif
}

}  // namespace anypage::check
