// The hot pair: allocate a run, free it, again and again. The order is a constant, as it is in most
// programs.
#pragma once

#include "bench/allocator/subject/all.hpp"

namespace anypage::bench {

template <Subject S, unsigned order_value>
void hot_pair(benchmark::State& state, S& subject) {
    constexpr Order order{order_value};
    for (auto _ : state) {
        const Pfn page = subject.allocate(order, Migratetype::unmovable);
        if (page == no_page) return ran_dry(state);
        keep(page);
        subject.free(page, order);
    }
    state.SetItemsProcessed(state.iterations());
}

}  // namespace anypage::bench
