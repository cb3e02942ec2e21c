// What stands in a cell: machine, writer and caller: see cell.hpp.
#include "cli/check/cell.hpp"

#include <fmt/format.h>

#include <anypage/core/alloc/page_allocator.hpp>
#include <anypage/core/protocol/all.hpp>
#include <array>

#include "cli/check/spec_zone.hpp"

namespace anypage::cli {

namespace {

using check::ContextKind;
using check::Preemption;
using check::Setup;

constexpr ZoneId normal_zone{0};
constexpr ZoneId movable_zone{1};
constexpr std::uint64_t zone_frames = 1024;

/// The machine of a cell, with its allocator, in the scenario's memory.
template <class P>
class Stage {
public:
    Stage(Setup& setup, const Platform& platform, Change change)
        : pages_(kernel_of(platform), hooks(platform), false),
          port_(LockKind::spin, platform.preemption == Preemption::rt, "port->lock"),
          change_(change) {
        const std::array<CpuId, 2> cpus{CpuId{0}, CpuId{1}};
        const std::array<MachineShape::Node, 1> nodes{{{NodeId{0}, {cpus.data(), platform.cpus}}}};
        const std::array<MachineShape::ZoneOf, 2> zones{
            {{NodePos{0}, ZoneIndex::normal, {Pfn{0}, zone_frames}},
             {NodePos{0}, ZoneIndex::movable, {Pfn{zone_frames}, zone_frames}}}};
        const std::array<std::uint8_t, 1> distances{10};
        MachineShape shape;
        shape.nodes = nodes;
        shape.zones = zones;
        shape.distances = distances;
        shape.cpu_count = platform.cpus;
        setup.cpus = platform.cpus;
        Arena measure;
        pages_.carve(measure, shape);
        Arena arena(static_cast<std::byte*>(setup.bytes(measure.used(), cache_line)));
        pages_.carve(arena, shape);
        zone(normal_zone).set_present(1);
        zone(normal_zone).fill(1);
        if (change != Change::add) {
            zone(movable_zone).set_present(1);
            zone(movable_zone).fill(1);
        }
        rebuild();
    }

    void change_zones() {
        if (change_ != Change::add) remove_zone();
        if (change_ == Change::add || change_ == Change::twice) add_zone();
    }
    void rebuild() { pages_.protocol().rebuild(pages_.machine(), {}); }

    /// NORMAL stays and has a free page throughout: order 0 must be served, and from there.
    void allocate(gfp_t flags, bool in_interrupt, bool nolock) {
        Request<SpecWorld> request;
        request.flags = flags;
        request.caller.in_interrupt = in_interrupt;
        request.nolock = nolock;
        const auto page = pages_.allocate(request);
        if (!page) {
            check::require(nolock, no_spurious_failure,
                           "NORMAL stays and has a free page throughout, and the request failed");
            return;
        }
        check::require(*page < Pfn{zone_frames}, no_misplaced_page,
                       "the request excludes MOVABLE and was given a page of it");
    }

    void write_tty() {
        const auto state = spin_lock_irqsave<SpecWorld>(port_, pages_.kernel().preempt_rt);
        allocate(gfp::ATOMIC | gfp::NOWARN, false, false);
        spin_unlock_irqrestore<SpecWorld>(port_, pages_.kernel().preempt_rt, state);
    }
    SpecWorld::Lock& port() { return port_; }

private:
    // offline_pages and online_pages, as far as zonelists see them.
    void remove_zone() {
        zone(movable_zone).fill(0);
        zone(movable_zone).set_present(0);
        rebuild();
    }
    void add_zone() {
        zone(movable_zone).set_present(1);
        rebuild();
        zone(movable_zone).fill(1);
    }

    static KernelConfig kernel_of(const Platform& platform) {
        KernelConfig kernel;
        kernel.preempt_rt = platform.preemption == Preemption::rt;
        kernel.hotremove = platform.hotremove;
        kernel.check_sites = platform.check_sites == 2 ? CheckSites::two : CheckSites::three;
        return kernel;
    }
    static ReclaimHooks hooks(const Platform& platform) {
        ReclaimHooks hooks;
        if (platform.reclaim_sleeps) {
            hooks.direct_reclaim = [](void*, const ReclaimControl&) -> std::uint64_t {
                SpecWorld::sleep_tick();
                return 0;
            };
        }
        hooks.out_of_memory = [](void*, const ReclaimControl&) {
            check::require(false, no_needless_kill,
                           "NORMAL stays and has a free page throughout, and the request asked for "
                           "a task to be killed");
            return false;
        };
        return hooks;
    }
    SpecZone& zone(ZoneId id) { return pages_.machine().zone(id); }

