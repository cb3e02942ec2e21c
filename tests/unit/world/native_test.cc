// NativeWorld: what can be seen of it without a checker.
#include "world/native.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace anypage {
namespace {

using W = NativeWorld;

TEST(NativeAtomic, ZeroBytesAreAValidZero) {
    alignas(64) unsigned char memory[64] = {};
    auto& word = *reinterpret_cast<W::Atomic<std::uint64_t>*>(memory);
    EXPECT_EQ(word.load_relaxed(), 0u);
    EXPECT_EQ(word.fetch_or_seq_cst(6), 0u);
    EXPECT_EQ(word.fetch_and_relaxed(3), 6u);
    EXPECT_EQ(word.fetch_add_release(1), 2u);
    EXPECT_EQ(word.exchange_acq_rel(9), 3u);
    std::uint64_t expected = 1;
    EXPECT_FALSE(word.cas_seq_cst(expected, 5));
    EXPECT_EQ(expected, 9u);
    EXPECT_TRUE(word.cas_acq_rel(expected, 5));
    EXPECT_EQ(word.load_seq_cst(), 5u);
}

TEST(NativeLock, KeepsOthersOutWhetherItSpinsOrSleeps) {
    for (const bool preempt_rt : {false, true}) {
        W::Lock lock(LockKind::spin, preempt_rt, "waits for the test");
        std::uint64_t counter = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 3; ++i) {
            threads.emplace_back([&] {
                for (int round = 0; round < 2000; ++round) {
                    lock.lock();
                    ++counter;
                    lock.unlock();
                }
            });
        }
        for (std::thread& thread : threads) thread.join();
        EXPECT_EQ(counter, 6000u);
    }
}

TEST(NativePlace, ShowsWhereAThreadIsAndNothingAfterwards) {
    native::PlaceStack stack{};
    native::Place::attach(&stack);
    {
        const W::Place outer("outer");
        const W::Place inner("inner");
        EXPECT_EQ(stack.depth.load_acquire(), 2u);
        EXPECT_STREQ(stack.words[0].load_relaxed(), "outer");
        EXPECT_STREQ(stack.words[1].load_relaxed(), "inner");
    }
    EXPECT_EQ(stack.depth.load_acquire(), 0u);
    native::Place::attach(nullptr);
    const W::Place unwatched("nobody looks");
}

TEST(NativePlace, DeeperThanTheStackIsCountedAndLeavesWell) {
    native::PlaceStack stack{};
    native::Place::attach(&stack);
    {
        std::vector<std::unique_ptr<W::Place>> places;
        for (unsigned i = 0; i < native::PlaceStack::depth_max + 3; ++i) {
            places.push_back(std::make_unique<W::Place>("deep"));
        }
        EXPECT_EQ(stack.depth.load_acquire(), native::PlaceStack::depth_max + 3);
        while (!places.empty()) places.pop_back();
    }
    EXPECT_EQ(stack.depth.load_acquire(), 0u);
    native::Place::attach(nullptr);
}

TEST(NativeConsole, PrintsUnlessDeferred) {
    native::Console console;
    std::string seen;
    console.print("nobody listens");
    console.attach([](void* text, const char* line) { *static_cast<std::string*>(text) += line; },
                   &seen);
    console.print("a");
    native::Console::deferred_enter();
    console.print("b");
    native::Console::deferred_exit();
    console.print("c");
    EXPECT_EQ(seen, "ac");
    EXPECT_EQ(console.deferred_lines(), 1u);
}

TEST(NativeWorld, IrqSaveHoldsTheInterruptSignalsBackUntilRestored) {
    static volatile sig_atomic_t handled = 0;
    handled = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { handled = 1; };
    struct sigaction before {};
    sigaction(SIGUSR2, &action, &before);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR2);
    W::set_interrupt_signals(signals);

    const W::IrqState state = W::irq_save();
    pthread_kill(pthread_self(), SIGUSR2);
    EXPECT_EQ(handled, 0);
    W::irq_restore(state);
    EXPECT_EQ(handled, 1);

    W::set_interrupt_signals(sigset_t{});
    sigaction(SIGUSR2, &before, nullptr);
}

TEST(NativeWorld, NamesACpuThatTheSystemHas) {
    const auto online = static_cast<std::uint32_t>(sysconf(_SC_NPROCESSORS_CONF));
    EXPECT_LT(W::cpu().value, online);
    const std::uint64_t before = W::clock_ns();
    W::cond_resched();
    EXPECT_GE(W::clock_ns(), before);
}

}  // namespace
}  // namespace anypage
