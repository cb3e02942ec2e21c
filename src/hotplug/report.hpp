// What an offline came to. A plain value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "../base/units.hpp"

namespace anypage {

/// A page that keeps a range from going offline.
struct Blocker {
    Pfn pfn;
    Order order;
};

/// What an offline came to. `offlined` + `left` is the range; frames are online or offline, nothing
/// in between.
struct OfflineReport {
    static constexpr std::size_t blockers_max = 16;

    std::uint64_t offlined = 0;                    ///< frames
    std::uint64_t left = 0;                        ///< frames that stayed online
    std::uint64_t blocker_count = 0;               ///< pages in use in the sections that refused
    std::array<Blocker, blockers_max> blockers{};  ///< the first of them
    bool rebuild_pending = false;  ///< zonelists still show the empty zone: readers hold every slot

    OfflineReport& operator+=(const OfflineReport& other) {
        offlined += other.offlined;
        left += other.left;
        for (std::uint64_t i = 0; i < other.blocker_count && i < blockers_max; ++i) {
            if (blocker_count + i < blockers_max) blockers[blocker_count + i] = other.blockers[i];
        }
        blocker_count += other.blocker_count;
        rebuild_pending = other.rebuild_pending;
        return *this;
    }
};

}  // namespace anypage
