// A handler that interrupts an allocation or a free at any step allocates and frees itself: it sees
// each frame free or taken, never reserved (but for claims of several words).
#include "tests/scenario/zone_scene.hpp"

namespace anypage::scenario {

namespace {

/// What a handler may find: a run was free throughout, or the thread may have it.
enum class Supply { enough, thread_may_have_it, unknown };

void serve(ZoneScene& scene, unsigned user, Order order, Supply supply) {
    const auto page = scene.take(user, order);
    if (!page) {
        require(supply != Supply::enough, "no spurious failure", "A run was free throughout.");
        require(supply == Supply::unknown || !scene.is_free(Pfn{0}), "no spurious failure",
                "The handler finds a frame free that it was refused.");
        return;
    }
    scene.content(*page).store_relaxed(user + 1);
    require(scene.content(*page).load_relaxed() == user + 1, "no page with two owners",
            "Somebody else has written to the handler's page.");
    scene.give(user);
}

struct Interruption {
    std::uint64_t frames;
    unsigned thread_order;
    unsigned handler_order;
    Supply supply;
};

check::Scenario interrupt_allocate(ContextKind kind, Interruption what) {
    return [=](Setup& setup) {
        ZoneScene& scene = make_zone(setup, what.frames);
        setup.thread("thread", 0, [&scene, what] {
            const auto page = scene.take(0, order(what.thread_order));
            if (!page) {
                require(what.supply != Supply::enough, "no spurious failure",
                        "A run was free throughout.");
                return;
            }
            scene.content(*page).store_relaxed(1);
            require(scene.content(*page).load_relaxed() == 1, "no page with two owners",
                    "Somebody else has written to the thread's page.");
        });
        handler(setup, kind,
                [&scene, what] { serve(scene, 1, order(what.handler_order), what.supply); });
        setup.after([&scene] { scene.check(); });
    };
}

check::Scenario interrupt_free(ContextKind kind, Interruption what) {
    return [=](Setup& setup) {
        ZoneScene& scene = make_zone(setup, what.frames);
        scene.take(0, order(what.thread_order));
        setup.thread("thread", 0, [&scene] {
            scene.give(0);
            require(scene.take(0, order(0)).has_value(), "no spurious failure",
                    "A frame that this thread has freed was free throughout.");
        });
        handler(setup, kind,
                [&scene, what] { serve(scene, 1, order(what.handler_order), what.supply); });
        setup.after([&scene] { scene.check(); });
    };
}

/// A thread, a handler on it and an NMI on both: each allocates and keeps.
check::Scenario nested() {
    return [](Setup& setup) {
        ZoneScene& scene = make_zone(setup, 3);
        const auto ask = [&scene](unsigned user) {
            require(scene.take(user, order(0)).has_value(), "no spurious failure",
                    "There are as many frames as requests.");
        };
        setup.thread("thread", 0, [ask] { ask(0); });
        setup.handler("handler", ContextKind::hardirq, 0, [ask] { ask(1); });
        setup.handler("NMI", ContextKind::nmi, 0, [ask] { ask(2); });
        setup.after([&scene] { scene.check(); });
    };
}

/// The handler's CPU is not alone: somebody allocates elsewhere.
check::Scenario with_another_cpu(ContextKind kind) {
    return [=](Setup& setup) {
        ZoneScene& scene = make_zone(setup, 3);
        const auto ask = [&scene](unsigned user) {
            require(scene.take(user, order(0)).has_value(), "no spurious failure",
                    "There are as many frames as requests.");
        };
        setup.thread("thread", 0, [ask] { ask(0); });
        setup.thread("elsewhere", 1, [ask] { ask(2); });
        handler(setup, kind, [&scene] { serve(scene, 1, order(0), Supply::enough); });
        setup.after([&scene] { scene.check(); });
    };
}

}  // namespace

void add_zone_serves_handlers(Catalogue& catalogue) {
    for (const auto& [name, kind] : intruders()) {
        const auto add = [&](const std::string& what, const check::Scenario& scenario) {
            catalogue.push_back(entry("zone." + what + "_" + name,
                                      "Whoever interrupts an operation at any step sees each frame "
                                      "free or taken, and is served from what is free.",
                                      scenario));
        };
        using enum Supply;
        add("allocate_is_interrupted_by", interrupt_allocate(kind, {2, 0, 0, enough}));
        add("allocate_of_last_is_interrupted_by",
            interrupt_allocate(kind, {1, 0, 0, thread_may_have_it}));
        add("allocate_of_pair_is_interrupted_by", interrupt_allocate(kind, {4, 1, 1, enough}));
        add("allocate_of_word_is_interrupted_by", interrupt_allocate(kind, {128, 6, 6, enough}));
        add("allocate_of_two_words_is_interrupted_by",
            interrupt_allocate(kind, {128, 7, 0, unknown}));
        add("allocate_of_row_is_interrupted_by", interrupt_allocate(kind, {512, 9, 6, unknown}));
        add("free_is_interrupted_by", interrupt_free(kind, {2, 0, 0, enough}));
        add("free_of_last_is_interrupted_by", interrupt_free(kind, {1, 0, 0, thread_may_have_it}));
        add("free_of_pair_is_interrupted_by", interrupt_free(kind, {2, 1, 1, unknown}));
        add("free_of_two_words_is_interrupted_by", interrupt_free(kind, {128, 7, 7, unknown}));
        add("another_cpu_allocates_beside", with_another_cpu(kind));
    }
    catalogue.push_back(entry("zone.handlers_nest",
                              "A thread, a handler on it and an NMI on both are each served.",
                              nested()));
}

}  // namespace anypage::scenario
