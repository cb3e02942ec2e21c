// A request fails only if at one instant no completed free run was there. Said so: whoever knows of
// a free that has returned finds the run, unless somebody else has taken it; whoever lowers hints
// meanwhile, and wherever he stalls.
#include "tests/scenario/zone_scene.hpp"

namespace anypage::scenario {

namespace {

/// Asks for a run that was there when the request began.
void must_find(ZoneScene& scene, unsigned user, Order order, Pfn free) {
    if (scene.take(user, order)) return;
    require(!scene.is_free(free), "no spurious failure",
            "A completed free run was there throughout, and the request failed.");
}

struct Search {
    unsigned order;
    bool freer_asks = false;       ///< whoever frees then asks; else somebody who was told
    std::vector<unsigned> others;  ///< orders of requests that lower hints meanwhile
    bool may_stall = false;        ///< ... and never end
    Hints hints = Hints::settled;
};

check::Scenario free_and_search(const Search& search) {
    return [search](Setup& setup) {
        const Order wanted = order(search.order);
        ZoneScene& scene = make_zone(setup, wanted.frames(), search.hints);
        auto& freed = setup.make<W::Atomic<std::uint64_t>>(std::uint64_t{0});
        setup.name(&freed, "freed");
        scene.take(0, wanted);
        setup.thread("free", 0, [&scene, &freed, wanted, search] {
            scene.give(0);
            if (search.freer_asks) {
                must_find(scene, 0, wanted, Pfn{0});
            } else {
                freed.store_release(1);
            }
        });
        if (!search.freer_asks) {
            setup.thread("told", 1, [&scene, &freed, wanted] {
                if (freed.load_acquire() != 0) must_find(scene, 1, wanted, Pfn{0});
            });
        }
        for (unsigned i = 0; i < search.others.size(); ++i) {
            const unsigned user = 2 + i;
            auto& other = setup.thread(
                "request " + std::to_string(i), user,
                [&scene, user, asked = order(search.others[i])] { scene.take(user, asked); });
            other.may_stall = search.may_stall;
        }
        setup.after([&scene] { scene.check(); });
    };
}

/// Nothing changes but that requests for more than there is lower the hints: a request for what is
/// there never fails.
check::Scenario search_beside_lowering(unsigned asked, unsigned lowered) {
    return [=](Setup& setup) {
        ZoneScene& scene = make_zone(setup, order(asked).frames(), Hints::fresh);
        setup.thread("request", 0, [&scene, asked] {
            require(scene.take(0, order(asked)).has_value(), "no spurious failure",
                    "A run was free throughout.");
        });
        setup.thread("large request", 1, [&scene, lowered] { scene.take(1, order(lowered)); });
        setup.after([&scene] { scene.check(); });
    };
}

/// One free frame under each of two supers, and no more.
ZoneScene& make_two_supers(Setup& setup) {
    constexpr std::uint64_t super_frames = layout::super_trees * layout::tree_frames;
    auto& scene = setup.make<ZoneScene>();
    const PfnRange span{Pfn{0}, super_frames + 1};
    lay_out(setup, [&](Arena& arena) {
        scene.zone.carve(arena, {NodeId{0}, ZoneIndex::normal, span, ZoneScene::users});
    });
    const auto online = [&scene](PfnRange frames) {
        scene.zone.fill_range(frames);
        scene.zone.open_range(frames);
    };
    online({Pfn{0}, layout::row_frames});
    for (unsigned value = pageblock_order.value; value-- > 0;) {
        if (scene.take(0, order(value))) scene.background += order(value).frames();
    }
    scene.held[0].reset();
    online({Pfn{super_frames}, 1});
    return scene;
}

/// As many frames as users, who take one and give it back: nobody is refused.
check::Scenario two_supers_serve_two() {
    return [](Setup& setup) {
        ZoneScene& scene = make_two_supers(setup);
        for (unsigned user = 0; user < 2; ++user) {
            setup.thread("user " + std::to_string(user), user, [&scene, user] {
                require(scene.take(user, order(0)).has_value(), "no spurious failure",
                        "A frame was free throughout.");
                scene.give(user);
            });
        }
        setup.after([&scene] { scene.check(); });
    };
}

}  // namespace

void add_zone_finds_what_is_free(Catalogue& catalogue) {
    const auto add = [&](const std::string& name, const check::Scenario& scenario) -> Entry& {
        catalogue.push_back(entry("zone." + name,
                                  "Whoever knows of a free that has returned finds the run, or "
                                  "somebody else has it.",
                                  scenario));
        return catalogue.back();
    };
    for (const unsigned value : {0u, 1u, 6u, 7u}) {
        const std::string run = "order_" + std::to_string(value);
        add(run + "_is_found_by_who_freed_it", free_and_search({value, true, {value}}));
        add(run + "_is_found_by_who_was_told", free_and_search({value, false, {value}}));
    }
    add("order_8_is_found_by_who_freed_it", free_and_search({8, true, {8}})).deep = true;
    make_lkmm_deep(add("frame_is_found_beside_a_larger_request",
                       free_and_search({0, true, {1}, false, Hints::fresh})));
    add("two_words_are_found_beside_a_larger_request",
        free_and_search({7, true, {8}, false, Hints::fresh}))
        .deep = true;
    add("two_lowerings_lose_no_free", free_and_search({0, true, {0, 0}})).deep = true;
    add("two_lowerings_of_two_words_lose_no_free",
        free_and_search({7, true, {8, 8}, false, Hints::fresh}))
        .deep = true;
    add("lowering_that_stalls_loses_no_free", free_and_search({0, true, {0}, true}));
    add("frame_is_found_beside_lowering", search_beside_lowering(0, 1));
    add("word_is_found_beside_lowering", search_beside_lowering(6, 7));
    add("two_words_are_found_beside_lowering", search_beside_lowering(7, 8));
    add("row_is_found_beside_lowering", search_beside_lowering(9, 10));
    Entry& large = add("two_supers_serve_two", two_supers_serve_two());
    large.models = {check::Model::rc11};
    large.deep = true;
}

}  // namespace anypage::scenario
