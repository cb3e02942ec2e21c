// FastPath: requests and frees that a stock of this CPU serves at once. It touches the request, the
// words of a route and of a gate that only hotplug and shortage write, and the stock: no zonelist
// and no pin, no watermark (an open stock says that the zone has more than its high mark) and no
// atomic instruction. Whatever it does not serve it leaves to the walk. Any context.
#pragma once

#include "../base/by_branch.hpp"
#include "../node/routes.hpp"
#include "request.hpp"
#include "stock.hpp"

namespace anypage {

template <World W>
class FastPath {
public:
    /// `routes` null: a protocol without them; requests are left to the walk.
    FastPath(const Machine<W>& machine, Stocks<W>& stocks, const Routes<W>* routes, bool checked)
        : machine_(&machine),
          stocks_(&stocks),
          routes_(routes),
          allocates_(routes != nullptr),
          frees_(routes != nullptr && !checked) {}

    /// A run out of the stock of the zone that the request prefers. Nothing: ask the walk.
    [[gnu::always_inline]] Maybe<Pfn> allocate(const Request<W>& request) const {
        // All that the request says, before anything that a compiler may not look across.
        const Order order = request.order;
        const NodeId node = request.node;
        const Maybe<ZoneIndex> highest = gfp_zone(request.flags);
        const Migratetype type = gfp_migratetype(request.flags);
        if (!is_ordinary(request) || !highest || order > order_max) return std::nullopt;

        const CpuId cpu = W::Rseq::cpu();
        if (!allocates_ || !stocks_->has_stock(cpu)) return std::nullopt;
        if (node == node_local) return stocks_->pop(routes_->of(cpu, *highest), order, type, cpu);
        const auto origin = machine_->position(node);
        if (!origin) return std::nullopt;
        return stocks_->pop(routes_->of(*origin, *highest), order, type, cpu);
    }

    /// Keeps the run in the stock of its zone. False: nothing has happened; ask the walk, which
    /// knows what is wrong with it, if anything is.
    [[gnu::always_inline]] bool free(Pfn pfn, Order order) const {
        const CpuId cpu = W::Rseq::cpu();
        if (!frees_ || order > order_max || !stocks_->has_stock(cpu)) return false;
        const auto route = route_of(pfn, cpu);
        if (route == Route{}) return false;
        const auto type = machine_->zone(route.zone()).type_of_run(pfn, order);
        if (!type) return false;
        // Which stack, and so what it counts, is then predicted.
        constexpr auto unmovable = Migratetype::unmovable;
        constexpr auto movable = Migratetype::movable;
        constexpr auto reclaimable = Migratetype::reclaimable;
        const Migratetype predicted = by_branch<unmovable, movable, reclaimable>(*type);
        return stocks_->push(route, pfn, order, predicted, cpu);
    }

private:
    /// To the zone that spans the frame. Asks this CPU's own zones first, by comparing: then what
    /// follows does not wait for a table to be read.
    [[gnu::always_inline]] Route route_of(Pfn pfn, CpuId cpu) const {
        const Route normal = routes_->of(cpu, ZoneIndex::normal);
        if (spans(normal, pfn)) return normal;
        const Route movable = routes_->of(cpu, ZoneIndex::movable);
        if (spans(movable, pfn)) return movable;
        const auto zone = machine_->zone_of(pfn);
        return zone ? Route::to(*zone) : Route{};
    }
    [[gnu::always_inline]] bool spans(Route route, Pfn pfn) const {
        return route != Route{} && machine_->zone(route.zone()).span().contains(pfn);
    }

    const Machine<W>* machine_;
    Stocks<W>* stocks_;
    const Routes<W>* routes_;
    bool allocates_;
    bool frees_;  ///< a checked free looks further than this
};

}  // namespace anypage
