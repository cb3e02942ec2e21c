// The allocator of a machine of several nodes against naive models of its zones: generated lists of
// operations, at and near exhaustion, while sections come and go.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <tuple>

#include "protocol/all.hpp"
#include "tests/support/interrupting_world.hpp"
#include "tests/support/machine_scene.hpp"

namespace anypage {
namespace {

using test::InterruptingWorld;
using test::MachinePlan;
using test::Run;
using W = InterruptingWorld;

/// An operation as three numbers: what, and two details whose meaning follows from it.
using Step = std::tuple<std::uint8_t, std::uint32_t, std::uint32_t>;

/// Sparse ids, a node of every sort: two kinds, all movable, without CPUs, empty at first.
MachinePlan plan() {
    MachinePlan plan;
    plan.node_ids = {1, 4, 7, 9};
    plan.cpus = {2, 1, 0, 1};
    plan.zones = {{0, ZoneIndex::dma32, 1024},        {0, ZoneIndex::normal, 3072},
                  {1, ZoneIndex::normal, 2048, 1024}, {1, ZoneIndex::movable, 1024},
                  {2, ZoneIndex::movable, 1024},      {3, ZoneIndex::normal, 1024, 0}};
    return plan;
}

constexpr gfp_t flag_sets[] = {
    gfp::NOWAIT,
    gfp::ATOMIC,
    gfp::KERNEL,
    gfp::KERNEL | gfp::NORETRY,
    gfp::HIGHUSER_MOVABLE | gfp::NOWARN,
    gfp::ATOMIC | gfp::DMA32,
    gfp::NOWAIT | gfp::THISNODE,
    gfp::NOWAIT | gfp::RECLAIMABLE,
    gfp::ATOMIC | gfp::NOMEMALLOC,
    gfp::TRANSHUGE_LIGHT,
    gfp::NOWAIT | gfp::MEMALLOC,
    gfp::ATOMIC | gfp::HIGHMEM | gfp::MOVABLE,
};

template <class P>
class Player {
public:
    Player() : scene(plan()) {
        mask_.add(NodeId{4});
        mask_.add(NodeId{7});
    }

    void apply(const Step& step) {
        const auto& [what, first, second] = step;
        switch (what % 13) {
            case 0:
            case 1:
            case 2: {
                scene.allocate(request(first, second));
                return;
            }
            case 3: {
                Request<W> wanted = request(first, second);
                wanted.order = Order{0};
                scene.allocate_bulk(wanted, second % 200);
                return;
            }
            case 4: {  // until there is no more
                const Request<W> wanted = request(first, second);
                while (scene.allocate(wanted)) {
                }
                return;
            }
            case 5:
            case 6:
                if (!scene.held.empty()) give(scene.held[first % scene.held.size()]);
                return;
            case 7:
                for (std::uint32_t i = 0; i < second % 512 && !scene.held.empty(); ++i) {
                    give(scene.held[first * 7919ull * (i + 1) % scene.held.size()]);
                }
                return;
            case 8:
                if (second % 2 == 0) {
                    scene.free(anywhere(first),
                               Order{static_cast<std::uint8_t>(second / 2 % order_count)});
                } else {
                    scene.free(gone_.pfn, gone_.order);  // again, unless it has a new owner
                }
                return;
            case 9:
                return give_bulk(first, second);
            case 10:
                scene.machine.pages.drain(ZoneId{first % 6});
                return;
            case 11:
                W::current_cpu = CpuId{first % 6};
                return;
            default:
                return hotplug(first, second);
        }
    }

    void finish() {
        scene.check();
        RC_ASSERT(scene.problem == "");
        scene.free_all();
        scene.machine.drain();
        scene.check();
        RC_ASSERT(scene.problem == "");
        for (std::uint32_t id = 0; id < scene.models.size(); ++id) {
            const auto validation = validate(scene.machine.zone(id));
            RC_ASSERT(validation.free == scene.models[id].online_count());
        }
    }

