// Validation of a whole allocator at quiescence: every zone (zone/validate.hpp), and what stocks
// hold. Quadratic in the runs of a zone's stocks; allocates nothing.
#pragma once

#include "../zone/validate.hpp"
#include "page_allocator.hpp"

namespace anypage {

struct AllocatorValidation {
    enum class Problem : std::uint8_t {
        none,
        zone,             ///< see `of_zone`
        managed_count,    ///< managed, or present, differs from the frames online
        stocked_foreign,  ///< a stock holds what is no run of that order and zone
        stocked_free,     ///< a stock holds a run that its zone may hand out as well
        stocked_twice,    ///< two places hold the same run
    };

    Problem problem = Problem::none;
    ZoneId zone{};  ///< where the problem is
    Pfn where{};
    ZoneValidation of_zone{};  ///< of that zone

    std::uint64_t online = 0;   ///< frames
    std::uint64_t free = 0;     ///< frames that zones could hand out
    std::uint64_t stocked = 0;  ///< frames in stocks

    explicit operator bool() const { return problem == Problem::none; }
    std::uint64_t in_use() const { return online - free - stocked; }
};

constexpr const char* to_string(AllocatorValidation::Problem problem) {
    constexpr const char* names[] = {
        "none",
        "a zone contradicts itself",
        "managed or present frames differ from the frames online",
        "a stock holds what is no run of its zone",
        "a stock holds a free run",
        "two places hold the same run",
    };
    return names[static_cast<unsigned>(problem)];
}

namespace validate_detail {

template <class P>
class AllocatorRecount {
public:
    explicit AllocatorRecount(const PageAllocator<P>& pages) : pages_(pages) {}

    AllocatorValidation run() {
        for (std::uint32_t id = 0; id < pages_.machine().zone_count(); ++id) check(ZoneId{id});
        return result_;
    }

private:
    using W = typename P::WorldT;
    using Problem = AllocatorValidation::Problem;

    void report(Problem problem, ZoneId id, Pfn where, const ZoneValidation& of_zone) {
        if (result_.problem != Problem::none) return;
        result_.problem = problem;
        result_.zone = id;
        result_.where = where;
        result_.of_zone = of_zone;
    }

    void check(ZoneId id) {
        const Zone<W>& zone = pages_.machine().zone(id);
        const ZoneValidation of_zone = validate(zone);
        if (!of_zone) report(Problem::zone, id, of_zone.where, of_zone);
        if (of_zone.online != zone.managed() || of_zone.online != zone.present()) {
            report(Problem::managed_count, id, zone.span().first, of_zone);
        }
        result_.online += of_zone.online;
        result_.free += of_zone.free;
        pages_.stocks().for_each_run(id, [&](Pfn pfn, Order order) {
            result_.stocked += order.frames();
            check_stocked(id, zone, pfn, order, of_zone);
        });
    }

    void check_stocked(ZoneId id, const Zone<W>& zone, Pfn pfn, Order order,
                       const ZoneValidation& of_zone) {
        if (zone.span().contains(pfn) && zone.map().is_free(zone.index_of(pfn))) {
            report(Problem::stocked_free, id, pfn, of_zone);
        } else if (zone.check_free(pfn, order).fault != FreeFault::none) {
            report(Problem::stocked_foreign, id, pfn, of_zone);
        }
        // Runs of different orders cannot overlap and both look allocated.
        unsigned places = 0;
        pages_.stocks().for_each_run(id, [&](Pfn other, Order) { places += other == pfn; });
        if (places != 1) report(Problem::stocked_twice, id, pfn, of_zone);
    }

    const PageAllocator<P>& pages_;
    AllocatorValidation result_;
};

}  // namespace validate_detail

/// Recounts everything; the allocator must be quiescent.
template <class P>
AllocatorValidation validate(const PageAllocator<P>& pages) {
    return validate_detail::AllocatorRecount<P>(pages).run();
}

}  // namespace anypage
