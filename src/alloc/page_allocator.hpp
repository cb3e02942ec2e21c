// PageAllocator: requests in, pages out (the kernel's __alloc_pages and __free_pages), over a
// machine, a protocol for its zonelists, and stocks. Allocation without DIRECT_RECLAIM and every
// free are for any context: they take no lock and wait for nobody (with our own protocol; Linux's
// may wait in begin).
#pragma once

#include "fast_path.hpp"
#include "slow_path.hpp"

namespace anypage {

template <class P>
class PageAllocator {
public:
    using W = typename P::WorldT;

    PageAllocator(const KernelConfig& kernel, const ReclaimHooks& hooks, bool checked)
        : kernel_(kernel), hooks_(hooks), checked_(checked), protocol_(kernel) {}

    void carve(Arena& arena, const MachineShape& shape) {
        machine_.carve(arena, shape);
        protocol_.carve(arena, machine_);
        walk_.carve(arena, machine_);
    }
    void set_fault_sink(FaultSink sink) { walk_.set_fault_sink(sink); }

    /// A run of 2^order frames, as the flags allow. error::no_memory only if each zone that the
    /// request may use was unable to serve it at some instant of the call; error::invalid for an
    /// order above order_max, a node that this machine cannot have, or contradictory zone flags.
    result<Pfn> allocate(const Request<W>& request) {
        if (const auto page = fast_path().allocate(request)) return *page;
        return walk(request);
    }

    /// The same for a caller whom the fast path has refused.
    result<Pfn> walk(const Request<W>& request) {
        const auto origin = origin_of(request);
        const auto highest = gfp_zone(request.flags);
        if (!origin || !highest || request.order > order_max) return error::invalid;
        const Ask ask = ask_of(request, *highest);
        if (auto page = take_first(request, *origin, ask)) return *page;
        return walk_zonelist(request, *origin, ask);
    }

    /// Up to pages.size() single frames; how many. Like the kernel's alloc_pages_bulk it takes what
    /// comes easily and tries hard (as allocate does) only for the first.
    std::size_t allocate_bulk(const Request<W>& request, std::span<Pfn> pages) {
        const auto origin = origin_of(request);
        const auto highest = gfp_zone(request.flags);
        if (!origin || !highest || request.order.value != 0 || pages.empty()) return 0;
        std::size_t count = 0;
        {
            Context context{ask_of(request, *highest), request, reader_for(request, *origin)};
            context.find_preferred();
            count = walk_.get_batch(context, pages, fast_flags(context));
        }
        if (count != 0) return count;
        const auto page = allocate(request);
        if (!page) return 0;
        pages[0] = *page;
        return 1;
    }

    /// Gives a run back. Any context, never waits. A fault leaves everything as it was.
    [[nodiscard]] FreeOutcome free(Pfn pfn, Order order) {
        return fast_path().free(pfn, order) ? FreeOutcome{} : free_past_fast_path(pfn, order);
    }
    /// The same for a caller whom the fast path has refused.
    [[nodiscard]] FreeOutcome free_past_fast_path(Pfn pfn, Order order) {
        return walk_.free(pfn, order, W::cpu(), checked_);
    }

    /// Gives single frames back; how many went well, from the first. The next one's fault is
    /// free()'s.
    [[nodiscard]] std::size_t free_bulk(std::span<const Pfn> pages) {
        std::size_t done = 0;
        // One by one, what stocks hold is looked at too.
        while (checked_ && done < pages.size()) {
            if (free(pages[done], Order{0}).fault != FreeFault::none) return done;
            ++done;
        }
        while (done < pages.size()) {
            const auto id = machine_.zone_of(pages[done]);
            if (!id) return done;
            const std::size_t freed = machine_.zone(*id).free_batch(pages.subspan(done), W::cpu());
            done += freed;
            if (freed != 0) continue;
            if (machine_.zone(*id).free(pages[done], Order{0}, W::cpu()).fault != FreeFault::none) {
                return done;
            }
            ++done;
        }
        return done;
    }

