// Trace text line by line: which events count, what their fields must be, what to warn of.
#include "cli/replay/perf_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "cli/replay/gfp_names.hpp"
#include "cli/replay/text_scan.hpp"
#include "cli/replay/trace_line.hpp"

namespace anypage {
namespace {

constexpr std::string_view how_to_record =
    "record with: perf record -e kmem:mm_page_alloc,kmem:mm_page_free -a -- sleep 10; "
    "perf script > FILE";
constexpr std::string_view remedy =
    "print it again with: perf script -F comm,tid,cpu,time,event,trace > FILE";
constexpr std::uint64_t migratetype_max = 5;

// pfn of an allocation that failed: 0 as printed, -1 where perf prints the raw field.
constexpr std::uint64_t no_pfn = std::numeric_limits<std::uint64_t>::max();

/// The fields of a page tracepoint, as text; empty where the line has none.
struct page_fields {
    std::string_view pfn;
    std::string_view order;
    std::string_view migratetype;
    std::string_view gfp;
};

page_fields find_page_fields(std::string_view text) {
    page_fields found;
    const std::pair<std::string_view, std::string_view*> keys[] = {
        {"pfn=", &found.pfn},
        {"order=", &found.order},
        {"migratetype=", &found.migratetype},
        {"gfp_flags=", &found.gfp}};
    for (auto token = next_token(text); !token.empty(); token = next_token(text)) {
        for (const auto& [key, value] : keys) {
            if (token.starts_with(key)) *value = token.substr(key.size());
        }
    }
    return found;
}

class script_reader {
public:
    script_reader(std::string_view text, std::string_view name) : text_(text) { raw_.name = name; }

    result<raw_recording, failure> read() && {
        while (!text_.empty()) {
            const std::size_t end = std::min(text_.find('\n'), text_.size());
            line_ = text_.substr(0, end);
            text_.remove_prefix(std::min(end + 1, text_.size()));
            ++line_number_;
            if (auto problem = read_line()) return *std::move(problem);
        }
        if (allocations_ == 0) return nothing_recorded();
        sort_by_time();
        add_warnings();
        return std::move(raw_);
    }

private:
    using maybe_failure = std::optional<failure>;

    failure at_line(std::string_view what, std::string_view how = remedy) const {
        return {error::invalid, fmt::format("{}:{}: {} in \"{}\"; {}", raw_.name, line_number_,
                                            what, printable(line_, 240), how)};
    }

    maybe_failure read_line() {
        if (line_.starts_with('#')) return {};
        if (const auto line = split_trace_line(line_)) return read_event(*line);
        if (const auto lost = lost_events(line_)) {
            raw_.skipped.lost_events += *lost;
            ++lost_reports_;
            return {};
        }
        for (const std::string_view known : {"mm_page_alloc:", "mm_page_free:"}) {
            if (line_.find(known) != line_.npos) return at_line("no time before the event");
        }
        ++raw_.skipped.other_lines;
        return {};
    }

    maybe_failure read_event(const trace_line& line) {
        if (line.event == "mm_page_alloc") return read_page(line, raw_op::allocate);
        if (line.event == "mm_page_free") return read_page(line, raw_op::free);
        if (line.event == "mm_page_free_batched") {
            ++raw_.skipped.batched_frees;
        } else if (line.event == "sched_process_exit") {
            ++raw_.skipped.process_exits;
        } else {
            ++raw_.skipped.unknown_events;
        }
        return {};
    }

    maybe_failure read_page(const trace_line& line, raw_op op) {
        if (!line.cpu) return at_line("no [cpu] from 0 to 65535 before the time");
        const page_fields fields = find_page_fields(line.fields);
        const auto order = parse_number(fields.order);
        if (!order || *order > order_max.value) {
            return at_line(fmt::format("no order= from 0 to {}", order_max.value));
        }
        const auto pfn = parse_number(fields.pfn);
        if (!pfn) return at_line("no pfn=, as a number,");
        if (op == raw_op::allocate && (*pfn == 0 || *pfn == no_pfn)) {
            ++raw_.skipped.failed_allocations;
            return {};
        }
        if (*pfn == 0 || *pfn > pfn_end - (std::uint64_t{1} << *order)) {
            return at_line(fmt::format("a pfn= that is not 1 to {:#x}", pfn_end - 1));
        }
        raw_event event{.timestamp_ns = line.timestamp_ns,
                        .pfn = *pfn,
                        .cpu = *line.cpu,
                        .op = op,
                        .order = {static_cast<std::uint8_t>(*order)},
                        .context = line.context};
        if (op == raw_op::allocate) {
            if (auto problem = read_request(fields, event)) return problem;
        }
        append(event);
        return {};
    }

    /// What the allocation asked for.
    maybe_failure read_request(const page_fields& fields, raw_event& event) {
        const auto migratetype = parse_number(fields.migratetype);
        if (migratetype && *migratetype <= migratetype_max) {
            event.migratetype = static_cast<std::uint8_t>(*migratetype);
        } else if (fields.migratetype != "-1" && !fields.migratetype.empty()) {
            return at_line(fmt::format("a migratetype= that is not -1 to {}", migratetype_max));
        }
        // A recording has a few dozen sets of flags, so each text is understood once.
        auto known = gfp_.find(fields.gfp);
        if (known == gfp_.end()) {
            const auto flags = parse_gfp(fields.gfp);
            if (!flags) return at_line("gfp_flags=: " + flags.error().message);
            known = gfp_.emplace(fields.gfp, *flags).first;
        }
        event.gfp = known->second;
        return {};
    }

    void append(const raw_event& event) {
        if (!raw_.events.empty() && event.timestamp_ns < raw_.events.back().timestamp_ns) {
            ++raw_.skipped.out_of_order;
        }
        raw_.events.push_back(event);
        ++(event.op == raw_op::allocate ? allocations_ : frees_);
    }

    failure nothing_recorded() const {
        const std::uint64_t failed = raw_.skipped.failed_allocations;
        return {error::invalid,
                fmt::format("{}: no mm_page_alloc event{} in {} lines; {}", raw_.name,
                            failed == 0 ? "" : fmt::format(" but {} failed ones", failed),
                            line_number_, how_to_record)};
    }

    void sort_by_time() {
        if (raw_.skipped.out_of_order == 0) return;
        std::stable_sort(
            raw_.events.begin(), raw_.events.end(),
            [](const raw_event& a, const raw_event& b) { return a.timestamp_ns < b.timestamp_ns; });
    }

    void add_warnings() {
        if (lost_reports_ != 0) {
            raw_.warnings.push_back(
                fmt::format("{}: the recorder lost {} events, {} times; record again with larger "
                            "buffers (perf record -m 16M)",
                            raw_.name, raw_.skipped.lost_events, lost_reports_));
        }
        if (frees_ == 0) {
            raw_.warnings.push_back(fmt::format(
                "{}: no mm_page_free event, so that blocks only end when their pages are handed "
                "out again; {}",
                raw_.name, how_to_record));
        }
    }

    std::string_view text_;
    std::string_view line_;
    std::uint64_t line_number_ = 0;
    std::uint64_t allocations_ = 0;
    std::uint64_t frees_ = 0;
    std::uint64_t lost_reports_ = 0;
    std::unordered_map<std::string_view, gfp_t> gfp_;
    raw_recording raw_;
};

}  // namespace

result<raw_recording, failure> read_perf_script(std::string_view text, std::string_view name) {
    return script_reader(text, name).read();
}

}  // namespace anypage
