// ZoneScene: a zone, its model, and the runs that the test holds. Each operation on it checks what
// it can by itself: that nobody is given what another has, that a correct free is taken, that
// faults are named. What is wrong is written to `problem`, which stays empty in a good run.
#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/test_zone.hpp"
#include "tests/support/zone_model.hpp"

namespace anypage::test {

struct Run {
    Pfn pfn;
    Order order;
    friend bool operator==(Run, Run) = default;
};

template <World W>
class ZoneScene {
public:
    explicit ZoneScene(const ZonePlan& plan = {}) : zone(plan), model(zone.span()) {
        if (plan.online) model.online(zone.span());
    }

    std::optional<Run> allocate(Order order, Migratetype type = Migratetype::unmovable,
                                CpuId cpu = {0}) {
        const auto pfn = zone->allocate(order, type, cpu);
        if (!pfn) return std::nullopt;
        if (!model.take(*pfn, order)) report(*pfn, order, "is somebody else's");
        held.push_back({*pfn, order});
        return held.back();
    }
    std::size_t allocate_batch(std::size_t wanted, Migratetype type = Migratetype::unmovable,
                               CpuId cpu = {0}) {
        std::vector<Pfn> pages(wanted);
        const std::size_t count = zone->allocate_batch(pages, type, cpu);
        for (std::size_t i = 0; i < count; ++i) {
            if (!model.take(pages[i], Order{0})) report(pages[i], Order{0}, "is somebody else's");
            held.push_back({pages[i], Order{0}});
        }
        return count;
    }
    /// The model knows first: whoever interrupts may be given the run as soon as it is.
    void free(Run run, CpuId cpu = {0}) {
        forget(run);
        const FreeOutcome outcome = zone->free(run.pfn, run.order, cpu);
        if (outcome.fault != FreeFault::none) report(run.pfn, run.order, outcome.fault);
    }
    /// A free that may be wrong; true if it was right.
    bool try_free(Pfn pfn, Order order, CpuId cpu = {0}) {
        const auto expected = model.verdict(pfn, order);
        if (expected.fault == FreeFault::none) {
            free({pfn, order}, cpu);
            return true;
        }
        const FreeOutcome outcome = zone->free(pfn, order, cpu);
        const bool names_order =
            outcome.fault == FreeFault::wrong_order || outcome.fault == FreeFault::interior;
        if (outcome.fault != expected.fault || (names_order && outcome.actual != expected.actual)) {
            report(pfn, order, outcome.fault);
        }
        return false;
    }
    /// Gives single frames that the test holds back, together; one by one where that stops.
    void free_batch(const std::vector<Pfn>& pages, CpuId cpu = {0}) {
        for (const Pfn pfn : pages) forget({pfn, Order{0}});
        for (std::size_t done = 0; done < pages.size();) {
            const std::size_t count = zone->free_batch(std::span(pages).subspan(done), cpu);
            done += count;
            if (count != 0) continue;
            const FreeOutcome outcome = zone->free(pages[done], Order{0}, cpu);
            if (outcome.fault != FreeFault::none) report(pages[done], Order{0}, outcome.fault);
            ++done;
        }
    }
    void free_all() {
        while (!held.empty()) free(held.back());
    }

    void online(PfnRange range) {
        zone->fill_range(range);
        model.online(range);
        zone->open_range(range);
    }
    /// Isolates, takes what is free, and closes if that is all; true if it was.
    bool try_offline(PfnRange range) {
        std::vector<std::uint64_t> taken(layout::divide_up(range.frames, layout::word_frames));
        zone->isolate_range(range);
        std::uint64_t count = zone->sweep_range(range, taken.data());
        count += zone->sweep_range(range, taken.data());
        if (count == range.frames) {
            if (!model.is_idle(range)) report(range.first, Order{0}, "went offline in use");
            model.offline(range);
            zone->close_range(range);
            return true;
        }
        zone->put_back_range(range, taken.data(), count);
        return false;
    }

    /// At quiescence: the zone agrees with itself and with the model.
    void check() {
        const ZoneValidation validation = zone.validated();
        if (!validation) report(validation.where, Order{0}, validation);
        if (validation.free != model.free_count() || validation.online != model.online_count()) {
            report(Pfn{validation.free}, Order{0}, "frames free differ from the model");
        }
    }

    std::string problem;
    TestZone<W> zone;
    ZoneModel model;
    std::vector<Run> held;

private:
    template <class What>
    void report(Pfn pfn, Order order, const What& what) {
        if (!problem.empty()) return;
        std::ostringstream words;
        words << pfn << ' ' << order << ": " << what;
        problem = words.str();
    }
    void forget(Run run) {
        model.give(run.pfn, run.order);
        const auto at = std::find(held.rbegin(), held.rend(), run);
        held.erase(std::next(at).base());
    }
};

}  // namespace anypage::test
