// Every operation of the allocator, interrupted at each of its steps by every other, or stalled
// there: nobody is given what another has, nobody fails while more is free than the interrupted one
// may have in its hands, and afterwards everything agrees and everything free is found.
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <utility>

#include "protocol/snapshot.hpp"
#include "tests/support/machine_scene.hpp"
#include "tests/support/stalled.hpp"

namespace anypage {
namespace {

using test::InterruptingWorld;
using test::Interruption;
using test::MachinePlan;
using test::Stalled;
using W = InterruptingWorld;
using P = protocol::snapshot<W>;
using Scene = test::MachineScene<P>;

MachinePlan plan() {
    MachinePlan plan;
    plan.node_ids = {0, 3};
    plan.zones = {{0, ZoneIndex::normal, 1024}, {1, ZoneIndex::normal, 512}};
    return plan;
}

/// Ignores watermarks, so that it fails only if there is nothing.
Request<W> request(unsigned order, gfp_t flags = gfp::NOWAIT | gfp::MEMALLOC) {
    Request<W> wanted;
    wanted.order = Order{static_cast<std::uint8_t>(order)};
    wanted.flags = flags;
    return wanted;
}

// Not Scene::allocate: while another operation is under way, only what must hold then is asked for.
bool allocate(Scene& scene, const Request<W>& wanted) {
    const auto page = scene.machine.pages.allocate(wanted);
    if (page) scene.take(*page, wanted.order);
    return page.has_value();
}

struct Operation {
    std::string name;
    std::uint64_t hides = 0;               // frames that it may have in its hands on its way
    std::optional<std::uint64_t> needs{};  // while so many are free beside these, it succeeds
    std::function<bool(Scene&)> run;       // false: failed
};

Operation claim(const std::string& name, unsigned order, gfp_t flags) {
    const Request<W> wanted = request(order, flags);
    const std::uint64_t refill = order == 0 ? Stocks<W>::refill_most : 0;
    const auto needs = order == 0 ? std::optional<std::uint64_t>(1) : std::nullopt;
    return {name, wanted.order.frames() + refill, needs,
            [=](Scene& scene) { return allocate(scene, wanted); }};
}

std::vector<Operation> operations() {
    return {
        claim("allocate order 0", 0, gfp::NOWAIT | gfp::MEMALLOC),
        claim("allocate order 0 for good", 0, gfp::KERNEL | gfp::MEMALLOC | gfp::NORETRY),
        claim("allocate order 2", 2, gfp::ATOMIC | gfp::MEMALLOC),
        claim("allocate order 8", 8, gfp::HIGHUSER_MOVABLE | gfp::MEMALLOC | gfp::NORETRY),
        {"allocate order 0 in one walk", 1 + Stocks<W>::refill_most,
         26,  // the min mark of the small zone
         [](Scene& scene) {
             Request<W> wanted = request(0, gfp::NOLOCK);
             wanted.nolock = true;
             return allocate(scene, wanted);
         }},
        {"free the last",
         512,
         {},
         [](Scene& scene) {
             return scene.held.empty() ||
                    scene.free(scene.held.back().pfn, scene.held.back().order);
         }},
        {"free the first",
         512,
         {},
         [](Scene& scene) {
             return scene.held.empty() ||
                    scene.free(scene.held.front().pfn, scene.held.front().order);
         }},
        {"free the last on another CPU",
         512,
         {},
         [](Scene& scene) {
             if (scene.held.empty()) return true;
             const CpuId before = std::exchange(W::current_cpu, CpuId{1});
             const bool done = scene.free(scene.held.back().pfn, scene.held.back().order);
             W::current_cpu = before;
             return done;
         }},
        {"allocate in bulk",
         20,
         {},
         [](Scene& scene) {
             std::array<Pfn, 20> pages;
             const std::size_t count = scene.machine.pages.allocate_bulk(request(0), pages);
             for (std::size_t i = 0; i < count; ++i) scene.take(pages[i], Order{0});
             return count != 0;
         }},
        {"drain",
         1,
         {},
         [](Scene& scene) {
             scene.machine.drain();
             return true;
         }},
        {"rebuild", 0, {}, [](Scene& scene) { return scene.machine.hotplug.rebuild_now(0); }},
    };
}

/// Takes everything, 32 frames of each zone as single pages.
void fill(Scene& scene) {
    for (const NodeId node : {NodeId{0}, NodeId{3}}) {
        for (unsigned i = 0; i < 32; ++i) {
            Request<W> wanted = request(0, gfp::NOWAIT | gfp::MEMALLOC | gfp::THISNODE);
            wanted.node = node;
            EXPECT_TRUE(allocate(scene, wanted));
        }
    }
    scene.machine.drain();
    for (const unsigned order : {9u, 6u, 5u, 3u, 0u}) {
        while (allocate(scene, request(order))) {
        }
    }
}

/// Frees so many of what is held into the stock of another CPU.
void stock(Scene& scene, std::uint32_t id, unsigned count) {
    W::current_cpu = CpuId{1};
    for (std::size_t i = 0; i < scene.held.size() && count != 0;) {
        const auto run = scene.held[i];
        if (scene.machine.zone_of(run.pfn) != id || run.order.value != 0) {
            ++i;
            continue;
        }
        scene.machine.pages.stocks().open(ZoneId{id});
        EXPECT_TRUE(scene.free(run.pfn, run.order));
        --count;
    }
    W::current_cpu = CpuId{0};
}

struct Start {
    std::string name;
    std::function<void(Scene&)> prepare;
};

std::vector<Start> starts() {
    return {{"all free", [](Scene&) {}},
            {"full", fill},
            {"full but for a stock of another CPU", [](Scene& scene) {
                 fill(scene);
                 stock(scene, 1, 32);
             }}};
}

std::uint64_t free_frames(const Scene& scene) {
    std::uint64_t free = 0;
    for (const auto& model : scene.models) free += model.free_count();
    return free;
}

/// Afterwards: everything agrees, and everything free is found.
void settle(Scene& scene) {
    scene.check();
    const std::uint64_t free = free_frames(scene);
    std::uint64_t found = 0;
    while (allocate(scene, request(0))) ++found;
    EXPECT_EQ(found, free);
    EXPECT_EQ(scene.problem, "");
}

bool attempt(const Start& start, const Operation& first, const Operation& second,
             std::uint64_t step) {
    SCOPED_TRACE(start.name + ": " + first.name + ", at step " + std::to_string(step) + " " +
                 second.name);
    InterruptingWorld::reset();
    Scene scene(plan());
    start.prepare(scene);
    const std::uint64_t free_before = free_frames(scene);
    bool fired = false;
    {
        const Interruption interruption(step, [&] {
            const std::uint64_t free = free_frames(scene);
            const bool done = second.run(scene);
            if (second.needs) {
                EXPECT_TRUE(done || free < first.hides + *second.needs) << free << " were free";
            }
        });
        const bool done = first.run(scene);
        fired = interruption.fired();
        if (first.needs) {
            EXPECT_TRUE(done || free_before < second.hides + *first.needs);
        }
    }
    settle(scene);
    return fired && !testing::Test::HasFailure();
}

class InterruptedAllocator : public testing::TestWithParam<std::size_t> {
protected:
    const Start start_ = starts()[GetParam()];
};

TEST_P(InterruptedAllocator, EveryOperationMayBeInterruptedAtEachStepByEveryOther) {
    for (const Operation& first : operations()) {
        for (const Operation& second : operations()) {
            // Hotplug's callers exclude each other.
            if (first.name == "rebuild" && second.name == "rebuild") continue;
            test::for_each_step(
                [&](std::uint64_t step) { return attempt(start_, first, second, step); });
            if (HasFailure()) return;
        }
    }
}

bool stall(const Start& start, const Operation& operation, std::uint64_t step) {
    SCOPED_TRACE(start.name + ": " + operation.name + " stalls at step " + std::to_string(step));
    InterruptingWorld::reset();
    Scene scene(plan());
    start.prepare(scene);
    const std::uint64_t free_before = free_frames(scene);
    Stalled stalled(step, [&] { operation.run(scene); });
    const bool fired = !stalled.finished();
    std::uint64_t found = 0;
    W::current_cpu = CpuId{1};
    while (allocate(scene, request(0))) ++found;
    EXPECT_GE(found + operation.hides, free_before);
    EXPECT_EQ(scene.problem, "");
    return fired && !testing::Test::HasFailure();
}

TEST_P(InterruptedAllocator, AStalledOperationHidesNothingButWhatItHolds) {
    for (const Operation& operation : operations()) {
        test::for_each_step([&](std::uint64_t step) { return stall(start_, operation, step); });
        if (HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(From, InterruptedAllocator, testing::Range<std::size_t>(0, 3));

/// A drain is overtaken: by another one, an opening and a push, and a third one, which stalls.
TEST(OvertakenDrain, DoesNotLoseARunThatWasPushedBeforeAnotherDrain) {
    for (std::uint64_t second_step = 0; second_step < 12; ++second_step) {
        test::for_each_step([&](std::uint64_t first_step) {
            SCOPED_TRACE(std::to_string(first_step) + ", " + std::to_string(second_step));
            InterruptingWorld::reset();
            Scene scene(plan());
            fill(scene);
            stock(scene, 0, 1);
            const auto run = scene.held.front();
            std::optional<Stalled> second;
            bool fired = false;
            {
                const Interruption interruption(first_step, [&] {
                    scene.machine.pages.drain(ZoneId{0});
                    W::current_cpu = CpuId{1};
                    scene.machine.pages.stocks().open(ZoneId{0});
                    EXPECT_TRUE(scene.free(run.pfn, run.order));
                    EXPECT_TRUE(scene.machine.pages.stocks().holds(ZoneId{0}, run.pfn));
                    W::current_cpu = CpuId{0};
                    second.emplace(second_step, [&] { scene.machine.pages.drain(ZoneId{0}); });
                });
                scene.machine.pages.drain(ZoneId{0});
                fired = interruption.fired();
            }
            // Unless the one that stalls has it in its hand.
            const AllocatorValidation there = scene.machine.validated();
            for (std::uint64_t i = 0; i < there.free + there.stocked; ++i) {
                EXPECT_TRUE(allocate(scene, request(0)));
            }
            return fired && !testing::Test::HasFailure();
        });
        if (HasFailure()) return;
    }
}

/// A zone goes offline, or comes online, at any step of a request; another zone stays and has room.
TEST(InterruptedByHotplug, ARequestDoesNotFailWhileAZoneThatStaysHasRoom) {
    for (const bool comes : {false, true}) {
        for (const gfp_t flags : {gfp::NOWAIT, gfp::ATOMIC, gfp::KERNEL}) {
            const auto attempt = [&](std::uint64_t step) {
                SCOPED_TRACE(step);
                InterruptingWorld::reset();
                MachinePlan machine = plan();
                if (comes) machine.zones[0].online = 0;
                Scene scene(machine);
                const Interruption interruption(
                    step, [&] { scene.hotplug(0, scene.machine.zone(0).span()); });
                EXPECT_TRUE(allocate(scene, request(0, flags)));
                return interruption.fired() && !testing::Test::HasFailure();
            };
            test::for_each_step(attempt);
        }
    }
}

/// Pinned for ever: a reader that stalls anywhere holds one slot, and writers go on.
TEST(InterruptedByHotplug, AStalledRequestHoldsUpNoWriter) {
    const auto attempt = [&](std::uint64_t step) {
        InterruptingWorld::reset();
        Scene scene(plan());
        Stalled stalled(step, [&] { allocate(scene, request(0)); });
        for (int i = 0; i < 100; ++i) EXPECT_TRUE(scene.machine.hotplug.rebuild_now(0));
        EXPECT_TRUE(allocate(scene, request(0)));
        const bool fired = !stalled.finished();
        stalled.resume();
        scene.check();
        EXPECT_EQ(scene.problem, "");
        return fired && !testing::Test::HasFailure();
    };
    test::for_each_step(attempt);
}

}  // namespace
}  // namespace anypage
