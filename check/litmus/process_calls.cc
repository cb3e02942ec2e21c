// ProcessParser: calls of the kernel's primitives; see process_parser.hpp.
#include "process_parser.hpp"
#include "text.hpp"

namespace anypage::check::litmus {

ProcessParser::Operand ProcessParser::read_call(const Token& name) {
    const auto primitive = find_primitive(name.text);
    if (!primitive) {
        TokenStream::fail_unsupported(name.at,
                                      concat(quoted(name.text), ": ", why_unsupported(name.text)));
    }
    Operation operation;
    operation.action = primitive->action;
    operation.order = primitive->order;
    operation.update = primitive->update;
    operation.returns = primitive->returns;
    operation.value = Expression::constant(primitive->value);
    operation.expected = Expression::constant(primitive->expected);
    operation.name = std::string(name.text);
    if (operation.action == Action::fence) operation.fence = primitive->fence;
    read_arguments(*primitive, operation);
    return finish_call(*primitive, std::move(operation), name.at);
}

// -- Arguments.

void ProcessParser::read_arguments(const Primitive& primitive, Operation& operation) {
    tokens_.expect("(", "before the arguments");
    const std::string count = concat(primitive.name, " takes ", primitive.arguments.size(),
                                     " arguments; give it that many");
    bool first = true;
    for (const char kind : primitive.arguments) {
        if (!first && !tokens_.accept(",")) TokenStream::fail_malformed(tokens_.at(), count);
        if (tokens_.peek().is(")")) TokenStream::fail_malformed(tokens_.at(), count);
        read_argument(kind, primitive, operation);
        first = false;
    }
    if (tokens_.peek().is(",") || (first && !tokens_.peek().is(")"))) {
        TokenStream::fail_malformed(tokens_.at(), count);
    }
    tokens_.expect(")", "behind the arguments");
}

void ProcessParser::read_argument(char kind, const Primitive& primitive, Operation& operation) {
    switch (kind) {
        case 'l':
            operation.address = read_lvalue_argument(primitive);
            return;
        case 'p':
            operation.address = read_value();
            return;
        case 'v':
            operation.value = read_value();
            return;
        case 'e':
            operation.expected = read_value();
            return;
        default:
            break;
    }
    tokens_.expect("&", "before the register with the expected value");
    const Token name = tokens_.take_name("the register with the expected value");
    expected_register_ = process_.find_or_add(name.text);
    process_.use(expected_register_, name.at);
    operation.expected = Expression::of_register(expected_register_);
}

Expression ProcessParser::read_lvalue_argument(const Primitive& primitive) {
    Operand operand = read_operand();
    if (is_parameter(operand)) {
        warn(operand.at, concat(primitive.name, " takes what a pointer points to: ", operand.name,
                                " is read as *", operand.name));
        operand = target_of(std::move(operand));
    }
    if (operand.kind != Operand::Kind::in_memory) {
        TokenStream::fail_malformed(
            operand.at, concat(primitive.name, " takes what a pointer points to; write *x"));
    }
    return std::move(operand.expression);
}

// -- What the call gives.

/// Some primitives are two operations.
void ProcessParser::emit_rest(const Primitive& primitive, SourcePosition at) {
    Operation rest;
    rest.name = primitive.name;
    if (primitive.action == Action::store && primitive.fence != Fence::none) {
        rest.action = Action::fence;
        rest.fence = primitive.fence;
    } else if (primitive.unlocks) {
        rest.action = Action::unlock;
        rest.order = Order::release;
        rest.address = out_->back().operation.address;
    } else {
        return;
    }
    emit_operation(std::move(rest), at);
}

ProcessParser::Operand ProcessParser::finish_call(const Primitive& primitive, Operation operation,
                                                  SourcePosition at) {
    const bool try_compare = primitive.arguments == "prv";
    const RegisterId expected = expected_register_;
    if (!primitive.gives_value()) {
        emit_operation(std::move(operation), at);
        emit_rest(primitive, at);
        return {Operand::Kind::nothing, at, {}, 0, std::string(primitive.name)};
    }
    const RegisterId destination = process_.add_unnamed();
    operation.destination = destination;
    emit_operation(std::move(operation), at);
    Expression value = Expression::of_register(destination);
    if (primitive.test == Primitive::Test::is_zero) {
        value = combined(Operator::equal, std::move(value), Expression::constant(0), at);
    } else if (primitive.test == Primitive::Test::is_negative) {
        value = combined(Operator::less, std::move(value), Expression::constant(0), at);
    } else if (try_compare) {
        // The old value is the expected one if it succeeded: it may be stored either way.
        const RegisterId same = process_.add_unnamed();
        emit_assignment(
            same, combined(Operator::equal, value, Expression::of_register(expected), at), at);
        emit_assignment(expected, std::move(value), at);
        value = Expression::of_register(same);
    }
    return {Operand::Kind::value, at, std::move(value), 0, std::string(primitive.name)};
}

}  // namespace anypage::check::litmus
