// Snapshot, ours: zonelists are never rewritten. A rebuild fills a free slot with the new topology
// and publishes it with one store; a request pins the version that it uses. A reader sees all of a
// list or all of the next, never waits, and takes no lock; the writer never makes a reader wait.
//
// A snapshot holds which kinds of zones each node has populated; the order of nodes is kept apart
// and shared between snapshots, since it changes only with the set of nodes that have memory.
//
// A failed request restarts once if a newer version came out since it began: what the zones that
// stayed throughout could not give, zones that came in the meantime may.
#pragma once

#include <bit>

#include "../node/routes.hpp"
#include "../sync/published.hpp"
#include "protocol.hpp"

namespace anypage::protocol {

template <World W>
class snapshot {
    struct Orders;

public:
    using WorldT = W;
    static constexpr const char* name = "snapshot";
    static constexpr unsigned slot_count = Published<W>::slot_count;

    explicit snapshot(const KernelConfig&)
        : writer_(LockKind::spin, true, "waits for another writer of the topology") {}

    void carve(Arena& arena, const Machine<W>& machine) {
        const std::size_t nodes = machine.node_count();
        versions_.carve(arena);
        routes_.carve(arena, machine);
        for (unsigned i = 0; i < slot_count; ++i) {
            kinds_[i] = arena.array<std::uint8_t>(nodes);
            orders_[i].has_memory = arena.array<std::uint8_t>(nodes);
            orders_[i].nodes = arena.array<std::uint16_t>(nodes * nodes);
        }
        facts_ = arena.array<NodeFacts>(nodes);
        load_ = arena.array<std::uint32_t>(nodes);
        keys_ = arena.array<std::uint64_t>(nodes);
    }

    class Reader {
    public:
        Reader(snapshot& topology, const Machine<W>& machine, NodePos origin, bool this_node)
            : topology_(topology),
              machine_(machine),
              origin_(origin),
              this_node_(this_node),
              pinned_(topology.versions_.pin()) {}
        ~Reader() { topology_.versions_.unpin(pinned_); }
        Reader(const Reader&) = delete;
        Reader& operator=(const Reader&) = delete;

        void begin(gfp_t, BeginWait&) {
            if (topology_.versions_.peek() == pinned_) return;
            topology_.versions_.unpin(pinned_);
            pinned_ = topology_.versions_.pin();
        }
        bool changed(gfp_t) {
            if (restarted_ || topology_.versions_.peek() == pinned_) return false;
            restarted_ = true;
            return true;
        }

        std::uint64_t key() const { return pinned_.bits << 1 | (restarted_ ? 1 : 0); }
        Zoneref first(const ZoneFilter& filter) const { return from(0, kind_end(filter), filter); }
        Zoneref next(Zoneref at, const ZoneFilter& filter) const {
            return from(rank_of(at), kind_of(at), filter);
        }
        Maybe<ZoneId> zone(Zoneref at) const {
            if (at == Zoneref::end()) return std::nullopt;
            return machine_.zone_of(node_at(rank_of(at)), static_cast<ZoneIndex>(kind_of(at)));
        }
        std::uint64_t generation() const { return pinned_.generation(); }

    private:
        // A zoneref is a node's rank in the order and a kind.
        static constexpr unsigned kind_bits = 3;
        static std::uint32_t rank_of(Zoneref at) { return at.value >> kind_bits; }
        static unsigned kind_of(Zoneref at) { return at.value & ((1u << kind_bits) - 1); }
        static unsigned kind_end(const ZoneFilter& filter) {
            return static_cast<unsigned>(filter.highest) + 1;
        }

        std::uint32_t rank_end() const {
            return this_node_ ? 1 : topology_.order_of(pinned_.slot()).count;
        }
        NodePos node_at(std::uint32_t rank) const {
            if (this_node_) return origin_;
            return {topology_.order_of(pinned_.slot())
                        .nodes[origin_.value * machine_.node_count() + rank]};
        }

        // Kinds below `kind_below` of the node at `rank`, then all that pass of the nodes after it.
        Zoneref from(std::uint32_t rank, unsigned kind_below, const ZoneFilter& filter) const {
            for (; rank < rank_end(); ++rank, kind_below = kind_end(filter)) {
                const NodePos node = node_at(rank);
                if (filter.allowed != nullptr && !filter.allowed->has(machine_.node_id(node))) {
                    continue;
                }
                const unsigned kinds =
                    topology_.kinds_[pinned_.slot()][node.value] & ((1u << kind_below) - 1);
                if (kinds == 0) continue;
                const auto kind = static_cast<std::uint32_t>(std::bit_width(kinds) - 1);
                return {rank << kind_bits | kind};
            }
            return Zoneref::end();
        }

        snapshot& topology_;
        const Machine<W>& machine_;
        const NodePos origin_;
        const bool this_node_;
        bool restarted_ = false;
        Version pinned_;
    };

