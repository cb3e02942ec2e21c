// Two memories that no context which still runs can tell apart have one key, and two that one of
// them can tell apart have not.
#include <gtest/gtest.h>

#include "check/memory.hpp"

namespace anypage::check {
namespace {

constexpr unsigned x = 0;
constexpr unsigned y = 1;
constexpr std::uint32_t both = 0b11;
constexpr std::uint32_t first_only = 0b01;
constexpr std::uint32_t third = 0b100;

/// Three contexts, the third of which does nothing as a rule; two locations that begin with 0.
class Contexts {
public:
    explicit Contexts(Model model) {
        memory_.reset(model, 3, 2, 0);
        memory_.begin(x, 0, false);
        memory_.begin(y, 0, false);
    }
    void write(unsigned context, unsigned location, std::uint64_t value,
               MemoryOrder order = MemoryOrder::relaxed) {
        Op op = access(OpKind::store, location, order);
        op.a = value;
        memory_.perform(context, op, 0);
    }
    /// What is there, or what was there so many messages ago.
    std::uint64_t read(unsigned context, unsigned location, unsigned staleness = 0) {
        Op op = access(OpKind::load, location, MemoryOrder::acquire);
        memory_.perform(context, op, staleness);
        return op.result;
    }
    void membarrier(unsigned context) {
        Op op;
        op.kind = OpKind::fence;
        op.fence = FenceKind::membarrier;
        memory_.perform(context, op, 0);
    }
    unsigned ways_to_read(unsigned context, unsigned location) const {
        return memory_.ways(context, access(OpKind::load, location, MemoryOrder::relaxed));
    }
    Hash key(std::uint32_t running) {
        Hash hash;
        memory_.add_to(hash, running);
        return hash;
    }

private:
    static Op access(OpKind kind, unsigned location, MemoryOrder order) {
        Op op;
        op.kind = kind;
        op.location = static_cast<std::uint16_t>(location);
        op.bytes = 8;
        op.order = order;
        return op;
    }
    Memory memory_;
};

class MemoryKey : public testing::TestWithParam<Model> {};

TEST_P(MemoryKey, WhatAllHaveGotPastIsForgotten) {
    Contexts once(GetParam());
    Contexts twice(GetParam());
    twice.write(0, x, 1);
    for (Contexts* memory : {&once, &twice}) {
        memory->write(0, x, 2);
        memory->read(1, x);
    }
    EXPECT_EQ(once.key(both), twice.key(both));
}

TEST_P(MemoryKey, WhatSomebodyMayStillReadIsNot) {
    Contexts once(GetParam());
    Contexts twice(GetParam());
    twice.write(0, x, 1);
    for (Contexts* memory : {&once, &twice}) memory->write(0, x, 2);
    EXPECT_NE(once.key(both), twice.key(both));
    EXPECT_EQ(once.ways_to_read(1, x), 2u);
    EXPECT_EQ(twice.ways_to_read(1, x), 3u);
    // Only its writer still runs.
    EXPECT_EQ(once.key(first_only), twice.key(first_only));
}

TEST_P(MemoryKey, AMessageTellsWhatReadingItBrings) {
    Contexts released(GetParam());
    Contexts relaxed(GetParam());
    for (Contexts* memory : {&released, &relaxed}) memory->write(0, x, 1);
    released.write(0, y, 1, MemoryOrder::release);
    relaxed.write(0, y, 1);
    EXPECT_NE(released.key(both), relaxed.key(both));
    for (Contexts* memory : {&released, &relaxed}) memory->read(1, x);
    // Nothing that this one does not know is brought any more.
    EXPECT_EQ(released.key(both), relaxed.key(both));
}

TEST_P(MemoryKey, HowFarAContextHasGotIsTold) {
    Contexts old(GetParam());
    Contexts recent(GetParam());
    for (Contexts* memory : {&old, &recent}) memory->write(0, x, 1);
    EXPECT_EQ(old.read(1, x, 1), 0u);
    EXPECT_EQ(recent.read(1, x), 1u);
    EXPECT_NE(old.key(both), recent.key(both));
}

TEST_P(MemoryKey, WhatAnEndedContextHasSeenCountsForNothing) {
    Contexts saw(GetParam());
    Contexts did_not(GetParam());
    for (Contexts* memory : {&saw, &did_not}) memory->write(0, x, 1);
    saw.read(2, x);
    did_not.read(2, x, 1);
    EXPECT_NE(saw.key(both | third), did_not.key(both | third));
    EXPECT_EQ(saw.key(both), did_not.key(both));
    for (Contexts* memory : {&saw, &did_not}) {
        memory->membarrier(0);
        EXPECT_EQ(memory->ways_to_read(1, x), 1u);
    }
    EXPECT_EQ(saw.key(both), did_not.key(both));
}

TEST_P(MemoryKey, IsTheSameWhenItIsAskedForAgain) {
    Contexts memory(GetParam());
    memory.write(0, x, 1);
    const Hash early = memory.key(both);
    EXPECT_EQ(memory.key(both), early);
    EXPECT_NE(memory.key(first_only), early);
    EXPECT_EQ(memory.key(both), early);
    memory.membarrier(0);
    EXPECT_NE(memory.key(both), early);
}

INSTANTIATE_TEST_SUITE_P(All, MemoryKey, testing::Values(Model::rc11, Model::lkmm),
                         [](const auto& made) { return std::string(name_of(made.param)); });

// In the kernel a context that reads its own write learns nothing by that; once it has ended,
// nobody cares whose a write was.
TEST(MemoryKeyOfTheKernel, TellsWhoWroteWhileThatOneRuns) {
    Contexts one(Model::lkmm);
    Contexts other(Model::lkmm);
    one.write(0, x, 1);
    other.write(1, x, 1);
    EXPECT_NE(one.key(both), other.key(both));
}

}  // namespace
}  // namespace anypage::check
