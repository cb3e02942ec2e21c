// The columns of PTRC1: each event checked, then made.
#include "cli/replay/ptrc.hpp"

#include <fmt/format.h>

#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "cli/replay/ptrc_header.hpp"

namespace anypage {
namespace {

constexpr std::uint8_t context_bits_max = 0xf;
constexpr std::uint8_t migratetype_max = 5;
constexpr std::uint64_t pfn_column_end = std::uint64_t{1} << 32;

class ptrc_reader {
public:
    ptrc_reader(std::span<const std::byte> bytes, std::string_view name, const ptrc_header& header)
        : bytes_(bytes), name_(name), header_(header) {}

    result<raw_recording, failure> read() && {
        raw_recording raw{std::string(name_), {}, {}, {}};
        raw.events.reserve(static_cast<std::size_t>(header_.events));
        std::uint64_t timestamp_ns = header_.base_ts_ns;
        for (std::uint64_t i = 0; i < header_.events; ++i) {
            timestamp_ns += value(ptrc_column::dt_ns, i);
            if (auto problem = check(i)) return *std::move(problem);
            raw.events.push_back(event(i, timestamp_ns));
            ++ops_[value(ptrc_column::op, i)];
        }
        if (auto problem = check_counts()) return *std::move(problem);
        return raw;
    }

private:
    using maybe_failure = std::optional<failure>;

    std::size_t offset(ptrc_column column, std::uint64_t i) const {
        const std::size_t bytes = ptrc_columns[static_cast<std::size_t>(column)].bytes;
        return header_.at(column) + static_cast<std::size_t>(i) * bytes;
    }

    std::uint32_t value(ptrc_column column, std::uint64_t i) const {
        const std::byte* from = bytes_.data() + offset(column, i);
        std::uint32_t value = 0;
        for (std::size_t at = ptrc_columns[static_cast<std::size_t>(column)].bytes; at-- > 0;) {
            value = value << 8 | std::to_integer<std::uint32_t>(from[at]);
        }
        return value;
    }

    raw_event event(std::uint64_t i, std::uint64_t timestamp_ns) const {
        const auto op = static_cast<raw_op>(value(ptrc_column::op, i));
        raw_event made{.timestamp_ns = timestamp_ns,
                       .pfn = value(ptrc_column::pfn, i),
                       .cpu = static_cast<std::uint16_t>(value(ptrc_column::cpu, i)),
                       .op = op,
                       .order = {static_cast<std::uint8_t>(value(ptrc_column::order, i))},
                       .context = {static_cast<std::uint8_t>(value(ptrc_column::ctx, i))}};
        if (op == raw_op::allocate) {
            made.gfp = header_.gfp[value(ptrc_column::gfp, i)];
            made.migratetype = static_cast<std::uint8_t>(value(ptrc_column::mt, i));
        }
        return made;
    }

    template <class... Values>
    failure at(ptrc_column column, std::uint64_t i, fmt::format_string<Values...> format,
               Values&&... values) const {
        return {
            error::invalid,
            fmt::format("{}: column \"{}\", event {} (byte {}): {}; {}", name_,
                        ptrc_columns[static_cast<std::size_t>(column)].name, i, offset(column, i),
                        fmt::format(format, std::forward<Values>(values)...), ptrc_remedy)};
    }

    maybe_failure check(std::uint64_t i) const {
        const std::uint32_t op = value(ptrc_column::op, i);
        if (op > static_cast<std::uint32_t>(raw_op::implied_free)) {
            return at(ptrc_column::op, i, "op {} is not 0 to 3", op);
        }
        const std::uint32_t order = value(ptrc_column::order, i);
        if (order > order_max.value) {
            return at(ptrc_column::order, i, "order {} is above {}", order, order_max.value);
        }
        const std::uint32_t tid = value(ptrc_column::tid, i);
        if (tid >= header_.tids) {
            return at(ptrc_column::tid, i, "index {} into a table of {}", tid, header_.tids);
        }
        const std::uint32_t context = value(ptrc_column::ctx, i);
        if (context > context_bits_max && context != event_context::unknown) {
            return at(ptrc_column::ctx, i, "context {} is not 0 to 15 or 255", context);
        }
        if (op == static_cast<std::uint32_t>(raw_op::process_exit)) return {};
        const std::uint64_t pfn = value(ptrc_column::pfn, i);
        if (pfn == 0 || pfn + (std::uint64_t{1} << order) > pfn_column_end) {
            return at(ptrc_column::pfn, i, "a run of order {} at page frame {:#x} cannot be", order,
                      pfn);
        }
        return op == static_cast<std::uint32_t>(raw_op::allocate) ? check_allocation(i)
                                                                  : maybe_failure{};
    }

    maybe_failure check_allocation(std::uint64_t i) const {
        const std::uint32_t gfp = value(ptrc_column::gfp, i);
        if (gfp >= header_.gfp.size()) {
            return at(ptrc_column::gfp, i, "index {} into a table of {}", gfp, header_.gfp.size());
        }
        const std::uint32_t migratetype = value(ptrc_column::mt, i);
        if (migratetype > migratetype_max && migratetype != migratetype_unknown) {
            return at(ptrc_column::mt, i, "migratetype {} is not 0 to {} or {}", migratetype,
                      migratetype_max, migratetype_unknown);
        }
        return {};
    }

    /// Catches what the checks of single values cannot: a column overwritten by plausible numbers.
    maybe_failure check_counts() const {
        const std::pair<std::optional<std::uint64_t>, raw_op> claims[] = {
            {header_.allocs, raw_op::allocate},
            {header_.frees, raw_op::free},
            {header_.implied_frees, raw_op::implied_free}};
        for (const auto& [claimed, op] : claims) {
            const auto code = static_cast<unsigned>(op);
            if (!claimed || *claimed == ops_[code]) continue;
            return failure{error::invalid,
                           fmt::format("{}: the header counts {} events of op {}, the column has "
                                       "{}; {}",
                                       name_, *claimed, code, ops_[code], ptrc_remedy)};
        }
        return {};
    }

    std::span<const std::byte> bytes_;
    std::string_view name_;
    const ptrc_header& header_;
    std::array<std::uint64_t, 4> ops_{};
};

}  // namespace

bool is_ptrc(std::span<const std::byte> bytes) {
    return bytes.size() >= ptrc_magic.size() &&
           std::memcmp(bytes.data(), ptrc_magic.data(), ptrc_magic.size()) == 0;
}

result<raw_recording, failure> read_ptrc(std::span<const std::byte> bytes, std::string_view name) {
    const auto header = read_ptrc_header(bytes, name);
    if (!header) return header.error();
    return ptrc_reader(bytes, name, *header).read();
}

}  // namespace anypage
