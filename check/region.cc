// Region: see region.hpp.
#include "region.hpp"

#include <sys/mman.h>

#include <cstring>
#include <new>
#include <utility>

namespace anypage::check {

namespace {

/// The last one that went, zeroed: many explorations take less time than the kernel does to map
/// their memory.
struct Spare {
    ~Spare() {
        if (base != nullptr) munmap(base, Region::bytes_max);
    }
    char* base = nullptr;
};
thread_local Spare spare;

}  // namespace

Region::Region() : base_(std::exchange(spare.base, nullptr)) {
    if (base_ != nullptr) return;
    // Where an address is the same in every process that can have it there: it may be part of what
    // tells states apart, and those may come out of a file.
    void* const wanted = reinterpret_cast<void*>(std::uintptr_t{0x7e9000000000});
    void* base = mmap(wanted, bytes_max, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<char*>(base);
}

Region::~Region() {
    constexpr std::size_t cheap_to_zero = 64 * 1024;
    if (used_ > cheap_to_zero || spare.base != nullptr) {
        munmap(base_, bytes_max);
        return;
    }
    std::memset(base_, 0, used_);
    spare.base = base_;
}

void* Region::allocate(std::size_t bytes, std::size_t alignment) {
    const std::size_t start = (used_ + alignment - 1) / alignment * alignment;
    if (start + bytes > bytes_max) throw std::bad_alloc();
    used_ = start + bytes;
    return base_ + start;
}

void Region::keep_image() { image_.assign(base_, base_ + used_); }

void Region::restore_image() { std::memcpy(base_, image_.data(), image_.size()); }

}  // namespace anypage::check
