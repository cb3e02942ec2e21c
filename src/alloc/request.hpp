// Request: what a caller asks for, and who the caller is. What the kernel reads from `current` and
// from the interrupt state is an argument here: there is no thread-local state on the paths.
#pragma once

#include "../zone/alloc_flags.hpp"
#include "cpuset.hpp"
#include "gfp_zone.hpp"

namespace anypage {

/// What a request must know of its caller (the kernel's PF_ flags and in_interrupt()). All false
/// for an ordinary thread.
struct Caller {
    bool in_interrupt = false;   ///< a handler: no memory reserves of a task
    bool memalloc = false;       ///< PF_MEMALLOC: frees more than it takes; may use all reserves
    bool memalloc_noio = false;  ///< PF_MEMALLOC_NOIO
    bool memalloc_nofs = false;  ///< PF_MEMALLOC_NOFS
    bool memalloc_pin = false;   ///< PF_MEMALLOC_PIN: the page will be pinned, so not MOVABLE
    bool realtime = false;       ///< SCHED_FIFO, SCHED_RR or SCHED_DEADLINE
    bool oom_victim = false;     ///< chosen to end; may use half of the reserve
    bool dying = false;          ///< already ending
};

/// What became of a request on its way; filled in if asked for.
struct RequestTrace {
    bool slow_path = false;
    bool saw_rebuild = false;         ///< a rebuild was in flight when the slow path began
    std::uint32_t restarts = 0;       ///< because the zonelist or the cpuset had changed
    std::uint32_t reclaims = 0;       ///< calls of direct reclaim
    std::uint64_t begin_wait_ns = 0;  ///< time spent waiting for a rebuild to end
};

template <World W>
struct Request {
    gfp_t flags = gfp::KERNEL;
    Order order{};
    NodeId node = node_local;           ///< where the walk starts
    const nodemask* allowed = nullptr;  ///< null: every node; must outlive the call
    const Cpuset<W>* cpuset = nullptr;  ///< null: none; must outlive the call
    /// The kernel's alloc_pages_nolock: nothing is known of the caller's context. One walk at the
    /// min watermark, no slow path.
    bool nolock = false;
    Caller caller{};
    RequestTrace* trace = nullptr;  ///< null: not wanted
};

/// May it take any frame of the zone that its node's requests begin with?
template <World W>
bool is_ordinary(const Request<W>& request) {
    return request.allowed == nullptr && request.cpuset == nullptr && !request.nolock &&
           !request.caller.memalloc_pin && !request.flags.has(gfp::THISNODE);
}

/// current_gfp_context: the caller's scope takes flags away.
constexpr gfp_t flags_in_scope(gfp_t flags, const Caller& caller) {
    if (caller.memalloc_noio) flags = flags.without(gfp::IO | gfp::FS);
    if (caller.memalloc_nofs) flags = flags.without(gfp::FS);
    if (caller.memalloc_pin) flags = flags.without(gfp::MOVABLE);
    return flags;
}

/// gfp_to_alloc_flags: how the slow path may dip into reserves.
constexpr AllocFlags slow_path_flags(gfp_t flags, Order order, const Caller& caller) {
    AllocFlags result = alloc::WMARK_MIN | alloc::CPUSET |
                        AllocFlags{flags.bits & (gfp::HIGH | gfp::KSWAPD_RECLAIM).bits};
    if (!flags.has(gfp::DIRECT_RECLAIM)) {
        if (!flags.has(gfp::NOMEMALLOC)) {
            result = result | alloc::NON_BLOCK;
            if (order.value > 0 && result.has(alloc::MIN_RESERVE)) {
                result = result | alloc::HIGHATOMIC;
            }
        }
        if (result.has(alloc::MIN_RESERVE)) result = result.without(alloc::CPUSET);
    } else if (caller.realtime && !caller.in_interrupt) {
        result = result | alloc::MIN_RESERVE;
    }
    return result;
}
static_assert(alloc::MIN_RESERVE.bits == gfp::HIGH.bits);
static_assert(alloc::KSWAPD.bits == gfp::KSWAPD_RECLAIM.bits);

/// __gfp_pfmemalloc_flags: callers that may ignore watermarks; nothing for all others.
constexpr AllocFlags reserve_flags(gfp_t flags, const Caller& caller) {
    if (flags.has(gfp::NOMEMALLOC)) return {};
    if (flags.has(gfp::MEMALLOC)) return alloc::NO_WATERMARKS;
    if (caller.in_interrupt) return {};
    if (caller.memalloc) return alloc::NO_WATERMARKS;
    return caller.oom_victim ? alloc::OOM : AllocFlags{};
}

}  // namespace anypage
