// What each entry point costs, against a file of what it did cost: a change shows before any
// benchmark does. And a request that a stock serves costs the same while zonelists are rebuilt.
//
// Of the cache lines that a call writes, those of the zone's map are shared with other CPUs. All
// others are this CPU's own: that is tested by doing the same on another CPU.
//
// The file is of one compiler; with another one what must not depend on it is tested all the same.
#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "tests/cost/emulated_cpu.hpp"
#include "tests/cost/entry_points.hpp"

namespace anypage {
namespace {

using test::Cost;
using test::EmulatedCpu;
using namespace test::entry;
using test::counted_cpus;
using test::Entry;
using test::Scene;
using testing::AnyOfArray;
using testing::Each;
using testing::IsEmpty;
using testing::Not;

std::uint64_t line_of(const void* address) {
    return reinterpret_cast<std::uint64_t>(address) / cache_line;
}

/// The lines that a call wrote, by who else may write them.
struct Written {
    std::set<std::uint64_t> own;     ///< this CPU's and this thread's
    std::set<std::uint64_t> shared;  ///< of the zone's map

    Written(const Scene& scene, const std::set<std::uint64_t>& lines) {
        for (const std::uint64_t line : lines) {
            if (line >= line_of(&scene.order) && line < line_of(&scene + 1)) continue;
            (is_of_map(scene.zone.map(), line) ? shared : own).insert(line);
        }
    }

private:
    static bool is_of_map(const FrameMap<NativeWorld>& map, std::uint64_t line) {
        const std::uint64_t words = map.tree_count * layout::tree_words;
        const auto within = [line](const auto* first, std::uint64_t count) {
            return line >= line_of(first) && line <= line_of(first + count - 1);
        };
        return within(map.words, words) || within(map.heads, words + 1) ||
               within(map.trees, map.tree_count) || within(map.supers, map.super_count);
    }
};

struct Measured {
    Cost cost;
    Written written;
};
using Costs = std::map<std::string, Measured>;

/// Those that a stock has.
constexpr std::array orders{Order{0}, Order{1}, Order{2}, Order{3}, Order{4}, Order{9}};

class EntryPoints : public testing::Test {
protected:
    void SetUp() override {
        if (!NativeWorld::prepare_rseq()) GTEST_SKIP() << "no restartable sequences here";
    }

    /// Pairs leave all as it was; the first ones fill stocks, move cursors and predict nothing.
    void measure(Costs& costs, const std::string& what, Order order, Entry take, Entry give) {
        scene_.order = order;
        for (int i = 0; i < 3; ++i) {
            take(&scene_);
            give(&scene_);
        }
        // As most calls find it: the look at the watermarks that comes now and then is not counted.
        scene_.zone.note_free(scene_.zone.free_frames(), order_max, scene_.cpu);
        EmulatedCpu cpu;
        count(costs, cpu, what + ", allocate", take);
        ASSERT_NE(scene_.page, Pfn{}) << what;
        count(costs, cpu, what + ", free", give);
    }
    void count(Costs& costs, EmulatedCpu& cpu, const std::string& name, Entry entry) {
        const Cost cost = cpu.run(entry, &scene_);
        costs.insert({name, {cost, Written(scene_, cost.lines)}});
    }

    Costs measure_all() {
        Costs all;
        for (const Order order : orders) {
            open_stock(order);
            measure(all, "stock, order " + std::to_string(order.value), order, from_stock,
                    to_stock);
        }
        measure_refill_and_spill(all);
        scene_.machine.pages.stocks().hold(ZoneId{0});
        scene_.machine.pages.drain(ZoneId{0});
        for (const Order order : orders) {
            measure(all, "no stock, order " + std::to_string(order.value), order, allocate,
                    free_page);
        }
        measure(all, "no stock, 64 frames", Order{0}, allocate_bulk, free_bulk);
        measure(all, "zone, order 0", Order{0}, zone_allocate, zone_free);
        measure(all, "zone, order 9", Order{9}, zone_allocate, zone_free);
        measure(all, "zone, 64 frames", Order{0}, zone_batch, zone_free_batch);
        scene_.machine.pages.stocks().release(ZoneId{0});
        EmulatedCpu cpu;
        count(all, cpu, "topology, pin", pin);
        count(all, cpu, "topology, unpin", unpin);
        return all;
    }

