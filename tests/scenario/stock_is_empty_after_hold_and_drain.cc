// While a zone is held its stocks take nothing in: once those who had looked before have ended, a
// drain leaves nothing behind, and nothing comes in after it. Hotplug rests on that.
#include "tests/scenario/stock_scene.hpp"

namespace anypage::scenario {

namespace {

/// The holder holds and says so; it drains when all who looked before have ended. Who comes later
/// gives a page back and must not find the stock open.
check::Scenario hold(bool opener) {
    return [=](Setup& setup) {
        StockScene& scene = make_stocks(setup, 2, 3);
        auto& ended = setup.make<W::Atomic<std::uint64_t>>(std::uint64_t{0});
        auto& drained = setup.make<W::Atomic<std::uint64_t>>(std::uint64_t{0});
        setup.name(&ended, "ended");
        setup.name(&drained, "drained");
        scene.take(1);
        scene.take(2);
        if (opener) scene.stocks.close(StockScene::zone_id);
        setup.thread("hold", 0, [&scene, &ended, &drained] {
            scene.stocks.hold(StockScene::zone_id);
            if (ended.load_acquire() != 0) {
                scene.drain();
                drained.store_release(1);
            }
        });
        setup.thread(opener ? "open" : "push", 1, [&scene, &ended, opener] {
            if (opener) {
                scene.stocks.open(StockScene::zone_id);
                scene.give(1);
            } else {
                scene.free(1);
            }
            ended.store_release(1);
        });
        setup.thread("later", 2, [&scene, &drained] {
            if (drained.load_acquire() == 0) return;
            require(scene.stocked() == 0, "a stock that is held and drained is empty",
                    "A page is in the stock after the drain.");
            require(!scene.push(2), "a stock that is held takes nothing in",
                    "A page is pushed into the stock of a zone that is held and drained.");
        });
        setup.after([&scene] { scene.check(); });
    };
}

/// Held and released: afterwards the stock can be opened again.
check::Scenario hold_and_release(bool drained) {
    return [=](Setup& setup) {
        StockScene& scene = make_stocks(setup, 1, 1);
        scene.take(1);
        for (unsigned user = 0; user < 2; ++user) {
            setup.thread("hold " + std::to_string(user), user + 1, [&scene, user, drained] {
                scene.stocks.hold(StockScene::zone_id);
                if (user == 0 && drained) scene.drain();
                scene.stocks.release(StockScene::zone_id);
            });
        }
        setup.thread("push", 0, [&scene] { scene.free(1); });
        setup.after([&scene] {
            scene.stocks.open(StockScene::zone_id);
            require(scene.stocks.is_open(StockScene::zone_id), "a stock opens after it was held",
                    "The stock stays closed although nobody holds it.");
            scene.check();
        });
    };
}

}  // namespace

void add_stock_is_empty_after_hold_and_drain(Catalogue& catalogue) {
    const auto add = [&](const std::string& name, const check::Scenario& scenario) -> Entry& {
        catalogue.push_back(entry("stock." + name,
                                  "Once those who looked before a hold have ended, a drain leaves "
                                  "the stock empty, and it stays so.",
                                  scenario));
        return catalogue.back();
    };
    add("push_that_looked_before_is_drained", hold(false));
    add("open_that_looked_before_opens_nothing", hold(true));
    add("two_hold_and_release", hold_and_release(false));
    add("two_hold_drain_and_release", hold_and_release(true)).deep = true;
}

}  // namespace anypage::scenario
