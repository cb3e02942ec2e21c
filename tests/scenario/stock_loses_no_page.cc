// No page of a stock has two owners and none is lost: pushes, pops and drains of one stock at once,
// drains that are overtaken included. What was written to a page before it was pushed is ordered
// before what is done with it after it was popped.
#include "tests/scenario/stock_scene.hpp"

namespace anypage::scenario {

namespace {

enum class Act { push, pop, push_and_pop, drain, close };

void play(StockScene& scene, unsigned user, Act act) {
    switch (act) {
        case Act::push:
            scene.free(user);
            return;
        case Act::pop:
            scene.pop(user);
            return;
        case Act::push_and_pop:
            scene.free(user);
            scene.pop(user);
            return;
        case Act::drain:
            scene.drain();
            return;
        case Act::close:
            scene.stocks.close(StockScene::zone_id);
            scene.drain();
            return;
    }
}

const char* name_of(Act act) {
    constexpr const char* names[] = {"push", "pop", "push, pop", "drain", "close"};
    return names[static_cast<unsigned>(act)];
}

/// A frame for each; `stocked` of them are in the stock before.
check::Scenario play_together(std::vector<Act> acts, unsigned stocked) {
    return [=](Setup& setup) {
        StockScene& scene = make_stocks(setup, acts.size() + stocked);
        for (unsigned i = 0; i < stocked; ++i) {
            scene.take(0);
            scene.push(0);
        }
        for (unsigned user = 0; user < acts.size(); ++user) {
            if (acts[user] == Act::push || acts[user] == Act::push_and_pop) scene.take(user);
        }
        for (unsigned user = 0; user < acts.size(); ++user) {
            const Act act = acts[user];
            setup.thread(name_of(act) + std::string(" ") + std::to_string(user), user,
                         [&scene, user, act] { play(scene, user, act); });
        }
        setup.after([&scene] { scene.check(); });
    };
}

check::Scenario on_one_cpu(ContextKind kind, Act thread, Act intruder) {
    return [=](Setup& setup) {
        StockScene& scene = make_stocks(setup, 3);
        scene.take(0);
        scene.push(0);
        for (const unsigned user : {0u, 1u}) {
            const Act act = user == 0 ? thread : intruder;
            if (act == Act::push || act == Act::push_and_pop) scene.take(user);
        }
        setup.thread("thread", 0, [&scene, thread] { play(scene, 0, thread); });
        handler(setup, kind, [&scene, intruder] { play(scene, 1, intruder); });
        setup.after([&scene] { scene.check(); });
    };
}

/// A page goes through the stock to its next owner; or through a drain and the zone.
check::Scenario contents(bool drained) {
    return [=](Setup& setup) {
        StockScene& scene = make_stocks(setup, 1);
        auto& content = setup.make<W::Atomic<std::uint64_t>>(std::uint64_t{0});
        auto& moved = setup.make<W::Ghost<std::uint64_t>>(std::uint64_t{0});  // orders nothing
        setup.name(&content, "content");
        setup.name(&moved, "moved");
        scene.take(0);
        setup.thread("owner", 0, [&scene, &content] {
            content.store_relaxed(1);
            scene.free(0);
        });
        if (drained) {
            setup.thread("drain", 1, [&scene, &moved] {
                if (scene.drain() != 0) moved.store_relaxed(1);
            });
        }
        setup.thread("next owner", 2, [&scene, &content, &moved, drained] {
            if (drained) {
                if (moved.load_relaxed() != 0) scene.take(2);
            } else {
                scene.pop(2);
            }
            if (!scene.held[2]) return;
            require(content.load_relaxed() == 1, "a page's contents are ordered",
                    "The next owner reads what was there before the last owner wrote.");
        });
        setup.after([&scene] { scene.check(); });
    };
}

/// A drain looks at a place that holds one page, and takes another out of it.
check::Scenario contents_through_an_overtaken_drain() {
    return [](Setup& setup) {
        StockScene& scene = make_stocks(setup, 2);
        auto& content = setup.make<W::Atomic<std::uint64_t>>(std::uint64_t{0});
        auto& moved = setup.make<W::Ghost<std::uint64_t>>(std::uint64_t{0});  // orders nothing
        setup.name(&content, "content");
        scene.take(0);
        scene.push(0);
        scene.take(1);
        setup.thread("owner", 0, [&scene, &content] {
            if (!scene.pop(0)) return;
            content.store_relaxed(1);
            scene.push(1);
        });
        setup.thread("drain", 1, [&scene, &moved] {
            if (scene.drain() != 0) moved.store_relaxed(1);
        });
        const Pfn page = *scene.held[1];
        setup.thread("next owner", 2, [&scene, &content, &moved, page] {
            if (moved.load_relaxed() != 0) scene.take(2);
            if (scene.held[2] != page) return;
            require(content.load_relaxed() == 1, "a page's contents are ordered",
                    "The next owner reads what was there before the last owner wrote.");
        });
        setup.after([&scene] { scene.check(); });
    };
}

}  // namespace

void add_stock_loses_no_page(Catalogue& catalogue) {
    const auto add = [&](const std::string& name, const check::Scenario& scenario) -> Entry& {
        catalogue.push_back(entry("stock." + name,
                                  "Each page that went through a stock has one owner or is free, "
                                  "and a drain leaves nothing behind.",
                                  scenario));
        return catalogue.back();
    };
    using enum Act;
    add("push_beside_push", play_together({push, push}, 0));
    add("push_beside_pop", play_together({push, pop}, 1));
    add("pop_beside_pop", play_together({pop, pop}, 1));
    add("push_and_pop_twice", play_together({push_and_pop, push_and_pop}, 0));
    add("push_beside_drain", play_together({push, drain}, 0));
    add("push_beside_drain_of_another", play_together({push, drain}, 1));
    add("pop_beside_drain", play_together({pop, drain}, 1));
    add("push_beside_close", play_together({push, close}, 1));
    add("drain_beside_drain", play_together({drain, drain}, 1));
    add("drain_is_overtaken", play_together({drain, drain, push}, 0));
    add("drain_is_overtaken_with_one_stocked", play_together({drain, drain, push}, 1)).deep = true;
    add("push_pop_and_drain", play_together({push, pop, drain}, 1));
    add("contents_go_through_the_stock", contents(false));
    add("contents_go_through_a_drain", contents(true));
    add("contents_go_through_an_overtaken_drain", contents_through_an_overtaken_drain());
    for (const auto& [name, kind] : intruders()) {
        add("push_is_interrupted_by_push_in_" + name, on_one_cpu(kind, push, push));
        add("push_is_interrupted_by_pop_in_" + name, on_one_cpu(kind, push, pop));
        add("pop_is_interrupted_by_push_in_" + name, on_one_cpu(kind, pop, push_and_pop));
        add("drain_is_interrupted_by_push_in_" + name, on_one_cpu(kind, drain, push));
        add("push_is_interrupted_by_drain_in_" + name, on_one_cpu(kind, push, drain));
    }
}

}  // namespace anypage::scenario