    /// Moves what stocks hold to their zones; how many runs. Any context.
    std::size_t drain(ZoneId zone) { return walk_.drain(zone, W::cpu()); }

    FastPath<W> fast_path() const {
        if constexpr (requires { protocol_.routes(); }) {
            return {machine_, walk_.stocks(), protocol_.routes(), checked_};
        } else {
            return {};  // requests are left to the walk
        }
    }

    Machine<W>& machine() { return machine_; }
    const Machine<W>& machine() const { return machine_; }
    P& protocol() { return protocol_; }
    const P& protocol() const { return protocol_; }
    Stocks<W>& stocks() { return walk_.stocks(); }
    const Stocks<W>& stocks() const { return walk_.stocks(); }
    const KernelConfig& kernel() const { return kernel_; }

private:
    using Context = AllocContext<P>;

    Maybe<NodePos> origin_of(const Request<W>& request) const {
        if (request.node == node_local) return machine_.node_of(W::cpu());
        return machine_.position(request.node);
    }

    static Ask ask_of(const Request<W>& request, ZoneIndex highest) {
        const gfp_t flags = flags_in_scope(request.flags, request.caller);
        return {W::cpu(), gfp_migratetype(flags), {highest, request.allowed}};
    }
    typename P::Reader reader_for(const Request<W>& request, NodePos origin) {
        return {protocol_, machine_, origin, request.flags.has(gfp::THISNODE)};
    }

    [[gnu::noinline]] result<Pfn> walk_zonelist(const Request<W>& request, NodePos origin,
                                                const Ask& ask) {
        [[maybe_unused]] typename W::Loop restart;
        Context context{ask, request, reader_for(request, origin)};
        context.find_preferred();
        const AllocFlags flags = request.nolock ? alloc::NOLOCK : fast_flags(context);
        if (auto page = walk_.get_page(context, request.order, flags)) return *page;
        if (request.nolock) return error::no_memory;
        if (auto page = slow_path(context, restart)) return *page;
        return error::no_memory;
    }

    /// From the zone that the request's zonelist begins with, where a route says which that is:
    /// neither a pin nor a walk is needed for it.
    Maybe<Pfn> take_first(const Request<W>& request, NodePos origin, const Ask& ask) {
        if constexpr (requires { protocol_.routes(); }) {
            const Route route = protocol_.routes().of(origin, ask.filter.highest);
            if (route == Route{} || !is_ordinary(request)) return std::nullopt;
            return walk_.get_page_from(route.zone(), ask, request.order,
                                       fast_flags(request, route.zone()));
        }
        return std::nullopt;
    }

    /// prepare_alloc_pages and alloc_flags_nofragment.
    AllocFlags fast_flags(const Request<W>& request, Maybe<ZoneId> preferred) const {
        AllocFlags flags =
            alloc::WMARK_LOW | AllocFlags{request.flags.bits & gfp::KSWAPD_RECLAIM.bits};
        if (request.cpuset != nullptr) flags = flags | alloc::CPUSET;
        if (!preferred || machine_.zone(*preferred).kind() != ZoneIndex::normal) return flags;
        return machine_.node_count() == 1 || has_dma32(machine_.zone(*preferred).node())
                   ? flags | alloc::NOFRAGMENT
                   : flags;
    }
    AllocFlags fast_flags(const Context& context) const {
        return fast_flags(context.request, context.reader.zone(context.preferred));
    }
    bool has_dma32(NodeId node) const {
        const auto dma32 = machine_.zone_of(*machine_.position(node), ZoneIndex::dma32);
        return dma32 && machine_.zone(*dma32).populated();
    }

    Maybe<Pfn> slow_path(Context& context, typename W::Loop& restart) {
        SlowPath<P> path(machine_, protocol_, walk_, hooks_, kernel_.check_sites, oom_lock_,
                         context, restart);
        return path.run();
    }

    const KernelConfig kernel_;
    const ReclaimHooks hooks_;
    const bool checked_;
    Machine<W> machine_;
    P protocol_;
    Walk<P> walk_;
    typename W::template Atomic<std::uint32_t> oom_lock_{0};
};

}  // namespace anypage
