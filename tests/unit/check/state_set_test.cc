// States are reached once, each context's steps from them are followed once, and processes that
// were forked off share what they have reached.
#include "check/state_set.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace anypage::check {
namespace {

Hash key(std::uint64_t number) {
    Hash hash;
    hash.add(number);
    return hash;
}

TEST(StateSet, AFreshStateIsFollowedByAllThatAreAwake) {
    StateSet states;
    EXPECT_EQ(states.reach(key(1), 0b101), 0b11111010);
    EXPECT_EQ(states.size(), 1u);
}

TEST(StateSet, AKnownStateIsFollowedByThoseThatSleptThereSoFar) {
    StateSet states;
    states.reach(key(1), 0b0110);
    EXPECT_EQ(states.reach(key(1), 0b0100), 0b0010);
    EXPECT_EQ(states.reach(key(1), 0b0110), 0);
    EXPECT_EQ(states.reach(key(1), 0), 0b0100);
    EXPECT_EQ(states.reach(key(1), 0), 0);
    EXPECT_EQ(states.size(), 1u);
}

TEST(StateSet, KeepsAllWhenItGrows) {
    StateSet states;
    constexpr std::uint64_t many = 100'000;
    for (std::uint64_t i = 0; i < many; ++i) {
        states.reach(key(i), static_cast<std::uint8_t>(i));
    }
    EXPECT_EQ(states.size(), many);
    for (std::uint64_t i = 0; i < many; ++i) {
        ASSERT_EQ(states.reach(key(i), 0), static_cast<std::uint8_t>(i)) << i;
    }
    EXPECT_EQ(states.size(), many);
}

TEST(StateSet, ComesBackFromItsWords) {
    StateSet states;
    for (std::uint64_t i = 0; i < 10'000; ++i) states.reach(key(i), 1);
    StateSet again;
    states.for_each(
        [&](std::uint64_t first, std::uint64_t second) { again.restore(first, second); });
    EXPECT_EQ(again.size(), states.size());
    for (std::uint64_t i = 0; i < 10'000; ++i) ASSERT_EQ(again.reach(key(i), 1), 0) << i;
}

TEST(StateSet, ClearedItIsEmpty) {
    StateSet states;
    states.reach(key(1), 0);
    states.clear();
    EXPECT_EQ(states.size(), 0u);
    EXPECT_EQ(states.reach(key(1), 0), 0xff);
}

TEST(StateSet, WhatOneProcessHasReachedTheOthersNeedNotFollow) {
    StateSet states;
    constexpr std::uint64_t many = 20'000;
    states.reach(key(0), 0);
    states.share(2 * many);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    // Both reach the same ones at once; each is fresh to one of them.
    std::uint64_t fresh = 0;
    for (std::uint64_t i = 1; i <= many; ++i) fresh += states.reach(key(i), 0) != 0 ? 1 : 0;
    if (child == 0) {
        states.reach(key(many + 1), 0);
        for (std::uint64_t i = 0; i < fresh; ++i) states.reach(key(i + 2 * many), 0);
        _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(states.reach(key(many + 1), 0), 0);
    // The child has left one more for each that was fresh to it.
    EXPECT_EQ(states.size(), 1 + many + 1 + (many - fresh));
}

}  // namespace
}  // namespace anypage::check
