// How fast the checker explores: whole explorations, from the first execution to the verdict, with
// states a second, bytes a state, and how many executions it takes.
#include <benchmark/benchmark.h>
#include <anypage/check_kernel.hpp>

#include <algorithm>
#include <string>

#include "cli/check/cell.hpp"
#include "tests/scenario/catalogue.hpp"

namespace anypage {
namespace {

using namespace check;
using namespace check::kernel;

void measure(benchmark::State& state, const ExploreConfig& config, const Scenario& scenario) {
    Result result;
    for (auto _ : state) result = explore(config, scenario);
    const auto states = static_cast<double>(result.states);
    state.SetLabel(name_of(result.verdict));
    state.counters["states"] = states;
    state.counters["executions"] = static_cast<double>(result.executions);
    state.counters["bytes/state"] = static_cast<double>(result.bytes) / states;
    state.counters["states/s"] =
        benchmark::Counter(states, benchmark::Counter::kIsIterationInvariantRate);
}

/// Two writers and a reader of a sequence counter, on three CPUs.
struct Counted {
    void write(u32 value) {
        write_seqlock(&seq);
        WRITE_ONCE(a, value);
        WRITE_ONCE(b, value);
        write_sequnlock(&seq);
    }
    void read() {
        unsigned start;
        u32 one;
        u32 other;
        ModelWorld::Loop loop;  // nothing of a round is left in the next one
        do {
            loop.round();
            start = read_seqbegin(&seq);
            one = READ_ONCE(a);
            other = READ_ONCE(b);
        } while (read_seqretry(&seq, start));
        require(one == other, "a reader sees whole writes", "it does not");
    }
    DEFINE_SEQLOCK(seq);
    shared<u32> a{0, "a"};
    shared<u32> b{0, "b"};
};

void sequence_counter(Setup& setup) {
    auto& counted = setup.make<Counted>();
    setup.thread("writer", 0, [&counted] { counted.write(1); });
    setup.thread("other writer", 1, [&counted] { counted.write(2); });
    setup.thread("reader", 2, [&counted] { counted.read(); });
}

void SequenceCounter(benchmark::State& state, Model model) {
    ExploreConfig config;
    config.execution.model = model;
    measure(state, config, sequence_counter);
}
BENCHMARK_CAPTURE(SequenceCounter, sc, Model::sc)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(SequenceCounter, rc11, Model::rc11)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(SequenceCounter, lkmm, Model::lkmm)->Unit(benchmark::kMillisecond);

/// One part of a cell of the matrix.
void Cell(benchmark::State& state, const std::string& protocol, cli::CallerKind caller,
          Model model) {
    cli::CellKey key;
    key.protocol = protocol;
    key.caller = caller;
    measure(state, cli::cell_config(key, model, {}), cli::cell_scenario(key, cli::Change::remove));
}
BENCHMARK_CAPTURE(Cell, snapshot_thread, "snapshot", cli::CallerKind::reclaiming, Model::lkmm)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Cell, odd_even_pty, "odd_even", cli::CallerKind::pty, Model::lkmm)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Cell, irqoff_pty, "seqlock_irqoff", cli::CallerKind::pty, Model::lkmm)
    ->Unit(benchmark::kMillisecond);

/// A scenario of our own allocator.
void Zone(benchmark::State& state, const std::string& name) {
    const auto& all = scenario::catalogue();
    const auto entry = std::find_if(all.begin(), all.end(),
                                    [&](const scenario::Entry& each) { return each.name == name; });
    ExploreConfig config;
    config.execution.model = Model::rc11;
    config.execution.load_buffering = true;
    measure(state, config, entry->scenario);
}
BENCHMARK_CAPTURE(Zone, batch_or_two_words, "zone.batch_or_two_words")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Zone, two_supers_serve_two, "zone.two_supers_serve_two")
    ->Unit(benchmark::kMillisecond);

/// Long enough to be split.
void TwoWriters(benchmark::State& state) {
    cli::CellKey key;
    key.protocol = "odd_even";
    key.platform.preemption = Preemption::rt;
    key.caller = cli::CallerKind::fifo;
    ExploreConfig config = cli::cell_config(key, Model::lkmm, {});
    config.processes = static_cast<unsigned>(state.range(0));
    measure(state, config, cli::cell_scenario(key, cli::Change::two_writers));
}
BENCHMARK(TwoWriters)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace anypage

BENCHMARK_MAIN();
