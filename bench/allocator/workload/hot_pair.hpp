// The hot pair: allocate a run, free it, again and again. The order is a constant, as it is in most
// programs.
#pragma once

#include "bench/allocator/subject/all.hpp"

namespace anypage::bench {

/// Once; false: there was no run.
template <unsigned order_value, Subject S>
[[gnu::always_inline]] inline bool pair_once(S& subject) {
    constexpr Order order{order_value};
    const Pfn page = subject.allocate(order, Migratetype::unmovable);
    if (page == no_page) return false;
    keep(page);
    subject.free(page, order);
    return true;
}

template <Subject S, unsigned order_value>
void hot_pair(benchmark::State& state, S& subject) {
    for (auto _ : state) {
        if (!pair_once<order_value>(subject)) return ran_dry(state);
    }
    state.SetItemsProcessed(state.iterations());
}

}  // namespace anypage::bench
