// recording/NAME: a recording, from its first event to its last, by one thread; then what it leaves
// is freed.
#include "bench/allocator/subject/all.hpp"
#include "recorded.hpp"
#include "workloads.hpp"

namespace anypage::bench {
namespace {

template <Subject S>
void replay(benchmark::State& state, const Recorded& recorded) {
    S subject;
    struct Block {
        Pfn page = no_page;
        Order order{};
    };
    std::vector<Block> blocks(recorded.blocks);
    std::size_t events = 0;
    for (auto _ : state) {
        for (const RecordedStep& step : recorded.steps) {
            Block& block = blocks[step.block];
            if (step.allocates) {
                block = {subject.allocate(step.order, step.type), step.order};
                if (block.page == no_page) return ran_dry(state);
            } else {
                subject.free(block.page, block.order);
                block.page = no_page;
            }
        }
        events += recorded.steps.size();
        for (Block& block : blocks) {
            if (block.page == no_page) continue;
            subject.free(block.page, block.order);
            block.page = no_page;
            ++events;
        }
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(events));
}

}  // namespace

void register_recordings() {
    for (const Recorded& recorded : all_recorded()) {
        EverySubject::for_each([&]<class S>() {
            if (!S::serves(pageblock_order)) return;
            add<S>("recording/" + recorded.name, [&recorded](benchmark::State& state) {
                if (!recorded.missing.empty()) {
                    return state.SkipWithError(recorded.missing.c_str());
                }
                replay<S>(state, recorded);
            });
        });
    }
}

}  // namespace anypage::bench
