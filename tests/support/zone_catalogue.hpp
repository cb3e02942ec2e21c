// The catalogue of the tests that interrupt or stall a zone's operations: what may be run, and from
// which states.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/support/interrupting_world.hpp"
#include "tests/support/zone_scene.hpp"

namespace anypage::test {

using Scene = ZoneScene<InterruptingWorld>;

inline constexpr std::uint64_t scene_frames = 2048;

/// What the operation is to whoever interrupts it.
enum class Kind { claim, wide_claim, free, hotplug };

struct Operation {
    std::string name;
    Kind kind = Kind::claim;
    std::optional<Order> order{};            // claims: what is asked for
    std::function<void(Scene&, bool&)> run;  // sets the flag if a claim failed
    bool takes_many = false;
};

struct Start {
    std::string name;
    std::function<void(Scene&)> prepare;
};

inline Operation claim(unsigned order, Migratetype type) {
    const Order wanted{static_cast<std::uint8_t>(order)};
    return {"allocate order " + std::to_string(order) + " " + to_string(type),
            wanted > bits::word_order ? Kind::wide_claim : Kind::claim, wanted,
            [=](Scene& scene, bool& failed) { failed = !scene.allocate(wanted, type); }};
}

/// Frees a held run: the one that the test took last, or first.
inline Operation free_one(bool last) {
    return {last ? "free the last" : "free the first", Kind::free, {}, [=](Scene& scene, bool&) {
                if (scene.held.empty()) return;
                scene.free(last ? scene.held.back() : scene.held.front());
            }};
}

inline void fill(Scene& scene, unsigned order) {
    while (scene.allocate(Order{static_cast<std::uint8_t>(order)})) {
    }
}

inline std::vector<Operation> operations() {
    return {
        claim(0, Migratetype::movable),
        claim(3, Migratetype::unmovable),
        claim(6, Migratetype::reclaimable),
        claim(7, Migratetype::unmovable),
        claim(9, Migratetype::movable),
        claim(10, Migratetype::unmovable),
        free_one(true),
        free_one(false),
        {"allocate all of order 6",
         Kind::claim,
         {},
         [](Scene& scene, bool&) { fill(scene, 6); },
         true},
        {"allocate a batch",
         Kind::claim,
         {},
         [](Scene& scene, bool&) { scene.allocate_batch(5, Migratetype::movable); }},
        {"free in a wrong order",
         Kind::free,
         {},
         [](Scene& scene, bool&) {
             if (scene.held.empty() || scene.held.back().order.value == 0) return;
             const Run run = scene.held.back();
             // In an isolated row what continues a run looks as what a sweep has taken.
             if (scene.zone->row_type_of(run.pfn) == RowType::isolate) return;
             const FreeOutcome outcome = scene.zone->free(run.pfn, Order{0}, CpuId{0});
             // Not wrong_order if somebody frees the run meanwhile.
             EXPECT_NE(outcome.fault, FreeFault::none);
         }},
        {"offline and online a row",
         Kind::hotplug,
         {},
         [](Scene& scene, bool&) {
             const PfnRange row = scene.zone.section(1);
             if (scene.model.is_offline(row)) {
                 scene.online(row);
             } else {
                 scene.try_offline(row);
             }
         }},
    };
}

/// Lowers every hint that can be lowered.
inline void ask_for_all(Scene& scene) {
    for (unsigned order = 0; order <= order_max.value; ++order) {
        const Order each{static_cast<std::uint8_t>(order)};
        if (scene.model.has_run(each)) continue;
        EXPECT_FALSE(scene.allocate(each));
    }
}

inline void free_held(Scene& scene, Pfn pfn) {
    const auto run = std::find_if(scene.held.begin(), scene.held.end(),
                                  [=](const Run& each) { return each.pfn == pfn; });
    ASSERT_NE(run, scene.held.end());
    scene.free(*run);
}

inline std::vector<Start> starts() {
    return {
        {"all free", [](Scene&) {}},
        {"full, hints as they were at first",
         [](Scene& scene) {
             for (std::uint64_t i = 0; i < scene_frames / 64; ++i) scene.allocate(Order{6});
         }},
        {"full of order 6",
         [](Scene& scene) {
             fill(scene, 6);
             ask_for_all(scene);
         }},
        {"full of order 9 but one, hints lowered before it was freed",
         [](Scene& scene) {
             fill(scene, 9);
             ask_for_all(scene);
             free_held(scene, Pfn{512});
         }},
        {"one run of order 6 free, hints lowered before it was freed",
         [](Scene& scene) {
             fill(scene, 6);
             ask_for_all(scene);
             free_held(scene, Pfn{1024});
         }},
        {"every second run of order 6 free",
         [](Scene& scene) {
             fill(scene, 6);
             for (std::uint64_t pfn = 0; pfn < scene_frames; pfn += 128) free_held(scene, Pfn{pfn});
             ask_for_all(scene);
         }},
        {"a half row short of a whole one, hints lowered",
         [](Scene& scene) {
             fill(scene, 8);
             free_held(scene, Pfn{512});
             ask_for_all(scene);
             std::swap(*std::find(scene.held.begin(), scene.held.end(), Run{Pfn{768}, Order{8}}),
                       scene.held.back());
         }},
        {"a row offline",
         [](Scene& scene) {
             EXPECT_TRUE(scene.try_offline(scene.zone.section(1)));
             fill(scene, 5);
             ask_for_all(scene);
             free_held(scene, Pfn{1024});
         }},
    };
}

/// Is a run of this order in the words, in rows that serve?
inline bool words_have(const Scene& scene, Order order) {
    const auto validation = scene.zone.validated();
    for (unsigned each = order.value; each < order_count; ++each) {
        if (validation.free_runs[each] != 0) return true;
    }
    return false;
}

}  // namespace anypage::test
