// Slow path: what a request does after its first walk has failed (the kernel's
// __alloc_pages_slowpath, 6.12). The step numbers are those of docs/SLOW_PATH.md. A request that
// may not reclaim runs through it without waiting; whether it restarts because zonelists have
// changed is the protocol's business.
#pragma once

#include <optional>

#include "reclaim.hpp"
#include "walk.hpp"

namespace anypage {

template <class P>
class SlowPath {
public:
    using W = typename P::WorldT;
    using Context = AllocContext<P>;
    using OomLock = typename W::template Atomic<std::uint32_t>;

    SlowPath(Machine<W>& machine, P& protocol, Walk<P>& walk, const ReclaimHooks& hooks,
             CheckSites sites, OomLock& oom_lock, Context& context, typename W::Loop& restart)
        : machine_(machine),
          protocol_(protocol),
          walk_(walk),
          hooks_(hooks),
          sites_(sites),
          oom_lock_(oom_lock),
          context_(context),
          restart_(restart),
          request_(context.request),
          flags_(flags_in_scope(context.request.flags, context.request.caller)),
          trace_(context.request.trace != nullptr ? *context.request.trace : unwanted_) {}

    Maybe<Pfn> run() {
        trace_.slow_path = true;
        trace_.saw_rebuild = protocol_.rebuild_in_flight();
        const nodemask* const asked = context_.filter.allowed;
        for (;;) {
            restart_.round(context_.reader.key());
            context_.filter.allowed = asked;
            const Step step = attempt();
            if (step == Step::got) return page_;
            if (step == Step::nopage && !give_up()) continue;
            if (step == Step::nopage) return page_;
            ++trace_.restarts;
        }
    }

private:
    enum class Step { got, restart, retry, nopage };

    static constexpr unsigned no_progress_max = 16;  // MAX_RECLAIM_RETRIES
    static constexpr unsigned compact_retries_max = 16;

    /// From restart: to a page, to a reason to restart, or to nopage.
    Step attempt() {
        no_progress_loops_ = 0;
        compact_retries_ = 0;
        BeginWait wait;
        if (request_.cpuset != nullptr) take_cpuset();
        context_.reader.begin(flags_, wait);
        trace_.begin_wait_ns += wait.ns;
        alloc_flags_ = slow_path_flags(flags_, request_.order, request_.caller);
        context_.find_preferred();
        if (!context_.reader.zone(context_.preferred)) return Step::nopage;
        wake_kswapds();
        if (get_page(alloc_flags_)) return Step::got;
        if (const Step step = compact_first(); step != Step::retry) return step;
        for (;;) {  // retry
            const Step step = retry();
            if (step != Step::retry) return step;
        }
    }

    /// One round from retry: on. Step::retry asks for another.
    Step retry() {
        if (sites_ == CheckSites::three && list_changed()) return Step::restart;
        wake_kswapds();
        const AllocFlags reserve = reserve_flags(flags_, request_.caller);
        if (reserve.bits != 0) {
            alloc_flags_ = reserve | AllocFlags{alloc_flags_.bits & alloc::KSWAPD.bits};
        }
        if (!alloc_flags_.has(alloc::CPUSET) || reserve.bits != 0) {
            // System rather than user: memory policies can be ignored.
            context_.filter.allowed = nullptr;
            context_.find_preferred();
        }
        if (get_page(alloc_flags_)) return Step::got;
        if (!flags_.has(gfp::DIRECT_RECLAIM) || request_.caller.memalloc) return Step::nopage;
        return reclaim_and_compact();
    }

    Step reclaim_and_compact() {
        const std::uint64_t progress = direct_reclaim();
        if (page_) return Step::got;
        const CompactResult compacted = direct_compact();
        if (page_) return Step::got;
        if (flags_.has(gfp::NORETRY)) return Step::nopage;
        const bool can_compact = may_compact() && flags_.has(gfp::IO);
        if (costly() && !(flags_.has(gfp::RETRY_MAYFAIL) && can_compact)) return Step::nopage;
        if (should_reclaim_retry(progress != 0)) return Step::retry;
        if (progress != 0 && should_compact_retry(compacted)) return Step::retry;
        if (list_changed()) return Step::restart;
        return out_of_memory();
    }

    Step out_of_memory() {
        bool progress = false;
        may_oom(progress);
        if (page_) return Step::got;
        const bool victim = request_.caller.oom_victim &&
                            (alloc_flags_.has(alloc::OOM) || flags_.has(gfp::NOMEMALLOC));
        if (victim || !progress) return Step::nopage;
        no_progress_loops_ = 0;
        return Step::retry;
    }

    /// nopage: the last question before failing. False: restart (or, for NOFAIL, go on).
    bool give_up() {
        if (list_changed()) {
            ++trace_.restarts;
            return false;
        }
        if (flags_.has(gfp::NOFAIL) && flags_.has(gfp::DIRECT_RECLAIM)) {
            if (get_page(alloc::MIN_RESERVE | alloc::CPUSET) || get_page(alloc::MIN_RESERVE)) {
                return true;
            }
            W::cond_resched();
            return false;
        }
        if (!flags_.has(gfp::NOWARN) && hooks_.warn != nullptr)
            hooks_.warn(hooks_.context, control());
        return true;
    }

    bool list_changed() {
        const bool cpuset_changed =
            request_.cpuset != nullptr && request_.cpuset->changed(cpuset_cookie_);
        return cpuset_changed || context_.reader.changed(flags_);
    }

    void take_cpuset() {
        cpuset_cookie_ = request_.cpuset->begin();
        if (request_.allowed != nullptr || request_.caller.in_interrupt) return;
        cpuset_nodes_ = request_.cpuset->nodes();
        context_.filter.allowed = &*cpuset_nodes_;
    }

