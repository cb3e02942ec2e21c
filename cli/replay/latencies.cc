// Figures of a replay that need adding up over threads or zones.
#include "cli/replay/latencies.hpp"

namespace anypage {
namespace {

const char* context_name(thread_role role) {
    constexpr const char* names[] = {"thread", "hotplug", "fifo", "pty"};
    return names[static_cast<unsigned>(role)];
}

}  // namespace

std::vector<context_latency> latencies_of(const replay_report& report) {
    std::vector<context_latency> all;
    for (const char* context : {"thread", "handler", "hotplug", "fifo", "pty"}) {
        all.push_back({context, std::make_unique<latency_histogram>()});
    }
    for (std::uint32_t i = 0; i < report.thread_count; ++i) {
        const thread_report& thread = report.threads[i];
        for (context_latency& each : all) {
            if (each.context == context_name(thread.role)) each.times->add_all(thread.own_latency);
            if (each.context == "handler") each.times->add_all(thread.handler_latency);
        }
    }
    std::erase_if(all, [](const context_latency& each) { return each.times->count() == 0; });
    return all;
}

order9_share order9_of(const replay_report& report) {
    order9_share share;
    for (std::uint64_t i = 0; i < report.zone_count; ++i) {
        const zone_report& zone = report.zones[i];
        for (std::size_t order = pageblock_order.value; order < order_count; ++order) {
            share.free += zone.free_runs[order] << (order - pageblock_order.value);
        }
        share.possible += zone.free / pageblock_frames;
    }
    return share;
}

}  // namespace anypage
