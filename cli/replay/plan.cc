// Plans a replay.
#include "cli/replay/plan.hpp"

#include <algorithm>

#include "host/text.hpp"

namespace anypage {
namespace {

// Room for what the recording holds at its peak, and as much again for the zones' own limits.
constexpr std::uint64_t room_factor = 2;
constexpr std::uint64_t frames_min = 65536;

bool names(const storm_swing& swing, NodeId node, ZoneIndex kind) {
    const bool node_named =
        swing.nodes.empty() || std::binary_search(swing.nodes.begin(), swing.nodes.end(), node);
    return node_named && (!swing.kind || *swing.kind == kind);
}

PfnRange largest(const std::vector<PfnRange>& ranges) {
    const auto found = std::max_element(ranges.begin(), ranges.end(),
                                        [](PfnRange a, PfnRange b) { return a.frames < b.frames; });
    return found == ranges.end() ? PfnRange{} : *found;
}

/// The first `frames` of the largest range, in whole sections; zones may begin inside of one.
PfnRange first_part(const std::vector<PfnRange>& ranges, std::uint64_t frames,
                    std::uint64_t section_frames) {
    const PfnRange range = largest(ranges);
    const std::uint64_t wanted = range.first.value + frames;
    const std::uint64_t end = (wanted + section_frames - 1) / section_frames * section_frames;
    return {range.first, std::min(end, range.end().value) - range.first.value};
}

class Planner {
public:
    explicit Planner(replay_plan& plan) : plan_(plan) {}

    result<bool, failure> run() {
        place_cpus();
        deal_events();
        for (const topology_node& node : plan_.machine.nodes) {
            for (const zone_span& zone : node.zones) {
                spans_.push_back(&zone);
                plan_.zones.push_back({node.id, zone.kind, ZoneRole::absent, {}, 0});
            }
        }
        if (plan_.weather.moves) {
            if (auto wrong = choose_swings()) return *wrong;
        }
        return size_stays();
    }

private:
    void place_cpus() {
        std::vector<NodeId> homes;
        for (const topology_node& node : plan_.machine.nodes) {
            if (!node.cpus.empty()) homes.push_back(node.id);
        }
        if (homes.empty()) homes.push_back(plan_.machine.nodes.front().id);
        for (std::size_t cpu = 0; cpu < plan_.recorded.cpus().size(); ++cpu) {
            plan_.node_of_cpu.push_back(homes[cpu % homes.size()]);
        }
    }

    void deal_events() {
        const auto events = plan_.recorded.events();
        plan_.events_of_thread.resize(plan_.options.threads);
        plan_.event_of_block.resize(plan_.recorded.blocks());
        for (std::uint32_t i = 0; i < events.size(); ++i) {
            plan_.events_of_thread[events[i].cpu % plan_.options.threads].push_back(i);
            if (events[i].kind == event_kind::allocate) plan_.event_of_block[events[i].block] = i;
        }
    }

    bool can_be_there(std::size_t zone) const {
        return plan_.zones[zone].kind != ZoneIndex::device && spans_[zone]->span.frames != 0;
    }
    /// What a zone that swings is made of, though it may not be there at the start.
    std::vector<PfnRange> possible(std::size_t zone) const {
        if (!spans_[zone]->present.empty()) return spans_[zone]->present;
        return {spans_[zone]->span};
    }

    void swing(std::size_t zone, std::uint64_t sections) {
        planned_zone& planned = plan_.zones[zone];
        if (planned.role == ZoneRole::swings) return;
        const std::uint64_t section = plan_.machine.section_frames;
        planned.role = ZoneRole::swings;
        planned.present = first_part(possible(zone), (sections - 1) * section + 1, section);
        plan_.targets.push_back(zone);
    }

    std::optional<failure> choose_swings() {
        if (plan_.weather.swings.empty()) return choose_default();
        for (const storm_swing& wanted : plan_.weather.swings) {
            if (auto wrong = choose_named(wanted)) return wrong;
        }
        return std::nullopt;
    }

