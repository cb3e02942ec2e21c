// alloc_flags: what the allocator itself may do for a request, in the kernel's names and values
// (mm/internal.h, 6.12; NOLOCK as of 6.15). Derived from gfp flags in src/alloc; watermarks read
// them.
#pragma once

#include <cstdint>

namespace anypage {

/// Indices of a zone's watermarks; the two low bits of alloc_flags.
enum class Watermark : std::uint8_t { min, low, high, promo };
inline constexpr unsigned watermark_count = 4;

struct AllocFlags {
    std::uint32_t bits = 0;

    constexpr bool has(AllocFlags flag) const { return (bits & flag.bits) != 0; }
    constexpr AllocFlags without(AllocFlags flags) const { return {bits & ~flags.bits}; }
    constexpr Watermark watermark() const { return static_cast<Watermark>(bits & 3); }
    friend constexpr AllocFlags operator|(AllocFlags a, AllocFlags b) { return {a.bits | b.bits}; }
    friend constexpr bool operator==(AllocFlags, AllocFlags) = default;
};

namespace alloc {

inline constexpr AllocFlags WMARK_MIN{0};
inline constexpr AllocFlags WMARK_LOW{1};
inline constexpr AllocFlags WMARK_HIGH{2};
inline constexpr AllocFlags NO_WATERMARKS{0x4};
inline constexpr AllocFlags OOM{0x8};
inline constexpr AllocFlags NON_BLOCK{0x10};
inline constexpr AllocFlags MIN_RESERVE{0x20};
inline constexpr AllocFlags CPUSET{0x40};
inline constexpr AllocFlags CMA{0x80};
inline constexpr AllocFlags NOFRAGMENT{0x100};
inline constexpr AllocFlags HIGHATOMIC{0x200};
inline constexpr AllocFlags NOLOCK{0x400};
inline constexpr AllocFlags KSWAPD{0x800};
inline constexpr AllocFlags RESERVES = NON_BLOCK | MIN_RESERVE | HIGHATOMIC | OOM;

}  // namespace alloc
}  // namespace anypage
