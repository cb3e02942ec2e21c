// Sums of a replay, and their tables.
#include "cli/replay/results.hpp"

#include <fmt/format.h>

#include <string>

#include "cli/replay/latencies.hpp"
#include "cli/table.hpp"

namespace anypage {
namespace {

using cli::Align;
using cli::Table;

void add_tally(replay_totals& sum, const tally& part) {
    sum.allocations += part.allocations.load_relaxed();
    sum.frees += part.frees.load_relaxed();
    sum.failures += part.failures.load_relaxed();
    sum.spurious_failures += part.spurious_failures.load_relaxed();
    sum.undecided_failures += part.undecided_failures.load_relaxed();
    sum.misplaced_pages += part.misplaced_pages.load_relaxed();
    sum.double_owned_pages += part.double_owned_pages.load_relaxed();
    sum.misused_frees += part.misused_frees.load_relaxed();
    sum.restarts += part.restarts.load_relaxed();
    sum.slow_paths += part.slow_paths.load_relaxed();
    sum.slow_saw_rebuild += part.slow_saw_rebuild.load_relaxed();
    sum.waits += part.waits.load_relaxed();
    sum.wait_ns += part.wait_ns.load_relaxed();
    sum.needless_wait_ns += part.needless_wait_ns.load_relaxed();
    sum.oom_kills += part.oom_kills.load_relaxed();
    sum.allocate_ns += part.allocate_ns.load_relaxed();
    sum.free_ns += part.free_ns.load_relaxed();
    sum.slow_ns += part.slow_ns.load_relaxed();
    sum.moved_pages += part.moved_pages.load_relaxed();
}

double ratio(std::uint64_t amount, std::uint64_t count) {
    return count == 0 ? 0 : static_cast<double>(amount) / static_cast<double>(count);
}

/// What reading the clock itself adds to a timing.
double clock_cost_ns() {
    constexpr unsigned rounds = 2000;
    const std::uint64_t since = NativeWorld::clock_ns();
    for (unsigned i = 0; i < rounds; ++i) static_cast<void>(NativeWorld::clock_ns());
    return static_cast<double>(NativeWorld::clock_ns() - since) / rounds;
}

double pair_ns(const replay_report& report) {
    replay_totals threads;
    for (std::uint32_t i = 0; i < report.thread_count; ++i) {
        if (report.threads[i].role == thread_role::replay)
            add_tally(threads, report.threads[i].own);
    }
    const double mean = ratio(threads.allocate_ns, threads.allocations + threads.failures) +
                        ratio(threads.free_ns, threads.frees);
    return std::max(0.0, mean - 2 * clock_cost_ns());
}

std::string time_text(double ns) {
    if (ns < 1e3) return fmt::format("{:.0f} ns", ns);
    if (ns < 1e6) return fmt::format("{:.1f} us", ns / 1e3);
    if (ns < 1e9) return fmt::format("{:.1f} ms", ns / 1e6);
    return fmt::format("{:.2f} s", ns / 1e9);
}
std::string time_text(std::uint64_t ns) { return time_text(static_cast<double>(ns)); }

std::string verdict(const replay_outcome& outcome) {
    if (outcome.stuck) return "STUCK";
    return outcome.problem.empty() ? "no" : "failed";
}

void print_counts(const std::vector<replay_outcome>& outcomes, std::FILE* out) {
    Table table({{"protocol"},
                 {"allocations", Align::right},
                 {"frees", Align::right},
                 {"failures", Align::right},
                 {"spurious", Align::right},
                 {"misplaced", Align::right},
                 {"lost", Align::right},
                 {"OOM kills", Align::right},
                 {"restarts", Align::right},
                 {"waited", Align::right},
                 {"rebuilds", Align::right},
                 {"per s", Align::right},
                 {"ns/pair", Align::right},
                 {"stuck", Align::right}});
    for (const replay_outcome& outcome : outcomes) {
        const replay_totals sum = totals_of(*outcome.report);
        const std::uint64_t rebuilds = outcome.report->rebuilds.load_relaxed();
        table.add({outcome.protocol, std::to_string(sum.allocations), std::to_string(sum.frees),
                   std::to_string(sum.failures), std::to_string(sum.spurious_failures),
                   std::to_string(sum.misplaced_pages),
                   outcome.stuck ? "-" : std::to_string(sum.lost_pages),
                   std::to_string(sum.oom_kills), std::to_string(sum.restarts),
                   time_text(sum.wait_ns), outcome.stuck ? "-" : std::to_string(rebuilds),
                   outcome.stuck ? "-" : fmt::format("{:.0f}", sum.rebuilds_per_s),
                   outcome.stuck ? "-" : fmt::format("{:.0f}", sum.pair_ns), verdict(outcome)});
    }
    table.print(out);
}

void print_notes(const std::vector<replay_outcome>& outcomes, std::FILE* out) {
    for (const replay_outcome& outcome : outcomes) {
        if (!outcome.cause.empty()) {
            fmt::print(out, "\n  {} is stuck. {}\n", outcome.protocol, outcome.cause);
        }
        if (!outcome.problem.empty()) {
            fmt::print(out, "\n  {}: {}\n", outcome.protocol, outcome.problem);
        }
    }
}

void print_latencies(const std::vector<replay_outcome>& outcomes, std::FILE* out) {
    Table table({{"protocol"},
                 {"context"},
                 {"requests", Align::right},
                 {"p50", Align::right},
                 {"p99", Align::right},
                 {"p99.9", Align::right},
                 {"max", Align::right}});
    for (const replay_outcome& outcome : outcomes) {
        for (const context_latency& each : latencies_of(*outcome.report)) {
            table.add({outcome.protocol, each.context, std::to_string(each.times->count()),
                       time_text(each.times->quantile(0.5)), time_text(each.times->quantile(0.99)),
                       time_text(each.times->quantile(0.999)), time_text(each.times->max())});
        }
    }
    fmt::print(out, "\nLatency of an allocation, by context\n");
    table.print(out);
}

/// As /proc/buddyinfo: free runs of order 0, 1, ... 10.
void print_zones(const replay_plan& plan, const replay_report& report, std::FILE* out) {
    constexpr std::uint64_t zones_shown = 16;
    for (std::uint64_t i = 0; i < report.zone_count && i < zones_shown; ++i) {
        const zone_report& zone = report.zones[i];
        fmt::print(out, "Node {}, zone {:>8}", zone.node,
                   zone_name(static_cast<ZoneIndex>(zone.kind)));
        for (const std::uint64_t runs : zone.free_runs) fmt::print(out, " {:>6}", runs);
        fmt::print(out, "\n");
    }
    if (report.zone_count > zones_shown) {
        fmt::print(out, "... and {} zones more (--json has all)\n",
                   report.zone_count - zones_shown);
    }
    const order9_share share = order9_of(report);
    fmt::print(
        out, "Order-9 runs: {} free of {} that the free memory could make{}\n", share.free,
        share.possible,
        plan.options.hold ? " (zones are held scarce; --no-hold measures fragmentation)" : "");
}

}  // namespace

replay_totals totals_of(const replay_report& report) {
    replay_totals sum;
    for (std::uint32_t i = 0; i < report.thread_count; ++i) {
        add_tally(sum, report.threads[i].own);
        add_tally(sum, report.threads[i].handler);
    }
    sum.lost_pages = report.lost_pages;
    sum.pair_ns = pair_ns(report);
    sum.rebuilds_per_s =
        1e9 * ratio(report.rebuilds.load_relaxed(), report.elapsed_ns.load_relaxed());
    return sum;
}

bool is_violated(const replay_outcome& outcome) {
    const replay_totals sum = totals_of(*outcome.report);
    return outcome.stuck || !outcome.problem.empty() || sum.spurious_failures != 0 ||
           sum.misplaced_pages != 0 || sum.double_owned_pages != 0 || sum.misused_frees != 0 ||
           sum.lost_pages != 0;
}

void print_replay_tables(const replay_plan& plan, const std::vector<replay_outcome>& outcomes,
                         std::FILE* out) {
    print_counts(outcomes, out);
    print_notes(outcomes, out);
    print_latencies(outcomes, out);
    // One is enough to look at; --json has them all.
    const replay_outcome* shown = nullptr;
    for (const replay_outcome& outcome : outcomes) {
        if (!outcome.stuck && outcome.report->zone_count != 0) shown = &outcome;
    }
    if (shown == nullptr) return;
    fmt::print(out, "\nZones at the end ({})\n", shown->protocol);
    print_zones(plan, *shown->report, out);
}

}  // namespace anypage
