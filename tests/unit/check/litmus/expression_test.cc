// Values of expressions.
#include "check/litmus/expression.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace anypage::check::litmus {
namespace {

constexpr Value lowest = std::numeric_limits<Value>::min();
constexpr Value highest = std::numeric_limits<Value>::max();

TEST(LitmusExpression, OperatorsComputeAsInC) {
    EXPECT_EQ(apply(Operator::negate, 3, 0), -3);
    EXPECT_EQ(apply(Operator::complement, 0, 0), -1);
    EXPECT_EQ(apply(Operator::logical_not, 2, 0), 0);
    EXPECT_EQ(apply(Operator::add, 2, 3), 5);
    EXPECT_EQ(apply(Operator::subtract, 2, 3), -1);
    EXPECT_EQ(apply(Operator::multiply, -2, 3), -6);
    EXPECT_EQ(apply(Operator::divide, -7, 2), -3);
    EXPECT_EQ(apply(Operator::remainder, -7, 2), -1);
    EXPECT_EQ(apply(Operator::bit_and, 6, 3), 2);
    EXPECT_EQ(apply(Operator::bit_or, 6, 3), 7);
    EXPECT_EQ(apply(Operator::bit_xor, 6, 3), 5);
    EXPECT_EQ(apply(Operator::bit_and_not, 6, 3), 4);
    EXPECT_EQ(apply(Operator::shift_left, 1, 4), 16);
    EXPECT_EQ(apply(Operator::shift_right, -8, 1), -4);
    EXPECT_EQ(apply(Operator::less, -1, 0), 1);
    EXPECT_EQ(apply(Operator::greater_equal, -1, 0), 0);
    EXPECT_EQ(apply(Operator::logical_and, 2, 1), 1);
    EXPECT_EQ(apply(Operator::logical_or, 0, 0), 0);
}

TEST(LitmusExpression, NothingTraps) {
    EXPECT_EQ(apply(Operator::divide, 1, 0), 0);
    EXPECT_EQ(apply(Operator::remainder, 1, 0), 0);
    EXPECT_EQ(apply(Operator::divide, lowest, -1), lowest);
    EXPECT_EQ(apply(Operator::remainder, lowest, -1), 0);
    EXPECT_EQ(apply(Operator::add, highest, 1), lowest);
    EXPECT_EQ(apply(Operator::negate, lowest, 0), lowest);
    EXPECT_EQ(apply(Operator::shift_left, 1, 64), 1);
}

TEST(LitmusExpression, EvaluationAsksForTheRegistersItDependsOn) {
    const Expression sum =
        Expression::of(Operator::add, Expression::of_register(4),
                       Expression::of(Operator::negate, Expression::of_register(7)));
    std::vector<RegisterId> asked;
    const Value value = evaluate(sum, [&](RegisterId id) {
        asked.push_back(id);
        return static_cast<Value>(10 * id);
    });
    EXPECT_EQ(value, -30);
    EXPECT_EQ(asked, (std::vector<RegisterId>{4, 7}));
}

}  // namespace
}  // namespace anypage::check::litmus
