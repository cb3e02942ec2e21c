// The JSON of a replay; its fields are documented in docs/json.md.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/replay/latencies.hpp"
#include "cli/replay/results.hpp"

namespace anypage {
namespace {

using nlohmann::ordered_json;

ordered_json latency_json(const replay_report& report) {
    ordered_json all = ordered_json::object();
    for (const context_latency& each : latencies_of(report)) {
        all[each.context] = {{"requests", each.times->count()},
                             {"p50_ns", each.times->quantile(0.5)},
                             {"p99_ns", each.times->quantile(0.99)},
                             {"p999_ns", each.times->quantile(0.999)},
                             {"max_ns", each.times->max()}};
    }
    return all;
}

ordered_json zones_json(const replay_report& report) {
    ordered_json all = ordered_json::array();
    for (std::uint64_t i = 0; i < report.zone_count; ++i) {
        const zone_report& zone = report.zones[i];
        all.push_back({{"node", zone.node},
                       {"zone", zone_name(static_cast<ZoneIndex>(zone.kind))},
                       {"managed_frames", zone.managed},
                       {"free_frames", zone.free},
                       {"free_runs", zone.free_runs}});
    }
    return all;
}

ordered_json outcome_json(const replay_outcome& outcome) {
    const replay_report& report = *outcome.report;
    const replay_totals sum = totals_of(report);
    const order9_share order9 = order9_of(report);
    ordered_json row = {{"protocol", outcome.protocol},
                        {"stuck", outcome.stuck},
                        {"cause", outcome.cause},
                        {"problem", outcome.problem},
                        {"allocations", sum.allocations},
                        {"frees", sum.frees},
                        {"failures", sum.failures},
                        {"spurious_failures", sum.spurious_failures},
                        {"undecided_failures", sum.undecided_failures},
                        {"misplaced_pages", sum.misplaced_pages},
                        {"double_owned_pages", sum.double_owned_pages},
                        {"misused_frees", sum.misused_frees},
                        {"lost_pages", sum.lost_pages},
                        {"moved_pages", sum.moved_pages},
                        {"oom_kills", sum.oom_kills},
                        {"restarts", sum.restarts},
                        {"slow_paths", sum.slow_paths},
                        {"slow_paths_that_saw_a_rebuild", sum.slow_saw_rebuild},
                        {"slow_path_ns", sum.slow_ns},
                        {"waits", sum.waits},
                        {"wait_ns", sum.wait_ns},
                        {"needless_wait_ns", sum.needless_wait_ns},
                        {"rebuilds", report.rebuilds.load_relaxed()},
                        {"rebuilds_per_s", sum.rebuilds_per_s},
                        {"hotplug_steps", report.hotplug_steps.load_relaxed()},
                        {"hotplug_refusals", report.hotplug_refusals.load_relaxed()},
                        {"elapsed_ns", report.elapsed_ns.load_relaxed()},
                        {"pair_ns", sum.pair_ns}};
    row["latency"] = latency_json(report);
    row["zones"] = zones_json(report);
    row["order9_runs_free"] = order9.free;
    row["order9_runs_possible"] = order9.possible;
    return row;
}

ordered_json contexts_json(const replay_contexts& contexts) {
    ordered_json names = ordered_json::array();
    if (contexts.signals) names.push_back("signals");
    if (contexts.fifo) names.push_back("fifo");
    if (contexts.pty) names.push_back("pty");
    if (contexts.probe) names.push_back("probe");
    return names;
}

}  // namespace

void print_replay_json(const replay_plan& plan, const std::vector<replay_outcome>& outcomes,
                       std::FILE* out) {
    const KernelConfig& kernel = plan.options.kernel;
    ordered_json all = {{"recording", plan.recorded.name()},
                        {"topology", plan.machine.source},
                        {"nodes", plan.machine.nodes.size()},
                        {"storm", plan.weather.name},
                        {"contexts", contexts_json(plan.options.contexts)},
                        {"threads", plan.options.threads},
                        {"repeat", plan.options.repeat},
                        {"seed", plan.options.seed},
                        {"held", plan.options.hold},
                        {"preempt_rt", kernel.preempt_rt},
                        {"hotremove", kernel.hotremove},
                        {"check_sites", static_cast<unsigned>(kernel.check_sites)},
                        {"zones_that_swing", plan.targets.size()},
                        {"frames", plan.frames}};
    all["protocols"] = ordered_json::array();
    for (const replay_outcome& outcome : outcomes)
        all["protocols"].push_back(outcome_json(outcome));
    fmt::print(out, "{}\n", all.dump());
}

}  // namespace anypage
