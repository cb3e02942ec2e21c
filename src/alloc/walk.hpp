// Walk: tries the zones of a zonelist in turn (the kernel's get_page_from_freelist). Never waits.
#pragma once

#include "../protocol/protocol.hpp"
#include "request.hpp"
#include "stock.hpp"

namespace anypage {

/// What a zone must know of a request.
struct Ask {
    CpuId cpu;
    Migratetype type;
    ZoneFilter filter;
};

/// What a request is to the walk (the kernel's struct alloc_context), for its whole life.
template <class P>
struct AllocContext : Ask {
    using W = typename P::WorldT;

    const Request<W>& request;
    typename P::Reader reader;
    Zoneref preferred = Zoneref::end();

    /// first_zones_zonelist: a position that later walks start from without looking again.
    void find_preferred() { preferred = reader.first(filter); }
};

/// A misuse of free that shows only now: a run came out of a stock that its zone does not take.
struct FaultSink {
    void (*call)(void* context, Pfn pfn, Order order, const FreeOutcome& outcome) = nullptr;
    void* context = nullptr;

    void operator()(Pfn pfn, Order order, const FreeOutcome& outcome) const {
        if (call != nullptr) call(context, pfn, order, outcome);
    }
};

template <class P>
class Walk {
public:
    using W = typename P::WorldT;
    using ZoneT = typename Machine<W>::ZoneT;
    using Context = AllocContext<P>;

    void carve(Arena& arena, Machine<W>& machine) {
        machine_ = &machine;
        stocks_.carve(arena, machine);
    }
    void set_fault_sink(FaultSink sink) { fault_ = sink; }
    Stocks<W>& stocks() { return stocks_; }
    const Stocks<W>& stocks() const { return stocks_; }

    /// A run from the first zone that may give one and stays above its watermark.
    Maybe<Pfn> get_page(Context& context, Order order, AllocFlags flags) {
        for (;;) {
            Zoneref at = context.preferred;
            bool left_node = false;
            for (auto zone = context.reader.zone(at); zone; zone = context.reader.zone(at)) {
                if (flags.has(alloc::NOFRAGMENT) && leaves_node(context, at, *zone)) {
                    left_node = true;
                    break;
                }
                if (cpuset_allows(context, *zone, flags)) {
                    if (auto page = try_zone(context, *zone, order, flags)) return page;
                }
                at = context.reader.next(at, context.filter);
            }
            // Keeping types apart matters less than keeping the node, and both less than failing.
            if (!left_node && !flags.has(alloc::NOFRAGMENT)) return std::nullopt;
            flags = flags.without(alloc::NOFRAGMENT);
        }
    }

    /// A run of that zone, at the first attempt, for a request from which the zone keeps nothing
    /// back and which stays above the low mark.
    Maybe<Pfn> get_page_from(ZoneId zone, const Ask& ask, Order order, AllocFlags flags) {
        if (machine_->zone(zone).is_ample_for(order, ask.cpu)) return take(ask, zone, order, flags);
        return take_above_mark(ask, zone, order, flags);
    }

    /// Up to pages.size() single frames from the first zone that can give them all and stay above
    /// its low watermark; how many.
    std::size_t get_batch(Context& context, std::span<Pfn> pages, AllocFlags flags) {
        Zoneref at = context.preferred;
        for (auto id = context.reader.zone(at); id; id = context.reader.zone(at)) {
            ZoneT& zone = machine_->zone(*id);
            if (cpuset_allows(context, *id, flags) && may_take_all(context, zone, pages, flags)) {
                return fill_batch(context, zone, pages);
            }
            at = context.reader.next(at, context.filter);
        }
        return 0;
    }

    /// Gives a run back, to a stock or to its zone. Any context; never fails for a correct caller.
    FreeOutcome free(Pfn pfn, Order order, CpuId cpu, bool checked) {
        const auto id = machine_->zone_of(pfn);
        if (!id) return {FreeFault::foreign, {}};
        ZoneT& zone = machine_->zone(*id);
        const bool stocked = Stocks<W>::serves(order) && stocks_.is_open(*id);
        if (!checked && !stocked) return zone.free(pfn, order, cpu);

        const FreeOutcome outcome = zone.check_free(pfn, order);
        if (outcome.fault != FreeFault::none) return outcome;
        // A closed stock may still hold it.
        if (checked && (zone.map().is_free(zone.index_of(pfn)) || stocks_.holds(*id, pfn))) {
            return {FreeFault::double_free, {}};
        }
        if (!stocked) return zone.free(pfn, order, cpu);
        const auto type = migratetype(zone.row_type_of(pfn));
        return type && keep(*id, pfn, order, *type, cpu) ? FreeOutcome{}
                                                         : zone.free(pfn, order, cpu);
    }

    /// drain_all_pages for one zone.
    std::size_t drain(ZoneId zone, CpuId cpu) { return stocks_.drain(zone, cpu, fault_); }

private:
    bool keep(ZoneId id, Pfn pfn, Order order, Migratetype type, CpuId cpu) {
        if (stocks_.push(id, pfn, order, type, cpu)) return true;
        if (order.value != 0) return false;
        spill(id, type, cpu);
        return stocks_.push(id, pfn, order, type, cpu);
    }

    bool leaves_node(Context& context, Zoneref at, ZoneId zone) const {
        if (at == context.preferred || machine_->node_count() == 1) return false;
        const auto preferred = context.reader.zone(context.preferred);
        return preferred && machine_->zone(*preferred).node() != machine_->zone(zone).node();
    }

