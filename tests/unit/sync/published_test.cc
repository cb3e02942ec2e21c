// Published: slots, pins and generations, each interrupted and stalled where it hurts.
#include "sync/published.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/support/stalled.hpp"
#include "world/native.hpp"

namespace anypage {
namespace {

using test::InterruptingWorld;
using test::Interruption;
using test::Stalled;
using P = Published<InterruptingWorld>;

void publish_next(P& published) {
    const auto slot = published.free_slot();
    ASSERT_TRUE(slot.has_value());
    published.publish(*slot);
}

TEST(Version, PacksASlotAndAGeneration) {
    Version version{};
    for (unsigned i = 1; i < 100; ++i) {
        version = version.next_in(i % 8);
        EXPECT_EQ(version.slot(), i % 8);
        EXPECT_EQ(version.generation(), i);
    }
}

TEST(Published, EachPublicationTakesAnotherSlotAndTheNextGeneration) {
    P published;
    Version last = published.peek();
    for (int i = 0; i < 50; ++i) {
        publish_next(published);
        const Version now = published.peek();
        EXPECT_NE(now.slot(), last.slot());
        EXPECT_EQ(now.generation(), last.generation() + 1);
        last = now;
    }
}

TEST(Published, APinnedSlotIsNotFreeUntilUnpinned) {
    P published;
    const Version pinned = published.pin();
    publish_next(published);
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(published.in_use(pinned.slot()));
        publish_next(published);
    }
    published.unpin(pinned);
    EXPECT_TRUE(published.settle());
    EXPECT_FALSE(published.in_use(pinned.slot()));
}

TEST(Published, NoSlotIsFreeWhenReadersHoldThemAll) {
    P published;
    std::vector<Version> pins{published.pin()};
    for (unsigned i = 1; i < P::slot_count; ++i) {
        publish_next(published);
        pins.push_back(published.pin());
    }
    EXPECT_FALSE(published.free_slot().has_value());
    // Any one of the old ones will do.
    published.unpin(pins[3]);
    EXPECT_EQ(published.free_slot(), pins[3].slot());
    // The current slot is never free, pinned or not.
    published.unpin(pins.back());
    EXPECT_NE(published.free_slot(), pins.back().slot());
}

TEST(Published, APinInterruptedByPublicationsHoldsACurrentSlotThatNobodyFills) {
    for (const int publications : {1, 2, 8, 9, 20}) {
        test::for_each_step([&](std::uint64_t step) {
            P published;
            publish_next(published);
            Version pinned{};
            bool fired = false;
            {
                const Interruption interruption(step, [&] {
                    for (int i = 0; i < publications; ++i) publish_next(published);
                });
                pinned = published.pin();
                fired = interruption.fired();
            }
            EXPECT_TRUE(published.in_use(pinned.slot()));
            for (int i = 0; i < 20; ++i) {
                const auto slot = published.free_slot();
                EXPECT_NE(slot, pinned.slot());
                published.publish(*slot);
            }
            published.unpin(pinned);
            EXPECT_FALSE(published.in_use(pinned.slot()));
            return fired;
        });
    }
}

TEST(Published, AStalledPinOrUnpinHoldsAtMostOneSlot) {
    test::for_each_step([](std::uint64_t step) {
        P published;
        Stalled stalled(step, [&] { published.unpin(published.pin()); });
        for (int i = 0; i < 50; ++i) publish_next(published);
        EXPECT_TRUE(published.settle());
        unsigned used = 0;
        for (unsigned slot = 0; slot < P::slot_count; ++slot) used += published.in_use(slot);
        EXPECT_LE(used, 2u);  // the current one, and the stalled reader's
        const bool fired = !stalled.finished();
        stalled.resume();
        return fired;
    });
}

using Native = Published<NativeWorld>;

/// Gives it a line of counts for each CPU, in `memory`.
void carve(Native& published, std::vector<std::byte>& memory) {
    Arena measuring;
    published.carve(measuring);
    memory.resize(measuring.used() + cache_line);
    void* at = memory.data();
    std::size_t space = memory.size();
    std::align(cache_line, measuring.used(), at, space);
    Arena arena(static_cast<std::byte*>(at));
    published.carve(arena);
}

void read_beside_a_writer(bool lines) {
    std::vector<std::byte> memory;
    Native published;
    if (lines) carve(published, memory);
    // Plain values on purpose: a slot that is filled while somebody reads it is a data race.
    std::uint64_t values[Native::slot_count] = {};
    std::atomic<bool> done{false};
    std::atomic<std::uint64_t> torn{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            while (!done.load()) {
                const Version version = published.pin();
                if (values[version.slot()] != version.generation()) ++torn;
                published.unpin(version);
            }
        });
    }
    for (std::uint64_t generation = 1; generation <= 5000;) {
        const auto slot = published.free_slot();
        if (!slot) {
            std::this_thread::yield();
            continue;
        }
        values[*slot] = generation++;
        published.publish(*slot);
    }
    done.store(true);
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(torn.load(), 0u);
    EXPECT_TRUE(published.settle());
    for (unsigned slot = 0; slot < Native::slot_count; ++slot) {
        EXPECT_EQ(published.in_use(slot), slot == published.peek().slot());
    }
}

TEST(Published, ReadersNeverSeeASlotChangeUnderThreads) { read_beside_a_writer(true); }

TEST(Published, ReadersNeverSeeASlotChangeUnderThreadsWithoutRseq) { read_beside_a_writer(false); }

}  // namespace
}  // namespace anypage
