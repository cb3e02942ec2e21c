// StockScene: the stocks of a machine of one small zone, open and empty, with what their users
// hold.
#pragma once

#include <anypage/core/alloc/stock.hpp>
#include <anypage/core/zone/validate.hpp>
#include <array>
#include <optional>

#include "tests/scenario/scene.hpp"

namespace anypage {

/// Single frames, two of them.
template <>
inline constexpr std::array<std::uint8_t, order_count> stock_capacities<check::ModelWorld>{2};

}  // namespace anypage

namespace anypage::scenario {

struct StockScene {
    static constexpr ZoneId zone_id{0};
    static constexpr CpuId cpu{0};  ///< of the zone's counts

    Zone<W>& zone() { return machine.zone(zone_id); }

    /// Out of the zone, for a user.
    void take(unsigned user) { held[user] = zone().allocate(order(0), Migratetype::movable, cpu); }
    bool push(unsigned user) {
        const Pfn page = *held[user];
        held[user].reset();
        const bool pushed = stocks.push(zone_id, page, order(0), Migratetype::movable, W::cpu());
        if (!pushed) held[user] = page;
        return pushed;
    }
    /// A user's two places are `user` and this.
    static unsigned second(unsigned user) { return user + 2; }
    /// As a refill does: two pages, as far as there is room, up to a limit of two.
    void push_two(unsigned user) {
        const std::array<Pfn, 2> pages{*held[user], *held[second(user)]};
        held[user].reset();
        held[second(user)].reset();
        const std::size_t placed =
            gate().push_many(pages, order(0), Migratetype::movable, W::cpu(), 2);
        if (placed < 1) held[user] = pages[0];
        if (placed < 2) held[second(user)] = pages[1];
    }
    /// As a spill does.
    void pop_two(unsigned user) {
        std::array<Pfn, 2> pages;
        const std::size_t popped = gate().pop_many(pages, order(0), Migratetype::movable, W::cpu());
        if (popped > 0) held[user] = pages[0];
        if (popped > 1) held[second(user)] = pages[1];
    }
    ZoneGate<W>& gate() { return stocks.gates()[Route::to(zone_id).value]; }
    bool pop(unsigned user) {
        held[user] = stocks.pop(zone_id, order(0), Migratetype::movable, W::cpu());
        return held[user].has_value();
    }
    /// As a free does: into the stock, or to the zone.
    void free(unsigned user) {
        if (push(user)) return;
        give(user);
    }
    void give(unsigned user) {
        const Pfn page = *held[user];
        held[user].reset();
        require_free(zone().free(page, order(0), cpu));
    }
    std::size_t drain() {
        return stocks.drain(zone_id, W::cpu(),
                            [](Pfn, Order, FreeOutcome outcome) { require_free(outcome); });
    }
    static void require_free(FreeOutcome outcome) {
        require(outcome.fault == FreeFault::none, "no page with two owners",
                "A page that is given back is free already.");
    }
    /// As a request does that finds the zone above its high mark again.
    void reopen() {
        drain();
        stocks.open(zone_id);
    }
    std::size_t stocked() const {
        std::size_t count = 0;
        stocks.for_each_run(zone_id, [&](Pfn, Order) { ++count; });
        return count;
    }

    /// When all have ended: a drain empties the stocks, and each frame is held once or free.
    void check();

    Machine<W> machine;
    Stocks<W> stocks;
    std::array<std::optional<Pfn>, 4> held{};
};

inline void StockScene::check() {
    drain();
    require(stocked() == 0, "no page is lost", "A page stays in a stock that was drained.");
    std::uint64_t in_use = 0;
    for (unsigned i = 0; i < held.size(); ++i) {
        if (!held[i]) continue;
        ++in_use;
        for (unsigned j = 0; j < i; ++j) {
            require(held[i] != held[j], "no page with two owners", "Two hold the same page.");
        }
    }
    const ZoneValidation found = validate(zone());
    require(static_cast<bool>(found), "the zone is sound", to_string(found.problem));
    require(found.in_use() == in_use, "no page is lost",
            "Frames in use are not those that are held.");
}

/// How often the stocks have been opened: the second time gives each stack a mark and its limit.
enum class Opening { first, second };

/// A zone of so many frames, all free; stocks of so many CPUs that are open, and empty.
inline StockScene& make_stocks(Setup& setup, std::uint64_t frames, unsigned cpu_count,
                               Opening opening = Opening::second) {
    setup.cpus = cpu_count;
    auto& scene = setup.make<StockScene>();
    const PfnRange span{Pfn{0}, frames};
    static constexpr CpuId cpus[] = {CpuId{0}};
    const MachineShape::Node nodes[] = {{NodeId{0}, cpus}};
    const MachineShape::ZoneOf zones[] = {{NodePos{0}, ZoneIndex::normal, span}};
    static constexpr std::uint8_t distances[] = {10};
    const MachineShape shape{nodes, zones, distances, 1};
    lay_out(setup, [&](Arena& arena) { scene.machine.carve(arena, shape); });
    lay_out(setup, [&](Arena& arena) { scene.stocks.carve(arena, scene.machine); });
    scene.zone().fill_range(span);
    scene.zone().open_range(span);
    scene.stocks.open(StockScene::zone_id);
    if (opening == Opening::second) {
        scene.take(0);
        scene.push(0);
        scene.reopen();
    }
    setup.name(scene.zone().map().words, "word[]", 8);
    setup.name(scene.zone().map().heads, "heads[]", 8);
    setup.name(&scene.zone().map().trees[0].hint, "tree hint");
    setup.name(scene.zone().map().supers, "super hint");
    return scene;
}

}  // namespace anypage::scenario
