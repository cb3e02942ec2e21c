// The entry points that are counted: each calls the library with what is in a Scene, and there is
// nothing round it. They have a file of their own, for what a compiler inlines depends on what else
// a file holds.
#pragma once

#include <array>

#include "protocol/snapshot.hpp"
#include "sync/published.hpp"
#include "tests/support/one_cpu.hpp"
#include "tests/support/test_machine.hpp"
#include "world/native.hpp"

namespace anypage::test {

inline constexpr std::size_t batch_size = 64;
inline constexpr std::uint32_t counted_cpus = 2;  // a zone's free frames are counted on so many

/// A machine of two nodes, of which this CPU belongs to the first, and what calls leave behind.
struct Scene {
    static MachinePlan plan(CpuId cpu) {
        MachinePlan plan;
        plan.node_ids = {0, 1};
        plan.cpus = {std::max(cpu.value + 1, counted_cpus), 0};
        plan.zones = {{0, ZoneIndex::normal, 1 << 16}, {1, ZoneIndex::normal, 1 << 14}};
        plan.checked = false;
        return plan;
    }

    const OnOneCpu pinned;
    TestMachine<protocol::snapshot<NativeWorld>> machine{plan(pinned.cpu())};
    Zone<NativeWorld>& zone = machine.zone(0);
    FastPath<NativeWorld> fast = machine.pages.fast_path();
    CpuId cpu = pinned.cpu();
    Published<NativeWorld> published;
    const ZeroedMemory counts = carve_zeroed([&](Arena& arena) { published.carve(arena); });
    // The caller's, on lines of their own: writing them is no cost of the call.
    alignas(cache_line) Order order{};
    Pfn page{};
    std::array<Pfn, batch_size> batch{};
    Version version{};
};

/// Of a Scene.
using Entry = void (*)(void* scene);

namespace entry {

void from_stock(void* scene);
void to_stock(void* scene);
void allocate(void* scene);
void free_page(void* scene);
void allocate_bulk(void* scene);
void free_bulk(void* scene);
void zone_allocate(void* scene);
void zone_free(void* scene);
void zone_batch(void* scene);
void zone_free_batch(void* scene);
void pin(void* scene);
void unpin(void* scene);

}  // namespace entry
}  // namespace anypage::test
