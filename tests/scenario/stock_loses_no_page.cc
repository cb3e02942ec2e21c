// No page of a stock has two owners and none is lost: pushes, pops and drains of one stock at once,
// drains that are overtaken included. What was written to a page before it was pushed is ordered
// before what is done with it after it was popped.
#include <algorithm>

#include "tests/scenario/stock_scene.hpp"

namespace anypage::scenario {

namespace {

enum class Act { push, pop, push_and_pop, push_two, pop_two, drain, close, reopen };

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
        case Act::push_two:
            scene.push_two(user);
            return;
        case Act::pop_two:
            scene.pop_two(user);
            return;
        case Act::drain:
            scene.drain();
            return;
        case Act::close:
            scene.stocks.close(StockScene::zone_id);
            return;
        case Act::reopen:
            scene.reopen();
            return;
    }
}

const char* name_of(Act act) {
    constexpr const char* names[] = {"push",    "pop",   "push, pop", "push two",
                                     "pop two", "drain", "close",     "reopen"};
    return names[static_cast<unsigned>(act)];
}
/// What a user has before.
void provide(StockScene& scene, unsigned user, Act act) {
    if (act == Act::push || act == Act::push_and_pop || act == Act::push_two) scene.take(user);
    if (act == Act::push_two) scene.take(scene.second(user));
}

struct Player {
    Act act;
    unsigned cpu;
    bool may_stall = false;
};

/// `stocked` frames are in the stock of CPU 0 before, and each who pushes has one, or two.
check::Scenario play_together(std::vector<Player> players, unsigned stocked,
                              Opening opening = Opening::second) {
    return [=](Setup& setup) {
        // Only CPU 0 has a stock: who drains and opens may be anywhere.
        StockScene& scene = make_stocks(setup, 2 * players.size() + stocked, 1, opening);
        for (unsigned i = 0; i < stocked; ++i) {
            scene.take(0);
            scene.push(0);
        }
        for (unsigned user = 0; user < players.size(); ++user) {
            const auto [act, cpu, may_stall] = players[user];
            provide(scene, user, act);
            setup
                .thread(name_of(act) + std::string(" ") + std::to_string(user), cpu,
                        [&scene, user, act = act] { play(scene, user, act); })
                .may_stall = may_stall;
        }
        // A drain that stalls has a page in its hands.
        const bool complete = std::none_of(players.begin(), players.end(),
                                           [](const Player& each) { return each.may_stall; });
        setup.after([&scene, complete] {
            if (complete) scene.check();
        });
    };
}

/// Both CPUs have a stock, and the first thread may be moved from one to the other, at any point.
check::Scenario moved(Act thread, Act other) {
    return [=](Setup& setup) {
        StockScene& scene = make_stocks(setup, 3, 2);
        scene.take(0);
        scene.push(0);
        provide(scene, 0, thread);
        provide(scene, 1, other);
        setup.thread("moved", 0, [&scene, thread] { play(scene, 0, thread); }).may_move_to = 3;
        setup.thread("other", 1, [&scene, other] { play(scene, 1, other); });
        setup.after([&scene] { scene.check(); });
    };
}

/// One frame is in the stock before, unless it has never been used.
check::Scenario on_one_cpu(ContextKind kind, Act thread, Act intruder,
                           Opening opening = Opening::second) {
    return [=](Setup& setup) {
        StockScene& scene = make_stocks(setup, 5, 1, opening);
        if (opening == Opening::second) {
            scene.take(0);
            scene.push(0);
        }
        provide(scene, 0, thread);
        provide(scene, 1, intruder);
        setup.thread("thread", 0, [&scene, thread] { play(scene, 0, thread); });
        handler(setup, kind, [&scene, intruder] { play(scene, 1, intruder); });
        setup.after([&scene] { scene.check(); });
    };
}

