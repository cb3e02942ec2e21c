// Place: where a thread is, as a stack of words that another thread or process may read while this
// one hangs. A thread that wants to be watched attaches a PlaceStack, in shared memory if need be;
// without one a Place does nothing. Signal handlers push and pop above what they interrupt.
#pragma once

#include <cstdint>

#include "native_atomic.hpp"

namespace anypage::native {

/// Zeroed memory is an empty stack. Words are string literals: valid in every process forked from
/// one.
struct PlaceStack {
    static constexpr std::uint32_t depth_max = 8;
    Atomic<std::uint32_t> depth;
    Atomic<const char*> words[depth_max];
};

class Place {
public:
    explicit Place(const char* word) : stack_(attached()) {
        if (stack_ == nullptr) return;
        const std::uint32_t depth = stack_->depth.load_relaxed();
        if (depth < PlaceStack::depth_max) stack_->words[depth].store_relaxed(word);
        stack_->depth.store_release(depth + 1);  // a reader of the depth finds the word
    }
    ~Place() {
        if (stack_ != nullptr) stack_->depth.store_release(stack_->depth.load_relaxed() - 1);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    /// Watch the calling thread through `stack`; null: no more. Not inside of a Place.
    static void attach(PlaceStack* stack) { attached() = stack; }

private:
    static PlaceStack*& attached() {
        static thread_local PlaceStack* stack = nullptr;
        return stack;
    }

    PlaceStack* const stack_;
};

}  // namespace anypage::native
