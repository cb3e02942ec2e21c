// Random replacement: free a random frame of many, and allocate another one in its place.
#pragma once

#include "fullness.hpp"

namespace anypage::bench {

class Replacement {
public:
    /// `pages` outlive it.
    explicit Replacement(std::span<Pfn> pages) : pages_(pages), positions_(pages.size()) {}

    /// Once; false: there was no frame.
    template <Subject S>
    [[gnu::always_inline]] bool operator()(S& subject) {
        Pfn& page = pages_[positions_.next()];
        subject.free(page, Order{0});
        page = subject.allocate(Order{0}, Migratetype::unmovable);
        return page != no_page;
    }

private:
    std::span<Pfn> pages_;
    Positions positions_;
};

template <Subject S>
void replace(benchmark::State& state, S& subject, std::vector<Pfn>& pages) {
    Replacement replace_once(pages);
    for (auto _ : state) {
        if (!replace_once(subject)) return ran_dry(state);
    }
    state.SetItemsProcessed(state.iterations());
}

}  // namespace anypage::bench
