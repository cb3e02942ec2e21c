// pin: how a request reads the topology: begin to read, follow what is published to a word, end.
// `ours` pins by sections, `ours_locked` by atomic additions, as where sections do not work.
// liburcu's readers are inlined, as in a program that its licence allows that; qsbr's also pass a
// quiescent state each time, without which it frees nothing.
#include <benchmark/benchmark.h>

#define _LGPL_SOURCE
#include <urcu/urcu-memb.h>
#include <urcu/urcu-qsbr.h>

#include <memory>
#include <string>

#include "bench/allocator/subject/core.hpp"
#include "sync/published.hpp"
#include "workloads.hpp"

namespace anypage::bench {
namespace {

/// What is published leads to one of these.
struct Topology {
    std::uint64_t word = 1;
};

enum class Counts { of_each_cpu, shared };

template <Counts counts>
class Pinned {
public:
    static constexpr const char* name = counts == Counts::shared ? "ours_locked" : "ours";

    Pinned()
        : memory_([this](Arena& arena) {
              if (counts == Counts::of_each_cpu) versions_.carve(arena);
              topologies_ = arena.array<Topology>(Published<NativeWorld>::slot_count);
          }) {}

    std::uint64_t read() {
        const Version pinned = versions_.pin();
        const std::uint64_t word = topologies_[pinned.slot()].word;
        versions_.unpin(pinned);
        return word;
    }

private:
    Published<NativeWorld> versions_;
    Topology* topologies_ = nullptr;
    Mapping memory_;
};

class UrcuMemb {
public:
    static constexpr const char* name = "urcu_memb";

    UrcuMemb() { urcu_memb_register_thread(); }
    ~UrcuMemb() { urcu_memb_unregister_thread(); }
    UrcuMemb(const UrcuMemb&) = delete;
    UrcuMemb& operator=(const UrcuMemb&) = delete;

    std::uint64_t read() {
        urcu_memb_read_lock();
        const std::uint64_t word = rcu_dereference(published_)->word;
        urcu_memb_read_unlock();
        return word;
    }

private:
    Topology topology_;
    Topology* published_ = &topology_;
};

class UrcuQsbr {
public:
    static constexpr const char* name = "urcu_qsbr";

    UrcuQsbr() { urcu_qsbr_register_thread(); }
    ~UrcuQsbr() { urcu_qsbr_unregister_thread(); }
    UrcuQsbr(const UrcuQsbr&) = delete;
    UrcuQsbr& operator=(const UrcuQsbr&) = delete;

    std::uint64_t read() {
        urcu_qsbr_read_lock();
        const std::uint64_t word = rcu_dereference(published_)->word;
        urcu_qsbr_read_unlock();
        urcu_qsbr_quiescent_state();
        return word;
    }

private:
    Topology topology_;
    Topology* published_ = &topology_;
};

template <class Reader>
void pin(benchmark::State& state) {
    const auto reader = std::make_unique<Reader>();
    for (auto _ : state) benchmark::DoNotOptimize(reader->read());
    state.SetItemsProcessed(state.iterations());
}

template <class... Readers>
void add_readers() {
    (benchmark::RegisterBenchmark((std::string("pin/") + Readers::name).c_str(), pin<Readers>),
     ...);
}

}  // namespace

void register_pins() {
    add_readers<Pinned<Counts::of_each_cpu>, Pinned<Counts::shared>, UrcuMemb, UrcuQsbr>();
}

}  // namespace anypage::bench
