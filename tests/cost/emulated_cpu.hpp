// EmulatedCpu: what a call costs, counted instruction by instruction. It runs in an emulated CPU
// on this process's own memory, so that all it does is done. (A debugger's single steps would not
// do: each of them ends a restartable section.)
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <set>

namespace anypage::test {

/// How many of each were executed, and where they wrote.
struct Cost {
    unsigned instructions = 0;
    unsigned branches = 0;  ///< jumps, calls and returns
    unsigned loads = 0;     ///< of memory; what an instruction reads counts once
    unsigned stores = 0;
    unsigned atomics = 0;  ///< read-modify-writes: locked instructions and xchg
    unsigned fences = 0;
    std::set<std::uint64_t> lines;  ///< cache lines written, address / 64; not the stack's

    friend bool operator==(const Cost&, const Cost&) = default;
};
/// All but the lines, which lie elsewhere each time.
std::ostream& operator<<(std::ostream& out, const Cost& cost);

/// An emulated CPU with the memory that this process has when it is made. The calling thread must
/// stay on its CPU as long as it lives: restartable sections look at the thread's own words.
class EmulatedCpu {
public:
    EmulatedCpu();
    ~EmulatedCpu();

    /// Runs entry(argument). A failure of the emulator ends the test.
    Cost run(void (*entry)(void*), void* argument);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace anypage::test
