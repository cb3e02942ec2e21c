// Hotplug, interrupted or overtaken by requests at every step: no page is lost, none lies in a
// range that has gone, and nobody fails who must not.
#include <gtest/gtest.h>

#include <deque>

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

/// A node whose only zone is one section, and another node.
MachinePlan plan() {
    MachinePlan plan;
    plan.node_ids = {0, 1};
    plan.zones = {{0, ZoneIndex::normal, 512}, {1, ZoneIndex::normal, 512}};
    return plan;
}

Request<W> request() {
    Request<W> wanted;
    wanted.flags = gfp::NOWAIT | gfp::MEMALLOC | gfp::THISNODE;
    wanted.node = NodeId{0};
    return wanted;
}

/// Readers that hold every snapshot.
class Holders {
public:
    explicit Holders(Scene& scene) {
        auto& pages = scene.machine.pages;
        do {
            readers_.emplace_back(pages.protocol(), pages.machine(), NodePos{0}, false);
        } while (scene.machine.hotplug.rebuild_now(0));
    }

private:
    std::deque<P::Reader> readers_;
};

/// A request looks at a row and stalls; the row goes offline; an online of it finds no snapshot.
/// The request goes on at any step of that online.
TEST(InterruptedHotplug, ARequestThatLookedLongAgoTakesNothingOutOfARangeThatDoesNotCome) {
    bool stalls = true;
    for (std::uint64_t looked = 0; stalls; ++looked) {
        test::for_each_step([&](std::uint64_t step) {
            SCOPED_TRACE(std::to_string(looked) + ", " + std::to_string(step));
            InterruptingWorld::reset();
            Scene scene(plan());
            const PfnRange section = scene.machine.section(0, 0);
            std::optional<Pfn> page;
            Stalled claim(looked, [&] {
                const auto got = scene.machine.pages.allocate(request());
                if (got) page = *got;
            });
            stalls = !claim.finished();
            bool fired = false;
            bool comes = false;
            {
                const auto report = scene.machine.hotplug.offline(section, 0);
                if (!report || report->left != 0) return false;  // it had claimed already
                const Holders holders(scene);
                const Interruption interruption(step, [&] { claim.resume(); });
                comes = scene.machine.hotplug.online(section, 0).has_value();
                fired = interruption.fired();
            }
            claim.resume();
            // It comes if the request has let go of its snapshot in time.
            EXPECT_TRUE(comes || !page) << "a page of a range that is offline";
            EXPECT_TRUE(scene.machine.validated()) << scene.machine.validated();
            return fired && !testing::Test::HasFailure();
        });
        if (HasFailure()) return;
    }
}

/// The same, but the range comes: then the request may have a page of it, and all counts are right.
TEST(InterruptedHotplug, CountsAreNeverBelowTheTruthWhileARangeComes) {
    bool stalls = true;
    for (std::uint64_t looked = 0; stalls; ++looked) {
        test::for_each_step([&](std::uint64_t step) {
            SCOPED_TRACE(std::to_string(looked) + ", " + std::to_string(step));
            InterruptingWorld::reset();
            MachinePlan machine = plan();
            machine.zones[0].frames = 1024;
            Scene scene(machine);
            const PfnRange section = scene.machine.section(0, 0);
            std::optional<Pfn> page;
            Stalled claim(looked, [&] {
                const auto got = scene.machine.pages.allocate(request());
                if (got) page = *got;
            });
            stalls = !claim.finished();
            const auto report = scene.machine.hotplug.offline(section, 0);
            if (!report || report->left != 0) return false;
            bool fired = false;
            {
                const Interruption interruption(step, [&] {
                    claim.resume();
                    std::int64_t truth = 512;  // of the section that stays
                    if (page && !section.contains(*page)) --truth;
                    scene.machine.drain();
                    EXPECT_GE(scene.machine.zone(0).free_frames(), truth);
                });
                EXPECT_TRUE(scene.machine.hotplug.online(section, 0).has_value());
                fired = interruption.fired();
            }
            claim.resume();
            if (page) {
                EXPECT_EQ(scene.machine.pages.free(*page, Order{0}).fault, FreeFault::none);
            }
            scene.machine.drain();
            const auto validation = scene.machine.validated();
            EXPECT_TRUE(validation) << validation;
            EXPECT_EQ(validation.in_use(), 0u);
            return fired && !testing::Test::HasFailure();
        });
        if (HasFailure()) return;
    }
}

/// An offline at any step of which somebody allocates and keeps a page, or frees one into the
/// range.
TEST(InterruptedHotplug, AnOfflineThatIsInterruptedLosesNothing) {
    for (const bool frees : {false, true}) {
        test::for_each_step([&](std::uint64_t step) {
            SCOPED_TRACE(step);
            InterruptingWorld::reset();
            Scene scene(plan());
            const PfnRange section = scene.machine.section(0, 0);
            if (frees) scene.take(*scene.machine.pages.allocate(request()), Order{0});
            result<OfflineReport> report = error::invalid;
            bool fired = false;
            {
                const Interruption interruption(step, [&] {
                    if (frees) {
                        const auto run = scene.held.back();
                        EXPECT_TRUE(scene.free(run.pfn, run.order));
                    } else if (const auto page = scene.machine.pages.allocate(request())) {
                        scene.take(*page, Order{0});
                    }
                });
                report = scene.machine.hotplug.offline(section, 0);
                fired = interruption.fired();
            }
            EXPECT_TRUE(report.has_value());
            const bool gone = report && report->left == 0;
            EXPECT_TRUE(!gone || scene.models[0].is_idle(section));
            if (gone) scene.models[0].offline(section);
            scene.check();
            EXPECT_EQ(scene.problem, "");
            return fired && !testing::Test::HasFailure();
        });
    }
}

}  // namespace
}  // namespace anypage
