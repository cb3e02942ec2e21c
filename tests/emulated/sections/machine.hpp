// Machine: an emulated CPU, x86-64 or aarch64, that runs the restartable sections of an image
// instruction by instruction, and the part of the kernel that ends them. A thread is registered for
// sections there, whatever this machine can do.
#pragma once

#include <linux/rseq.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "tests/emulated/call.hpp"

struct uc_context;  // of Unicorn

namespace anypage::test {

/// The memory that the emulated CPU and the test share.
struct SharedMemory {
    SectionWords words;
    /// That of a thread, and that of what interrupts it; each has a stack of its own.
    std::array<Call, 2> calls;
    std::array<std::array<std::byte, 1024>, 2> stacks;
    /// What the kernel and the thread tell each other.
    alignas(32) struct rseq area;
};

class Machine {
public:
    /// A file that is no image, or of another machine, throws.
    explicit Machine(const std::string& image);
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    SharedMemory& memory();

    /// The next instruction is the first of a call.
    void begin(std::size_t call);
    /// One instruction. False: the call has returned before.
    bool step();
    /// The rest of the call.
    void finish();

    /// What the kernel does to a thread before a handler or another thread runs, and after a
    /// membarrier. True: a section has come to nothing. A section that the kernel would kill the
    /// thread for throws.
    bool interrupt();

    /// The registers as they are now; back to them. The memory stays as it is.
    using Registers = std::shared_ptr<uc_context>;
    Registers save();
    void restore(const Registers& saved);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace anypage::test
