// MachineScene: a machine with its allocator and hotplug, a naive model of each of its zones, and
// the runs that the test holds. What is wrong is written to `problem`, which stays empty in a good
// run.
#pragma once

#include <array>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/test_machine.hpp"
#include "tests/support/zone_scene.hpp"

namespace anypage::test {

template <class P>
class MachineScene {
public:
    using W = typename P::WorldT;

    explicit MachineScene(const MachinePlan& plan) : machine(plan) {
        for (std::uint32_t id = 0; id < plan.zones.size(); ++id) {
            PfnRange range = machine.zone(id).span();
            models.emplace_back(range);
            range.frames = std::min(range.frames, plan.zones[id].online);
            models.back().online(range);
        }
    }

    /// The test has been given a run.
    void take(Pfn pfn, Order order) {
        if (!models[machine.zone_of(pfn)].take(pfn, order)) {
            report(pfn, order, "is somebody else's");
        }
        held.push_back({pfn, order});
    }
    /// Asks, and checks that the answer is right by the documents.
    std::optional<Pfn> allocate(const Request<W>& request) {
        const bool must = must_succeed(request);
        const std::vector<bool> may = may_serve(request);
        const auto page = machine.pages.allocate(request);
        if (!page) {
            if (must) report(Pfn{0}, request.order, "failed although a zone could serve it");
            return std::nullopt;
        }
        if (!may[machine.zone_of(*page)]) report(*page, request.order, "was kept from the request");
        take(*page, request.order);
        return *page;
    }
    std::size_t allocate_bulk(const Request<W>& request, std::size_t wanted) {
        const bool must = must_succeed(request);
        std::vector<Pfn> pages(wanted);
        const std::size_t count = machine.pages.allocate_bulk(request, pages);
        if (must && wanted != 0 && count == 0) report(Pfn{0}, Order{0}, "no bulk at all");
        for (std::size_t i = 0; i < count; ++i) take(pages[i], Order{0});
        return count;
    }

    /// Right or wrong; true if it was right.
    bool free(Pfn pfn, Order order) {
        const FreeOutcome expected = verdict(pfn, order);
        if (expected.fault == FreeFault::none) forget({pfn, order});
        const FreeOutcome outcome = machine.pages.free(pfn, order);
        check_fault(pfn, order, expected, outcome.fault);
        return outcome.fault == FreeFault::none;
    }
    /// In the order given; stops at the first that is wrong.
    void free_bulk(const std::vector<Pfn>& pages) {
        std::size_t expected = 0;
        while (expected < pages.size() &&
               verdict(pages[expected], Order{0}).fault == FreeFault::none) {
            forget({pages[expected++], Order{0}});
        }
        const std::size_t count = machine.pages.free_bulk(pages);
        if (count != expected) report(Pfn{count}, Order{0}, "frames of a bulk were freed");
    }
    void free_all() {
        while (!held.empty()) free(held.back().pfn, held.back().order);
    }

    /// A range that is all offline comes, another one goes if nobody uses it.
    void hotplug(std::uint32_t id, PfnRange range) {
        ZoneModel& model = models[id];
        if (model.is_offline(range)) {
            if (!machine.hotplug.online(range, 0)) return report(range.first, {}, "not onlined");
            return model.online(range);
        }
        const bool idle = model.is_idle(range);
        const auto outcome = machine.hotplug.offline(range, 0);
        if (!outcome) return report(range.first, {}, to_string(outcome.error()));
        if ((outcome->left == 0) != idle) report(range.first, {}, "offline is wrong about use");
        if ((outcome->blocker_count == 0) != idle) report(range.first, {}, "blockers are wrong");
        if (idle) model.offline(range);
    }

    /// At quiescence: everything agrees with itself and with the models.
    void check() {
        const AllocatorValidation validation = machine.validated();
        if (!validation) report(validation.where, {}, validation);
        std::uint64_t free = 0;
        for (const ZoneModel& model : models) free += model.free_count();
        if (validation.free + validation.stocked != free) {
            report(Pfn{validation.free + validation.stocked}, {}, "frames free, unlike the model");
        }
    }

