// Primitives: the kernel's functions and macros that a test may call, as operations. Which order
// each has is what tools/memory-model/linux-kernel.def says.
#pragma once

#include <optional>
#include <string_view>

#include "program.hpp"

namespace anypage::check::litmus {

struct Primitive {
    /// What a call gives back instead of what the operation returns.
    enum class Test : std::uint8_t { none, is_zero, is_negative };

    std::string_view name;
    Action action{};
    Order order{};
    Returns returns{};
    /// One letter an argument: l: an lvalue, p: a pointer, v: a value, e: the expected value,
    /// r: a pointer to a register that holds the expected value and gets the old one.
    std::string_view arguments{};
    Operator update = Operator::add;
    Test test = Test::none;
    Fence fence = Fence::none;  ///< of a store: what follows it (smp_store_mb)
    Value value = 0;            ///< where no argument gives it
    Value expected = 0;
    bool unlocks = false;  ///< of a lock: at once, too (spin_unlock_wait)

    bool gives_value() const { return returns != Returns::nothing; }
};

std::optional<Primitive> find_primitive(std::string_view name);

/// Why there is no such primitive, and what to do: for people.
std::string_view why_unsupported(std::string_view name);

}  // namespace anypage::check::litmus
