// hot_pair/order:N, for the orders that stocks serve, the first that they do not, and huge pages.
#include "hot_pair.hpp"

#include <utility>

#include "workloads.hpp"

namespace anypage::bench {

namespace {

template <class S, unsigned order>
void add_order() {
    if (!S::serves(Order{order})) return;
    add<S>("hot_pair/order:" + std::to_string(order), [](benchmark::State& state) {
        S subject;
        hot_pair<S, order>(state, subject);
    });
}

template <class S, unsigned... orders>
void add_orders(std::integer_sequence<unsigned, orders...>) {
    (add_order<S, orders>(), ...);
}

}  // namespace

void register_hot_pairs() {
    EverySubject::for_each(
        []<class S>() { add_orders<S>(std::integer_sequence<unsigned, 0, 1, 2, 3, 4, 9>{}); });
}

}  // namespace anypage::bench
