// The tables of gfp names, and reading and printing by them.
#include "cli/replay/gfp_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <vector>

#include "cli/replay/text_scan.hpp"

namespace anypage {
namespace {

struct named_gfp {
    std::string_view name;  ///< without GFP_ or __GFP_
    gfp_t flags;
};

// The order matters: the kernel prints the first name that fits, then goes on with the rest.
constexpr named_gfp compositions[] = {
    {"TRANSHUGE", gfp::TRANSHUGE},
    {"TRANSHUGE_LIGHT", gfp::TRANSHUGE_LIGHT},
    {"HIGHUSER_MOVABLE", gfp::HIGHUSER_MOVABLE},
    {"HIGHUSER", gfp::HIGHUSER},
    {"USER", gfp::USER},
    {"KERNEL_ACCOUNT", gfp::KERNEL_ACCOUNT},
    {"KERNEL", gfp::KERNEL},
    {"NOFS", gfp::NOFS},
    {"ATOMIC", gfp::ATOMIC},
    {"NOIO", gfp::NOIO},
    {"NOWAIT", gfp::NOWAIT},
    {"DMA", gfp::DMA},
    {"DMA32", gfp::DMA32},
};

// In bit order, behind the one pair that has a name of its own.
constexpr named_gfp single_flags[] = {
    {"RECLAIM", gfp::RECLAIM},
    {"DMA", gfp::DMA},
    {"HIGHMEM", gfp::HIGHMEM},
    {"DMA32", gfp::DMA32},
    {"MOVABLE", gfp::MOVABLE},
    {"RECLAIMABLE", gfp::RECLAIMABLE},
    {"HIGH", gfp::HIGH},
    {"IO", gfp::IO},
    {"FS", gfp::FS},
    {"ZERO", gfp::ZERO},
    {"DIRECT_RECLAIM", gfp::DIRECT_RECLAIM},
    {"KSWAPD_RECLAIM", gfp::KSWAPD_RECLAIM},
    {"WRITE", gfp::WRITE},
    {"NOWARN", gfp::NOWARN},
    {"RETRY_MAYFAIL", gfp::RETRY_MAYFAIL},
    {"NOFAIL", gfp::NOFAIL},
    {"NORETRY", gfp::NORETRY},
    {"MEMALLOC", gfp::MEMALLOC},
    {"COMP", gfp::COMP},
    {"NOMEMALLOC", gfp::NOMEMALLOC},
    {"HARDWALL", gfp::HARDWALL},
    {"THISNODE", gfp::THISNODE},
    {"ACCOUNT", gfp::ACCOUNT},
    {"ZEROTAGS", gfp::ZEROTAGS},
};

// Names that 6.12 no longer prints, by what they asked for, and names without meaning here.
constexpr named_gfp old_flags[] = {
    {"ATOMIC", gfp::HIGH},
    {"WAIT", gfp::RECLAIM},
    {"REPEAT", gfp::RETRY_MAYFAIL},
    {"TEMPORARY", gfp::KERNEL | gfp::RECLAIMABLE},
};
constexpr std::string_view ignored_flags[] = {
    "CMA",       "COLD",       "NOACCOUNT",           "NOLOCKDEP",  "NOTRACK",
    "NO_KSWAPD", "NO_OBJ_EXT", "OTHER_NODE",          "SKIP_KASAN", "SKIP_KASAN_POISON",
    "SKIP_ZERO", "UNUSED",     "SKIP_KASAN_UNPOISON",
};

// Numbers: bits 24 to 27 vary with the configuration (KASAN, lockdep) and mean nothing here.
constexpr std::uint64_t number_end = std::uint64_t{1} << 28;
constexpr std::uint32_t old_atomic_bit = 0x200;

template <class Table>
std::optional<gfp_t> find(const Table& table, std::string_view name) {
    const auto it = std::find_if(std::begin(table), std::end(table),
                                 [name](const named_gfp& entry) { return entry.name == name; });
    if (it == std::end(table)) return std::nullopt;
    return it->flags;
}

std::optional<gfp_t> find_flag(std::string_view name) {
    if (const auto flags = find(single_flags, name)) return flags;
    if (const auto flags = find(old_flags, name)) return flags;
    const auto end = std::end(ignored_flags);
    if (std::find(std::begin(ignored_flags), end, name) != end) return gfp_t{};
    return std::nullopt;
}

std::optional<gfp_t> find_name(std::string_view name) {
    for (const std::string_view prefix : {"___GFP_", "__GFP_"}) {
        if (name.starts_with(prefix)) return find_flag(name.substr(prefix.size()));
    }
    if (!name.starts_with("GFP_")) return std::nullopt;
    name.remove_prefix(4);
    if (const auto flags = find(compositions, name)) return flags;
    return find_flag(name);  // before 4.6 a single flag was printed as GFP_ZERO
}

std::optional<gfp_t> from_number(std::string_view text) {
    const auto number = parse_number(text);
    if (!number || *number >= number_end) return std::nullopt;
    const auto bits = static_cast<std::uint32_t>(*number);
    const gfp_t flags{bits & gfp::all_flags.bits};
    return (bits & old_atomic_bit) != 0 ? flags | gfp::HIGH : flags;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0u : 1u);
            diagonal = row[j + 1];
            row[j + 1] = std::min(replaced, std::min(row[j], row[j + 1]) + 1);
        }
    }
    return row[b.size()];
}