    /// Publishes the machine as it is now. False if readers hold every slot: nothing has changed.
    bool rebuild(const Machine<W>& machine, const SectionProbe& probe) {
        const typename W::Place here{"is inside of the write section"};
        writer_.lock();
        building_.store_relaxed(1);
        const auto slot = versions_.free_slot();
        if (slot) {
            fill(machine, *slot);
            probe();
            versions_.publish(*slot);
            set_routes(machine, *slot);
        }
        building_.store_relaxed(0);
        writer_.unlock();
        return slot.has_value();
    }
    bool rebuild_in_flight() const { return building_.load_relaxed() != 0; }
    std::uint64_t generation() const { return versions_.peek().generation(); }
    const Routes<W>& routes() const { return routes_; }

private:
    /// For each node the nodes with memory in the order to try them; and what that was made from.
    struct Orders {
        std::uint32_t count = 0;
        std::uint8_t* has_memory = nullptr;
        std::uint16_t* nodes = nullptr;
        bool made = false;
    };

    const Orders& order_of(unsigned slot) const { return orders_[orders_in_[slot]]; }

    void fill(const Machine<W>& machine, unsigned slot) {
        const std::size_t nodes = machine.node_count();
        for (std::size_t n = 0; n < nodes; ++n) {
            const NodePos node{static_cast<std::uint16_t>(n)};
            kinds_[slot][n] = machine.populated_kinds(node);
            facts_[n] = {kinds_[slot][n] != 0, machine.has_cpus(node)};
        }
        const unsigned current = orders_in_[versions_.peek().slot()];
        if (fits(orders_[current], nodes)) {
            orders_in_[slot] = current;
            return;
        }
        const unsigned fresh = free_orders(slot);
        make_orders(machine, orders_[fresh]);
        orders_in_[slot] = fresh;
    }

    bool fits(const Orders& orders, std::size_t nodes) const {
        if (!orders.made) return false;
        for (std::size_t n = 0; n < nodes; ++n) {
            if ((orders.has_memory[n] != 0) != facts_[n].has_memory) return false;
        }
        return true;
    }

    // There are as many as slots and `filling` uses none yet, so one is free.
    unsigned free_orders(unsigned filling) const {
        unsigned used = 0;
        for (unsigned slot = 0; slot < slot_count; ++slot) {
            if (slot != filling && versions_.in_use(slot)) used |= 1u << orders_in_[slot];
        }
        return static_cast<unsigned>(std::countr_one(used));
    }

    void make_orders(const Machine<W>& machine, Orders& orders) {
        const std::size_t nodes = machine.node_count();
        for (std::size_t n = 0; n < nodes; ++n) {
            load_[n] = 0;
            orders.has_memory[n] = facts_[n].has_memory ? 1 : 0;
        }
        const NodeOrderBuilder builder{
            {facts_, nodes}, machine.distances(), {load_, nodes}, {keys_, nodes}};
        for (std::size_t n = 0; n < nodes; ++n) {
            const NodePos node{static_cast<std::uint16_t>(n)};
            orders.count =
                static_cast<std::uint32_t>(builder.build(node, {orders.nodes + n * nodes, nodes}));
        }
        orders.made = true;
    }

    // To what `slot` says, which has just been published.
    void set_routes(const Machine<W>& machine, unsigned slot) {
        for (std::size_t n = 0; n < machine.node_count(); ++n) {
            const NodePos origin{static_cast<std::uint16_t>(n)};
            for (unsigned kind = 0; kind < static_cast<unsigned>(ZoneIndex::device); ++kind) {
                const auto highest = static_cast<ZoneIndex>(kind);
                const auto zone = first_zone(machine, slot, origin, highest);
                routes_.set(origin, highest, zone ? Route::to(*zone) : Route{});
            }
        }
    }
    Maybe<ZoneId> first_zone(const Machine<W>& machine, unsigned slot, NodePos origin,
                             ZoneIndex highest) const {
        const Orders& order = order_of(slot);
        for (std::uint32_t rank = 0; rank < order.count; ++rank) {
            const NodePos node{order.nodes[origin.value * machine.node_count() + rank]};
            const unsigned kinds =
                kinds_[slot][node.value] & ((2u << static_cast<unsigned>(highest)) - 1);
            if (kinds == 0) continue;
            return machine.zone_of(node, static_cast<ZoneIndex>(std::bit_width(kinds) - 1));
        }
        return std::nullopt;
    }

    Published<W> versions_;
    Routes<W> routes_;
    std::array<std::uint8_t*, slot_count> kinds_{};
    std::array<unsigned, slot_count> orders_in_{};
    std::array<Orders, slot_count> orders_{};
    typename W::Lock writer_;
    typename W::template Atomic<std::uint32_t> building_{0};  // for statistics only
    // The writer's scratch.
    NodeFacts* facts_ = nullptr;
    std::uint32_t* load_ = nullptr;
    std::uint64_t* keys_ = nullptr;
};

}  // namespace anypage::protocol
