// hot_pair/order:N, for the orders that stocks serve, the first that they do not, and huge pages.
#include "hot_pair.hpp"

#include "workloads.hpp"

namespace anypage::bench {

void register_hot_pairs() {
    EverySubject::for_each([]<class S>() {
        for (const Order order : {Order{0}, Order{1}, Order{2}, Order{3}, Order{4}, Order{9}}) {
            if (!S::serves(order)) continue;
            add<S>("hot_pair/order:" + std::to_string(order.value),
                   [order](benchmark::State& state) {
                       S subject;
                       hot_pair(state, subject, order);
                   });
        }
    });
}

}  // namespace anypage::bench
