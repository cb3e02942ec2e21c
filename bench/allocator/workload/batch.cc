// batch/n:N: allocate N frames, then free them, in the order in which they came.
#include <array>

#include "bench/allocator/subject/all.hpp"
#include "workloads.hpp"

namespace anypage::bench {
namespace {

constexpr std::size_t largest = 256;

template <Subject S>
void batch(benchmark::State& state, std::size_t size) {
    S subject;
    std::array<Pfn, largest> memory;
    const std::span pages(memory.data(), size);
    for (auto _ : state) {
        if (allocate_batch(subject, pages) != size) return ran_dry(state);
        benchmark::DoNotOptimize(memory);
        free_batch(subject, pages);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

template <Subject S>
void register_batch() {
    for (const std::size_t size : {std::size_t{1}, std::size_t{8}, std::size_t{64}, largest}) {
        add<S>("batch/n:" + std::to_string(size),
               [size](benchmark::State& state) { batch<S>(state, size); });
    }
}

}  // namespace

void register_batches() {
    EverySubject::for_each([]<class S>() { register_batch<S>(); });
    BulkSubjects::for_each([]<class S>() { register_batch<S>(); });
}

}  // namespace anypage::bench
