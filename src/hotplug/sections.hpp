// Sections: the unit in which memory goes and comes. Arithmetic on ranges of a machine's zones, and
// what the rows of a range are; changes nothing.
#pragma once

#include "../node/machine.hpp"

namespace anypage {

template <World W>
class Sections {
public:
    Sections(const Machine<W>& machine, std::uint64_t frames)
        : machine_(machine), frames_(frames) {}

    std::uint64_t frames() const { return frames_; }

    /// Whole sections of one zone that hands out pages; a zone's own edges need not be aligned.
    bool is_whole(ZoneId id, PfnRange range) const {
        const Zone<W>& zone = machine_.zone(id);
        const auto aligned = [&](Pfn pfn) {
            return pfn.value % frames_ == 0 || pfn == zone.span().first || pfn == zone.span().end();
        };
        return zone.kind() != ZoneIndex::device && range.frames != 0 &&
               zone.span().contains(range) && aligned(range.first) && aligned(range.end());
    }

    bool all_offline(ZoneId zone, PfnRange range) const {
        return rows_are(zone, range, [](RowType type) { return type == RowType::offline; });
    }
    bool all_online(ZoneId zone, PfnRange range) const { return rows_are(zone, range, is_online); }

    /// Calls visit(PfnRange) for each section of a range, or the part of one that lies in it.
    template <class Visit>
    void for_each(PfnRange range, Visit visit) const {
        for (Pfn first = range.first; first < range.end();) {
            const std::uint64_t next = (first.value / frames_ + 1) * frames_;
            const Pfn end{std::min(next, range.end().value)};
            visit(PfnRange{first, end - first});
            first = end;
        }
    }
    /// The same for the sections of a zone that are online.
    template <class Visit>
    void for_each_online(ZoneId id, Visit visit) const {
        for_each(machine_.zone(id).span(), [&](PfnRange part) {
            if (is_online(machine_.zone(id).row_type_of(part.first))) visit(part);
        });
    }

private:
    static bool is_online(RowType type) {
        return type != RowType::offline && type != RowType::isolate;
    }
    template <class Accept>
    bool rows_are(ZoneId zone, PfnRange range, Accept accept) const {
        for (std::uint64_t i = 0; i < range.frames; i += layout::row_frames) {
            if (!accept(machine_.zone(zone).row_type_of(range.first + i))) return false;
        }
        return true;
    }

    const Machine<W>& machine_;
    const std::uint64_t frames_;
};

}  // namespace anypage
