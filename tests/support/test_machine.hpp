// TestMachine: a small machine with its allocator and its hotplug, in memory of its own, for tests.
#pragma once

#include <cstdlib>
#include <deque>
#include <utility>
#include <vector>

#include "alloc/validate.hpp"
#include "hotplug/hotplug.hpp"
#include "tests/support/test_zone.hpp"

namespace anypage::test {

/// What to build. Zones lie one behind the other, each from a new tree on.
struct MachinePlan {
    static constexpr std::uint64_t all = ~std::uint64_t{0};
    struct ZoneOf {
        std::uint16_t node = 0;  ///< position
        ZoneIndex kind = ZoneIndex::normal;
        std::uint64_t frames = 4096;
        std::uint64_t online = all;  ///< frames that are there from the start
    };
    std::vector<std::uint16_t> node_ids{0};
    std::vector<unsigned> cpus{};  ///< how many each node has; CPU ids ascend. Empty: one each.
    std::vector<ZoneOf> zones{ZoneOf{}};
    std::vector<std::uint8_t> distances{};  ///< empty: 10 to itself, 20 to others
    KernelConfig kernel{};
    ReclaimHooks hooks{};
    bool checked = true;
    HotplugConfig hotplug{.section_frames = 512};
};

template <class P>
class TestMachine {
public:
    using W = typename P::WorldT;

    explicit TestMachine(const MachinePlan& plan = {})
        : pages(plan.kernel, plan.hooks, plan.checked),
          hotplug(pages, plan.hotplug),
          memory_(build(plan)) {
        std::vector<std::pair<ZoneId, PfnRange>> ranges;
        for (std::uint32_t i = 0; i < plan.zones.size(); ++i) {
            PfnRange range = zone(i).span();
            range.frames = std::min(range.frames, plan.zones[i].online);
            if (range.frames != 0) ranges.emplace_back(ZoneId{i}, range);
        }
        if (!hotplug.boot(ranges)) std::abort();
    }
    TestMachine(const TestMachine&) = delete;
    TestMachine& operator=(const TestMachine&) = delete;

    Zone<W>& zone(std::uint32_t id) { return pages.machine().zone(ZoneId{id}); }
    PfnRange section(std::uint32_t id, std::uint64_t index, std::uint64_t frames = 512) {
        return {zone(id).span().first + index * frames, frames};
    }
    void drain() {
        for (std::uint32_t id = 0; id < pages.machine().zone_count(); ++id) {
            pages.drain(ZoneId{id});
        }
    }
    AllocatorValidation validated() const { return validate(pages); }
    /// The zone that a frame lies in.
    std::uint32_t zone_of(Pfn pfn) { return pages.machine().zone_of(pfn)->value; }

    PageAllocator<P> pages;
    Hotplug<P> hotplug;

private:
    ZeroedMemory build(const MachinePlan& plan) {
        std::deque<std::vector<CpuId>> cpus;
        std::vector<MachineShape::Node> nodes;
        std::uint32_t cpu_count = 0;
        for (std::size_t i = 0; i < plan.node_ids.size(); ++i) {
            auto& own = cpus.emplace_back();
            const unsigned count = plan.cpus.empty() ? 1 : plan.cpus[i];
            for (unsigned j = 0; j < count; ++j) own.push_back(CpuId{cpu_count++});
            nodes.push_back({NodeId{plan.node_ids[i]}, own});
        }
        std::vector<MachineShape::ZoneOf> zones;
        std::uint64_t first = layout::tree_frames;
        for (const auto& each : plan.zones) {
            zones.push_back({NodePos{each.node}, each.kind, {Pfn{first}, each.frames}});
            first += layout::divide_up(each.frames, layout::tree_frames) * layout::tree_frames;
        }
        std::vector<std::uint8_t> distances = plan.distances;
        if (distances.empty()) {
            distances.assign(nodes.size() * nodes.size(), 20);
            for (std::size_t i = 0; i < nodes.size(); ++i) distances[i * nodes.size() + i] = 10;
        }
        const MachineShape shape{nodes, zones, distances, std::max(cpu_count, 1u)};
        return carve_zeroed([&](Arena& arena) {
            pages.carve(arena, shape);
            hotplug.carve(arena);
        });
    }

    ZeroedMemory memory_;
};

}  // namespace anypage::test

namespace anypage {

inline std::ostream& operator<<(std::ostream& out, const AllocatorValidation& validation) {
    return out << to_string(validation.problem) << " in zone " << validation.zone.value << " at "
               << validation.where.value << " (" << validation.of_zone << ")";
}

}  // namespace anypage
