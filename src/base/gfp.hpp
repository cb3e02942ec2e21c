// gfp flags: what a request allows the allocator to do, with the kernel's names and values
// (include/linux/gfp_types.h, 6.12).
#pragma once

#include <cstdint>

#include "units.hpp"

namespace anypage {

/// A set of gfp flags. Combine with |, test with `has`.
struct gfp_t {
    std::uint32_t bits = 0;

    constexpr bool has(gfp_t flag) const { return (bits & flag.bits) != 0; }
    constexpr bool has_all(gfp_t flags) const { return (bits & flags.bits) == flags.bits; }
    constexpr gfp_t without(gfp_t flags) const { return {bits & ~flags.bits}; }
    friend constexpr gfp_t operator|(gfp_t a, gfp_t b) { return {a.bits | b.bits}; }
    friend constexpr bool operator==(gfp_t, gfp_t) = default;
};

/// The flags: __GFP_X of the kernel is gfp::X here, and GFP_X is gfp::X too; where both exist (DMA,
/// DMA32) they are the same single bit.
namespace gfp {

// Zone modifiers.
inline constexpr gfp_t DMA{0x1};
inline constexpr gfp_t HIGHMEM{0x2};
inline constexpr gfp_t DMA32{0x4};
inline constexpr gfp_t MOVABLE{0x8};
inline constexpr gfp_t RECLAIMABLE{0x10};
// Watermark and context modifiers.
inline constexpr gfp_t HIGH{0x20};
inline constexpr gfp_t IO{0x40};
inline constexpr gfp_t FS{0x80};
inline constexpr gfp_t ZERO{0x100};
inline constexpr gfp_t DIRECT_RECLAIM{0x400};
inline constexpr gfp_t KSWAPD_RECLAIM{0x800};
inline constexpr gfp_t WRITE{0x1000};
inline constexpr gfp_t NOWARN{0x2000};
inline constexpr gfp_t RETRY_MAYFAIL{0x4000};
inline constexpr gfp_t NOFAIL{0x8000};
inline constexpr gfp_t NORETRY{0x10000};
inline constexpr gfp_t MEMALLOC{0x20000};
inline constexpr gfp_t COMP{0x40000};
inline constexpr gfp_t NOMEMALLOC{0x80000};
inline constexpr gfp_t HARDWALL{0x100000};
inline constexpr gfp_t THISNODE{0x200000};
inline constexpr gfp_t ACCOUNT{0x400000};
inline constexpr gfp_t ZEROTAGS{0x800000};
inline constexpr gfp_t RECLAIM = DIRECT_RECLAIM | KSWAPD_RECLAIM;
inline constexpr gfp_t all_flags{0xfffdff};

// Compositions.
inline constexpr gfp_t ATOMIC = HIGH | KSWAPD_RECLAIM;
inline constexpr gfp_t KERNEL = RECLAIM | IO | FS;
inline constexpr gfp_t KERNEL_ACCOUNT = KERNEL | ACCOUNT;
inline constexpr gfp_t NOWAIT = KSWAPD_RECLAIM | NOWARN;
inline constexpr gfp_t NOIO = RECLAIM;
inline constexpr gfp_t NOFS = RECLAIM | IO;
inline constexpr gfp_t USER = KERNEL | HARDWALL;
inline constexpr gfp_t HIGHUSER = USER | HIGHMEM;
inline constexpr gfp_t HIGHUSER_MOVABLE = HIGHUSER | MOVABLE;
inline constexpr gfp_t TRANSHUGE_LIGHT =
    (HIGHUSER_MOVABLE | COMP | NOMEMALLOC | NOWARN).without(RECLAIM);
inline constexpr gfp_t TRANSHUGE = TRANSHUGE_LIGHT | DIRECT_RECLAIM;
/// What alloc_pages_nolock asks for: no reclaim bit at all, so the caller's context is unknown.
inline constexpr gfp_t NOLOCK = NOWARN | ZERO | NOMEMALLOC;

}  // namespace gfp

/// May the caller sleep? (gfpflags_allow_blocking)
constexpr bool gfp_allows_blocking(gfp_t flags) { return flags.has(gfp::DIRECT_RECLAIM); }

/// Is the caller's context known well enough to spin? (gfpflags_allow_spinning, 6.15)
constexpr bool gfp_allows_spinning(gfp_t flags) { return flags.has(gfp::RECLAIM); }

}  // namespace anypage
