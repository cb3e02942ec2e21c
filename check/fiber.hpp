// Fiber: a function on a stack of its own that is run from yield to yield. It may be abandoned in
// the middle and its stack used again: nothing is unwound, no destructor runs.
#pragma once

#include <cstddef>
#include <functional>

namespace anypage::check {

class Fiber {
public:
    Fiber();
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    /// Forgets what ran here. `body` begins at the next resume() and must outlive the run.
    void start(const std::function<void()>& body);
    /// Runs it to its next yield, or to its end.
    void resume();
    bool finished() const { return finished_; }

    /// From inside of the fiber: back to whoever resumed it.
    void yield();

private:
    void run();

    char* stack_ = nullptr;
    void* inside_ = nullptr;   // where to go on in the fiber
    void* outside_ = nullptr;  // where to go back to
    const std::function<void()>* body_ = nullptr;
    bool finished_ = true;
    // What the address sanitizer asks to be told.
    [[maybe_unused]] void* fake_stack_ = nullptr;
    [[maybe_unused]] const void* outside_stack_ = nullptr;
    [[maybe_unused]] std::size_t outside_size_ = 0;
};

}  // namespace anypage::check
