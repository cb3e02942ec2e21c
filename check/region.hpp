// Region: the memory that a scenario's state lives in. It is always at the same address, so that an
// address is the same thing in every execution; its first image is kept, and put back before each
// execution. What lies there must not own memory that contexts change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace anypage::check {

class Region {
public:
    static constexpr std::size_t bytes_max = 16u << 20;

    Region();
    ~Region();
    Region(const Region&) = delete;
    Region& operator=(const Region&) = delete;

    /// Zeroed memory. Throws std::bad_alloc when all is used.
    void* allocate(std::size_t bytes, std::size_t alignment);
    bool contains(const void* address) const { return address >= base_ && address < base_ + used_; }
    std::size_t offset(const void* address) const {
        return static_cast<std::size_t>(static_cast<const char*>(address) - base_);
    }
    void* at(std::size_t offset) const { return base_ + offset; }

    void keep_image();
    void restore_image();

private:
    char* base_ = nullptr;
    std::size_t used_ = 0;
    std::vector<char> image_;
};

}  // namespace anypage::check
