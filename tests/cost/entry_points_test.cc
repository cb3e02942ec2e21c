// What each entry point costs, against a file of what it did cost: a change shows before any
// benchmark does. And a request that a stock serves costs the same while zonelists are rebuilt.
//
// The file is of one compiler; with another one what must not depend on it is tested all the same.
#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "protocol/snapshot.hpp"
#include "tests/cost/emulated_cpu.hpp"
#include "tests/support/one_cpu.hpp"
#include "tests/support/test_machine.hpp"
#include "world/native.hpp"

namespace anypage {
namespace {

using test::Cost;
using test::EmulatedCpu;
using Machine2 = test::TestMachine<protocol::snapshot<NativeWorld>>;

constexpr std::size_t batch_size = 64;
constexpr std::uint32_t counted_cpus = 2;  // a zone's free frames are counted on so many

/// A machine of two nodes, of which this CPU belongs to the first, and what calls leave behind.
struct Scene {
    static test::MachinePlan plan(CpuId cpu) {
        test::MachinePlan plan;
        plan.node_ids = {0, 1};
        plan.cpus = {std::max(cpu.value + 1, counted_cpus), 0};
        plan.zones = {{0, ZoneIndex::normal, 1 << 16}, {1, ZoneIndex::normal, 1 << 14}};
        plan.checked = false;
        return plan;
    }

    const test::OnOneCpu pinned;
    Machine2 machine{plan(pinned.cpu())};
    Zone<NativeWorld>& zone = machine.zone(0);
    FastPath<NativeWorld> fast = machine.pages.fast_path();
    CpuId cpu = pinned.cpu();
    Order order{};
    Pfn page{};
    std::array<Pfn, batch_size> batch{};
};

/// A call of the library with what is in a Scene, and nothing round it.
using Entry = void (*)(void*);

template <class Body>
constexpr Entry with_scene(Body) {
    return [](void* scene) { Body{}(*static_cast<Scene*>(scene)); };
}

constexpr auto from_stock = [](Scene& s) {
    s.page = s.fast.allocate({.order = s.order}).value_or(Pfn{});
};
constexpr auto to_stock = [](Scene& s) { s.fast.free(s.page, s.order); };
constexpr auto allocate = [](Scene& s) {
    const auto page = s.machine.pages.allocate({.order = s.order});
    s.page = page ? *page : Pfn{};
};
constexpr auto free_page = [](Scene& s) { (void)s.machine.pages.free(s.page, s.order); };
constexpr auto allocate_bulk = [](Scene& s) { s.machine.pages.allocate_bulk({}, s.batch); };
constexpr auto free_bulk = [](Scene& s) { (void)s.machine.pages.free_bulk(s.batch); };
constexpr auto zone_allocate = [](Scene& s) {
    s.page = s.zone.allocate(s.order, Migratetype::unmovable, s.cpu).value_or(Pfn{});
};
constexpr auto zone_free = [](Scene& s) { (void)s.zone.free(s.page, s.order, s.cpu); };
constexpr auto zone_batch = [](Scene& s) {
    s.zone.allocate_batch(s.batch, Migratetype::unmovable, s.cpu);
};
constexpr auto zone_free_batch = [](Scene& s) { (void)s.zone.free_batch(s.batch, s.cpu); };

using Costs = std::map<std::string, Cost>;

class EntryPoints : public testing::Test {
protected:
    void SetUp() override {
        if (!NativeWorld::prepare_rseq()) GTEST_SKIP() << "no restartable sequences here";
    }

    /// Pairs leave all as it was; the first ones fill stocks, move cursors and predict nothing.
    template <class Take, class Give>
    void measure(Costs& costs, const std::string& what, Order order, Take take, Give give) {
        scene_.order = order;
        for (int i = 0; i < 3; ++i) {
            take(scene_);
            give(scene_);
        }
        EmulatedCpu cpu;
        costs[what + ", allocate"] = cpu.run(with_scene(take), &scene_);
        ASSERT_NE(scene_.page, Pfn{}) << what;
        costs[what + ", free"] = cpu.run(with_scene(give), &scene_);
    }

