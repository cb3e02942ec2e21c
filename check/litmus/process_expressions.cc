// ProcessParser: expressions; see process_parser.hpp.
#include <array>
#include <optional>

#include "process_parser.hpp"
#include "text.hpp"

namespace anypage::check::litmus {
namespace {

struct BinaryOperator {
    std::string_view text;
    Operator op;
    unsigned precedence;  ///< binds tighter the higher it is
};

constexpr auto binary_operators = std::to_array<BinaryOperator>({
    {"||", Operator::logical_or, 1},
    {"&&", Operator::logical_and, 2},
    {"|", Operator::bit_or, 3},
    {"^", Operator::bit_xor, 4},
    {"&", Operator::bit_and, 5},
    {"==", Operator::equal, 6},
    {"!=", Operator::not_equal, 6},
    {"<", Operator::less, 7},
    {"<=", Operator::less_equal, 7},
    {">", Operator::greater, 7},
    {">=", Operator::greater_equal, 7},
    {"<<", Operator::shift_left, 8},
    {">>", Operator::shift_right, 8},
    {"+", Operator::add, 9},
    {"-", Operator::subtract, 9},
    {"*", Operator::multiply, 10},
    {"/", Operator::divide, 10},
    {"%", Operator::remainder, 10},
});

const BinaryOperator* binary_operator(const Token& token) {
    for (const BinaryOperator& one : binary_operators) {
        if (token.is(one.text)) return &one;
    }
    return nullptr;
}

std::optional<Value> constant_of(const Token& name) {
    if (name.is("NULL") || name.is("false")) return 0;
    if (name.is("true")) return 1;
    return std::nullopt;
}

bool short_circuits(Operator op) {
    return op == Operator::logical_and || op == Operator::logical_or;
}

}  // namespace

// -- Operators of two operands.

Expression ProcessParser::read_value_from(Operand first, unsigned precedence) {
    Expression left = value_of(std::move(first));
    for (;;) {
        const SourcePosition at = tokens_.at();
        const BinaryOperator* found = binary_operator(tokens_.peek());
        if (found == nullptr || found->precedence < precedence) break;
        tokens_.take();
        if (short_circuits(found->op)) {
            left = read_short_circuit(found->op, std::move(left), found->precedence + 1, at);
        } else {
            Expression right = read_value_from(read_operand(), found->precedence + 1);
            left = combined(found->op, std::move(left), std::move(right), at);
        }
    }
    if (tokens_.peek().is("?")) {
        TokenStream::fail_unsupported(tokens_.at(), "? is not read; write it with if and else");
    }
    return left;
}

/// If the right side accesses memory it may do so only when the left side asks for it.
Expression ProcessParser::read_short_circuit(Operator op, Expression left, unsigned precedence,
                                             SourcePosition at) {
    std::vector<Statement> extra;
    std::vector<Statement>* const outer = std::exchange(out_, &extra);
    Expression right = read_value_from(read_operand(), precedence);
    out_ = outer;
    if (extra.empty()) return combined(op, std::move(left), std::move(right), at);

    const RegisterId outcome = process_.add_unnamed();
    const auto truth = [&](Expression of) {
        return combined(Operator::not_equal, std::move(of), Expression::constant(0), at);
    };
    emit_assignment(outcome, truth(std::move(left)), at);
    Statement& branch = emit(Statement::Kind::branch, at);
    branch.expression = Expression::of_register(outcome);
    auto& arm = op == Operator::logical_and ? branch.then_part : branch.else_part;
    arm = std::move(extra);
    Statement& last = arm.emplace_back();
    last.kind = Statement::Kind::assign;
    last.at = at;
    last.destination = outcome;
    last.expression = truth(std::move(right));
    return Expression::of_register(outcome);
}

Expression ProcessParser::combined(Operator op, Expression left, Expression right,
                                   SourcePosition at) const {
    Expression made = Expression::of(op, std::move(left), std::move(right));
    if (made.height > Nesting::depth_max) {
        TokenStream::fail_malformed(at, "the expression is too long; use a register in between");
    }
    return made;
}

// -- Operands.

ProcessParser::Operand ProcessParser::read_operand() {
    const Nesting nesting(depth_, tokens_.at());
    if (tokens_.accept("*")) return target_of(read_operand());
    if (tokens_.accept("&")) return address_of(read_operand());
    if (tokens_.accept("+")) return read_operand();
    if (tokens_.accept("-")) return read_unary(Operator::negate);
    if (tokens_.accept("~")) return read_unary(Operator::complement);
    if (tokens_.accept("!")) return read_unary(Operator::logical_not);
    return read_postfix(read_primary());
}

ProcessParser::Operand ProcessParser::read_unary(Operator op) {
    const SourcePosition at = tokens_.at();
    Expression made = Expression::of(op, value_of(read_operand()));
    return {Operand::Kind::value, at, std::move(made), 0, {}};
}

ProcessParser::Operand ProcessParser::read_primary() {
    const Token& next = tokens_.peek();
    if (next.is("(")) return read_parenthesis();
    if (next.is_number()) {
        const SourcePosition at = next.at;
        return {
            Operand::Kind::value, at, Expression::constant(tokens_.take_number("a number")), 0, {}};
    }
    if (next.is("sizeof")) TokenStream::fail_unsupported(next.at, "sizeof is not read");
    const Token name = tokens_.take_name("a register, a number or a call");
    if (tokens_.peek().is("(")) return read_call(name);
    if (const auto constant = constant_of(name)) {
        return {Operand::Kind::value, name.at, Expression::constant(*constant), 0, {}};
    }
    return {Operand::Kind::in_register,
            name.at,
            {},
            process_.find_or_add(name.text),
            std::string(name.text)};
}

/// A cast, which changes nothing here, or an expression; alone in parentheses *x stays *x.
ProcessParser::Operand ProcessParser::read_parenthesis() {
    tokens_.take();
    if (tokens_.peek().is_identifier() && is_type_word(tokens_.peek().text)) {
        while (!tokens_.peek().is(")")) {
            if (!tokens_.peek().is_identifier() && !tokens_.peek().is("*")) {
                tokens_.fail_expected("\")\" behind a type");
            }
            tokens_.take();
        }
        tokens_.take();
        Operand operand = read_operand();
        if (operand.kind == Operand::Kind::nothing) return operand;
        const SourcePosition at = operand.at;
        return {Operand::Kind::value, at, value_of(std::move(operand)), 0, {}};
    }
    Operand operand = read_operand();
    if (!tokens_.peek().is(")")) {
        const SourcePosition at = operand.at;
        operand = {Operand::Kind::value, at, read_value_from(std::move(operand), 0), 0, {}};
    }
    tokens_.expect(")", "behind an expression");
    return operand;
}

ProcessParser::Operand ProcessParser::read_postfix(Operand base) {
    while (tokens_.accept("[")) {
        const SourcePosition at = base.at;
        const std::string name = base.name;
        Expression pointer = value_of(std::move(base));
        Expression index = read_value();
        tokens_.expect("]", "behind an index");
        base = {Operand::Kind::in_memory, at,
                combined(Operator::add, std::move(pointer), std::move(index), at), 0,
                name.empty() ? "[]" : name + "[]"};
    }
    if (tokens_.peek().is("->") || tokens_.peek().is(".")) {
        TokenStream::fail_unsupported(tokens_.at(),
                                      "structures are not read; use a location for each member");
    }
    return base;
}

/// Of a parameter it is what the parameter holds: the location's address.
ProcessParser::Operand ProcessParser::address_of(Operand operand) {
    if (is_parameter(operand)) {
        warn(operand.at, concat("parameters are pointers already: &", operand.name, " is read as ",
                                operand.name));
        return operand;
    }
    if (operand.kind != Operand::Kind::in_memory) {
        TokenStream::fail_malformed(
            operand.at, "& is of what is not in memory; parameters are pointers already");
    }
    operand.kind = Operand::Kind::value;
    return operand;
}

bool ProcessParser::is_parameter(const Operand& operand) const {
    return operand.kind == Operand::Kind::in_register && process_.initialized(operand.id) &&
           draft_.has_location(operand.name);
}

void ProcessParser::warn(SourcePosition at, std::string message) {
    draft_.program().warnings.push_back({at, std::move(message)});
}

ProcessParser::Operand ProcessParser::target_of(Operand pointer) {
    const SourcePosition at = pointer.at;
    const std::string name = "*" + pointer.name;
    return {Operand::Kind::in_memory, at, value_of(std::move(pointer)), 0, name};
}

/// What is in memory is read by a plain access, now.
Expression ProcessParser::value_of(Operand operand) {
    switch (operand.kind) {
        case Operand::Kind::nothing:
            TokenStream::fail_malformed(operand.at, concat(operand.name, " gives no value"));
        case Operand::Kind::value:
            return std::move(operand.expression);
        case Operand::Kind::in_register:
            process_.use(operand.id, operand.at);
            return Expression::of_register(operand.id);
        case Operand::Kind::in_memory:
            break;
    }
    Operation load;
    load.action = Action::load;
    load.returns = Returns::old_value;
    load.address = std::move(operand.expression);
    load.name = std::move(operand.name);
    const RegisterId destination = process_.add_unnamed();
    load.destination = destination;
    emit_operation(std::move(load), operand.at);
    return Expression::of_register(destination);
}

}  // namespace anypage::check::litmus
