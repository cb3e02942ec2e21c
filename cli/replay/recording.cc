// Counting of recordings, and the counts as text.
#include "cli/replay/recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "cli/replay/gfp_names.hpp"

namespace anypage {
namespace {

std::vector<gfp_count> most_frequent_first(
    const std::unordered_map<std::uint32_t, std::uint64_t>& counts) {
    std::vector<gfp_count> sorted;
    sorted.reserve(counts.size());
    for (const auto& [bits, allocations] : counts) sorted.push_back({gfp_t{bits}, allocations});
    std::sort(sorted.begin(), sorted.end(), [](const gfp_count& a, const gfp_count& b) {
        return std::pair(b.allocations, a.gfp.bits) < std::pair(a.allocations, b.gfp.bits);
    });
    return sorted;
}

class text_lines {
public:
    template <class... Values>
    void add(fmt::format_string<Values...> format, Values&&... values) {
        fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
    }
    void add_unless_zero(std::uint64_t count, std::string_view what) {
        if (count != 0) add("  {:>10}  {}\n", count, what);
    }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

}  // namespace

recording_summary summarize(std::span<const recorded_event> events) {
    recording_summary summary;
    std::unordered_map<std::uint32_t, std::uint64_t> by_gfp;
    std::uint64_t live_frames = 0;
    for (const recorded_event& event : events) {
        if (event.kind == event_kind::allocate) {
            ++summary.allocations;
            ++summary.allocations_by_order[event.order.value];
            ++by_gfp[event.gfp.bits];
            live_frames += event.order.frames();
            summary.live_frames_max = std::max(summary.live_frames_max, live_frames);
        } else {
            ++summary.frees;
            live_frames -= event.order.frames();
        }
    }
    summary.events = events.size();
    summary.allocations_by_gfp = most_frequent_first(by_gfp);
    if (!events.empty()) {
        summary.span_ns = events.back().timestamp_ns - events.front().timestamp_ns;
    }
    summary.live_at_end = summary.allocations - summary.frees;
    summary.live_frames_at_end = live_frames;
    return summary;
}

recording::recording(parts from) : parts_(std::move(from)), summary_(summarize(parts_.events)) {
    summary_.cpus = parts_.cpus.size();
    summary_.prepared = parts_.prepared;
    summary_.skipped = parts_.skipped;
}

std::string describe(const recording& recorded) {
    const recording_summary& summary = recorded.summary();
    const skipped_counts& skipped = summary.skipped;
    text_lines lines;
    lines.add("{}: {} allocations and {} frees on {} CPUs in {:.3f} s\n", recorded.name(),
              summary.allocations, summary.frees, summary.cpus,
              static_cast<double>(summary.span_ns) / 1e9);
    lines.add("  at most {} frames live; {} blocks ({} frames) live at the end\n",
              summary.live_frames_max, summary.live_at_end, summary.live_frames_at_end);
    lines.add("orders:\n");
    for (unsigned order = 0; order < order_count; ++order) {
        lines.add_unless_zero(summary.allocations_by_order[order], std::to_string(order));
    }
    lines.add("gfp flags:\n");
    for (const gfp_count& count : summary.allocations_by_gfp) {
        lines.add_unless_zero(count.allocations, to_string(count.gfp));
    }
    lines.add("not as recorded:\n");
    lines.add_unless_zero(summary.prepared.unmatched_frees,
                          "frees of pages allocated earlier (skipped)");
    lines.add_unless_zero(summary.prepared.implied_frees,
                          "frees implied by a page that was handed out again (added)");
    lines.add_unless_zero(summary.prepared.partial_frees,
                          "frees of parts of a block (the last part frees it)");
    lines.add_unless_zero(skipped.failed_allocations, "failed allocations (skipped)");
    lines.add_unless_zero(skipped.batched_frees,
                          "mm_page_free_batched (skipped: mm_page_free tells of the same pages)");
    lines.add_unless_zero(skipped.process_exits, "process exits (skipped)");
    lines.add_unless_zero(skipped.unknown_events, "events of other kinds (skipped)");
    lines.add_unless_zero(skipped.other_lines, "lines that are not events (skipped)");
    lines.add_unless_zero(skipped.out_of_order, "events out of order in time (sorted)");
    lines.add_unless_zero(skipped.lost_events, "events lost by the recorder");
    return lines.take();
}

}  // namespace anypage
