// What a storm costs: storm/hot_pair and storm/replace (at 80 %), on a machine of two nodes. Calm
// and storm take turns of a few milliseconds, so that what else the machine does falls on both; the
// ratio is the median of each turn's own. Other workloads have the storm as a subject
// (in_storm.hpp).
#include <algorithm>
#include <chrono>
#include <vector>

#include "hot_pair.hpp"
#include "replace.hpp"
#include "workloads.hpp"

namespace anypage::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::duration<double, std::nano>;

constexpr auto turn = std::chrono::milliseconds(5);
constexpr unsigned pairs_between_looks = 1000;

/// What a pair takes, in ns; 0 if there was no page.
template <class Pair>
double ns_a_pair(Ours& subject, Pair& pair) {
    std::uint64_t pairs = 0;
    const auto start = Clock::now();
    Nanoseconds taken{};
    while ((taken = Clock::now() - start) < turn) {
        for (unsigned i = 0; i < pairs_between_looks; ++i, ++pairs) {
            if (!pair(subject)) return 0;
        }
    }
    return taken.count() / static_cast<double>(pairs);
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

template <class Pair>
void take_turns(benchmark::State& state, Ours& subject, Pair pair) {
    std::vector<double> calm;
    std::vector<double> stormy;
    std::vector<double> ratios;
    std::uint64_t rounds = 0;
    for (auto _ : state) {
        calm.push_back(ns_a_pair(subject, pair));
        {
            const Storm storm(subject.pages());
            stormy.push_back(ns_a_pair(subject, pair));
            rounds += storm.rounds();
        }
        if (calm.back() == 0 || stormy.back() == 0) return ran_dry(state);
        ratios.push_back(stormy.back() / calm.back());
    }
    const Nanoseconds stormed = turn * stormy.size();
    state.counters["calm"] = median(calm);
    state.counters["storm"] = median(stormy);
    state.counters["storm_ratio"] = median(ratios);
    state.counters["rebuilds_per_second"] = static_cast<double>(2 * rounds) * 1e9 / stormed.count();
}

}  // namespace

void register_storms() {
    add<Ours>("storm/hot_pair", [](benchmark::State& state) {
        Ours subject(two_nodes());
        take_turns(state, subject, pair_once<0, Ours>);
    });
    add<Ours>("storm/replace", [](benchmark::State& state) {
        Ours subject(two_nodes());
        std::vector<Pfn> pages = fill(subject, 8000);
        take_turns(state, subject, Replacement(pages));
    });
}

}  // namespace anypage::bench