    PageAllocator<P> pages_;
    SpecWorld::Lock port_;
    const Change change_;
};

template <class P>
void add_caller(Setup& setup, const CellKey& key, Stage<P>& stage) {
    constexpr unsigned writer = 0;
    const unsigned elsewhere = key.platform.cpus - 1;
    const auto asks = [&stage](gfp_t flags, bool in_interrupt) {
        return [&stage, flags, in_interrupt] { stage.allocate(flags, in_interrupt, false); };
    };
    const bool ours = key.protocol == "snapshot";
    switch (key.caller) {
        case CallerKind::reclaiming:
            setup.thread("reader", elsewhere, asks(gfp::KERNEL, false));
            return;
        case CallerKind::nowait:
            setup.thread("reader", elsewhere, asks(gfp::NOWAIT, false));
            return;
        case CallerKind::fifo:
            setup.fifo("FIFO reader", 0, 10, asks(gfp::KERNEL, false));
            return;
        case CallerKind::softirq:
            setup.handler("softirq", ContextKind::softirq, 0, asks(gfp::ATOMIC, true));
            return;
        case CallerKind::hardirq:
            setup.handler("handler", ContextKind::hardirq, 0, asks(gfp::ATOMIC, true));
            return;
        case CallerKind::nmi:
            setup.handler("NMI", ContextKind::nmi, 0,
                          [&stage, ours] { stage.allocate(gfp::ATOMIC, true, !ours); });
            return;
        case CallerKind::signal:
            setup.signal("signal handler", writer, asks(gfp::ATOMIC, true));
            return;
        case CallerKind::pty:
        case CallerKind::diagnostic:
            setup.thread("tty writer", elsewhere, [&stage] { stage.write_tty(); });
            return;
        case CallerKind::depot:
            return;
    }
}

template <class P>
void build(Setup& setup, const CellKey& key, Change change) {
    auto& stage = setup.make<Stage<P>>(setup, key.platform, change);
    const bool prints = key.caller == CallerKind::pty || key.caller == CallerKind::diagnostic;
    SpecWorld::attach_console(prints ? &stage.port() : nullptr);
    setup.thread("writer", 0, [&stage] { stage.change_zones(); });
    if (key.caller == CallerKind::diagnostic || key.caller == CallerKind::depot) {
        auto& writer = setup.contexts.front();
        writer.intrusion_place = "is inside of the write section";
        if (key.caller == CallerKind::diagnostic && key.platform.preemption == Preemption::rt) {
            writer.intrusion_place.clear();  // a thread of its own prints: nothing comes in
        } else if (key.caller == CallerKind::diagnostic) {
            writer.intrusion = [] { SpecWorld::printk("a diagnostic"); };
        } else {
            // The stack depot: no reclaim bit at all.
            writer.intrusion = [&stage] { stage.allocate(gfp::NOWARN, false, false); };
        }
    }
    add_caller(setup, key, stage);
    if (change == Change::two_writers) {
        setup.thread("other writer", key.platform.cpus - 1, [&stage] { stage.rebuild(); });
    }
}

using Builder = void (*)(Setup&, const CellKey&, Change);
struct Named {
    const char* name;
    Builder build;
};

template <class P>
constexpr Named named{P::name, &build<P>};

namespace p = protocol;
constexpr Named builders[] = {
    named<p::unchecked<SpecWorld>>,      named<p::seqlock<SpecWorld>>,
    named<p::seqlock_irqoff<SpecWorld>>, named<p::seqlock_irqsave<SpecWorld>>,
    named<p::reclaim_only<SpecWorld>>,   named<p::odd_even<SpecWorld>>,
    named<p::raw_seqcount<SpecWorld>>,   named<p::snapshot<SpecWorld>>,
};

}  // namespace

const char* name_of(CallerKind kind) {
    constexpr const char* names[] = {"thread", "nowait", "fifo", "softirq",    "hardirq",
                                     "nmi",    "signal", "pty",  "diagnostic", "depot"};
    return names[static_cast<unsigned>(kind)];
}

const char* name_of(Change change) {
    constexpr const char* names[] = {"remove", "add", "twice", "two-writers"};
    return names[static_cast<unsigned>(change)];
}

const char* sentence_of(Change change) {
    constexpr const char* sentences[] = {"hotplug removes a zone", "hotplug adds a zone",
                                         "hotplug removes a zone and adds it again",
                                         "hotplug removes a zone, and somebody else rebuilds, too"};
    return sentences[static_cast<unsigned>(change)];
}

const std::vector<std::string>& protocol_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const Named& each : builders) all.emplace_back(each.name);
        return all;
    }();
    return names;
}

check::Scenario cell_scenario(const CellKey& key, Change change) {
    return [key, change](Setup& setup) {
        for (const Named& each : builders) {
            if (key.protocol == each.name) each.build(setup, key, change);
        }
    };
}

check::ExploreConfig cell_config(const CellKey& key, check::Model model, const CellLimits& limits) {
    check::ExploreConfig config;
    config.execution.model = model;
    config.execution.preemption = key.platform.preemption;
    config.execution.throttling = key.platform.throttling;
    config.execution.load_buffering = true;
    config.states_max = limits.states;
    config.seconds_max = limits.seconds;
    config.first_only = false;
    return config;
}

namespace {

/// Where a part is kept: everything that tells it from the others of a matrix.
std::string file_of(const CellKey& key, Change change, check::Model model,
                    const std::string& folder) {
    const Platform& platform = key.platform;
    return fmt::format(
        "{}/{}-{}-{}cpus-{}-{}-{}{}{}{}{}.exploration", folder, key.protocol,
        check::name_of(platform.preemption), platform.cpus, name_of(key.caller), name_of(change),
        check::name_of(model), platform.hotremove ? "" : "-no-hotremove",
        platform.check_sites == 3 ? "" : "-2sites", platform.throttling ? "-throttling" : "",
        platform.reclaim_sleeps ? "-reclaim-sleeps" : "");
}

}  // namespace

std::vector<CellPart> explore_cell(const CellKey& key, const CellSearch& search) {
    std::vector<CellPart> parts;
    const unsigned changes = search.deep ? change_kinds : 2;
    for (const check::Model model : search.models) {
        for (unsigned number = 0; number < changes; ++number) {
            const auto change = static_cast<Change>(number);
            if (change != Change::add && !key.platform.hotremove) continue;
            auto config = cell_config(key, model, search.limits);
            config.processes = search.processes;
            config.stop = search.stop;
            if (!search.folder.empty()) config.file = file_of(key, change, model, search.folder);
            parts.push_back({change, model, check::explore(config, cell_scenario(key, change))});
        }
    }
    return parts;
}

}  // namespace anypage::cli
