// Pages for standard containers: a std::pmr::memory_resource over an allocator. Each allocation is
// a run of its own, so it suits large blocks, or a std::pmr::unsynchronized_pool_resource above it.
#pragma once

#include <anypage/anypage.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <new>

namespace anypage {

/// Allocates runs as `base` asks for them; its order is not looked at. Any number of threads. What
/// cannot be had is std::bad_alloc: more than the largest run (4 MiB), memory that is short, frames
/// that are numbers only, or more alignment than the caller's own ranges have.
class page_resource : public std::pmr::memory_resource {
public:
    /// `pages`, and what `base` points to, must outlive the resource.
    explicit page_resource(allocator& pages, const request& base = {}) noexcept
        : pages_(pages), base_(base) {}

private:
    static constexpr std::size_t bytes_max = order_max.frames() * frame_bytes;

    /// A run is aligned to its own length, so alignment is a matter of length. At most bytes_max.
    static Order order_for(std::size_t bytes, std::size_t alignment) noexcept {
        const std::size_t wanted = std::max({bytes, alignment, std::size_t{frame_bytes}});
        return Order{static_cast<std::uint8_t>(std::bit_width(wanted - 1) - frame_shift)};
    }

    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        if (std::max(bytes, alignment) > bytes_max) throw std::bad_alloc();
        request wanted = base_;
        wanted.order = order_for(bytes, alignment);
        const auto page = pages_.allocate(wanted);
        if (!page) throw std::bad_alloc();
        void* memory = pages_.address(*page);
        if (memory != nullptr && reinterpret_cast<std::uintptr_t>(memory) % alignment == 0) {
            return memory;
        }
        pages_.free(*page, wanted.order);
        throw std::bad_alloc();
    }

    void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
        pages_.free(pages_.frame(memory), order_for(bytes, alignment));
    }

    /// What one has allocated any other of the same allocator can free.
    bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
        const auto* resource = dynamic_cast<const page_resource*>(&other);
        return resource != nullptr && &resource->pages_ == &pages_;
    }

    allocator& pages_;
    const request base_;
};

}  // namespace anypage
