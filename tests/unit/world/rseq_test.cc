// Restartable sections on this machine: nothing is lost between threads, signal handlers and CPUs,
// and where they are refused they say so.
#include "world/rseq.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "tests/support/one_cpu.hpp"
#include "world/native.hpp"

namespace anypage {
namespace {

using Rseq = NativeWorld::Rseq;
using Counts = CpuCounts<Rseq::Count>;

/// A line for each CPU.
class Lines {
public:
    Lines() : lines_(new Line[NativeWorld::cpu_limit()]{}) {}

    Counts counts() const { return {lines_[0].count, NativeWorld::cpu_limit()}; }
    std::uint32_t sum(unsigned index) const {
        std::uint32_t total = 0;
        for (unsigned cpu = 0; cpu < NativeWorld::cpu_limit(); ++cpu) {
            total += lines_[cpu].count[index].load_relaxed();
        }
        return total;
    }

private:
    struct alignas(cache_line) Line {
        Rseq::Count count[Counts::per_cpu];
    };
    std::unique_ptr<Line[]> lines_;
};

TEST(Rseq, CountsWhatAWordNames) {
    if (!NativeWorld::prepare_rseq()) GTEST_SKIP() << "no restartable sequences here";
    const Lines lines;
    const Rseq::Word word{0x1234'5678'9abc'def5};
    for (unsigned i = 0; i < 10; ++i) {
        EXPECT_EQ(Rseq::count_named(word, lines.counts()), word.load_relaxed());
    }
    EXPECT_TRUE(Rseq::count(lines.counts(), 15));
    EXPECT_EQ(lines.sum(5), 10u);
    EXPECT_EQ(lines.sum(15), 1u);
}

TEST(Rseq, IsRefusedWhereThereIsNoLineForTheCpu) {
    const Lines lines;
    const Rseq::Word word{0};
    Counts none = lines.counts();
    none.cpus = 0;
    EXPECT_EQ(Rseq::count_named(word, none), std::nullopt);
    EXPECT_FALSE(Rseq::count(none, 0));
    EXPECT_EQ(lines.sum(0), 0u);
}

TEST(Rseq, CountsUnderTheVeryWordThatItReturns) {
    if (!NativeWorld::prepare_rseq()) GTEST_SKIP() << "no restartable sequences here";
    const Lines lines;
    Rseq::Word word{0};
    std::atomic<bool> done{false};
    std::thread writer([&] {
        for (std::uint64_t i = 0; !done.load(); ++i) word.store_relaxed(i);
    });
    std::array<std::uint32_t, 8> seen{};
    for (int i = 0; i < 200'000; ++i) {
        if (const auto found = Rseq::count_named(word, lines.counts())) ++seen[*found & 7];
    }
    done.store(true);
    writer.join();
    for (unsigned i = 0; i < seen.size(); ++i) EXPECT_EQ(lines.sum(i), seen[i]) << i;
}

TEST(Rseq, PushesAndPopsWhileTheGateIsOpen) {
    if (!NativeWorld::prepare_rseq()) GTEST_SKIP() << "no restartable sequences here";
    using Stack = CpuStack<Rseq::Word>;
    constexpr unsigned capacity = 3;
    std::array<Rseq::Word, 1 + capacity> words{};
    const test::OnOneCpu here;
    words[0].store_relaxed(capacity << Stack::limit_shift);
    const Stack stack{here.cpu(), words.data()};
    Rseq::Word gate{Stack::gate_open | 0xabc0};
    // Interrupted, a section is refused; three times in three is not seen.
    const auto push = [&](std::uint64_t value) {
        return Rseq::push(gate, stack, value) || Rseq::push(gate, stack, value) ||
               Rseq::push(gate, stack, value);
    };
    const auto pop = [&] {
        std::uint64_t top = Stack::nothing;
        for (unsigned i = 0; i < 3 && top == Stack::nothing; ++i) top = Rseq::pop(gate, stack);
        return top;
    };
    for (std::uint64_t i = 1; i <= capacity; ++i) EXPECT_TRUE(push(i << 40));
    EXPECT_FALSE(push(4)) << "full";
    gate.store_relaxed(0xabc0 | 2);
    EXPECT_FALSE(push(1)) << "shut";
    EXPECT_EQ(pop(), Stack::nothing) << "shut";
    gate.store_relaxed(Stack::gate_open);
    const Stack elsewhere{CpuId{here.cpu().value + 1}, words.data()};
    EXPECT_EQ(Rseq::pop(gate, elsewhere), Stack::nothing) << "another CPU's";
    EXPECT_FALSE(Rseq::push(gate, elsewhere, 1)) << "another CPU's";
    for (std::uint64_t i = capacity; i > 0; --i) EXPECT_EQ(pop(), i << 40);
    EXPECT_EQ(pop(), Stack::nothing) << "empty";
}

TEST(Rseq, MovesManyAtOnceUpToALimit) {
    if (!NativeWorld::prepare_rseq()) GTEST_SKIP() << "no restartable sequences here";
    using Stack = CpuStack<Rseq::Word>;
    std::array<Rseq::Word, 1 + 100> words{};
    const test::OnOneCpu here;
    const Stack stack{here.cpu(), words.data()};
    Rseq::Word gate{Stack::gate_open};
    std::array<std::uint64_t, 120> values;
    std::iota(values.begin(), values.end(), 1000);
    const auto push = [&](std::size_t many, unsigned limit) {
        std::size_t done = 0;
        const std::span<const std::uint64_t> some = std::span(values).first(many);
        for (int i = 0; i < 3 && done == 0; ++i) {
            done = Rseq::push_many(gate, stack, some, limit);
        }
        return done;
    };
    const auto pop = [&](std::span<std::uint64_t> into) {
        std::size_t done = 0;
        for (int i = 0; i < 3 && done == 0; ++i) done = Rseq::pop_many(gate, stack, into);
        return done;
    };
    EXPECT_EQ(push(0, 90), 0u);
    EXPECT_EQ(push(60, 90), 60u);
    EXPECT_EQ(push(60, 90), 30u) << "up to its limit";
    EXPECT_EQ(push(60, 90), 0u) << "full";
    EXPECT_FALSE(Rseq::push(gate, stack, 1)) << "full";
    EXPECT_EQ(push(60, 100), 10u) << "up to a higher one";
    std::array<std::uint64_t, 120> popped{};
    EXPECT_EQ(pop(std::span(popped).first(1)), 1u);
    EXPECT_EQ(popped[0], 1009u) << "the top first";
    EXPECT_EQ(pop(popped), 99u);
    EXPECT_EQ(popped[0], 1008u);
    EXPECT_EQ(popped[98], 1000u);
    EXPECT_EQ(pop(popped), 0u) << "empty";
    EXPECT_EQ(push(1, 100), 1u);
    gate.store_relaxed(2);
    EXPECT_EQ(push(1, 100), 0u) << "shut";
    EXPECT_EQ(pop(popped), 0u) << "shut";
}

TEST(Rseq, AddsToTheWordOfThisCpuAlone) {
    if (!NativeWorld::prepare_rseq()) GTEST_SKIP() << "no restartable sequences here";
    const test::OnOneCpu here;
    Rseq::Word word{~std::uint64_t{0} - 10};
    // Interrupted, it is refused; three times in three is not seen.
    EXPECT_TRUE(Rseq::add(word, here.cpu(), 7) || Rseq::add(word, here.cpu(), 7) ||
                Rseq::add(word, here.cpu(), 7));
    EXPECT_EQ(word.load_relaxed(), ~std::uint64_t{0} - 3);
    EXPECT_FALSE(Rseq::add(word, CpuId{here.cpu().value + 1}, 7));
    EXPECT_FALSE(Rseq::add(word, CpuId{~std::uint32_t{0}}, 7));
    EXPECT_EQ(word.load_relaxed(), ~std::uint64_t{0} - 3);
}

// Threads on all CPUs, and a signal every 50 us of CPU time that counts in the middle of anything.

const Lines* counted = nullptr;
const Rseq::Word* named = nullptr;
Rseq::Word* added = nullptr;  // one a CPU
std::atomic<std::uint32_t> in_handlers{0};
std::atomic<std::uint32_t> refused{0};

void count_three_times() {
    if (!Rseq::count_named(*named, counted->counts())) ++refused;
    if (!Rseq::count(counted->counts(), 8)) ++refused;
    const CpuId cpu = Rseq::cpu();
    if (!Rseq::add(added[cpu.value], cpu, 1)) ++refused;
}

TEST(Rseq, LosesNothingBetweenThreadsAndSignalHandlers) {
    if (!NativeWorld::prepare_rseq()) GTEST_SKIP() << "no restartable sequences here";
    constexpr unsigned threads = 4;
    constexpr unsigned rounds = 100'000;
    const Lines lines;
    const Rseq::Word word{3};
    counted = &lines;
    named = &word;
    const std::unique_ptr<Rseq::Word[]> sums(new Rseq::Word[NativeWorld::cpu_limit()]{});
    added = sums.get();
    in_handlers = refused = 0;
    struct sigaction action {};
    struct sigaction before {};
    action.sa_handler = [](int) {
        count_three_times();
        ++in_handlers;
    };
    action.sa_flags = SA_RESTART;
    sigaction(SIGPROF, &action, &before);
    const itimerval often{{0, 50}, {0, 50}};
    setitimer(ITIMER_PROF, &often, nullptr);
    std::vector<std::thread> all;
    for (unsigned i = 0; i < threads; ++i) {
        all.emplace_back([] {
            for (unsigned n = 0; n < rounds; ++n) count_three_times();
        });
    }
    for (std::thread& each : all) each.join();
    const itimerval never{};
    setitimer(ITIMER_PROF, &never, nullptr);
    sigaction(SIGPROF, &before, nullptr);
    const std::uint32_t times = threads * rounds + in_handlers.load();
    std::uint64_t sum = lines.sum(3) + lines.sum(8);
    for (unsigned cpu = 0; cpu < NativeWorld::cpu_limit(); ++cpu) sum += added[cpu].load_relaxed();
    EXPECT_EQ(sum + refused.load(), 3 * times);
    EXPECT_LT(refused.load(), times / 1000);
    EXPECT_TRUE(NativeWorld::membarrier_rseq());
}

}  // namespace
}  // namespace anypage
