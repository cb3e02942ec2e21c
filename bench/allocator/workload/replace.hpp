// Random replacement: free a random frame of many, and allocate another one in its place.
#pragma once

#include "fullness.hpp"

namespace anypage::bench {

template <Subject S>
void replace(benchmark::State& state, S& subject, std::vector<Pfn>& pages) {
    Positions positions(pages.size());
    for (auto _ : state) {
        Pfn& page = pages[positions.next()];
        subject.free(page, Order{0});
        page = subject.allocate(Order{0}, Migratetype::unmovable);
        if (page == no_page) return ran_dry(state);
    }
    state.SetItemsProcessed(state.iterations());
}

}  // namespace anypage::bench
