// by_branch: a value out of a few, computed by jumps and not by arithmetic. What depends on it then
// begins when the jump is predicted, and does not wait for the loads that the value comes from.
#pragma once

#include <type_traits>

namespace anypage {

namespace by_branch_detail {

/// A constant that no compiler knows the value of: it would find the jump superfluous.
template <auto value>
[[gnu::always_inline]] inline decltype(value) opaque() {
#if defined(__x86_64__)
    unsigned number;
    asm volatile("movl %1, %0" : "=r"(number) : "i"(static_cast<unsigned>(value)));
    return static_cast<std::remove_const_t<decltype(value)>>(number);
#else
    auto copy = value;
    asm volatile("" : "+r"(copy));
    return copy;
#endif
}

}  // namespace by_branch_detail

/// `value`, which is one of `values`.
template <auto... values, class T>
[[gnu::always_inline]] inline T by_branch(T value) {
    T found = value;
    // The first that it is; the comparisons after that are not made.
    static_cast<void>(
        ((value == values && (found = by_branch_detail::opaque<values>(), true)) || ...));
    return found;
}

}  // namespace anypage