    bool get_page(AllocFlags flags) {
        page_ = walk_.get_page(context_, request_.order, flags);
        return page_.has_value();
    }

    bool costly() const { return request_.order > costly_order; }
    bool may_compact() const { return hooks_.direct_compact != nullptr; }

    /// A costly or unmovable run is rather compacted than reclaimed for.
    Step compact_first() {
        const bool wanted = flags_.has(gfp::DIRECT_RECLAIM) && flags_.has(gfp::IO) &&
                            may_compact() && request_.order.value > 0 &&
                            (costly() || context_.type != Migratetype::movable) &&
                            reserve_flags(flags_, request_.caller).bits == 0;
        if (!wanted) return Step::retry;
        const CompactResult result = direct_compact();
        if (page_) return Step::got;
        if (!costly() || !flags_.has(gfp::NORETRY)) return Step::retry;
        const bool hopeless = result == CompactResult::skipped || result == CompactResult::deferred;
        return hopeless || flags_.has(gfp::THISNODE) ? Step::nopage : Step::retry;
    }

    ReclaimControl control() const {
        return {flags_, request_.order, request_.node, context_.filter.highest};
    }

    std::uint64_t direct_reclaim() {
        if (hooks_.direct_reclaim == nullptr) return 0;
        ++trace_.reclaims;
        const std::uint64_t freed = hooks_.direct_reclaim(hooks_.context, control());
        if (freed != 0) get_page(alloc_flags_);  // drains the stocks of each zone on its way
        return freed;
    }

    CompactResult direct_compact() {
        if (request_.order.value == 0 || !may_compact()) return CompactResult::skipped;
        const CompactResult result = hooks_.direct_compact(hooks_.context, control());
        if (result == CompactResult::success) get_page(alloc_flags_);
        return result;
    }

    /// Is there a zone that would do if all that can be reclaimed were?
    bool should_reclaim_retry(bool progress) {
        if (progress && !costly()) {
            no_progress_loops_ = 0;
        } else {
            ++no_progress_loops_;
        }
        if (no_progress_loops_ > no_progress_max) return false;
        for (Zoneref at = context_.reader.first(context_.filter);;
             at = context_.reader.next(at, context_.filter)) {
            const auto id = context_.reader.zone(at);
            if (!id) return false;
            const typename Machine<W>::ZoneT& zone = machine_.zone(*id);
            const auto available =
                zone.free_frames() + static_cast<std::int64_t>(reclaimable(zone));
            if (zone.watermark_ok_with(available, request_.order, zone.mark(Watermark::min),
                                       context_.filter.highest, alloc_flags_)) {
                W::cond_resched();
                return true;
            }
        }
    }

    std::uint64_t reclaimable(const typename Machine<W>::ZoneT& zone) const {
        if (hooks_.reclaimable == nullptr) return 0;
        return hooks_.reclaimable(hooks_.context, zone.node(), zone.kind());
    }

    bool should_compact_retry(CompactResult result) {
        if (request_.order.value == 0 || !may_compact()) return false;
        if (result != CompactResult::success) return false;
        const unsigned most = costly() ? compact_retries_max / 4 : compact_retries_max;
        return ++compact_retries_ <= most;
    }

    void may_oom(bool& progress) {
        std::uint32_t free = 0;
        if (!oom_lock_.cas_acq_rel(free, 1)) {
            progress = true;  // somebody else is at it
            W::sleep_tick();
            return;
        }
        // Perhaps somebody freed a lot just now: high, to catch parallel frees only.
        if (!get_page(alloc::WMARK_HIGH | alloc::CPUSET) && oom_helps()) {
            progress = hooks_.out_of_memory(hooks_.context, control());
            if (flags_.has(gfp::NOFAIL)) {
                progress = true;
                if (!get_page(alloc::NO_WATERMARKS | alloc::CPUSET)) get_page(alloc::NO_WATERMARKS);
            }
        }
        oom_lock_.store_release(0);
    }
    bool oom_helps() const {
        return hooks_.out_of_memory != nullptr && !request_.caller.dying && !costly() &&
               !flags_.has(gfp::RETRY_MAYFAIL | gfp::THISNODE) &&
               context_.filter.highest >= ZoneIndex::normal;
    }

    /// Once per node of the list that has managed memory.
    void wake_kswapds() {
        if (!alloc_flags_.has(alloc::KSWAPD) || hooks_.wake_kswapd == nullptr) return;
        NodeId last = node_local;
        for (Zoneref at = context_.reader.first(context_.filter);;
             at = context_.reader.next(at, context_.filter)) {
            const auto id = context_.reader.zone(at);
            if (!id) return;
            const typename Machine<W>::ZoneT& zone = machine_.zone(*id);
            if (!zone.is_managed() || zone.node() == last) continue;
            last = zone.node();
            hooks_.wake_kswapd(hooks_.context, last, request_.order, context_.filter.highest);
        }
    }

    Machine<W>& machine_;
    P& protocol_;
    Walk<P>& walk_;
    const ReclaimHooks& hooks_;
    const CheckSites sites_;
    OomLock& oom_lock_;
    Context& context_;
    typename W::Loop& restart_;
    const Request<W>& request_;
    const gfp_t flags_;
    RequestTrace unwanted_;
    RequestTrace& trace_;

    AllocFlags alloc_flags_;
    std::uint64_t cpuset_cookie_ = 0;
    std::optional<nodemask> cpuset_nodes_;  // behind the filter, where a cpuset gave it
    unsigned no_progress_loops_ = 0;
    unsigned compact_retries_ = 0;
    Maybe<Pfn> page_;
};

}  // namespace anypage
