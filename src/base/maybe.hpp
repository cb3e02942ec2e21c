// Maybe: a number of ours (units.hpp) or an enumerator, or nothing, in the space of the number: all
// ones are nothing. What std::optional says, but it stays in a register: g++ 12 builds optionals of
// structs in memory, byte after byte, and reads them back whole, which stalls.
#pragma once

#include <concepts>
#include <limits>
#include <optional>
#include <type_traits>

namespace anypage {

template <class T>
class Maybe {
public:
    constexpr Maybe() = default;
    constexpr Maybe(std::nullopt_t) {}
    constexpr Maybe(T value) : value_(value) {}
    constexpr Maybe(const std::optional<T>& value) : value_(value.value_or(nothing())) {}
    constexpr operator std::optional<T>() const {
        return has_value() ? std::optional<T>(value_) : std::nullopt;
    }

    constexpr explicit operator bool() const { return has_value(); }
    constexpr bool has_value() const { return value_ != nothing(); }
    /// Undefined for nothing.
    constexpr const T& operator*() const { return value_; }
    constexpr const T* operator->() const { return &value_; }
    constexpr T value_or(T other) const { return has_value() ? value_ : other; }
    constexpr void reset() { value_ = nothing(); }

    friend constexpr bool operator==(Maybe, Maybe) = default;
    // Convert first: std::optional's own would take a Maybe for a value.
    template <std::same_as<std::optional<T>> Optional>
    friend constexpr bool operator==(Maybe a, const Optional& b) = delete;

private:
    static constexpr T nothing() {
        if constexpr (std::is_enum_v<T>) {
            return static_cast<T>(std::numeric_limits<std::underlying_type_t<T>>::max());
        } else {
            return T{std::numeric_limits<decltype(T::value)>::max()};
        }
    }

    T value_ = nothing();
};

}  // namespace anypage
