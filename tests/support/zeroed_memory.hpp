// Zeroed, aligned memory that an Arena may carve: what a caller of the core brings along.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/arena.hpp"

namespace anypage::test {

class ZeroedMemory {
public:
    explicit ZeroedMemory(std::size_t bytes)
        : bytes_(round_up(bytes)),
          memory_(static_cast<std::byte*>(std::aligned_alloc(cache_line, bytes_))) {
        std::memset(memory_.get(), 0, bytes_);
    }
    std::byte* get() const { return memory_.get(); }

private:
    static std::size_t round_up(std::size_t bytes) {
        return (bytes + cache_line) / cache_line * cache_line;
    }
    struct Free {
        void operator()(std::byte* memory) const { std::free(memory); }
    };

    std::size_t bytes_;
    std::unique_ptr<std::byte, Free> memory_;
};

/// Measures with a first arena, then carves a second one out of fresh zeroed memory.
template <class Carve>
ZeroedMemory carve_zeroed(const Carve& carve) {
    Arena measuring;
    carve(measuring);
    ZeroedMemory memory(measuring.used());
    Arena real(memory.get());
    carve(real);
    return memory;
}

}  // namespace anypage::test
