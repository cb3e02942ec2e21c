// Migratetype: what a page's owner promises about moving it, so that pages which stay are kept
// apart from pages which go. The kernel's values for the first three.
#pragma once

#include <array>
#include <cstdint>

namespace anypage {

enum class Migratetype : std::uint8_t { unmovable, movable, reclaimable };
inline constexpr unsigned migratetype_count = 3;

/// Where a request looks when its own type has nothing left, in order (the kernel's `fallbacks`).
constexpr std::array<Migratetype, 2> fallbacks(Migratetype type) {
    switch (type) {
        case Migratetype::unmovable:
            return {Migratetype::reclaimable, Migratetype::movable};
        case Migratetype::movable:
            return {Migratetype::reclaimable, Migratetype::unmovable};
        case Migratetype::reclaimable:
            break;
    }
    return {Migratetype::unmovable, Migratetype::movable};
}

constexpr const char* to_string(Migratetype type) {
    constexpr const char* names[] = {"Unmovable", "Movable", "Reclaimable"};
    return names[static_cast<unsigned>(type)];
}

}  // namespace anypage
