// Expression: see expression.hpp.
#include "expression.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace anypage::check::litmus {
namespace {

/// Signed division without its two traps.
Value divide(Value left, Value right) {
    if (right == 0) return 0;
    if (right == -1) return static_cast<Value>(-static_cast<std::uint64_t>(left));
    return left / right;
}

}  // namespace

Value apply(Operator op, Value left, Value right) {
    const auto a = static_cast<std::uint64_t>(left);
    const auto b = static_cast<std::uint64_t>(right);
    const auto value = [](std::uint64_t bits) { return static_cast<Value>(bits); };
    switch (op) {
        case Operator::negate:
            return value(-a);
        case Operator::complement:
            return ~left;
        case Operator::logical_not:
            return left == 0;
        case Operator::add:
            return value(a + b);
        case Operator::subtract:
            return value(a - b);
        case Operator::multiply:
            return value(a * b);
        case Operator::divide:
            return divide(left, right);
        case Operator::remainder:
            return right == 0 || right == -1 ? 0 : left % right;
        case Operator::bit_and:
            return left & right;
        case Operator::bit_or:
            return left | right;
        case Operator::bit_xor:
            return left ^ right;
        case Operator::bit_and_not:
            return left & ~right;
        case Operator::shift_left:
            return value(a << (b & 63));
        case Operator::shift_right:
            return left >> (b & 63);
        case Operator::equal:
            return left == right;
        case Operator::not_equal:
            return left != right;
        case Operator::less:
            return left < right;
        case Operator::less_equal:
            return left <= right;
        case Operator::greater:
            return left > right;
        case Operator::greater_equal:
            return left >= right;
        case Operator::logical_and:
            return left != 0 && right != 0;
        case Operator::logical_or:
            return left != 0 || right != 0;
    }
    return 0;
}

Expression Expression::of(Operator op, Expression operand) {
    Expression made;
    made.kind = Kind::apply;
    made.op = op;
    made.height = operand.height + 1;
    made.operands.push_back(std::move(operand));
    return made;
}

Expression Expression::of(Operator op, Expression left, Expression right) {
    Expression made;
    made.kind = Kind::apply;
    made.op = op;
    made.height = std::max(left.height, right.height) + 1;
    made.operands.reserve(2);
    made.operands.push_back(std::move(left));
    made.operands.push_back(std::move(right));
    return made;
}

}  // namespace anypage::check::litmus
