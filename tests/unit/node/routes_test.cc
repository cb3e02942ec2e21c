// Routes lead to where zonelists begin, whatever comes and goes.
#include "node/routes.hpp"

#include <gtest/gtest.h>

#include <random>

#include "protocol/snapshot.hpp"
#include "tests/support/interrupting_world.hpp"
#include "tests/support/test_machine.hpp"

namespace anypage {
namespace {

using W = test::InterruptingWorld;
using Machines = test::TestMachine<protocol::snapshot<W>>;

test::MachinePlan three_nodes() {
    W::reset();
    test::MachinePlan plan;
    plan.node_ids = {0, 1, 5};
    plan.cpus = {2, 1, 0};
    plan.zones = {{0, ZoneIndex::dma, 512},     {0, ZoneIndex::normal, 1024},
                  {0, ZoneIndex::movable, 512}, {1, ZoneIndex::normal, 512, 0},
                  {2, ZoneIndex::movable, 512}, {2, ZoneIndex::device, 512, 0}};
    return plan;
}

/// By a request's own way: a pin and a zonelist.
Route walked(Machines& machine, NodePos origin, ZoneIndex highest) {
    auto& protocol = machine.pages.protocol();
    protocol::snapshot<W>::Reader reader(protocol, machine.pages.machine(), origin, false);
    const auto zone = reader.zone(reader.first({highest, nullptr}));
    return zone ? Route::to(*zone) : Route{};
}

void expect_routes(Machines& machine) {
    const auto& routes = machine.pages.protocol().routes();
    for (unsigned kind = 0; kind < static_cast<unsigned>(ZoneIndex::device); ++kind) {
        const auto highest = static_cast<ZoneIndex>(kind);
        for (std::uint16_t n = 0; n < 3; ++n) {
            ASSERT_EQ(routes.of(NodePos{n}, highest), walked(machine, NodePos{n}, highest));
        }
        for (std::uint32_t cpu = 0; cpu < W::cpu_limit(); ++cpu) {
            const NodePos node = machine.pages.machine().node_of(CpuId{cpu});
            ASSERT_EQ(routes.of(CpuId{cpu}, highest), walked(machine, node, highest));
        }
    }
}

TEST(Routes, LeadToWhereZonelistsBeginWhateverComesAndGoes) {
    Machines machine(three_nodes());
    expect_routes(machine);
    std::mt19937 random(7);
    unsigned changes = 0;
    for (unsigned round = 0; round < 200; ++round) {
        const auto zone = static_cast<std::uint32_t>(random() % 5);
        const PfnRange section =
            machine.section(zone, random() % (machine.zone(zone).span().frames / 512));
        const bool done = random() % 2 == 0 ? machine.hotplug.online(section, 0).has_value()
                                            : machine.hotplug.offline(section, 0).has_value();
        if (done) ++changes;
        expect_routes(machine);
    }
    EXPECT_GT(changes, 50u);
}

TEST(Routes, LeadNowhereWhereThereIsNoZone) {
    test::MachinePlan plan;
    plan.zones = {{0, ZoneIndex::movable, 512}};
    Machines machine(plan);
    const auto& routes = machine.pages.protocol().routes();
    EXPECT_EQ(routes.of(NodePos{0}, ZoneIndex::normal), Route{});
    EXPECT_EQ(routes.of(CpuId{0}, ZoneIndex::normal), Route{});
    EXPECT_EQ(routes.of(CpuId{0}, ZoneIndex::movable), Route::to(ZoneId{0}));
}

}  // namespace
}  // namespace anypage
