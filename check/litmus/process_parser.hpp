// ProcessParser: reads one process: parameters, declarations, statements, expressions. Expressions
// are taken apart: what accesses memory becomes an operation in front of the statement, in the
// order of the source, and the expression that is left speaks of registers only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "draft.hpp"
#include "primitives.hpp"
#include "token_stream.hpp"

namespace anypage::check::litmus {

class ProcessParser {
public:
    ProcessParser(TokenStream& tokens, Draft& draft, std::size_t number, SourcePosition at);

    /// From the parenthesis of the parameters to the brace at the end.
    void read();

private:
    /// What a part of an expression is, before anybody says what to do with it.
    struct Operand {
        enum class Kind { nothing, value, in_register, in_memory };
        Kind kind = Kind::nothing;
        SourcePosition at;
        Expression expression;  ///< the value, or the address of what is in memory
        RegisterId id = 0;      ///< of what is in a register
        std::string name;       ///< for messages
    };

    // -- Statements (process_parser.cc).
    void read_parameters();
    void read_parameter();
    void read_statement();
    void read_block();
    void read_if();
    std::vector<Statement> read_arm();
    void read_declaration();
    void read_declarator();
    void read_simple_statement();
    void assign(const Operand& to, Expression value);
    void drop(const Operand& operand, bool did_something);
    bool at_declaration() const;
    void skip_type();
    void refuse_keyword() const;

    // -- Expressions (process_expressions.cc).
    Expression read_value() { return read_value_from(read_operand(), 0); }
    Expression read_value_from(Operand first, unsigned precedence);
    Expression read_short_circuit(Operator op, Expression left, unsigned precedence,
                                  SourcePosition at);
    Operand read_operand();
    Operand read_unary(Operator op);
    Operand read_primary();
    Operand read_parenthesis();
    Operand read_postfix(Operand base);
    Operand address_of(Operand operand);
    bool is_parameter(const Operand& operand) const;
    void warn(SourcePosition at, std::string message);
    Operand target_of(Operand pointer);
    Expression value_of(Operand operand);
    Expression combined(Operator op, Expression left, Expression right, SourcePosition at) const;

    // -- Calls (process_calls.cc).
    Operand read_call(const Token& name);
    void read_arguments(const Primitive& primitive, Operation& operation);
    void read_argument(char kind, const Primitive& primitive, Operation& operation);
    Expression read_lvalue_argument(const Primitive& primitive);
    void emit_rest(const Primitive& primitive, SourcePosition at);
    Operand finish_call(const Primitive& primitive, Operation operation, SourcePosition at);

    // -- What was read.
    Statement& emit(Statement::Kind kind, SourcePosition at);
    void emit_operation(Operation operation, SourcePosition at);
    void emit_assignment(RegisterId to, Expression value, SourcePosition at);
    /// The operation at the end, if the value is what it alone returns.
    Operation* newest_operation_of(const Expression& value);
    Process& process() { return process_.process(); }

    TokenStream& tokens_;
    Draft& draft_;
    std::size_t number_;
    ProcessDraft& process_;
    std::vector<Statement>* out_;
    unsigned depth_ = 0;
    RegisterId expected_register_ = 0;  ///< of the try_cmpxchg that is being read
};

bool is_type_word(std::string_view word);

}  // namespace anypage::check::litmus