/// A page goes through the stock to its next owner; or through a drain and the zone.
check::Scenario contents(bool drained) {
    return [=](Setup& setup) {
        StockScene& scene = make_stocks(setup, 1, 2);
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
        setup.thread("next owner", drained ? 1 : 0, [&scene, &content, &moved, drained] {
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
    add("push_beside_push", play_together({{push, 0}, {push, 0}}, 0));
    add("push_beside_pop", play_together({{push, 0}, {pop, 0}}, 1));
    add("pop_beside_pop", play_together({{pop, 0}, {pop, 0}}, 1));
    add("push_and_pop_twice", play_together({{push_and_pop, 0}, {push_and_pop, 0}}, 0));
    add("push_beside_drain", play_together({{push, 0}, {drain, 1}}, 0));
    add("push_beside_drain_of_another", play_together({{push, 0}, {drain, 1}}, 1));
    add("push_beside_drain_on_its_cpu", play_together({{push, 0}, {drain, 0}}, 1));
    add("pop_beside_drain", play_together({{pop, 0}, {drain, 1}}, 1));
    add("push_beside_close", play_together({{push, 0}, {close, 1}}, 1));
    add("drain_beside_drain", play_together({{drain, 0}, {drain, 1}}, 2));
    add("push_beside_reopen", play_together({{push_and_pop, 0}, {reopen, 1}}, 1));
    add("reopen_beside_reopen_of_none", play_together({{reopen, 0}, {reopen, 1}}, 0));
    add("reopen_beside_reopen", play_together({{reopen, 0}, {reopen, 1}}, 1)).deep = true;
    add("push_beside_two_reopens", play_together({{push, 0}, {reopen, 1}, {reopen, 1}}, 1)).deep =
        true;
    add("drain_is_overtaken", play_together({{drain, 1}, {reopen, 0}, {push, 0}}, 1)).deep = true;
    add("push_pop_and_drain", play_together({{push, 0}, {pop, 0}, {drain, 1}}, 1));
    add("push_two_beside_push", play_together({{push_two, 0}, {push, 0}}, 0));
    add("push_two_beside_pop", play_together({{push_two, 0}, {pop, 0}}, 1));
    add("push_two_beside_pop_two", play_together({{push_two, 0}, {pop_two, 0}}, 1));
    add("push_two_beside_drain", play_together({{push_two, 0}, {drain, 1}}, 0));
    add("pop_two_beside_push", play_together({{pop_two, 0}, {push, 0}}, 1));
    add("pop_two_beside_drain", play_together({{pop_two, 0}, {drain, 1}}, 2));
    add("first_push_beside_push", play_together({{push, 0}, {push, 0}}, 0, Opening::first));
    add("first_push_beside_push_two", play_together({{push, 0}, {push_two, 0}}, 0, Opening::first));
    add("first_push_beside_drain", play_together({{push, 0}, {drain, 1}}, 0, Opening::first));
    add("first_push_beside_reopen",
        play_together({{push_and_pop, 0}, {reopen, 1}}, 0, Opening::first));
    add("contents_go_through_the_stock", contents(false));
    add("contents_go_through_a_drain", contents(true));
    add("push_is_moved_beside_push", moved(push, push)).deep = true;
    add("push_is_moved_beside_pop", moved(push, pop));
    add("pop_is_moved_beside_push", moved(pop, push));
    add("push_and_pop_are_moved_beside_push", moved(push_and_pop, push)).deep = true;
    add("drain_is_moved_beside_push", moved(drain, push)).deep = true;
    for (const auto& [name, kind] : intruders()) {
        add("push_is_interrupted_by_push_in_" + name, on_one_cpu(kind, push, push));
        add("push_is_interrupted_by_pop_in_" + name, on_one_cpu(kind, push, pop));
        add("pop_is_interrupted_by_push_in_" + name, on_one_cpu(kind, pop, push_and_pop));
        add("pop_is_interrupted_by_reopen_in_" + name, on_one_cpu(kind, pop, reopen));
        add("drain_is_interrupted_by_push_in_" + name, on_one_cpu(kind, drain, push));
        add("push_is_interrupted_by_drain_in_" + name, on_one_cpu(kind, push, drain));
        add("reopen_is_interrupted_by_push_in_" + name, on_one_cpu(kind, reopen, push_and_pop));
        add("push_two_is_interrupted_by_pop_in_" + name, on_one_cpu(kind, push_two, pop));
        add("pop_two_is_interrupted_by_push_in_" + name, on_one_cpu(kind, pop_two, push));
        add("first_push_is_interrupted_by_push_in_" + name,
            on_one_cpu(kind, push, push, Opening::first));
    }
}

}  // namespace anypage::scenario
