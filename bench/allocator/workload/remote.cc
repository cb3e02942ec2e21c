// Another thread frees: remote_phased, all of 4096 frames after they were allocated;
// remote_streamed, each as it comes out of a ring. Times are of the clock: it is the slower of the
// two that counts.
#include <array>
#include <atomic>
#include <memory>
#include <thread>

#include "bench/allocator/subject/all.hpp"
#include "workloads.hpp"

namespace anypage::bench {
namespace {

/// Waits, and lets somebody else run if it takes long: there may be fewer CPUs than threads.
template <class Condition>
void wait_until(const Condition& holds) {
    for (unsigned spins = 0; !holds(); ++spins) {
        if (spins > 1000) std::this_thread::yield();
    }
}

/// From one thread to another; each side looks at the other's count only when it must.
class Ring {
public:
    void push(Pfn page) {
        if (mine_.count - mine_.seen == size) {
            wait_until([this] {
                mine_.seen = taken_.load(std::memory_order_acquire);
                return mine_.count - mine_.seen < size;
            });
        }
        places_[mine_.count % size] = page;
        pushed_.store(++mine_.count, std::memory_order_release);
    }
    Pfn pop() {
        if (theirs_.count == theirs_.seen) {
            wait_until([this] {
                theirs_.seen = pushed_.load(std::memory_order_acquire);
                return theirs_.count < theirs_.seen;
            });
        }
        const Pfn page = places_[theirs_.count % size];
        taken_.store(++theirs_.count, std::memory_order_release);
        return page;
    }

private:
    static constexpr std::uint64_t size = 1024;
    struct alignas(64) Side {
        std::uint64_t count = 0;
        std::uint64_t seen = 0;
    };

    alignas(64) std::atomic<std::uint64_t> pushed_{0};
    alignas(64) std::atomic<std::uint64_t> taken_{0};
    Side mine_;
    Side theirs_;
    std::array<Pfn, size> places_;
};

template <Shared S>
void streamed(benchmark::State& state) {
    S subject;
    const auto ring = std::make_unique<Ring>();
    std::jthread other([&] {
        for (Pfn page = ring->pop(); page != no_page; page = ring->pop()) {
            subject.free(page, Order{0});
        }
    });
    for (auto _ : state) {
        const Pfn page = subject.allocate(Order{0}, Migratetype::unmovable);
        if (page == no_page) {
            ran_dry(state);
            break;
        }
        ring->push(page);
    }
    ring->push(no_page);
    state.SetItemsProcessed(state.iterations());
}

template <Shared S>
void phased(benchmark::State& state) {
    constexpr std::size_t count = 4096;
    S subject;
    std::vector<Pfn> pages(count);
    enum class Phase { allocating, freeing, over };
    std::atomic<Phase> phase = Phase::allocating;
    const auto in = [&phase](Phase wanted) {
        return phase.load(std::memory_order_acquire) == wanted;
    };
    std::jthread other([&] {
        for (;;) {
            wait_until([&] { return !in(Phase::allocating); });
            if (in(Phase::over)) return;
            for (const Pfn page : pages) subject.free(page, Order{0});
            phase.store(Phase::allocating, std::memory_order_release);
        }
    });
    for (auto _ : state) {
        if (allocate_batch(subject, pages) != count) {
            ran_dry(state);
            break;
        }
        phase.store(Phase::freeing, std::memory_order_release);
        wait_until([&] { return in(Phase::allocating); });
    }
    phase.store(Phase::over, std::memory_order_release);
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}

}  // namespace

void register_remote_frees() {
    EverySubject::for_each([]<class S>() {
        if constexpr (Shared<S>) {
            add<S>("remote_phased", phased<S>)->UseRealTime();
            add<S>("remote_streamed", streamed<S>)->UseRealTime();
        }
    });
}

}  // namespace anypage::bench
