// Arena: carves arrays out of one piece of zeroed memory that somebody else owns. With no memory it
// only measures, so that the size and the layout come from the same code. Construction time only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace anypage {

inline constexpr std::size_t cache_line = 64;

class Arena {
public:
    Arena() = default;  // measures
    explicit Arena(std::byte* memory) : memory_(memory) {}

    bool measures() const { return memory_ == nullptr; }
    std::size_t used() const { return used_; }

    /// `count` objects of T, cache-line aligned; null while measuring. Objects without a
    /// constructor are left as the zero bytes that they lie in, untouched.
    template <class T, class... Args>
    T* array(std::size_t count, Args&&... args) {
        static_assert(std::is_trivially_destructible_v<T> || sizeof...(Args) > 0 ||
                      !std::is_trivially_default_constructible_v<T>);
        constexpr std::size_t align = alignof(T) > cache_line ? alignof(T) : cache_line;
        used_ = (used_ + align - 1) / align * align;
        T* first = measures() ? nullptr : reinterpret_cast<T*>(memory_ + used_);
        used_ += count * sizeof(T);
        if (measures()) return nullptr;
        if constexpr (sizeof...(Args) > 0 || !std::is_trivially_default_constructible_v<T>) {
            for (std::size_t i = 0; i < count; ++i) std::construct_at(first + i, args...);
        }
        return first;
    }

private:
    std::byte* memory_ = nullptr;
    std::size_t used_ = 0;
};

}  // namespace anypage