    std::optional<failure> choose_named(const storm_swing& wanted) {
        for (const NodeId node : wanted.nodes) {
            if (plan_.machine.position(node) != plan_.machine.nodes.size()) continue;
            return failure{error::not_found, concat(plan_.weather.name, ":", wanted.line, ": node ",
                                                    node.value, " is not in ", plan_.machine.source,
                                                    "; `anypage topology` lists its nodes")};
        }
        bool any = false;
        for (std::size_t zone = 0; zone < plan_.zones.size(); ++zone) {
            if (!can_be_there(zone)) continue;
            if (!names(wanted, plan_.zones[zone].node, plan_.zones[zone].kind)) continue;
            swing(zone, wanted.sections);
            any = true;
        }
        if (any) return std::nullopt;
        return failure{error::not_found,
                       concat(plan_.weather.name, ":", wanted.line, ": ", plan_.machine.source,
                              " has no such zone; `anypage topology` lists its zones")};
    }

    // Movable zones are for going; without any, nodes that have no CPUs; else the last node.
    std::optional<failure> choose_default() {
        for (std::size_t zone = 0; zone < plan_.zones.size(); ++zone) {
            if (plan_.zones[zone].kind == ZoneIndex::movable) swing(zone, 1);
        }
        if (plan_.targets.empty())
            swing_nodes([](const topology_node& n) { return n.cpus.empty(); });
        if (plan_.targets.empty()) {
            const NodeId last = last_node_with_memory();
            swing_nodes([last](const topology_node& node) { return node.id == last; });
        }
        return std::nullopt;
    }

    template <class Accept>
    void swing_nodes(Accept accept) {
        for (std::size_t zone = 0; zone < plan_.zones.size(); ++zone) {
            const auto& node = plan_.machine.nodes[plan_.machine.position(plan_.zones[zone].node)];
            if (can_be_there(zone) && accept(node)) swing(zone, 1);
        }
    }

    NodeId last_node_with_memory() const {
        NodeId last = plan_.machine.nodes.front().id;
        for (std::size_t zone = 0; zone < plan_.zones.size(); ++zone) {
            if (can_be_there(zone)) last = plan_.zones[zone].node;
        }
        return last;
    }

    /// How much of each zone makes `wanted` frames together, where small ones give all they have.
    std::uint64_t share_of(const std::vector<std::size_t>& stays, std::uint64_t wanted) const {
        std::vector<std::uint64_t> rooms;
        for (const std::size_t zone : stays) rooms.push_back(largest(spans_[zone]->present).frames);
        std::sort(rooms.begin(), rooms.end());
        std::uint64_t share = 0;
        for (std::size_t i = 0; i < rooms.size(); ++i) {
            share = wanted / (rooms.size() - i) + 1;
            if (rooms[i] >= share) break;
            wanted -= rooms[i];
        }
        return share;
    }

    result<bool, failure> size_stays() {
        std::vector<std::size_t> stays;
        for (std::size_t zone = 0; zone < plan_.zones.size(); ++zone) {
            const bool there = can_be_there(zone) && !spans_[zone]->present.empty();
            if (there && plan_.zones[zone].role == ZoneRole::absent) stays.push_back(zone);
        }
        const bool normal = std::any_of(stays.begin(), stays.end(), [&](std::size_t zone) {
            return plan_.zones[zone].kind <= ZoneIndex::normal;
        });
        if (!normal) {
            return failure{
                error::invalid,
                concat("the storm ", plan_.weather.name, " takes all of ", plan_.machine.source,
                       ": nothing below Movable stays; leave a zone out of it")};
        }
        const std::uint64_t peak = plan_.recorded.summary().live_frames_max;
        const std::uint64_t each = share_of(stays, std::max(peak * room_factor, frames_min));
        for (const std::size_t zone : stays) {
            plan_.zones[zone].role = ZoneRole::stays;
            plan_.zones[zone].present =
                first_part(spans_[zone]->present, each, plan_.machine.section_frames);
        }
        for (planned_zone& zone : plan_.zones) {
            zone.first_slot = plan_.frames;
            plan_.frames += zone.present.frames;
        }
        return true;
    }

    replay_plan& plan_;
    std::vector<const zone_span*> spans_;
};

}  // namespace

result<replay_plan, failure> make_plan(const recording& recorded, const topology& machine,
                                       const storm& weather, const replay_options& options) {
    replay_plan plan{recorded, machine, weather, options, {}, {}, {}, {}, {}, 0};
    if (plan.options.threads == 0) {
        plan.options.threads =
            static_cast<unsigned>(std::max<std::size_t>(1, recorded.cpus().size()));
    }
    auto done = Planner(plan).run();
    if (!done) return done.error();
    return plan;
}

}  // namespace anypage
