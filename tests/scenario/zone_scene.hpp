// ZoneScene: a small zone, whole and open, with what its users hold and what pages contain. Frames
// beyond the span do not exist, so a zone of two frames is two bits of one word.
#pragma once

#include <anypage/core/zone/validate.hpp>
#include <array>
#include <bit>
#include <optional>
#include <stdexcept>

#include "tests/scenario/scene.hpp"

namespace anypage::scenario {

struct ZoneScene {
    struct Run {
        Pfn pfn;
        Order order;
    };
    static constexpr unsigned users = 4;

    /// Allocates for a user, who keeps the run.
    std::optional<Pfn> take(unsigned user, Order order) {
        const auto page = zone.allocate(order, Migratetype::movable, W::cpu());
        if (page) held[user] = Run{*page, order};
        return page;
    }
    /// The user gives back what it holds.
    void give(unsigned user) {
        const Run run = *held[user];
        held[user].reset();
        free(run.pfn, run.order);
    }
    void free(Pfn pfn, Order order) {
        require(zone.free(pfn, order, W::cpu()).fault == FreeFault::none, "a free never fails",
                "A correct free is said to be wrong.");
    }
    bool is_free(Pfn pfn) const { return zone.map().is_free(zone.index_of(pfn)); }

    /// The word that stands for what a page contains.
    W::Atomic<std::uint64_t>& content(Pfn pfn) {
        return contents[pfn.value < 64 ? pfn.value : 63 + pfn.value / 64];
    }

    unsigned holders() const {
        unsigned count = 0;
        for (const auto& run : held) count += run ? 1 : 0;
        return count;
    }
    void require_holders(unsigned wanted) const {
        require(holders() >= wanted, "no spurious failure",
                "A request failed although a run was free throughout.");
        require(holders() <= wanted, "no page with two owners", "More runs are held than exist.");
    }
    /// When all have ended: what is held is held once, nothing is lost, all that is free is found.
    void check();

    Zone<W> zone;
    std::array<std::optional<Run>, users> held{};
    std::uint64_t background = 0;  ///< frames that somebody has who does nothing
    std::array<W::Atomic<std::uint64_t>, 80> contents{};

private:
    void check_held() const;
};

inline void ZoneScene::check_held() const {
    for (unsigned i = 0; i < users; ++i) {
        if (!held[i]) continue;
        const PfnRange mine{held[i]->pfn, held[i]->order.frames()};
        for (unsigned j = 0; j < i; ++j) {
            if (!held[j]) continue;
            require(!mine.overlaps({held[j]->pfn, held[j]->order.frames()}),
                    "no page with two owners", "Two hold the same frame.");
        }
        for (std::uint64_t frame = 0; frame < mine.frames; ++frame) {
            require(!is_free(mine.first + frame), "no page with two owners",
                    "A frame that is held is free.");
        }
    }
}

inline void ZoneScene::check() {
    check_held();
    std::uint64_t in_use = background;
    for (const auto& run : held) in_use += run ? run->order.frames() : 0;
    const ZoneValidation found = validate(zone);
    require(static_cast<bool>(found), "the zone is sound", to_string(found.problem));
    require(found.in_use() <= in_use, "no page is lost", "A frame is neither free nor held.");
    require(found.in_use() == in_use, "no page with two owners", "A frame is free and held.");
    for (unsigned value = order_max.value + 1u; value-- > 0;) {
        const std::uint64_t runs = found.free_runs[value];
        for (std::uint64_t i = 0; i < runs; ++i) {
            require(zone.allocate(order(value), Migratetype::movable, CpuId{0}).has_value(),
                    "no page is lost", "A free run is there, and is not found.");
        }
    }
}

/// A request that must fail, so that the hints say "nothing of this order".
inline void lower_hints(ZoneScene& scene, Order order) {
    if (scene.zone.allocate(order, Migratetype::movable, CpuId{0})) throw std::logic_error("free");
}

/// fresh: every hint says that anything may be there, as when a zone has come online; settled: no
/// larger run than there is, as after a while.
enum class Hints { settled, fresh };

/// A zone of so many frames, all free.
inline ZoneScene& make_zone(Setup& setup, std::uint64_t frames, Hints hints = Hints::settled,
                            unsigned cpu_slots = ZoneScene::users) {
    auto& scene = setup.make<ZoneScene>();
    const PfnRange span{Pfn{0}, frames};
    lay_out(setup, [&](Arena& arena) {
        scene.zone.carve(arena, {NodeId{0}, ZoneIndex::normal, span, cpu_slots});
    });
    scene.zone.fill_range(span);
    scene.zone.open_range(span);
    const auto largest = static_cast<unsigned>(std::bit_width(frames) - 1);
    if (hints == Hints::settled && largest < order_max.value) {
        lower_hints(scene, order(largest + 1));
        // A free was the last that happened.
        const auto page = scene.zone.allocate(order(largest), Migratetype::movable, CpuId{0});
        scene.free(*page, order(largest));
    }
    const FrameMap<W>& map = scene.zone.map();
    setup.name(map.words, "word[]", sizeof map.words[0]);
    setup.name(map.heads, "heads[]", sizeof map.heads[0]);
    setup.name(&map.trees[0].hint, "tree hint");
    setup.name(&map.trees[0].types, "row types");
    setup.name(map.supers, "super hint");
    setup.name(scene.contents.data(), "content[]", sizeof scene.contents[0]);
    return scene;
}

}  // namespace anypage::scenario