    TestMachine<P> machine;
    std::vector<ZoneModel> models;
    std::vector<Run> held;
    std::string problem;

private:
    /// A walk of the slow path, as the kernel's documents have it: with which flags it looks at
    /// zones, and whether the caller's policy binds it. The first walk dips as the flags say; the
    /// last one uses the reserves that the caller may use, and then, or for an atomic request, no
    /// policy.
    struct Pass {
        AllocFlags flags;
        bool bound = true;
    };
    std::array<Pass, 2> passes(const Request<W>& request) const {
        const AllocFlags first = slow_path_flags(request.flags, request.order, request.caller);
        const AllocFlags reserve = reserve_flags(request.flags, request.caller);
        const bool bound = first.has(alloc::CPUSET) && reserve.bits == 0;
        return {Pass{first, true}, Pass{reserve.bits != 0 ? reserve : first, bound}};
    }

    bool eligible(const Request<W>& request, std::uint32_t id, bool bound) {
        auto& pages = machine.pages.machine();
        const Zone<W>& zone = machine.zone(id);
        if (zone.kind() > *gfp_zone(request.flags) || models[id].online_count() == 0) return false;
        const NodeId origin =
            request.node == node_local ? pages.node_id(pages.node_of(W::cpu())) : request.node;
        if (request.flags.has(gfp::THISNODE) && zone.node() != origin) return false;
        return !bound || request.allowed == nullptr || request.allowed->has(zone.node());
    }
    // __zone_watermark_ok at the min mark, word for word.
    bool leaves_enough(const Request<W>& request, std::uint32_t id, AllocFlags flags) {
        if (flags.has(alloc::NO_WATERMARKS)) return true;
        const Zone<W>& zone = machine.zone(id);
        auto free = static_cast<std::int64_t>(models[id].free_count());
        auto min = static_cast<std::int64_t>(zone.mark(Watermark::min));
        free -= (std::int64_t{1} << request.order.value) - 1;
        if (flags.has(alloc::RESERVES)) {
            if (flags.has(alloc::MIN_RESERVE)) {
                min -= min / 2;
                if (flags.has(alloc::NON_BLOCK)) min -= min / 4;
            }
            if (flags.has(alloc::OOM)) min -= min / 2;
        }
        return free >
               min + static_cast<std::int64_t>(zone.lowmem_reserve(*gfp_zone(request.flags)));
    }

    bool must_succeed(const Request<W>& request) {
        // The slow path gives up early if the policy leaves no zone at all, even for a request that
        // would ignore it.
        bool any = false;
        bool served = false;
        for (std::uint32_t id = 0; id < models.size(); ++id) {
            any |= eligible(request, id, true);
            for (const Pass& pass : passes(request)) {
                served |= eligible(request, id, pass.bound) &&
                          leaves_enough(request, id, pass.flags) &&
                          models[id].has_run(request.order);
            }
        }
        return any && served;
    }
    /// For each zone, whether this request may have its frames. Orders that stocks serve may come
    /// out of one, and then the mark is not asked for.
    std::vector<bool> may_serve(const Request<W>& request) {
        std::vector<bool> may(models.size());
        for (std::uint32_t id = 0; id < models.size(); ++id) {
            for (const Pass& pass : passes(request)) {
                if (!eligible(request, id, pass.bound)) continue;
                if (Stocks<W>::serves(request.order) || leaves_enough(request, id, pass.flags)) {
                    may[id] = true;
                }
            }
        }
        return may;
    }

    FreeOutcome verdict(Pfn pfn, Order order) {
        const auto id = machine.pages.machine().zone_of(pfn);
        if (!id) return {FreeFault::foreign, {}};
        return models[id->value].verdict(pfn, order);
    }
    // A run in a stock is free to the model, and allocated to its zone: there only that something
    // is wrong is certain.
    void check_fault(Pfn pfn, Order order, const FreeOutcome& expected, FreeFault found) {
        if ((expected.fault == FreeFault::none) != (found == FreeFault::none) ||
            (expected.fault != FreeFault::double_free && expected.fault != found)) {
            report(pfn, order, found);
        }
    }

    void forget(Run run) {
        models[machine.zone_of(run.pfn)].give(run.pfn, run.order);
        const auto at = std::find(held.rbegin(), held.rend(), run);
        held.erase(std::next(at).base());
    }

    template <class What>
    void report(Pfn pfn, Order order, const What& what) {
        if (!problem.empty()) return;
        std::ostringstream words;
        words << pfn << ' ' << order << ": " << what;
        problem = words.str();
    }
};

}  // namespace anypage::test
