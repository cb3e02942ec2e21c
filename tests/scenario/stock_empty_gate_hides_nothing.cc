// Whoever finds a zone's stocks empty by one look at the gate finds in the zone what was in them:
// a request fails only after such a look. (Of several who drain, one may have a page in hand while
// another says that the stocks are empty: in hand it counts as allocated.)
#include "tests/scenario/stock_scene.hpp"

namespace anypage::scenario {

namespace {

/// One page, in the stock. One drains; the other, when it finds the stocks empty, asks the zone.
check::Scenario look() {
    return [](Setup& setup) {
        StockScene& scene = make_stocks(setup, 1, 1);
        scene.take(0);
        scene.push(0);
        setup.thread("drain", 0, [&scene] { scene.drain(); });
        setup.thread("request", 1, [&scene] {
            if (!scene.stocks.is_empty(StockScene::zone_id)) return;
            scene.take(1);
            require(scene.held[1].has_value(), "an empty gate hides nothing",
                    "The stocks are empty, and the zone has no page.");
        });
        setup.after([&scene] { scene.check(); });
    };
}

}  // namespace

void add_stock_empty_gate_hides_nothing(Catalogue& catalogue) {
    catalogue.push_back(entry("stock.request_looks_beside_a_drain",
                              "Whoever finds the stocks empty finds in the zone what was in them.",
                              look()));
}

}  // namespace anypage::scenario
