// Every subject, and how a workload is registered with each of those that can do it.
#pragma once

#include <benchmark/benchmark.h>

#include <string>

// The core first: its parameters carry names that the face gives to types.
#include "core.hpp"

#include "baselines.hpp"
#include "in_storm.hpp"
#include "malloc_like.hpp"
#include "ours.hpp"

namespace anypage::bench {

template <Subject... S>
struct Subjects {
    /// visit.operator()<S>() for each.
    template <class Visit>
    static void for_each(const Visit& visit) {
        (visit.template operator()<S>(), ...);
    }
};

/// One run a call.
using EverySubject =
    Subjects<Ours, OursNoStock, OursInStorm, ZoneCore, SpinBuddySubject, PcpBuddySubject,
             ThreadArraySubject, RseqArraySubject, BitMapSubject, MallocLike<Jemalloc>,
             MallocLike<Mimalloc>, MallocLike<Tcmalloc>, MallocLike<Glibc>, Mmap>;
/// Many frames a call.
using BulkSubjects = Subjects<OursBulk, ZoneBulk>;

/// Registers `run` as <row>/<subject>. The last word is the subject's, the ones before are the
/// row's: tools/bench-table relies on it.
template <Subject S, class Run>
benchmark::internal::Benchmark* add(const std::string& row, const Run& run) {
    const std::string name = row + "/" + S::name;
    return benchmark::RegisterBenchmark(name.c_str(), [run](benchmark::State& state) {
        const std::string why = missing<S>();
        if (!why.empty()) return state.SkipWithError(why.c_str());
        run(state);
    });
}

/// What a subject says that should have had a run.
inline void ran_dry(benchmark::State& state) { state.SkipWithError("has nothing left"); }

}  // namespace anypage::bench
