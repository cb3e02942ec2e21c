// In-place zonelists: what Linux's protocols share. A list is an array of zonerefs {zone, zone_idx}
// that a rebuild overwrites with plain stores while readers walk it; a request keeps a position in
// it. All that can go wrong with that (a list cut short, a zone skipped or seen twice, a torn pair)
// goes wrong here as it does there; whether a failed request notices is the gate's business.
#pragma once

#include <cstdio>

#include "protocol.hpp"

namespace anypage {

template <World W, Gate G>
class InPlace {
    using Cell = typename W::template Raced<std::uint32_t>;

    struct ZonerefCell {
        Cell zone;  // ZoneId + 1; 0 ends the list
        Cell kind;  // the kernel's zone_idx
    };

public:
    using WorldT = W;
    static constexpr const char* name = G::name;

    explicit InPlace(const KernelConfig& config) : gate_(config) {}

    void carve(Arena& arena, const Machine<W>& machine) {
        list_length_ = machine.zone_count() + 1;
        const std::size_t nodes = machine.node_count();
        fallback_ = arena.array<ZonerefCell>(nodes * list_length_);
        this_node_ = arena.array<ZonerefCell>(nodes * this_node_length);
        facts_ = arena.array<NodeFacts>(nodes);
        load_ = arena.array<std::uint32_t>(nodes);
        keys_ = arena.array<std::uint64_t>(nodes);
        order_ = arena.array<std::uint16_t>(nodes);
        if (arena.measures()) return;
        W::name(&fallback_->zone, "zonelist[].zone", sizeof(ZonerefCell));
        W::name(&fallback_->kind, "zonelist[].zone_idx", sizeof(ZonerefCell));
    }

    class Reader {
    public:
        Reader(InPlace& lists, const Machine<W>& machine, NodePos origin, bool this_node)
            : lists_(lists),
              machine_(machine),
              list_(this_node ? lists.this_node_ + origin.value * this_node_length
                              : lists.fallback_ + origin.value * lists.list_length_) {}

        void begin(gfp_t flags, BeginWait& wait) { cookie_ = lists_.gate_.begin(flags, wait); }
        bool changed(gfp_t flags) { return lists_.gate_.changed(flags, cookie_); }

        std::uint64_t key() const { return 0; }
        Zoneref first(const ZoneFilter& filter) const { return from(0, filter); }
        Zoneref next(Zoneref at, const ZoneFilter& filter) const {
            return from(at.value + 1, filter);
        }
        // The entry as it stands now: no look at its kind, none at the nodemask, as
        // for_next_zone_zonelist_nodemask takes the preferred zoneref.
        Maybe<ZoneId> zone(Zoneref at) const {
            if (at == Zoneref::end()) return std::nullopt;
            const std::uint32_t zone = list_[at.value].zone.read();
            if (zone == 0) return std::nullopt;
            return ZoneId{zone - 1};
        }

    private:
        // A reader that has run past a list cut short meets the cells behind it, as it would there;
        // the bound keeps it inside of the array.
        Zoneref from(std::uint32_t at, const ZoneFilter& filter) const {
            for (; at < lists_.list_length_; ++at) {
                const std::uint32_t zone = list_[at].zone.read();
                if (zone == 0) return {at};  // as the kernel: a zoneref with no zone
                const auto kind = static_cast<ZoneIndex>(list_[at].kind.read());
                if (filter.passes(kind, machine_.zone(ZoneId{zone - 1}).node())) return {at};
            }
            return Zoneref::end();
        }

        InPlace& lists_;
        const Machine<W>& machine_;
        ZonerefCell* list_;
        typename G::Cookie cookie_{};
    };

    /// __build_all_zonelists(NULL): every possible node's lists, in id order.
    bool rebuild(const Machine<W>& machine, const SectionProbe& probe) {
        const typename W::Place here{"is inside of the write section"};
        const auto state = gate_.enter();
        const NodeOrderBuilder orders = order_builder(machine);
        for (std::size_t n = 0; n < machine.node_count(); ++n) {
            const NodePos node{static_cast<std::uint16_t>(n)};
            build_zonelists(machine, node, orders);
            if (n == machine.node_count() / 2) probe();
        }
        gate_.leave(state);
        W::printk("Built zonelists");  // outside of the write section, as build_all_zonelists does
        return true;
    }
    bool rebuild_in_flight() const { return gate_.in_flight(); }

private:
    static constexpr std::size_t this_node_length = zone_index_count + 1;

    NodeOrderBuilder order_builder(const Machine<W>& machine) {
        const std::size_t nodes = machine.node_count();
        for (std::size_t n = 0; n < nodes; ++n) {
            facts_[n] = machine.facts(NodePos{static_cast<std::uint16_t>(n)});
            load_[n] = 0;
        }
        return {{facts_, nodes}, machine.distances(), {load_, nodes}, {keys_, nodes}};
    }

    void build_zonelists(const Machine<W>& machine, NodePos node, const NodeOrderBuilder& orders) {
        const std::size_t count = orders.build(node, {order_, machine.node_count()});
        ZonerefCell* at = fallback_ + node.value * list_length_;
        for (std::size_t i = 0; i < count; ++i) at = build_zonerefs_node(machine, {order_[i]}, at);
        end_list(at);
        end_list(build_zonerefs_node(machine, node, this_node_ + node.value * this_node_length));
        print_order(machine, node, count);
    }

    static ZonerefCell* build_zonerefs_node(const Machine<W>& machine, NodePos node,
                                            ZonerefCell* at) {
        const std::uint8_t kinds = machine.populated_kinds(node);
        for (unsigned kind = zone_index_count; kind-- > 0;) {
            if ((kinds >> kind & 1) == 0) continue;
            at->zone.write(machine.zone_of(node, static_cast<ZoneIndex>(kind))->value + 1);
            at->kind.write(kind);
            ++at;
        }
        return at;
    }
    static void end_list(ZonerefCell* at) {
        at->zone.write(0);
        at->kind.write(0);
    }

    // The kernel prints this from inside of the write section: the deadlock of 2023 needs it.
    void print_order(const Machine<W>& machine, NodePos node, std::size_t count) const {
        char line[120];
        int used =
            std::snprintf(line, sizeof line,
                          "Fallback order for Node %u:", unsigned{machine.node_id(node).value});
        for (std::size_t i = 0; i < count && used < static_cast<int>(sizeof line) - 8; ++i) {
            used += std::snprintf(line + used, sizeof line - static_cast<std::size_t>(used), " %u",
                                  unsigned{machine.node_id({order_[i]}).value});
        }
        W::printk(line);
    }

    G gate_;
    std::size_t list_length_ = 0;
    ZonerefCell* fallback_ = nullptr;
    ZonerefCell* this_node_ = nullptr;
    // The writer's scratch.
    NodeFacts* facts_ = nullptr;
    std::uint32_t* load_ = nullptr;
    std::uint64_t* keys_ = nullptr;
    std::uint16_t* order_ = nullptr;
};

}  // namespace anypage
