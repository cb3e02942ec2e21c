// Expression: a computation on the registers of one process, without any access to memory: the
// parser turns each access into an operation of its own, with a register as its destination. What a
// value depends on is hence what the registers that `evaluate` asks for depend on.
#pragma once

#include <cstdint>
#include <vector>

namespace anypage::check::litmus {

/// An integer, or the address of a cell (see Program::address_of): one type, as in herd7's C.
using Value = std::int64_t;
using RegisterId = std::uint32_t;

enum class Operator : std::uint8_t {
    // Of one operand.
    negate,
    complement,
    logical_not,
    // Of two.
    add,
    subtract,
    multiply,
    divide,  ///< by zero gives zero; so does the remainder
    remainder,
    bit_and,
    bit_or,
    bit_xor,
    bit_and_not,
    shift_left,
    shift_right,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    logical_and,  ///< both operands are computed: nothing in an expression has effects
    logical_or,
};

/// What the operator makes of its operands (`right` is ignored by those of one). Wraps around.
Value apply(Operator op, Value left, Value right);

struct Expression {
    enum class Kind : std::uint8_t { constant, read_register, apply };

    Kind kind = Kind::constant;
    Operator op{};
    RegisterId source = 0;
    Value value = 0;
    std::vector<Expression> operands;
    unsigned height = 0;  ///< how far operands nest; the parser bounds it

    static Expression constant(Value value) {
        Expression made;
        made.value = value;
        return made;
    }
    static Expression of_register(RegisterId source) {
        Expression made;
        made.kind = Kind::read_register;
        made.source = source;
        return made;
    }
    static Expression of(Operator op, Expression operand);
    static Expression of(Operator op, Expression left, Expression right);

    bool is_register(RegisterId id) const { return kind == Kind::read_register && source == id; }
};

/// The value; `read(id)` gives the value of a register, and is where an interpreter gathers what
/// the result depends on.
template <class Read>
Value evaluate(const Expression& expression, Read&& read) {
    switch (expression.kind) {
        case Expression::Kind::constant:
            return expression.value;
        case Expression::Kind::read_register:
            return read(expression.source);
        case Expression::Kind::apply:
            break;
    }
    const Value left = evaluate(expression.operands[0], read);
    const Value right = expression.operands.size() > 1 ? evaluate(expression.operands[1], read) : 0;
    return apply(expression.op, left, right);
}

}  // namespace anypage::check::litmus
