// What an owner wrote to a page before it gave the page back is ordered before what the next owner
// does with it: a claim acquires what the free released, also through owners in between and through
// other frees in the same word.
#include "tests/scenario/zone_scene.hpp"

namespace anypage::scenario {

namespace {

constexpr const char* property = "a page's contents are ordered";

void require_newest(ZoneScene& scene, Pfn pfn, std::uint64_t newest) {
    require(scene.content(pfn).load_relaxed() == newest, property,
            "The next owner reads what was there before the last owner wrote.");
}

check::Scenario hand_over(unsigned value) {
    return [value](Setup& setup) {
        ZoneScene& scene = make_zone(setup, order(value).frames());
        scene.take(0, order(value));
        setup.thread("first owner", 0, [&scene] {
            scene.content(Pfn{0}).store_relaxed(1);
            scene.give(0);
        });
        setup.thread("next owner", 1, [&scene, value] {
            if (!scene.take(1, order(value))) return;
            require_newest(scene, Pfn{0}, 1);
            scene.content(Pfn{0}).store_relaxed(2);
        });
        setup.after([&scene] {
            const bool handed_over = scene.held[1].has_value();
            require(scene.content(Pfn{0}).load_relaxed() == (handed_over ? 2 : 1), property,
                    "What the first owner wrote comes after what the next one wrote.");
            scene.check();
        });
    };
}

/// The owner in between writes nothing; its order is the one that the last owner sees. A Ghost says
/// whose turn it is, and orders nothing.
check::Scenario hand_over_twice(unsigned value, unsigned between) {
    return [=](Setup& setup) {
        ZoneScene& scene = make_zone(setup, order(value).frames());
        auto& turns = setup.make<W::Ghost<std::uint64_t>>(std::uint64_t{0});
        setup.name(&turns, "turns");
        scene.take(0, order(value));
        setup.thread("first owner", 0, [&scene, &turns] {
            scene.content(Pfn{0}).store_relaxed(1);
            scene.give(0);
            turns.store_relaxed(1);
        });
        setup.thread("owner between", 1, [&scene, &turns, between] {
            if (turns.load_relaxed() != 1) return;
            if (scene.take(1, order(between))) scene.give(1);
            turns.store_relaxed(2);
        });
        setup.thread("last owner", 2, [&scene, &turns, value] {
            if (turns.load_relaxed() != 2) return;
            if (scene.take(2, order(value))) require_newest(scene, Pfn{0}, 1);
        });
        setup.after([&scene] { scene.check(); });
    };
}

/// Two frames of one word, freed by two; a pair of them sees both owners' words.
check::Scenario pair_of_two_owners() {
    return [](Setup& setup) {
        ZoneScene& scene = make_zone(setup, 2);
        auto& gone = setup.make<W::Ghost<std::uint64_t>>(std::uint64_t{0});
        setup.name(&gone, "gone");
        for (unsigned user = 0; user < 2; ++user) {
            const Pfn mine = *scene.take(user, order(0));
            setup.thread("owner " + std::to_string(user), user, [&scene, &gone, user, mine] {
                scene.content(mine).store_relaxed(user + 1);
                scene.give(user);
                gone.fetch_add_relaxed(1);
            });
        }
        setup.thread("next owner", 2, [&scene, &gone] {
            if (gone.load_relaxed() != 2) return;
            require(scene.take(2, order(1)).has_value(), "no spurious failure",
                    "Both frames were free throughout.");
            require_newest(scene, Pfn{0}, 1);
            require_newest(scene, Pfn{1}, 2);
        });
        setup.after([&scene] { scene.check(); });
    };
}

/// The head bits of a run are its owner's words, too: whoever got a pair can free it as a pair.
check::Scenario heads_are_handed_over() {
    return [](Setup& setup) {
        ZoneScene& scene = make_zone(setup, 2);
        scene.take(0, order(1));
        setup.thread("gives a pair", 0, [&scene] { scene.give(0); });
        setup.thread("takes frames", 1, [&scene] {
            if (scene.take(1, order(0))) scene.give(1);
            if (scene.take(1, order(1))) scene.give(1);
        });
        setup.after([&scene] { scene.check(); });
    };
}

}  // namespace

void add_zone_orders_contents(Catalogue& catalogue) {
    const auto add = [&](const std::string& name, const check::Scenario& scenario) -> Entry& {
        catalogue.push_back(entry("zone." + name,
                                  "What an owner wrote before it freed a page, the next owner "
                                  "reads, and writes over.",
                                  scenario));
        return catalogue.back();
    };
    for (const unsigned value : {0u, 1u, 6u, 7u, 9u}) {
        Entry& made =
            add("contents_are_handed_over_order_" + std::to_string(value), hand_over(value));
        if (value == 9) make_lkmm_deep(made);
    }
    add("contents_are_handed_over_twice", hand_over_twice(0, 0));
    add("contents_are_handed_over_twice_as_word", hand_over_twice(6, 0));
    add("contents_of_a_pair_come_from_two", pair_of_two_owners());
    add("heads_are_handed_over", heads_are_handed_over());
}

}  // namespace anypage::scenario
