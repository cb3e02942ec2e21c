// A reader of snapshots sees all of one topology or all of the next, restarts at most once, and
// waits for nobody; the writer does not wait for readers. Snapshots are plain memory: what orders
// them is shown by the scenarios of `published`.
#include <anypage/core/protocol/snapshot.hpp>
#include <array>

#include "tests/scenario/scene.hpp"

namespace anypage::scenario {

namespace {

using Protocol = protocol::snapshot<W>;

constexpr const char* whole = "a list is all of one topology";

/// Two nodes of two kinds each. A topology says what each of the four zones is: here or not.
struct SnapshotScene {
    static constexpr unsigned zones = 4;  // by node, then kind: DMA32, Normal
    using Topology = std::array<bool, zones>;
    // What changes at once is more than one node's; the last one has a node less.
    static constexpr std::array<Topology, 3> topologies{{
        {false, true, false, true},
        {true, true, true, true},
        {true, false, false, false},
    }};

    explicit SnapshotScene(const KernelConfig& kernel) : protocol(kernel) {}

    /// Zones of a topology in the order in which a request from the first node tries them.
    static std::array<std::uint32_t, zones + 1> list(const Topology& topology) {
        std::array<std::uint32_t, zones + 1> order{};
        std::size_t count = 0;
        for (const std::uint32_t zone : {1u, 0u, 3u, 2u}) {
            if (topology[zone]) order[count++] = zone;
        }
        order[count] = zones;
        return order;
    }
    const Topology& topology_of(std::uint64_t generation) const {
        return topologies[(generation - first_generation) % topologies.size()];
    }

    void change_to(const Topology& topology) {
        for (std::uint32_t zone = 0; zone < zones; ++zone) {
            auto& each = machine.zone(ZoneId{zone});
            if (each.populated() != topology[zone]) each.adjust_present(topology[zone] ? 1 : -1);
        }
    }
    /// What hotplug does, and all at once. False: readers hold every snapshot.
    bool publish_next() {
        change_to(topology_of(protocol.generation() + 1));
        return protocol.rebuild(machine, {});
    }

