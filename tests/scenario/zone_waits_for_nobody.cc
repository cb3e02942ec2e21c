// Nobody waits: with everybody else stopped at any step, an operation ends after a few steps of its
// own. Who is counted is an NMI on the CPU of all others: while it runs, nobody else does.
#include "tests/scenario/zone_scene.hpp"

namespace anypage::scenario {

namespace {

void require_few(unsigned most) {
    require(own_steps() <= most, "bounded steps",
            "With everybody else stopped, the operation took more steps than it may.");
}

struct Load {
    std::uint64_t frames;
    std::vector<unsigned> orders;  ///< threads that are stopped somewhere: allocate, then free
    unsigned order;                ///< what the NMI allocates and frees
    unsigned most;                 ///< steps
};

check::Scenario stopped_by_nmi(const Load& load) {
    return [load](Setup& setup) {
        ZoneScene& scene = make_zone(setup, load.frames);
        for (unsigned user = 0; user < load.orders.size(); ++user) {
            setup.thread("thread " + std::to_string(user), 0,
                         [&scene, user, wanted = order(load.orders[user])] {
                             if (scene.take(user, wanted)) scene.give(user);
                         });
        }
        setup.handler("NMI", ContextKind::nmi, 0, [&scene, load] {
            if (scene.take(3, order(load.order))) scene.give(3);
            require_few(load.most);
        });
        setup.after([&scene] { scene.check(); });
    };
}

/// One that never runs again, wherever it is; the others end, and find what is there.
check::Scenario one_stalls(unsigned asked) {
    return [asked](Setup& setup) {
        ZoneScene& scene = make_zone(setup, 2 * order(asked).frames());
        setup
            .thread("stalls", 0,
                    [&scene, asked] {
                        if (scene.take(0, order(asked))) scene.give(0);
                    })
            .may_stall = true;
        setup.thread("goes on", 1, [&scene, asked] {
            for (int i = 0; i < 2; ++i) {
                require(scene.take(1, order(asked)).has_value(), "no spurious failure",
                        "A run was free throughout.");
                scene.give(1);
            }
        });
        setup.after([&scene] { scene.check(); });
    };
}

}  // namespace

void add_zone_waits_for_nobody(Catalogue& catalogue) {
    const auto add = [&](const std::string& name, const Load& load) {
        catalogue.push_back(entry("zone." + name,
                                  "With everybody else stopped at any step, allocate and free end "
                                  "within " +
                                      std::to_string(load.most) + " steps.",
                                  stopped_by_nmi(load)));
    };
    add("frame_comes_in_few_steps", {1, {0}, 0, 100});
    add("pair_comes_in_few_steps", {2, {0}, 1, 100});
    add("word_comes_in_few_steps", {64, {0}, 6, 100});
    add("two_words_come_in_few_steps", {128, {7}, 7, 100});
    add("frame_comes_in_few_steps_beside_two_words", {128, {7}, 0, 100});
    add("two_words_come_in_few_steps_beside_a_frame", {128, {0}, 7, 100});
    add("frame_comes_in_few_steps_beside_two", {1, {0, 0}, 0, 100});
    catalogue.back().deep = true;
    for (const unsigned value : {0u, 6u}) {
        catalogue.push_back(entry("zone.nobody_waits_for_who_stalls_order_" + std::to_string(value),
                                  "A context that never runs again, wherever it is, keeps nobody "
                                  "from allocating and freeing what is there.",
                                  one_stalls(value)));
    }
}

}  // namespace anypage::scenario
