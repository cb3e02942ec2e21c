// Hint: one word per tree and per super that says where to look, never what is true. Pure
// transitions.
//
//   bits 0-10   order k: "a free run of this order may be here"; clear means: surely none
//   bit  11     DIRTY: "something was freed since the last lowering began"
//   bits 16-63  version: counts the lowerings begun: a clear bit seen twice was clear between
#pragma once

#include <bit>
#include <cstdint>

#include "../base/units.hpp"

namespace anypage {

struct Hint {
    static constexpr std::uint64_t orders_mask = (std::uint64_t{1} << order_count) - 1;
    static constexpr std::uint64_t dirty = std::uint64_t{1} << order_count;
    static constexpr std::uint64_t full = orders_mask | dirty;
    static constexpr unsigned version_shift = 16;

    std::uint64_t bits = 0;

    constexpr bool may_have(Order order) const { return (bits >> order.value & 1) != 0; }
    constexpr bool is_dirty() const { return (bits & dirty) != 0; }
    constexpr bool is_full() const { return (bits & full) == full; }
    constexpr std::uint64_t version() const { return bits >> version_shift; }

    /// What a free that completed a run of `order` must find set.
    static constexpr std::uint64_t raised(Order order) {
        return dirty | ((std::uint64_t{2} << order.value) - 1);
    }
    /// The lowest order that a free would have to set; order_count if none.
    constexpr unsigned first_missing() const {
        return is_dirty() ? static_cast<unsigned>(std::countr_one(bits & orders_mask)) : 0;
    }
    /// A lowering begins: what is freed from here on sets DIRTY again.
    constexpr Hint lowering_begun() const {
        return {(bits & ~dirty) + (std::uint64_t{1} << version_shift)};
    }
    /// No run of `order` was found, so none above it either.
    constexpr Hint lowered(Order order) const {
        return {bits & ~(orders_mask & ~((std::uint64_t{1} << order.value) - 1))};
    }
    friend constexpr bool operator==(Hint, Hint) = default;
};

}  // namespace anypage