    Machine<W> machine;
    Protocol protocol;
    std::uint64_t first_generation = 0;
};

SnapshotScene& make_snapshots(Setup& setup, unsigned in_play) {
    auto& scene = setup.make<SnapshotScene>(KernelConfig{});
    static constexpr CpuId cpus[] = {CpuId{0}};
    const MachineShape::Node nodes[] = {{NodeId{0}, cpus}, {NodeId{1}, {}}};
    using ZoneOf = MachineShape::ZoneOf;
    const ZoneOf zones[] = {
        ZoneOf{NodePos{0}, ZoneIndex::dma32, {Pfn{0}, 1}},
        ZoneOf{NodePos{0}, ZoneIndex::normal, {Pfn{8192}, 1}},
        ZoneOf{NodePos{1}, ZoneIndex::dma32, {Pfn{16384}, 1}},
        ZoneOf{NodePos{1}, ZoneIndex::normal, {Pfn{24576}, 1}},
    };
    static constexpr std::uint8_t distances[] = {10, 20, 20, 10};
    const MachineShape shape{nodes, zones, distances, 1};
    lay_out(setup, [&](Arena& arena) { scene.machine.carve(arena, shape); });
    setup.cpus = 2;
    lay_out(setup, [&](Arena& arena) { scene.protocol.carve(arena, scene.machine); });
    scene.change_to(SnapshotScene::topologies[0]);
    // The other slots are held by readers that never run again.
    for (unsigned held = in_play; held < Protocol::slot_count; ++held) {
        scene.protocol.rebuild(scene.machine, {});
        setup.make<Protocol::Reader>(scene.protocol, scene.machine, NodePos{0}, false);
    }
    scene.protocol.rebuild(scene.machine, {});
    scene.first_generation = scene.protocol.generation();
    for (std::uint32_t zone = 0; zone < SnapshotScene::zones; ++zone) {
        // present_ is private; whoever reads a counterexample finds it by its source line.
        setup.name(&scene.machine.zone(ZoneId{zone}), "zone " + std::to_string(zone));
    }
    return scene;
}

/// Walks the list and finds that of the topology of its generation, whoever comes in between.
void walk(const SnapshotScene& scene, const Protocol::Reader& reader) {
    const ZoneFilter filter;
    const auto expected = SnapshotScene::list(scene.topology_of(reader.generation()));
    Zoneref at = reader.first(filter);
    for (const std::uint32_t zone : expected) {
        const auto found = reader.zone(at);
        require((found ? found->value : SnapshotScene::zones) == zone, whole,
                "A list has zones of two topologies.");
        if (!found) return;
        // As a walk does: so these words are shared, and the writer is interrupted between them.
        scene.machine.zone(*found).populated();
        at = reader.next(at, filter);
    }
}

/// Two publications, of which the second has another first zone; and a request for a stock.
check::Scenario route_beside_publications() {
    return [](Setup& setup) {
        SnapshotScene& scene = make_snapshots(setup, 3);
        auto& published = setup.make<W::Atomic<std::uint64_t>>(std::uint64_t{0});
        setup.name(&published, "published");
        setup.thread("publish", 0, [&scene, &published] {
            scene.publish_next();
            scene.publish_next();
            published.store_release(1);
        });
        setup.thread("request", 1, [&scene, &published] {
            const bool later = published.load_acquire() != 0;
            const Route route = scene.protocol.routes().of(CpuId{0}, ZoneIndex::normal);
            require(route == Route::to(ZoneId{0}) || (!later && route == Route::to(ZoneId{1})),
                    "a route leads to where a list begins",
                    "A route leads elsewhere than the lists that the request may have.");
        });
    };
}

/// As a request that finds nothing: walks, and again if the list has changed.
void failing_request(SnapshotScene& scene) {
    Protocol::Reader reader(scene.protocol, scene.machine, NodePos{0}, false);
    BeginWait wait;
    unsigned restarts = 0;
    for (;;) {
        walk(scene, reader);
        if (!reader.changed(gfp::KERNEL)) break;
        const std::uint64_t before = reader.generation();
        reader.begin(gfp::KERNEL, wait);
        require(reader.generation() > before, "a restart sees the change",
                "A reader restarts and sees the list that it had.");
        ++restarts;
    }
    require(restarts <= 1, "a request restarts at most once", "It restarts again.");
}

void write(SnapshotScene& scene, unsigned changes) {
    for (unsigned i = 0; i < changes; ++i) {
        if (!scene.publish_next()) return;  // busy: the caller tries later, and never waits here
    }
}

check::Scenario request_beside_writer(unsigned in_play, unsigned changes) {
    return [=](Setup& setup) {
        SnapshotScene& scene = make_snapshots(setup, in_play);
        setup.thread("writer", 0, [&scene, changes] { write(scene, changes); });
        setup.thread("request", 1, [&scene] { failing_request(scene); }).may_stall = true;
    };
}

check::Scenario request_on_writer(ContextKind kind, unsigned changes) {
    return [=](Setup& setup) {
        SnapshotScene& scene = make_snapshots(setup, 2);
        setup.thread("writer", 0, [&scene, changes] { write(scene, changes); });
        handler(setup, kind, [&scene] { failing_request(scene); });
    };
}

/// Whoever is told that memory has come sees it in a list.
check::Scenario told_of_change() {
    return [](Setup& setup) {
        SnapshotScene& scene = make_snapshots(setup, 3);
        auto& told = setup.make<W::Atomic<std::uint64_t>>(std::uint64_t{0});
        setup.name(&told, "told");
        setup.thread("writer", 0, [&scene, &told] {
            write(scene, 1);
            told.store_release(scene.protocol.generation());
        });
        setup.thread("request", 1, [&scene, &told] {
            const std::uint64_t least = told.load_acquire();
            Protocol::Reader reader(scene.protocol, scene.machine, NodePos{0}, false);
            require(reader.generation() >= least, "what was published is seen",
                    "A reader that was told of a topology sees an older one.");
            walk(scene, reader);
        });
    };
}

}  // namespace

void add_snapshot_shows_one_topology(Catalogue& catalogue) {
    const auto add = [&](const std::string& name, const check::Scenario& scenario) -> Entry& {
        Entry made = entry("snapshot." + name,
                           "A reader sees all of one topology or all of the next, restarts at most "
                           "once, and nobody waits.",
                           scenario);
        made.assumes = "plain memory of a snapshot is ordered as published.* shows";
        catalogue.push_back(made);
        return catalogue.back();
    };
    add("request_beside_one_change", request_beside_writer(2, 1));
    add("request_beside_two_changes", request_beside_writer(2, 2));
    add("request_beside_two_changes_in_three_slots", request_beside_writer(3, 2));
    add("request_beside_three_changes", request_beside_writer(3, 3)).deep = true;
    for (const auto& [name, kind] : intruders()) {
        add("request_in_a_" + name + "_on_the_writer", request_on_writer(kind, 2));
    }
    add("request_that_was_told_sees_the_change", told_of_change());
    add("route_beside_two_publications", route_beside_publications());
}

}  // namespace anypage::scenario
