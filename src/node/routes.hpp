// Routes: for each CPU and each node, and each highest kind that a request may have, the zone that
// an ordinary request begins with: the first of its zonelist. A word each, so that a request which
// finds what it wants in that zone's stock needs no zonelist and no pin. Set by whoever publishes
// zonelists; readers in any context.
//
// A request that overlaps with that may get either zone. Such a zone keeps nothing back from the
// request, as its node has no populated zone between it and `highest`.
#pragma once

#include "machine.hpp"

namespace anypage {

/// A zone, or none: zero.
struct Route {
    std::uint32_t value = 0;

    static constexpr Route to(ZoneId zone) { return {zone.value + 1}; }
    /// Of a route that leads somewhere.
    constexpr ZoneId zone() const { return {value - 1}; }
    friend constexpr bool operator==(Route, Route) = default;
};

/// Where routes are read.
template <World W>
class RouteTable {
public:
    using Word = typename W::template Atomic<std::uint32_t>;
    static constexpr std::size_t row = std::bit_ceil(zone_index_count);

    /// cpu < W::cpu_limit().
    Route of(CpuId cpu, ZoneIndex highest) const { return {at(cpu.value, highest).load_relaxed()}; }
    Route of(NodePos node, ZoneIndex highest) const {
        return {at(cpus_ + node.value, highest).load_relaxed()};
    }

protected:
    // Relaxed: whatever it names is a zone, and the zone's stock and allowances know whether it may
    // be used.
    Word& at(std::size_t who, ZoneIndex highest) const {
        return routes_[who * row + static_cast<unsigned>(highest)];
    }

    Word* routes_ = nullptr;  // of CPUs, then of nodes
    std::uint32_t cpus_ = 0;
};

template <World W>
class Routes : public RouteTable<W> {
public:
    using typename RouteTable<W>::Word;
    using RouteTable<W>::row;
    using RouteTable<W>::at;
    using RouteTable<W>::cpus_;

    void carve(Arena& arena, const Machine<W>& machine) {
        machine_ = &machine;
        cpus_ = W::cpu_limit();
        this->routes_ = arena.array<Word>((cpus_ + machine.node_count()) * row);
        last_set_ = arena.array<Route>(machine.node_count() * row);
    }

    RouteTable<W> table() const { return *this; }

    /// One writer at a time. Touches what readers read only to change it.
    void set(NodePos node, ZoneIndex highest, Route route) {
        Route& last = last_set_[node.value * row + static_cast<unsigned>(highest)];
        if (last == route) return;
        last = route;
        at(cpus_ + node.value, highest).store_relaxed(route.value);
        for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
            if (machine_->node_of(CpuId{cpu}) != node) continue;
            at(cpu, highest).store_relaxed(route.value);
        }
    }

private:
    const Machine<W>* machine_ = nullptr;
    Route* last_set_ = nullptr;  // the writer's copy of those of nodes
};

}  // namespace anypage
