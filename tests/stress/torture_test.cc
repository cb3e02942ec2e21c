// Torture: everything at once on this machine, for a second, or for as many as
// ANYPAGE_TORTURE_SECONDS says (tools/torture). More threads than CPUs, some pinned, others moved
// all the time, and young ones that end at once; a signal every 50 us for each, whose handler
// allocates and frees; sections that come and go, versions that are published as fast as can be;
// a zone that runs short. Nobody fails who must not, nobody has what another has, each version
// shows what its writer says, and at the end nothing is lost.
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "tests/stress/torture_jobs.hpp"
#include "tests/support/one_cpu.hpp"
#include "tests/support/signal_timer.hpp"

namespace anypage::torture {
namespace {

Scene* interrupted = nullptr;

void handle(int) {
    const int before = errno;  // a drain makes a system call
    interrupt(*interrupted);
    test::SignalTimer::rearm();
    errno = before;
}

/// Up to four of this process's CPUs: few, so that a large machine's threads meet as well.
class FewCpus {
public:
    FewCpus() {
        pthread_getaffinity_np(pthread_self(), sizeof before_, &before_);
        cpu_set_t few;
        CPU_ZERO(&few);
        for (std::uint32_t cpu = 0; cpu < CPU_SETSIZE && cpus.size() < 4; ++cpu) {
            if (!CPU_ISSET(cpu, &before_)) continue;
            CPU_SET(cpu, &few);
            cpus.push_back(CpuId{cpu});
        }
        pthread_setaffinity_np(pthread_self(), sizeof few, &few);  // and threads that begin here
    }
    ~FewCpus() { pthread_setaffinity_np(pthread_self(), sizeof before_, &before_); }
    FewCpus(const FewCpus&) = delete;
    FewCpus& operator=(const FewCpus&) = delete;

    std::vector<CpuId> cpus;

private:
    cpu_set_t before_;
};

/// All jobs' threads, from their beginning to their end. The handler is theirs.
class Threads {
public:
    Threads(Scene& scene, const std::vector<CpuId>& cpus) : scene_(scene) {
        interrupted = &scene;
        struct sigaction action {};
        action.sa_handler = handle;
        action.sa_flags = SA_RESTART;
        sigaction(SIGUSR1, &action, nullptr);
        for (const CpuId cpu : cpus) {
            begin([&scene, cpu] {
                test::move_to(cpu);
                churn(scene, cpu.value);
            });
        }
        const std::size_t pinned = threads_.size();
        for (const unsigned seed : {100, 200, 300}) begin([&scene, seed] { churn(scene, seed); });
        for (const auto job : {read, ebb_and_flow}) begin([&scene, job] { job(scene); });
        std::vector<pthread_t> moved;
        for (std::size_t i = pinned; i < threads_.size(); ++i) {
            moved.push_back(threads_[i].native_handle());
        }
        begin([&scene, &cpus, moved] { move_about(scene, cpus, moved); });
        for (const auto job : {churn_briefly, publish}) begin([&scene, job] { job(scene); });
    }
    ~Threads() {
        scene_.end();
        for (std::thread& thread : threads_) thread.join();
        struct sigaction action {};
        action.sa_handler = SIG_IGN;
        sigaction(SIGUSR1, &action, nullptr);
        interrupted = nullptr;
    }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

private:
    void begin(std::function<void()> job) {
        threads_.emplace_back(std::move(job));
        ++scene_.counts.threads;
    }

    Scene& scene_;
    std::vector<std::thread> threads_;
};

/// No longer than it is sound; how many seconds.
double torture(Scene& scene, double seconds) {
    using Clock = std::chrono::steady_clock;
    using Seconds = std::chrono::duration<double>;
    const FewCpus few;
    const Threads threads(scene, few.cpus);
    const auto begin = Clock::now();
    while (scene.is_sound() && Clock::now() - begin < Seconds(seconds)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return Seconds(Clock::now() - begin).count();
}

void print(const Counts& counts, double seconds) {
    const auto number = [](const Tally& tally) {
        return static_cast<unsigned long long>(tally.load());
    };
    std::printf(
        "torture: %.1f s, %llu threads, %llu moves, %llu signals; %llu allocations, %llu left to "
        "others; %llu publications, %llu changes, %llu busy; %llu readings; %llu sections offline, "
        "%llu refused; stocks %llu times shut, %llu reopened\n",
        seconds, number(counts.threads), number(counts.moves), number(counts.signals),
        number(counts.allocations), number(counts.passed), number(counts.publications),
        number(counts.changes), number(counts.busy), number(counts.readings),
        number(counts.offlined), number(counts.refused), number(counts.shut),
        number(counts.reopened));
}

TEST(Torture, NobodyFailsOrSharesAndNothingIsLost) {
    const char* wanted = std::getenv("ANYPAGE_TORTURE_SECONDS");
    const double seconds = wanted == nullptr ? 1 : std::atof(wanted);
    Scene scene;
    const double lasted = torture(scene, seconds);
    for (std::uint32_t box = 0; box < Mail::box_count; ++box) {
        if (const auto left = scene.mail.exchange(box, std::nullopt)) scene.free(*left);
    }
    print(scene.counts, lasted);
    EXPECT_NE(scene.counts.signals, 0u);
    EXPECT_NE(scene.counts.publications, 0u);
    EXPECT_NE(scene.counts.readings, 0u);
    EXPECT_EQ(scene.counts.failures, 0u);
    EXPECT_EQ(scene.counts.faults, 0u);
    EXPECT_EQ(scene.counts.torn, 0u);
    EXPECT_EQ(scene.owners.conflicts(), 0u);
    scene.machine.drain();
    const AllocatorValidation validation = scene.machine.validated();
    EXPECT_TRUE(validation) << validation;
    EXPECT_EQ(validation.in_use(), 0u) << "lost";
    EXPECT_EQ(validation.stocked, 0u);
}

}  // namespace
}  // namespace anypage::torture