    bool cpuset_allows(const Context& context, ZoneId zone, AllocFlags flags) const {
        const auto* cpuset = context.request.cpuset;
        if (cpuset == nullptr || !flags.has(alloc::CPUSET)) return true;
        return context.request.caller.in_interrupt || context.request.caller.oom_victim ||
               cpuset->allows(machine_->zone(zone).node());
    }

    Maybe<Pfn> try_zone(const Ask& ask, ZoneId id, Order order, AllocFlags flags) {
        ZoneT& zone = machine_->zone(id);
        // An open stock says that the zone has more than its high mark; that settles it for
        // requests from which the zone keeps nothing back.
        if (Stocks<W>::serves(order) && zone.lowmem_reserve(ask.filter.highest) == 0) {
            if (auto page = stocks_.pop(id, order, ask.type, ask.cpu)) return page;
        }
        for (;;) {
            const std::uint64_t freed = zone.freed_frames();
            if (may_take(ask, id, order, flags)) {
                if (auto page = take(ask, id, order, flags)) return page;
                if (flags.has(alloc::NOFRAGMENT)) return std::nullopt;
            }
            // Stocks count as allocated: the zone's word is the truth only if they are empty, and
            // if nobody else has emptied them since. Each repeat is paid for by somebody else's
            // free.
            if (drain(id, ask.cpu) == 0 && zone.freed_frames() == freed) return std::nullopt;
        }
    }

    [[gnu::noinline]] Maybe<Pfn> take_above_mark(const Ask& ask, ZoneId id, Order order,
                                                 AllocFlags flags) {
        return may_take(ask, id, order, flags) ? take(ask, id, order, flags) : std::nullopt;
    }

    /// The watermark check; opens and closes the stock on its way.
    bool may_take(const Ask& ask, ZoneId id, Order order, AllocFlags flags) {
        ZoneT& zone = machine_->zone(id);
        const std::int64_t free = zone.free_frames();
        if (free > static_cast<std::int64_t>(zone.mark(Watermark::high)) && zone.is_managed()) {
            if (stocks_.is_sealed(id)) drain(id, ask.cpu);
            stocks_.open(id);
        } else if (free <= static_cast<std::int64_t>(zone.mark(Watermark::low))) {
            stocks_.close(id);
        }
        zone.note_free(free, order, ask.cpu);
        if (flags.has(alloc::NO_WATERMARKS)) return true;
        return zone.watermark_ok_with(free, order, zone.mark(flags.watermark()), ask.filter.highest,
                                      flags);
    }

    static bool may_take_all(const Context& context, ZoneT& zone, std::span<Pfn> pages,
                             AllocFlags flags) {
        const auto left = zone.free_frames() - static_cast<std::int64_t>(pages.size());
        if (!zone.watermark_ok_with(left, Order{0}, zone.mark(flags.watermark()),
                                    context.filter.highest, flags)) {
            return false;
        }
        zone.note_left(left);
        return true;
    }

    /// rmqueue: out of the stock, which refills itself, or out of the zone.
    [[gnu::always_inline]] Maybe<Pfn> take(const Ask& ask, ZoneId id, Order order,
                                           AllocFlags flags) {
        ZoneT& zone = machine_->zone(id);
        if (Stocks<W>::serves(order) && stocks_.is_open(id)) {
            if (auto page = stocks_.pop(id, order, ask.type, ask.cpu)) return page;
            if (order.value == 0) {
                if (auto page = refill(ask, id)) return page;
            }
        }
        return zone.allocate(order, ask.type, ask.cpu,
                             flags.has(alloc::NOFRAGMENT) ? Stealing::avoided : Stealing::allowed);
    }

    [[gnu::noinline]] Maybe<Pfn> refill(const Ask& ask, ZoneId id) {
        std::array<Pfn, Stocks<W>::refill_most> pages;
        ZoneT& zone = machine_->zone(id);
        const Refill refill = stocks_.refill(id, pages, ask.type, ask.cpu, [&](auto wanted) {
            return zone.allocate_batch(wanted, ask.type, ask.cpu);
        });
        if (refill.taken == 0) return std::nullopt;
        give_back(zone, std::span(pages).subspan(refill.placed, refill.taken - refill.placed),
                  ask.cpu);
        return pages[0];
    }

    /// The opposite: makes room in a full stock.
    [[gnu::noinline]] void spill(ZoneId id, Migratetype type, CpuId cpu) {
        std::array<Pfn, Stocks<W>::spill_most> pages;
        give_back(machine_->zone(id), stocks_.spill(id, pages, type, cpu), cpu);
    }

    /// Single frames, words at a time.
    void give_back(ZoneT& zone, std::span<const Pfn> pages, CpuId cpu) {
        while (!pages.empty()) {
            pages = pages.subspan(zone.free_batch(pages, cpu));
            if (pages.empty()) return;
            const FreeOutcome outcome = zone.free(pages.front(), Order{0}, cpu);
            if (outcome.fault != FreeFault::none) fault_(pages.front(), Order{0}, outcome);
            pages = pages.subspan(1);
        }
    }

    static std::size_t fill_batch(Context& context, ZoneT& zone, std::span<Pfn> pages) {
        std::size_t count = 0;
        while (count < pages.size()) {
            const std::size_t got =
                zone.allocate_batch(pages.subspan(count), context.type, context.cpu);
            count += got;
            if (got != 0) continue;
            // The row is empty, or not of this type: one frame by the long way moves on.
            const auto page = zone.allocate(Order{0}, context.type, context.cpu);
            if (!page) break;
            pages[count++] = *page;
        }
        // While it took, others may have found plenty.
        if (count > order_max.frames()) zone.note_left(zone.free_frames());
        return count;
    }

    Machine<W>* machine_ = nullptr;
    Stocks<W> stocks_;
    FaultSink fault_;
};

}  // namespace anypage
