// Region: see region.hpp.
#include "region.hpp"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace anypage::check {

Region::Region() {
    // Where an address is the same in every process that can have it there: it may be part of what
    // tells states apart, and those may come out of a file.
    void* const wanted = reinterpret_cast<void*>(std::uintptr_t{0x7e9000000000});
    void* base = mmap(wanted, bytes_max, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<char*>(base);
}

Region::~Region() { munmap(base_, bytes_max); }

void* Region::allocate(std::size_t bytes, std::size_t alignment) {
    const std::size_t start = (used_ + alignment - 1) / alignment * alignment;
    if (start + bytes > bytes_max) throw std::bad_alloc();
    used_ = start + bytes;
    return base_ + start;
}

void Region::keep_image() { image_.assign(base_, base_ + used_); }

void Region::restore_image() { std::memcpy(base_, image_.data(), image_.size()); }

}  // namespace anypage::check
