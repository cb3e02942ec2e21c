// fragmentation/NAME/EVICTED: how much of the free memory lies in free huge runs (order 9) while a
// recording is replayed ten times over and 90 % of a zone is in use. Ballast of movable single
// frames fills what the recording leaves: it gives way to what the recording allocates, and takes
// what it frees, as a page cache does. EVICTED is whose frame goes: the oldest one (as a kernel
// would like to) or a random one (the worst case). The mean of 200 looks.
#include <deque>
#include <random>

#include "bench/allocator/subject/all.hpp"
#include "recorded.hpp"
#include "workloads.hpp"

namespace anypage::bench {
namespace {

enum class Evicted { oldest, random };

template <Zoned S>
std::uint64_t in_huge_runs(S& subject) {
    // What stocks and lists of CPUs hold is free too.
    if constexpr (requires { subject.drain(); }) subject.drain();
    if constexpr (requires { subject.buddy(); }) {
        return subject.buddy().free_frames_in_blocks();
    } else {
        return free_frames_in_blocks(std::as_const(subject).zone());
    }
}

template <Zoned S>
class Occupied {
public:
    Occupied(const Recorded& recorded, Evicted evicted)
        : recorded_(recorded), evicted_(evicted), blocks_(recorded.blocks, {no_page, {}}) {
        hold();
    }

    void replay(unsigned looks) {
        const std::size_t stride = std::max<std::size_t>(1, recorded_.steps.size() / looks);
        for (std::size_t i = 0; i < recorded_.steps.size(); ++i) {
            take(recorded_.steps[i]);
            if ((i + 1) % stride == 0) look();
        }
        for (Block& block : blocks_) end(block);
        hold();
    }
    double mean_share() const { return shares_ / looks_; }
    /// Runs above order 3 that it did not get.
    double refused() const { return refused_; }

private:
    struct Block {
        Pfn page;
        Order order;
    };

    void take(const RecordedStep& step) {
        Block& block = blocks_[step.block];
        if (!step.allocates) return end(block), hold();
        block = {subject_.allocate(step.order, step.type), step.order};
        if (block.page == no_page) {
            refused_ += 1;
        } else {
            used_ += step.order.frames();
        }
        hold();
    }
    void end(Block& block) {
        if (block.page == no_page) return;
        subject_.free(block.page, block.order);
        used_ -= block.order.frames();
        block.page = no_page;
    }

    /// Ballast in or out, until 90 % is in use.
    void hold() {
        constexpr std::uint64_t wanted = whole.frames / 10 * 9;
        for (; used_ > wanted && !ballast_.empty(); --used_) {
            if (evicted_ == Evicted::random) {
                std::swap(ballast_.front(), ballast_[random_() % ballast_.size()]);
            }
            subject_.free(ballast_.front(), Order{0});
            ballast_.pop_front();
        }
        for (; used_ < wanted; ++used_) {
            ballast_.push_back(subject_.allocate(Order{0}, Migratetype::movable));
        }
    }

    void look() {
        const auto free = static_cast<double>(whole.frames - used_);
        shares_ += static_cast<double>(in_huge_runs(subject_)) / free;
        looks_ += 1;
    }

    const Recorded& recorded_;
    const Evicted evicted_;
    S subject_;
    std::vector<Block> blocks_;
    std::deque<Pfn> ballast_;
    std::mt19937_64 random_{1};
    std::uint64_t used_ = 0;
    double shares_ = 0;
    double looks_ = 0;
    double refused_ = 0;
};

template <Zoned S>
void fragmentation(benchmark::State& state, const Recorded& recorded, Evicted evicted) {
    if (!recorded.missing.empty()) return state.SkipWithError(recorded.missing.c_str());
    for (auto _ : state) {
        Occupied<S> zone(recorded, evicted);
        for (unsigned round = 0; round < 10; ++round) zone.replay(20);
        state.counters["huge_share"] = zone.mean_share();
        state.counters["refused"] = zone.refused();
    }
}

}  // namespace

void register_fragmentation() {
    using Compared = Subjects<Core, OursNoStock, ZoneCore, SpinBuddySubject, PcpBuddySubject>;
    constexpr std::pair<const char*, Evicted> evictions[] = {{"oldest", Evicted::oldest},
                                                             {"random", Evicted::random}};
    for (const Recorded& recorded : all_recorded()) {
        for (const auto& [name, evicted] : evictions) {
            Compared::for_each([&, name = name, evicted = evicted]<class S>() {
                add<S>("fragmentation/" + recorded.name + "/" + name,
                       [&recorded, evicted](benchmark::State& state) {
                           fragmentation<S>(state, recorded, evicted);
                       })
                    ->Iterations(1)
                    ->Repetitions(1);
            });
        }
    }
}

}  // namespace anypage::bench
