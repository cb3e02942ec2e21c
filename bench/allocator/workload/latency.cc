// latency/p50, p99 and p99.9: how long an allocation takes in a zone that is 99.9 % full, its free
// frames scattered. A random frame is freed before each; only the allocation is timed.
#include "fullness.hpp"
#include "stopwatch.hpp"
#include "workloads.hpp"

namespace anypage::bench {
namespace {

constexpr std::size_t samples_max = std::size_t{1} << 20;

double percentile(const std::vector<std::uint64_t>& sorted, double share) {
    const auto last = static_cast<double>(sorted.size() - 1);
    return Stopwatch::ns(sorted[static_cast<std::size_t>(share * last)]);
}

template <Zoned S>
void latency(benchmark::State& state) {
    S subject;
    std::vector<Pfn> pages = fill(subject, 9990);
    Positions positions(pages.size());
    std::vector<std::uint64_t> samples(samples_max);
    std::size_t taken = 0;
    for (auto _ : state) {
        Pfn& page = pages[positions.next()];
        subject.free(page, Order{0});
        const std::uint64_t start = Stopwatch::now();
        page = subject.allocate(Order{0}, Migratetype::unmovable);
        samples[taken++ % samples_max] = Stopwatch::now() - start;
        if (page == no_page) return ran_dry(state);
    }
    samples.resize(std::min(taken, samples_max));
    std::sort(samples.begin(), samples.end());
    state.counters["p50"] = percentile(samples, 0.5);
    state.counters["p99"] = percentile(samples, 0.99);
    state.counters["p99.9"] = percentile(samples, 0.999);
}

}  // namespace

void register_latencies() {
    EverySubject::for_each([]<class S>() {
        if constexpr (Zoned<S>) add<S>("latency", latency<S>);
    });
}

}  // namespace anypage::bench
