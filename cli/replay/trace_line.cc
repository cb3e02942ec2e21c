// The shape of a trace line: where its time, event, CPU and flags are.
#include "cli/replay/trace_line.hpp"

#include <algorithm>

#include "cli/replay/text_scan.hpp"

namespace anypage {
namespace {

constexpr std::size_t second_digits_max = 10;
constexpr std::size_t fraction_digits_max = 9;
constexpr std::uint64_t cpu_end = std::uint64_t{1} << 16;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// "1129.579386:" or "1129.579386125:" as nanoseconds.
std::optional<std::uint64_t> parse_time(std::string_view token) {
    if (!token.ends_with(':')) return std::nullopt;
    token.remove_suffix(1);
    const std::size_t dot = token.find('.');
    if (dot > second_digits_max) return std::nullopt;  // or no dot at all
    const std::string_view seconds = token.substr(0, dot);
    const std::string_view fraction = token.substr(dot + 1);
    if (!all_digits(seconds) || !all_digits(fraction)) return std::nullopt;
    if (fraction.size() > fraction_digits_max) return std::nullopt;
    std::uint64_t nanoseconds = parse_number(fraction).value_or(0);
    for (std::size_t i = fraction.size(); i < fraction_digits_max; ++i) nanoseconds *= 10;
    return parse_number(seconds).value_or(0) * 1'000'000'000 + nanoseconds;
}

/// "kmem:mm_page_alloc:" or "mm_page_alloc:" as "mm_page_alloc".
std::optional<std::string_view> parse_event(std::string_view token) {
    if (token.size() < 2 || !token.ends_with(':')) return std::nullopt;
    token.remove_suffix(1);
    const std::size_t colon = token.rfind(':');
    return colon == std::string_view::npos ? token : token.substr(colon + 1);
}

bool is_cpu_field(std::string_view token) {
    return token.size() > 2 && token.front() == '[' && token.back() == ']' &&
           all_digits(token.substr(1, token.size() - 2));
}

std::optional<std::uint16_t> parse_cpu(std::string_view token) {
    if (!is_cpu_field(token)) return std::nullopt;
    const auto cpu = parse_number(token.substr(1, token.size() - 2));
    if (!cpu || *cpu >= cpu_end) return std::nullopt;
    return static_cast<std::uint16_t>(*cpu);
}

/// The flags of tracefs: irqs-off, need-resched, hardirq/softirq, preempt-depth, e.g. "d..1." .
event_context parse_flags(std::string_view flags) {
    if (flags.size() < 4 || flags.size() > 5) return {};
    constexpr std::string_view irqs_off = "dD";
    constexpr std::string_view hardirq = "hHzZ";
    constexpr std::string_view softirq = "sH";
    const auto bit = [](bool set, unsigned index) { return set ? 1u << index : 0u; };
    return {static_cast<std::uint8_t>(bit(irqs_off.find(flags[0]) != flags.npos, 0) |
                                      bit(hardirq.find(flags[2]) != flags.npos, 1) |
                                      bit(softirq.find(flags[2]) != flags.npos, 2) |
                                      bit(flags[3] != '.', 3))};
}

}  // namespace

std::optional<trace_line> split_trace_line(std::string_view line) {
    std::string_view before_last;  // the two tokens ahead of the current one
    std::string_view last;
    std::string_view rest = line;
    for (auto token = next_token(rest); !token.empty(); token = next_token(rest)) {
        if (const auto time = parse_time(token)) {
            std::string_view fields = rest;
            std::string_view next = next_token(fields);
            if (all_digits(next)) next = next_token(fields);  // the sample's period, if asked for
            if (const auto event = parse_event(next)) {
                const bool flags = !is_cpu_field(last) && is_cpu_field(before_last);
                return trace_line{*time, parse_cpu(flags ? before_last : last),
                                  flags ? parse_flags(last) : event_context{}, *event, fields};
            }
        }
        before_last = last;
        last = token;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> lost_events(std::string_view line) {
    // perf script --show-lost-events prints "PERF_RECORD_LOST lost 24",
    // tracefs "CPU:1 [LOST 24 EVENTS]".
    for (const std::string_view mark : {"PERF_RECORD_LOST", "[LOST "}) {
        const std::size_t found = line.find(mark);
        if (found == line.npos) continue;
        std::string_view rest = line.substr(found);
        const std::size_t digit = std::min(rest.find_first_of("0123456789"), rest.size());
        rest.remove_prefix(digit);
        return parse_number(rest.substr(0, rest.find_first_not_of("0123456789"))).value_or(0);
    }
    return std::nullopt;
}

}  // namespace anypage
