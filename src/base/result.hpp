// Results: a value or an error, by value. The core reports an `error`; parsers and creation report
// a `failure`, which also says in words what is wrong, where, and what to do about it.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace anypage {

/// Why an operation did not happen.
enum class error : std::uint8_t {
    no_memory,    ///< every zone that the request may use was unable to serve it
    invalid,      ///< an argument is out of range or contradicts another
    busy,         ///< pages are in use, or no snapshot slot came free within the deadline
    not_found,    ///< no such node, zone, range or file
    vetoed,       ///< a notifier said no
    unsupported,  ///< this machine, or this build, cannot do it
};

/// The error as a lower-case phrase.
constexpr const char* to_string(error code) {
    constexpr const char* names[] = {"out of memory", "invalid argument", "busy",
                                     "not found",     "vetoed",           "not supported"};
    return names[static_cast<unsigned>(code)];
}

/// An error with the place and the remedy, for people.
struct failure {
    error code = error::invalid;
    std::string message;
};

/// A value or an error. `value()` without a value is a contract breach (undefined).
template <class T, class E = error>
class [[nodiscard]] result {
public:
    result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    result(E error) : state_(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const { return state_.index() == 0; }
    bool has_value() const { return state_.index() == 0; }

    T& value() & { return *std::get_if<0>(&state_); }
    const T& value() const& { return *std::get_if<0>(&state_); }
    T&& value() && { return std::move(*std::get_if<0>(&state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return std::get_if<0>(&state_); }
    const T* operator->() const { return std::get_if<0>(&state_); }

    const E& error() const { return *std::get_if<1>(&state_); }

private:
    std::variant<T, E> state_;
};

/// The core's: two words, in registers.
template <class T>
    requires std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T>
class [[nodiscard]] result<T, error> {
public:
    constexpr result(T value) : value_(value), has_value_(true) {}
    // Named so, for `error` is a member function here.
    constexpr result(enum error code) : code_(code) {}

    constexpr explicit operator bool() const { return has_value_; }
    constexpr bool has_value() const { return has_value_; }

    constexpr const T& value() const { return value_; }
    constexpr const T& operator*() const { return value_; }
    constexpr const T* operator->() const { return &value_; }

    constexpr enum error error() const { return code_; }

private:
    T value_{};
    enum error code_ {};
    bool has_value_ = false;
};

}  // namespace anypage
