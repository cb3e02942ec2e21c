// All of a zone: bulk_in_order allocates everything and frees it in the order in which it came;
// bulk_allocate and bulk_free_random are the halves that matter on their own.
#include <time.h>

#include "fullness.hpp"
#include "workloads.hpp"

namespace anypage::bench {
namespace {

/// Of this thread's CPU: an iteration is long, and others use the machine meanwhile.
double cpu_seconds() {
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <Subject S>
void free_all(S& subject, std::span<const Pfn> pages) {
    constexpr std::size_t step = 256;
    for (; !pages.empty(); pages = pages.subspan(std::min(step, pages.size()))) {
        free_batch(subject, pages.first(std::min(step, pages.size())));
    }
}

enum class Timed { both, allocations, random_frees };

template <Zoned S>
void bulk(benchmark::State& state, Timed timed) {
    S subject;
    std::vector<Pfn> memory(subject.usable());
    std::size_t items = 0;
    for (auto _ : state) {
        double start = cpu_seconds();
        const std::span pages = std::span(memory).first(take_all(subject, memory));
        const double allocating = cpu_seconds() - start;
        if (timed == Timed::random_frees) {
            std::shuffle(pages.begin(), pages.end(), std::mt19937_64{1});
        }
        start = cpu_seconds();
        free_all(subject, pages);
        const double freeing = cpu_seconds() - start;
        state.SetIterationTime(timed == Timed::both          ? allocating + freeing
                               : timed == Timed::allocations ? allocating
                                                             : freeing);
        items += pages.size();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(items));
}

template <Zoned S>
void register_bulk() {
    constexpr std::pair<const char*, Timed> rows[] = {{"bulk_in_order", Timed::both},
                                                      {"bulk_allocate", Timed::allocations},
                                                      {"bulk_free_random", Timed::random_frees}};
    for (const auto& [row, timed] : rows) {
        add<S>(row, [timed = timed](benchmark::State& state) {
            bulk<S>(state, timed);
        })->UseManualTime();
    }
}

}  // namespace

void register_bulks() {
    EverySubject::for_each([]<class S>() {
        if constexpr (Zoned<S>) register_bulk<S>();
    });
    BulkSubjects::for_each([]<class S>() { register_bulk<S>(); });
}

}  // namespace anypage::bench
