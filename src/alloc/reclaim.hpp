// Reclaim: where the slow path asks somebody else for memory. Hooks that whoever owns the allocator
// fills in; without one the answer is "nothing". Called with no lock held, only for requests whose
// flags allow it, and free to allocate (with Caller::memalloc, or it may recurse).
#pragma once

#include <cstdint>

#include "../base/gfp.hpp"

namespace anypage {

/// What direct reclaim is asked for.
struct ReclaimControl {
    gfp_t flags;
    Order order;
    NodeId node;        ///< where the request started
    ZoneIndex highest;  ///< frames of higher kinds do not help
};

enum class CompactResult : std::uint8_t { skipped, deferred, continues, success };

struct ReclaimHooks {
    void* context = nullptr;
    /// try_to_free_pages: frees frames; how many. May sleep.
    std::uint64_t (*direct_reclaim)(void*, const ReclaimControl&) = nullptr;
    /// try_to_compact_pages: makes a run of the order. May sleep.
    CompactResult (*direct_compact)(void*, const ReclaimControl&) = nullptr;
    /// wakeup_kswapd: any context, must not wait.
    void (*wake_kswapd)(void*, NodeId, Order, ZoneIndex) = nullptr;
    /// Frames of a zone that reclaim could free (the kernel's zone_reclaimable_pages). Any context.
    std::uint64_t (*reclaimable)(void*, NodeId, ZoneIndex) = nullptr;
    /// out_of_memory: true if something was or will be freed. May sleep.
    bool (*out_of_memory)(void*, const ReclaimControl&) = nullptr;
    /// warn_alloc: a request has failed and NOWARN is not set. Any context.
    void (*warn)(void*, const ReclaimControl&) = nullptr;
};

}  // namespace anypage