    void open_stock(Order order) {
        scene_.order = order;
        for (int i = 0; i < 3; ++i) {
            allocate(&scene_);
            free_page(&scene_);
        }
    }

    /// What a stock that is found empty, and one that is found full, cost one call in many.
    void measure_refill_and_spill(Costs& costs) {
        EmulatedCpu cpu;
        std::vector<Pfn> taken;
        scene_.order = Order{0};
        while (taken.size() <= stack().limit() || stack().count() != 0) take_into(taken);
        count(costs, cpu, "stock found empty, order 0, allocate", allocate);
        taken.push_back(scene_.page);
        while (stack().count() != stack().limit()) give_back(taken);
        scene_.page = taken.back();
        taken.pop_back();
        count(costs, cpu, "stock found full, order 0, free", free_page);
        while (!taken.empty()) give_back(taken);
    }
    StackWord stack() {
        return scene_.machine.pages.stocks().gates()[Route::to(ZoneId{0}).value].state(
            Order{0}, Migratetype::unmovable, scene_.cpu);
    }
    void take_into(std::vector<Pfn>& taken) {
        allocate(&scene_);
        taken.push_back(scene_.page);
    }
    void give_back(std::vector<Pfn>& taken) {
        scene_.page = taken.back();
        taken.pop_back();
        free_page(&scene_);
    }

    Scene scene_;
};

std::string to_text(const Costs& costs) {
    std::ostringstream text;
    for (const auto& [name, measured] : costs) {
        text << name << ": " << measured.cost << ", lines written: " << measured.written.own.size()
             << " own, " << measured.written.shared.size() << " shared\n";
    }
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
    for (const auto& [name, measured] : measure_all()) {
        if (!name.starts_with("stock,")) continue;
        EXPECT_EQ(measured.cost.atomics, 0u) << name;
        EXPECT_EQ(measured.cost.fences, 0u) << name;
    }
}

TEST_F(EntryPoints, ThroughAStockWriteNoSharedLine) {
    for (const auto& [name, measured] : measure_all()) {
        if (!name.starts_with("stock,")) continue;
        EXPECT_THAT(measured.written.shared, IsEmpty()) << name;
    }
}

TEST_F(EntryPoints, WriteNothingThatIsSharedButTheMap) {
    const Costs here = measure_all();
    Costs there;
    const CpuId other{scene_.cpu.value == 0 ? 1u : 0u};
    bool moved = false;
    std::thread([&] {
        moved = test::move_to(other);
        if (!moved) return;
        scene_.cpu = other;
        there = measure_all();
    }).join();
    if (!moved) GTEST_SKIP() << "there is no other CPU";
    for (const auto& [name, measured] : here) {
        EXPECT_THAT(measured.written.own, Each(Not(AnyOfArray(there.at(name).written.own))))
            << name;
    }
}

TEST_F(EntryPoints, OfTheZoneNeedOneAtomicInstruction) {
    const Costs costs = measure_all();
    for (const char* name : {"zone, order 0, allocate", "zone, order 0, free",
                             "zone, 64 frames, allocate", "zone, 64 frames, free"}) {
        EXPECT_EQ(costs.at(name).cost.atomics, 1u) << name;
    }
}

TEST_F(EntryPoints, ThroughAStockCostTheSameWhileZonelistsAreRebuilt) {
    struct Pair {
        Order order;
        Cost allocated, freed;
    };
    std::vector<Pair> calm;
    EmulatedCpu cpu;
    for (const Order order : orders) {
        open_stock(order);
        calm.push_back({order, cpu.run(from_stock, &scene_), cpu.run(to_stock, &scene_)});
    }
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
        for (const Pair& pair : calm) {
            scene_.order = pair.order;
            EXPECT_EQ(cpu.run(from_stock, &scene_), pair.allocated) << +pair.order.value;
            EXPECT_NE(scene_.page, Pfn{});
            EXPECT_EQ(cpu.run(to_stock, &scene_), pair.freed) << +pair.order.value;
        }
        if (HasFailure()) break;
    }
    end = true;
    storm.join();
}

}  // namespace
}  // namespace anypage
