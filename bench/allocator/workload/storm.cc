// What a storm costs: hot_pair_calm and hot_pair_storm, replace_calm and replace_storm (at 80 %),
// on the same machine of two nodes. Other workloads have the storm as a subject (in_storm.hpp).
#include "hot_pair.hpp"
#include "replace.hpp"
#include "workloads.hpp"

namespace anypage::bench {
namespace {

/// Each first makes everything ready, then begins.
constexpr auto pairs = [](benchmark::State& state, Ours& subject, const auto& begin) {
    begin();
    hot_pair<Ours, 0>(state, subject);
};
constexpr auto replacements = [](benchmark::State& state, Ours& subject, const auto& begin) {
    std::vector<Pfn> pages = fill(subject, 8000);
    begin();
    replace(state, subject, pages);
};

template <class Work>
void in_calm(benchmark::State& state, const Work& work) {
    Ours subject(two_nodes());
    work(state, subject, [] {});
}
template <class Work>
void in_storm(benchmark::State& state, const Work& work) {
    OursInStorm subject;
    const Storm& storm = subject.storm();
    std::uint64_t before = 0;
    work(state, subject, [&] { before = storm.rounds(); });
    state.counters["rounds"] = benchmark::Counter(static_cast<double>(storm.rounds() - before),
                                                  benchmark::Counter::kIsRate);
}

}  // namespace

void register_storms() {
    add<Ours>("hot_pair_calm", [](benchmark::State& state) { in_calm(state, pairs); });
    add<Ours>("hot_pair_storm", [](benchmark::State& state) { in_storm(state, pairs); });
    add<Ours>("replace_calm", [](benchmark::State& state) { in_calm(state, replacements); });
    add<Ours>("replace_storm", [](benchmark::State& state) { in_storm(state, replacements); });
}

}  // namespace anypage::bench