std::string nearest_name(std::string_view name) {
    std::string nearest;
    std::size_t distance_min = std::numeric_limits<std::size_t>::max();
    const auto consider = [&](std::string known) {
        const std::size_t distance = edit_distance(name, known);
        if (distance >= distance_min) return;
        distance_min = distance;
        nearest = std::move(known);
    };
    for (const named_gfp& entry : compositions) consider(fmt::format("GFP_{}", entry.name));
    for (const named_gfp& entry : single_flags) consider(fmt::format("__GFP_{}", entry.name));
    for (const named_gfp& entry : old_flags) consider(fmt::format("__GFP_{}", entry.name));
    for (const std::string_view flag : ignored_flags) consider(fmt::format("__GFP_{}", flag));
    return nearest;
}

failure unknown_name(std::string_view name) {
    constexpr std::size_t length_max = 40;  // of what may be a misspelt name
    if (name.empty()) {
        return {error::invalid, "empty gfp flag; name flags as GFP_KERNEL|__GFP_ZERO, or \"none\""};
    }
    if (name.front() >= '0' && name.front() <= '9') {
        return {error::invalid,
                fmt::format("gfp number \"{}\" is not a set of flags; give 0x0 to {:#x}",
                            printable(name, length_max), number_end - 1)};
    }
    return {error::invalid,
            fmt::format("unknown gfp flag \"{}\"; the nearest known is \"{}\"",
                        printable(name, length_max), nearest_name(name.substr(0, length_max)))};
}

}  // namespace

result<gfp_t, failure> parse_gfp(std::string_view text) {
    if (text == "none") return gfp_t{};
    gfp_t flags{};
    while (true) {
        const std::size_t bar = std::min(text.find('|'), text.size());
        const std::string_view name = text.substr(0, bar);
        auto part = find_name(name);
        if (!part) part = from_number(name);
        if (!part) return unknown_name(name);
        flags = flags | *part;
        if (bar == text.size()) return flags;
        text.remove_prefix(bar + 1);
    }
}

std::string to_string(gfp_t flags) {
    std::string text;
    const auto print = [&](std::string_view prefix, const named_gfp& entry) {
        if (!flags.has_all(entry.flags)) return;
        text += fmt::format("{}{}{}", text.empty() ? "" : "|", prefix, entry.name);
        flags = flags.without(entry.flags);
    };
    for (const named_gfp& entry : compositions) print("GFP_", entry);
    for (const named_gfp& entry : single_flags) print("__GFP_", entry);
    if (flags.bits != 0) text += fmt::format("{}{:#x}", text.empty() ? "" : "|", flags.bits);
    return text.empty() ? "none" : text;
}

}  // namespace anypage
