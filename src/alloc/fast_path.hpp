// FastPath: requests and frees that a stock of this CPU serves at once. It touches the request, the
// words of a route and of a gate that only hotplug and shortage write, and the stock: no zonelist
// and no pin, no watermark (an open stock says that the zone has more than its high mark) and no
// atomic instruction. What no stock serves the zone at the end of the route does: a request if the
// zone has plenty, a free if it is right. All else is left to the walk. Any context.
#pragma once

#include "../base/by_branch.hpp"
#include "../node/routes.hpp"
#include "request.hpp"
#include "stock.hpp"

namespace anypage {

template <World W>
class FastPath {
public:
    /// Serves nothing.
    FastPath() = default;
    /// `machine` and `stocks` as they are once they are laid out.
    FastPath(const Machine<W>& machine, const Stocks<W>& stocks, const Routes<W>& routes,
             bool checked)
        : gates_(stocks.gates()),
          routes_(routes.table()),
          cpus_(stocks.cpu_limit()),
          cpus_that_free_(checked ? 0 : stocks.cpu_limit()),  // a checked free looks further
          machine_(&machine) {}

    /// A run of the zone that the request prefers. Nothing: ask the walk.
    [[gnu::always_inline]] Maybe<Pfn> allocate(const Request<W>& request) const {
        // All that the request says, before anything that a compiler may not look across.
        const Order order = request.order;
        const NodeId node = request.node;
        const Maybe<ZoneIndex> highest = gfp_zone(request.flags);
        const Migratetype type = gfp_migratetype(request.flags);
        if (!is_ordinary(request) || !highest || order > order_max) return std::nullopt;

        const CpuId cpu = W::Rseq::cpu();
        if (cpu.value >= cpus_) return std::nullopt;
        if (node == node_local) return take(gate(routes_.of(cpu, *highest)), order, type, cpu);
        const auto origin = machine_->position(node);
        if (!origin) return std::nullopt;
        return take(gate(routes_.of(*origin, *highest)), order, type, cpu);
    }

    /// Gives the run to the stock of its zone, or to the zone. False: nothing has happened; ask the
    /// walk, which knows what is wrong with it, if anything is.
    [[gnu::always_inline]] bool free(Pfn pfn, Order order) const {
        const CpuId cpu = W::Rseq::cpu();
        if (cpu.value >= cpus_that_free_ || order > order_max) return false;
        // This CPU's own zones first, by comparing: then what follows does not wait for a table.
        ZoneGate<W>& normal = gate(routes_.of(cpu, ZoneIndex::normal));
        if (normal.glance.spans(pfn)) return take_back(normal, pfn, order, cpu);
        ZoneGate<W>& movable = gate(routes_.of(cpu, ZoneIndex::movable));
        if (movable.glance.spans(pfn)) return take_back(movable, pfn, order, cpu);
        const auto zone = machine_->zone_of(pfn);
        return zone && take_back(gate(Route::to(*zone)), pfn, order, cpu);
    }

private:
    ZoneGate<W>& gate(Route route) const { return gates_[route.value]; }

    [[gnu::always_inline]] static Maybe<Pfn> take(ZoneGate<W>& gate, Order order, Migratetype type,
                                                  CpuId cpu) {
        if (const auto page = gate.pop(order, type, cpu)) [[likely]]
            return page;
        return gate.take(order, type, cpu);
    }

    [[gnu::always_inline]] static bool take_back(ZoneGate<W>& gate, Pfn pfn, Order order,
                                                 CpuId cpu) {
        const auto type = gate.glance.type_of_run(pfn, order);
        if (!type) return false;
        // Which stack, and so what it counts, is then predicted.
        constexpr auto unmovable = Migratetype::unmovable;
        constexpr auto movable = Migratetype::movable;
        constexpr auto reclaimable = Migratetype::reclaimable;
        const Migratetype predicted = by_branch<unmovable, movable, reclaimable>(*type);
        return gate.push(pfn, order, predicted, cpu) || gate.give(pfn, order, predicted, cpu);
    }

    // Values, not the objects that they come from: what lies behind one pointer is there sooner.
    ZoneGate<W>* gates_ = nullptr;
    RouteTable<W> routes_;
    unsigned cpus_ = 0;
    unsigned cpus_that_free_ = 0;
    const Machine<W>* machine_ = nullptr;
};

}  // namespace anypage