    Costs measure_all() {
        Costs all;
        allocate(scene_);  // opens the stock
        free_page(scene_);
        measure(all, "stock, order 0", Order{0}, from_stock, to_stock);
        measure(all, "stock, order 3", Order{3}, allocate, free_page);
        measure(all, "stock, order 9", Order{9}, allocate, free_page);
        scene_.machine.pages.stocks().hold(ZoneId{0});
        scene_.machine.pages.drain(ZoneId{0});
        measure(all, "no stock, order 0", Order{0}, allocate, free_page);
        measure(all, "no stock, order 9", Order{9}, allocate, free_page);
        measure(all, "no stock, 64 frames", Order{0}, allocate_bulk, free_bulk);
        measure(all, "zone, order 0", Order{0}, zone_allocate, zone_free);
        measure(all, "zone, order 9", Order{9}, zone_allocate, zone_free);
        measure(all, "zone, 64 frames", Order{0}, zone_batch, zone_free_batch);
        return all;
    }

    Scene scene_;
};

std::string to_text(const Costs& costs) {
    std::ostringstream text;
    for (const auto& [name, cost] : costs) text << name << ": " << cost << "\n";
    return text.str();
}

#if defined(__GNUC__) && !defined(__clang__)
constexpr int gcc_version = __GNUC__;
#else
constexpr int gcc_version = 0;
#endif

TEST_F(EntryPoints, CostWhatTheFileSays) {
    const std::string path = ANYPAGE_SOURCE_DIR "/tests/cost/gcc-12-x86-64.txt";
    const std::string measured = to_text(measure_all());
    if (gcc_version != 12) GTEST_SKIP() << "the file is of g++ 12; here:\n" << measured;
    if (scene_.cpu.value >= counted_cpus) GTEST_SKIP() << "the file is of two CPUs:\n" << measured;
    if (std::getenv("ANYPAGE_UPDATE_COSTS") != nullptr) std::ofstream(path) << measured;
    std::ostringstream expected;
    expected << std::ifstream(path).rdbuf();
    EXPECT_EQ(measured, expected.str())
        << "If it is meant: ANYPAGE_UPDATE_COSTS=1 writes the file anew.";
}

TEST_F(EntryPoints, ThroughAStockNeedNoAtomicInstructionAndNoFence) {
    for (const auto& [name, cost] : measure_all()) {
        if (!name.starts_with("stock")) continue;
        EXPECT_EQ(cost.atomics, 0u) << name;
        EXPECT_EQ(cost.fences, 0u) << name;
    }
}

TEST_F(EntryPoints, OfTheZoneNeedOneAtomicInstructionForTheFrameAndOneForTheCount) {
    const Costs costs = measure_all();
    for (const char* name : {"zone, order 0, allocate", "zone, order 0, free",
                             "zone, 64 frames, allocate", "zone, 64 frames, free"}) {
        EXPECT_EQ(costs.at(name).atomics, 2u) << name;
    }
}

TEST_F(EntryPoints, ThroughAStockCostTheSameWhileZonelistsAreRebuilt) {
    for (int i = 0; i < 3; ++i) {
        allocate(scene_);
        free_page(scene_);
    }
    EmulatedCpu cpu;
    const Cost allocated = cpu.run(with_scene(from_stock), &scene_);
    const Cost freed = cpu.run(with_scene(to_stock), &scene_);
    std::atomic<bool> end{false};
    std::thread storm([&] {
        const PfnRange other = scene_.machine.zone(1).span();
        while (!end) {
            EXPECT_TRUE(scene_.machine.hotplug.offline(other, 0));
            EXPECT_TRUE(scene_.machine.hotplug.online(other, 0));
        }
    });
    const std::uint64_t before = scene_.machine.pages.protocol().generation();
    while (scene_.machine.pages.protocol().generation() < before + 200) {
        ASSERT_EQ(cpu.run(with_scene(from_stock), &scene_), allocated);
        ASSERT_NE(scene_.page, Pfn{});
        ASSERT_EQ(cpu.run(with_scene(to_stock), &scene_), freed);
    }
    end = true;
    storm.join();
}

}  // namespace
}  // namespace anypage
