// One replay with one protocol: set up, run, look at the zones, clean up, recount.
#include "cli/replay/run_protocol.hpp"

#include <array>

#include "cli/replay/crew.hpp"
#include "protocol/all.hpp"
#include "zone/validate.hpp"

namespace anypage {
namespace {

/// Where console lines go: somewhere that costs a little, as a tty does, and keeps nothing.
void swallow(void* context, const char* line) {
    auto& last = *static_cast<std::array<char, 128>*>(context);
    std::snprintf(last.data(), last.size(), "%s", line);
}

template <class P>
void describe_zones(rig<P>& on, replay_report& report) {
    for (const auto& zone : on.machine().zones()) {
        if (!zone.populated() || report.zone_count == replay_report::zones_max) continue;
        zone_report& row = report.zones[report.zone_count++];
        row.node = zone.node().value;
        row.kind = static_cast<std::uint32_t>(zone.kind());
        row.managed = zone.managed();
        row.free = static_cast<std::uint64_t>(zone.free_frames());
        row.free_runs = validate(zone).free_runs;
    }
}

template <class P>
void recount(rig<P>& on, replay_report& report) {
    report.lost_pages = on.lost_pages();
    for (const auto& zone : on.machine().zones()) {
        const auto found = validate(zone);
        if (!found) {
            std::snprintf(report.problem, sizeof report.problem,
                          "node %u zone %s, frame %#llx: %s (expected %llu, found %llu)",
                          unsigned{zone.node().value}, zone_name(zone.kind()),
                          static_cast<unsigned long long>(found.where.value),
                          to_string(found.problem), static_cast<unsigned long long>(found.expected),
                          static_cast<unsigned long long>(found.found));
            return;
        }
    }
}

template <class P>
void run(const replay_plan& plan, replay_report& report) {
    rig<P> on(plan);
    if (!on.set_up()) {
        std::snprintf(report.problem, sizeof report.problem,
                      "not enough memory for this machine's metadata");
        return;
    }
    crew<P> all(on, report);
    all.run();
    describe_zones(on, report);
    all.clean_up();
    on.drop_ballast();
    tally::add(report.threads[0].own.oom_kills, on.oom_kills());
    recount(on, report);
    report.finished.store_release(1);
}

struct runner {
    const char* name;
    void (*run)(const replay_plan&, replay_report&);
};

template <template <class> class... Protocols>
constexpr std::array<runner, sizeof...(Protocols)> runners_of() {
    return {runner{Protocols<NativeWorld>::name, run<Protocols<NativeWorld>>}...};
}

using namespace protocol;
constexpr auto runners = runners_of<unchecked, seqlock, seqlock_irqoff, seqlock_irqsave,
                                    reclaim_only, odd_even, raw_seqcount, snapshot>();

}  // namespace

const std::vector<std::string>& protocol_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const runner& each : runners) all.emplace_back(each.name);
        return all;
    }();
    return names;
}

void run_protocol(const std::string& name, const replay_plan& plan, replay_report& report) {
    std::array<char, 128> last_line{};
    NativeWorld::console().attach(swallow, last_line.data());
    interrupts::set_up();
    for (const runner& each : runners) {
        if (name == each.name) each.run(plan, report);
    }
    NativeWorld::console().attach(nullptr, nullptr);
}

}  // namespace anypage