    test::MachineScene<P> scene;

private:
    Request<W> request(std::uint32_t first, std::uint32_t second) const {
        Request<W> wanted;
        wanted.flags = flag_sets[first % std::size(flag_sets)];
        // Small ones mostly, as in life.
        const unsigned order = first / 16 % 3 == 0 ? first / 64 % order_count : first / 64 % 3;
        wanted.order = Order{static_cast<std::uint8_t>(order)};
        constexpr NodeId nodes[] = {node_local, NodeId{1}, NodeId{4}, NodeId{7}, NodeId{9}};
        wanted.node = nodes[second % std::size(nodes)];
        if (second / 8 % 4 == 0) wanted.allowed = &mask_;
        wanted.caller.realtime = second / 32 % 8 == 1;
        wanted.caller.oom_victim = second / 32 % 8 == 2;
        wanted.caller.in_interrupt = second / 32 % 8 == 3;
        return wanted;
    }

    static Pfn anywhere(std::uint32_t number) { return Pfn{number % (7 * layout::tree_frames)}; }

    void give(Run run) {
        gone_ = run;
        scene.free(run.pfn, run.order);
    }

    /// Single pages that the test holds, with a stranger among them now and then.
    void give_bulk(std::uint32_t first, std::uint32_t second) {
        std::vector<Pfn> pages;
        for (std::size_t i = 0; i < scene.held.size() && pages.size() < second % 64; ++i) {
            const Run& run = scene.held[(first + i) % scene.held.size()];
            if (run.order.value == 0) pages.push_back(run.pfn);
        }
        if (second / 64 % 3 == 0 && !pages.empty()) {
            pages.insert(pages.begin() + static_cast<std::ptrdiff_t>(first % pages.size()),
                         second / 256 % 2 == 0 ? gone_.pfn : anywhere(first));
        }
        scene.free_bulk(pages);
    }

    void hotplug(std::uint32_t first, std::uint32_t second) {
        const std::uint32_t id = first % 6;
        const std::uint64_t sections = scene.machine.zone(id).span().frames / 512;
        scene.hotplug(id, scene.machine.section(id, second % sections));
    }

    nodemask mask_;
    Run gone_{};  // what was freed last
};

template <class P>
void follows_the_model(const std::vector<Step>& steps) {
    InterruptingWorld::reset();
    Player<P> player;
    for (const Step& step : steps) player.apply(step);
    player.finish();
}

rc::Gen<std::vector<Step>> steps() {
    return rc::gen::scale(2, rc::gen::arbitrary<std::vector<Step>>());
}

TEST(AllocatorModel, SnapshotAnswersAsTheModel) {
    EXPECT_TRUE(rc::check("", [] { follows_the_model<protocol::snapshot<W>>(*steps()); }));
}

TEST(AllocatorModel, MainlineAnswersAsTheModelWhileNobodyInterrupts) {
    EXPECT_TRUE(rc::check("", [] { follows_the_model<protocol::seqlock_irqsave<W>>(*steps()); }));
}

TEST(AllocatorModel, AStockedPageFreedAgainInAnotherOrderIsNamedAsTheModelNamesIt) {
    follows_the_model<protocol::snapshot<W>>(
        {{0, 349720944, 0}, {224, 0, 10079}, {5, 515559, 0}, {177, 4159930534, 4}});
}

TEST(AllocatorModel, AnyOnePageFreedOfAFullMachineIsFoundFromAnyCpu) {
    InterruptingWorld::reset();
    Player<protocol::snapshot<W>> player;
    Request<W> request;
    request.flags = gfp::ATOMIC | gfp::HIGHMEM | gfp::MOVABLE | gfp::MEMALLOC;
    while (player.scene.allocate(request)) {
    }
    ASSERT_EQ(player.scene.held.size(), 7168u);
    std::uint32_t cpu = 0;
    const auto runs = player.scene.held;
    for (const auto& run : runs) {
        W::current_cpu = CpuId{cpu++ % 4};
        player.scene.free(run.pfn, run.order);
        W::current_cpu = CpuId{cpu++ % 4};
        const auto page = player.scene.allocate(request);
        ASSERT_TRUE(page.has_value());
        ASSERT_EQ(*page, run.pfn);
    }
    EXPECT_EQ(player.scene.problem, "");
}

}  // namespace
}  // namespace anypage
