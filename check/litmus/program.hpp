// Program: a C litmus test as it was read: what memory holds at first, what each process does, and
// what is asked about the end. A process is a list of statements in which every access to memory is
// one operation, so that an interpreter has three cases: assign, operation, branch.
//
// Plain data; the parser (parser.hpp) makes it, an interpreter reads it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "error.hpp"
#include "expression.hpp"

namespace anypage::check::litmus {

// -- What a process does.

enum class Action : std::uint8_t {
    load,
    store,             ///< value
    exchange,          ///< value
    compare_exchange,  ///< value, if the old one is `expected`; else nothing, and no order
    fetch,             ///< old `update` value
    add_unless,        ///< old + value, unless the old one is `expected`; then no order
    fence,
    lock,
    unlock,
    try_lock,   ///< destination: whether it got the lock; if not, no order
    is_locked,  ///< destination: whether anybody holds it
};

/// A read-modify-write?
constexpr bool is_update(Action action) {
    return action >= Action::exchange && action <= Action::add_unless;
}
/// Sees whether a lock is held without waiting for it?
constexpr bool looks_at_lock(Action action) {
    return action == Action::try_lock || action == Action::is_locked;
}

enum class Order : std::uint8_t {
    plain,    ///< not marked: `*x = 1`
    once,     ///< READ_ONCE, WRITE_ONCE, _relaxed, and atomics that return nothing
    acquire,  ///< of a read-modify-write: of its read
    release,  ///< of a read-modify-write: of its write
    full,     ///< a read-modify-write with smp_mb() before and after it
};

enum class Fence : std::uint8_t {
    none,
    mb,
    rmb,
    wmb,
    before_atomic,
    after_atomic,
    after_spinlock,
    after_unlock_lock,
    read_depends,  ///< smp_read_barrier_depends: address dependencies order anyway
    compiler,      ///< barrier(): orders nothing here
};

/// What the destination of a read-modify-write gets.
enum class Returns : std::uint8_t {
    nothing,  ///< atomic_add() and the like: smp_rmb() does not order their read
    old_value,
    new_value,
    success,  ///< 1 if it wrote, else 0
};

struct Operation {
    Action action = Action::load;
    Order order = Order::plain;
    Fence fence = Fence::none;
    Operator update = Operator::add;
    Returns returns = Returns::nothing;  ///< loads return the old value
    Expression address;                  ///< all but fences
    Expression value;
    Expression expected;
    std::optional<RegisterId> destination;  ///< none: what it returns is dropped
    std::string name;                       ///< as in the source: "atomic_inc", "*x"
};

struct Statement {
    enum class Kind : std::uint8_t {
        assign,     ///< destination = expression
        operation,  ///< operation
        branch,     ///< if expression is not 0 `then_part`, else `else_part`
    };

    Kind kind = Kind::assign;
    SourcePosition at;
    RegisterId destination = 0;
    Expression expression;
    Operation operation;
    std::vector<Statement> then_part;
    std::vector<Statement> else_part;
};

struct Register {
    std::string name;   ///< empty: made by the parser
    Value initial = 0;  ///< a parameter's: the address of the location of its name
};

struct Process {
    std::vector<Register> registers;
    std::vector<Statement> body;
};

// -- Memory.

/// A location is one cell, or if it is an array several.
struct Location {
    std::string name;
    bool array = false;
    std::vector<Value> initial = {0};
    std::size_t first_cell = 0;
};

// -- What is asked.

/// A register of a process, or an element of a location.
struct Place {
    std::optional<std::size_t> process;
    std::size_t index = 0;    ///< of the register, or of the location
    std::size_t element = 0;  ///< of an array

    friend bool operator==(const Place&, const Place&) = default;
};

struct Proposition {
    enum class Kind : std::uint8_t {
        always,
        never,
        equals_value,
        equals_place,
        negation,  ///< of its one operand
        all,       ///< of its operands
        any,
        implication,  ///< the first of two implies the second
    };

    Kind kind = Kind::always;
    Place left;
    Place right;
    Value value = 0;
    std::vector<Proposition> operands;
};

enum class Quantifier : std::uint8_t { exists, not_exists, for_all };

struct Condition {
    Quantifier quantifier = Quantifier::for_all;
    Proposition proposition;
};

// -- All of it.

struct Program {
    std::string name;
    std::vector<Location> locations;
    std::vector<Process> processes;
    Condition condition;
    std::optional<Proposition> filter;  ///< final states without it do not count
    /// All that `condition`, `locations [...]` and `filter` speak of, registers first, in herd7's
    /// order. A final state is their values, in this order.
    std::vector<Place> observed;
    std::vector<bool> shown;  ///< false: only the filter speaks of it
    std::vector<LitmusWarning> warnings;

    std::size_t cells() const;
    /// The cell that an address means; none if the value is no address, or a wild one.
    std::optional<std::size_t> cell_at(Value address) const;
    std::size_t cell_of(const Place& place) const {
        return locations[place.index].first_cell + place.element;
    }
    Value initial_of(std::size_t cell) const;

    /// Elements of a location lie one beside the other, so that pointers can be computed with.
    static Value address_of(std::size_t location, std::size_t element = 0) {
        return address_base + (static_cast<Value>(location) << element_bits) +
               static_cast<Value>(element);
    }

    /// As herd7 prints them: "x", "a[1]", "-1"; "0:r1", "[x]".
    std::string text_of(Value value) const;
    std::string text_of(const Place& place) const;
    std::string cell_name(std::size_t cell) const;

    static constexpr unsigned element_bits = 20;
    static constexpr std::size_t locations_max = 4096;
    static constexpr std::size_t elements_max = 1024;
    /// Far from what tests count with.
    static constexpr Value address_base = 0x2a00'0000'0000'0000;
    /// From here on are the names of values that might be any, in final states: ?1, ?2. None is
    /// equal to another one, or to what is written.
    static constexpr Value from_nowhere = 0x2b00'0000'0000'0000;
    static constexpr bool is_from_nowhere(Value value) {
        return value >= from_nowhere && value < from_nowhere + (1 << 20);
    }

private:
    /// The location and element of an address.
    std::optional<Place> place_at(Value address) const;
    std::string element_name(const Place& place) const;
};

}  // namespace anypage::check::litmus
