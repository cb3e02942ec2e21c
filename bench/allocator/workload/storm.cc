// Beside memory that comes and goes: a thread takes the only section of another node offline and
// brings it back, 5,000 times a second, so that zonelists are rebuilt 10,000 times. Once without
// and once with it, on the same machine: hot_pair_calm and hot_pair_storm, replace_calm and
// replace_storm (at 80 %). The baselines have no memory that goes.
#include <atomic>
#include <chrono>
#include <thread>

#include "hot_pair.hpp"
#include "replace.hpp"
#include "workloads.hpp"

namespace anypage::bench {
namespace {

class Storm {
public:
    explicit Storm(allocator& pages) : thread_([this, &pages] { rage(pages); }) {}
    ~Storm() { stop(); }
    Storm(const Storm&) = delete;
    Storm& operator=(const Storm&) = delete;

    /// How often the section went and came back.
    double stop() {
        over_ = true;
        if (thread_.joinable()) thread_.join();
        return rounds_;
    }

private:
    void rage(allocator& pages) {
        using Clock = std::chrono::steady_clock;
        constexpr auto round = std::chrono::microseconds(200);
        for (auto next = Clock::now(); !over_; next = std::max(next + round, Clock::now())) {
            std::this_thread::sleep_until(next);
            const auto gone = pages.offline(far_section);
            if (gone && pages.online(far_section)) rounds_ += 1;
        }
    }

    std::atomic<bool> over_ = false;
    double rounds_ = 0;
    std::thread thread_;
};

template <class Work>
void in_calm(benchmark::State& state, const Work& work) {
    Ours subject(two_nodes());
    work(state, subject, [] {});
}
template <class Work>
void in_storm(benchmark::State& state, const Work& work) {
    Ours subject(two_nodes());
    std::optional<Storm> storm;
    work(state, subject, [&] { storm.emplace(subject.pages()); });
    if (storm) {
        state.counters["rounds"] = benchmark::Counter(storm->stop(), benchmark::Counter::kIsRate);
    }
}

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

}  // namespace

void register_storms() {
    add<Ours>("hot_pair_calm", [](benchmark::State& state) { in_calm(state, pairs); });
    add<Ours>("hot_pair_storm", [](benchmark::State& state) { in_storm(state, pairs); });
    add<Ours>("replace_calm", [](benchmark::State& state) { in_calm(state, replacements); });
    add<Ours>("replace_storm", [](benchmark::State& state) { in_storm(state, replacements); });
}

}  // namespace anypage::bench
