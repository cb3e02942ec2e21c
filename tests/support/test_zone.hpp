// TestZone: one zone on its own, with memory of its own, for tests.
#pragma once

#include <optional>
#include <ostream>
#include <vector>

#include "tests/support/zeroed_memory.hpp"
#include "zone/validate.hpp"

namespace anypage::test {

/// All of it online, unless said otherwise.
struct ZonePlan {
    std::uint64_t frames = layout::tree_frames;
    std::uint64_t first = 0;
    unsigned cpu_slots = 4;
    bool online = true;
};

template <World W>
class TestZone {
public:
    explicit TestZone(const ZonePlan& plan = {})
        : memory_(carve_zeroed([&](Arena& arena) { zone_.carve(arena, shape(plan)); })) {
        if (plan.online) online(span());
    }
    TestZone(const TestZone&) = delete;
    TestZone& operator=(const TestZone&) = delete;

    Zone<W>& operator*() { return zone_; }
    Zone<W>* operator->() { return &zone_; }
    PfnRange span() const { return zone_.span(); }
    /// The `index`-th section of so many frames.
    PfnRange section(std::uint64_t index, std::uint64_t frames = layout::row_frames) const {
        return {span().first + index * frames, frames};
    }
    void online(PfnRange range) {
        zone_.fill_range(range);
        zone_.open_range(range);
    }
    ZoneValidation validated() const { return validate(zone_); }

    /// Everything of an order that the zone gives, as CPU `cpu`.
    std::vector<Pfn> allocate_all(Order order, CpuId cpu = {0},
                                  Migratetype type = Migratetype::unmovable) {
        std::vector<Pfn> runs;
        while (const auto pfn = zone_.allocate(order, type, cpu)) runs.push_back(*pfn);
        return runs;
    }
    /// True if all were free of faults.
    bool free_all(const std::vector<Pfn>& runs, Order order, CpuId cpu = {0}) {
        bool good = true;
        for (const Pfn pfn : runs) good &= zone_.free(pfn, order, cpu).fault == FreeFault::none;
        return good;
    }

private:
    static ZoneShape shape(const ZonePlan& plan) {
        return {NodeId{0}, ZoneIndex::normal, {Pfn{plan.first}, plan.frames}, plan.cpu_slots};
    }

    Zone<W> zone_;
    ZeroedMemory memory_;
};

}  // namespace anypage::test

namespace anypage {

inline std::ostream& operator<<(std::ostream& out, const ZoneValidation& validation) {
    return out << to_string(validation.problem) << " at " << validation.where.value << ", expected "
               << validation.expected << ", found " << validation.found;
}
inline std::ostream& operator<<(std::ostream& out, Pfn pfn) { return out << "pfn " << pfn.value; }
inline std::ostream& operator<<(std::ostream& out, Order order) {
    return out << "order " << unsigned{order.value};
}
inline std::ostream& operator<<(std::ostream& out, FreeFault fault) {
    constexpr const char* names[] = {"none",        "foreign",     "unaligned",
                                     "double free", "wrong order", "interior"};
    return out << names[static_cast<unsigned>(fault)];
}

}  // namespace anypage
