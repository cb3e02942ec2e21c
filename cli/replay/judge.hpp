// Judge: was a failure for nothing? A request has failed spuriously if some zone that it may use
// could have served it throughout. The zones that stay are witnesses: with a zone's monotone
// counts,
//     freed before the call - allocated after it - what others were just taking
// is at most the number of frames that were free at every instant between. If that exceeds the mark
// that the request must leave, the zone could have served it; a run above order 0 must also have
// lain free and untouched throughout. What this does not prove is left undecided, never counted as
// spurious.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "alloc/request.hpp"
#include "cli/replay/agent.hpp"
#include "cli/replay/ledger.hpp"
#include "node/machine.hpp"

namespace anypage {

template <World W>
class judge {
public:
    static constexpr std::size_t witnesses_max = 3;

    /// What is known of the witnesses before a call.
    struct before {
        std::size_t count = 0;
        std::array<std::size_t, witnesses_max> zones{};
        std::array<std::uint64_t, witnesses_max> freed{};
        std::optional<std::size_t> run_zone;
        Pfn run{};
        std::uint64_t run_stamps = 0;
    };

    judge(const replay_plan& plan, Machine<W>& machine, const ledger& owners)
        : plan_(plan), machine_(machine), owners_(owners) {}

    /// Once, after boot and with everything there: the strictest mark and reserve of each zone, and
    /// who bears witness for whom.
    void settle() {
        for (std::size_t zone = 0; zone < plan_.zones.size(); ++zone) {
            marks_.push_back(machine_.zone(id(zone)).mark(Watermark::min));
            reserves_.push_back({});
            for (unsigned kind = 0; kind < zone_index_count; ++kind) {
                reserves_.back()[kind] =
                    machine_.zone(id(zone)).lowmem_reserve(static_cast<ZoneIndex>(kind));
            }
        }
        for (std::size_t node = 0; node < machine_.node_count(); ++node) choose_witnesses(node);
    }
    /// The min marks as they are now, where they are higher than before: without the zones that
    /// swing.
    void settle_marks() {
        for (std::size_t zone = 0; zone < plan_.zones.size(); ++zone) {
            marks_[zone] = std::max(marks_[zone], machine_.zone(id(zone)).mark(Watermark::min));
        }
    }

    before look(const wish& asked) const {
        before seen;
        const auto node = machine_.position(asked.node);
        const auto highest = gfp_zone(asked.flags);
        if (!node || !highest) return seen;
        for (const std::size_t zone : witnesses_[node->value]) {
            if (!permits(asked, *highest, zone)) continue;
            seen.zones[seen.count] = zone;
            seen.freed[seen.count] = machine_.zone(id(zone)).freed_frames();
            if (++seen.count == witnesses_max) break;
        }
        if (asked.order.value != 0 && seen.count != 0) find_run(asked.order, seen);
        return seen;
    }

    /// Called right after a failure. `taking` bounds what others had taken and not counted yet.
    bool was_spurious(const wish& asked, AllocFlags flags, const before& seen,
                      std::uint64_t taking) const {
        const auto highest = *gfp_zone(asked.flags);
        for (std::size_t i = 0; i < seen.count; ++i) {
            const std::size_t zone = seen.zones[i];
            if (asked.order.value != 0 && (seen.run_zone != zone || !run_untouched(asked, seen))) {
                continue;
            }
            const auto least = static_cast<std::int64_t>(
                seen.freed[i] - machine_.zone(id(zone)).allocated_frames() - taking);
            // Marks move a little with every rebuild: the higher one counts.
            const std::uint64_t mark =
                std::max(marks_[zone], machine_.zone(id(zone)).mark(Watermark::min));
            if (watermark::leaves_enough(least, asked.order, mark,
                                         reserves_[zone][static_cast<unsigned>(highest)], flags)) {
                return true;
            }
        }
        return false;
    }

    /// May the request be given a page of this zone?
    bool permits(const wish& asked, ZoneIndex highest, std::size_t zone) const {
        const planned_zone& planned = plan_.zones[zone];
        if (planned.kind > highest) return false;
        if (asked.flags.has(gfp::THISNODE) && planned.node != asked.node) return false;
        // Requests that ignore memory policies: see the slow path's retry.
        const bool ignores = !asked.flags.has(gfp::DIRECT_RECLAIM) && asked.flags.has(gfp::HIGH);
        return asked.allowed == nullptr || ignores || asked.allowed->has(planned.node);
    }

private:
    static ZoneId id(std::size_t zone) { return {static_cast<std::uint32_t>(zone)}; }

    // The nearest zones that stay, two of each kind that requests differ by, so that every request
    // finds some of its own.
    void choose_witnesses(std::size_t node) {
        const NodePos from{static_cast<std::uint16_t>(node)};
        std::vector<std::size_t> stays;
        for (std::size_t zone = 0; zone < plan_.zones.size(); ++zone) {
            if (plan_.zones[zone].role == ZoneRole::stays) stays.push_back(zone);
        }
        const auto away = [&](std::size_t zone) {
            return machine_.distance(from, *machine_.position(plan_.zones[zone].node));
        };
        std::stable_sort(stays.begin(), stays.end(), [&](std::size_t a, std::size_t b) {
            const int nearer = int{away(a)} - int{away(b)};
            return nearer != 0 ? nearer < 0 : plan_.zones[a].kind > plan_.zones[b].kind;
        });
        std::array<unsigned, zone_index_count> have{};
        witnesses_.emplace_back();
        for (const std::size_t zone : stays) {
            if (++have[static_cast<unsigned>(plan_.zones[zone].kind)] > witnesses_max) continue;
            witnesses_.back().push_back(zone);
        }
    }

    // A free run in a witness, by a short look from its start on.
    void find_run(Order order, before& seen) const {
        for (std::size_t i = 0; i < seen.count; ++i) {
            const auto& zone = machine_.zone(id(seen.zones[i]));
            const PfnRange present = plan_.zones[seen.zones[i]].present;
            const std::uint64_t first = present.first.value + order.frames() - 1;
            Pfn run{first / order.frames() * order.frames()};
            for (unsigned probe = 0; probe < probes_max; ++probe, run = run + order.frames()) {
                if (!present.contains(PfnRange{run, order.frames()})) break;
                if (!is_free(zone, run, order)) continue;
                seen.run_zone = seen.zones[i];
                seen.run = run;
                seen.run_stamps = owners_.stamps(seen.zones[i], run, order);
                // Free before the stamps were read and free after: no matter what came between.
                if (is_free(zone, run, order)) return;
                seen.run_zone.reset();
            }
        }
    }
    bool run_untouched(const wish& asked, const before& seen) const {
        const auto& zone = machine_.zone(id(*seen.run_zone));
        return is_free(zone, seen.run, asked.order) &&
               owners_.stamps(*seen.run_zone, seen.run, asked.order) == seen.run_stamps;
    }
    static bool is_free(const Zone<W>& zone, Pfn run, Order order) {
        for (std::uint64_t i = 0; i < order.frames(); ++i) {
            if (!zone.map().is_free(zone.index_of(run + i))) return false;
        }
        return true;
    }

    static constexpr unsigned probes_max = 256;

    const replay_plan& plan_;
    Machine<W>& machine_;
    const ledger& owners_;
    std::vector<std::uint64_t> marks_;
    std::vector<std::array<std::uint64_t, zone_index_count>> reserves_;
    std::vector<std::vector<std::size_t>> witnesses_;  // by node position
};

}  // namespace anypage
