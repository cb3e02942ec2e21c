// Protocol: how zonelists reach readers while hotplug rebuilds them, and how a reader notices. One
// concept for what Linux tried and for ours; the allocator is a template over it.
//
// A *gate* is the part in which Linux's protocols differ: what a reader does before it uses a list
// (begin) and after it has failed with it (changed), and what the writer does round the rebuild
// (enter, leave). in_place.hpp makes a protocol out of a gate.
#pragma once

#include <concepts>
#include <cstdint>

#include "../base/gfp.hpp"
#include "../node/machine.hpp"
#include "kernel_config.hpp"

namespace anypage {

/// A position in a zonelist that outlives a walk (the kernel's preferred_zoneref). What it means is
/// the protocol's business; `end` is past the last zone.
struct Zoneref {
    std::uint32_t value = 0;
    static constexpr std::uint32_t end_value = ~std::uint32_t{0};
    static constexpr Zoneref end() { return {end_value}; }
    friend constexpr bool operator==(Zoneref, Zoneref) = default;
};

/// What a walk may use: kinds up to `highest`, nodes in `allowed` (null: all).
struct ZoneFilter {
    ZoneIndex highest = ZoneIndex::normal;
    const nodemask* allowed = nullptr;

    bool passes(ZoneIndex kind, NodeId node) const {
        return kind <= highest && (allowed == nullptr || allowed->has(node));
    }
};

/// What happens inside a write section that the protocol does not mean: a sanitizer's stack depot
/// that allocates. Called once a rebuild, in the middle; null: nothing.
struct SectionProbe {
    void (*call)(void* context) = nullptr;
    void* context = nullptr;

    void operator()() const {
        if (call != nullptr) call(context);
    }
};

/// How long a reader waited in begin.
struct BeginWait {
    std::uint64_t ns = 0;
};

template <class G>
concept Gate = requires(G gate, gfp_t flags, BeginWait& wait, typename G::Cookie cookie,
                        typename G::WriteState state) {
    requires std::constructible_from<G, const KernelConfig&>;
    { gate.begin(flags, wait) } -> std::same_as<typename G::Cookie>;
    { gate.changed(flags, cookie) } -> std::same_as<bool>;
    { gate.enter() } -> std::same_as<typename G::WriteState>;
    gate.leave(state);
    { gate.in_flight() } -> std::same_as<bool>;
    { G::name } -> std::convertible_to<const char*>;
};

/// What the allocator needs. A Reader is made for each request (origin node, this node only?),
/// lives on its stack and is used by it alone; all its calls are for any context.
template <class P>
concept Protocol = requires(P protocol, Machine<typename P::WorldT>& machine, Arena& arena,
                            typename P::Reader reader, gfp_t flags, BeginWait& wait, Zoneref at,
                            const ZoneFilter& filter, const SectionProbe& probe) {
    requires std::constructible_from<P, const KernelConfig&>;
    protocol.carve(arena, machine);
    requires std::constructible_from<typename P::Reader, P&, const Machine<typename P::WorldT>&,
                                     NodePos, bool>;
    reader.begin(flags, wait);                        // at restart
    { reader.changed(flags) } -> std::same_as<bool>;  // after failing: restart?
    { reader.key() } -> std::same_as<std::uint64_t>;  // what it keeps over a restart (World::Loop)
    { reader.first(filter) } -> std::same_as<Zoneref>;     // first zone that passes
    { reader.next(at, filter) } -> std::same_as<Zoneref>;  // next one that passes
    { reader.zone(at) } -> std::same_as<Maybe<ZoneId>>;    // unfiltered, as it stands now
    // The writer: one at a time is the protocol's own business. False: no room now, try again.
    { protocol.rebuild(machine, probe) } -> std::same_as<bool>;
    { protocol.rebuild_in_flight() } -> std::same_as<bool>;  // for statistics
    { P::name } -> std::convertible_to<const char*>;
};

}  // namespace anypage
