// ProcessParser: parameters and statements; see process_parser.hpp.
#include "process_parser.hpp"

#include <algorithm>
#include <array>

#include "text.hpp"

namespace anypage::check::litmus {
namespace {

constexpr auto type_words = std::to_array<std::string_view>(
    {"int",           "long",      "short",     "char",     "unsigned", "signed",     "void",
     "bool",          "_Bool",     "struct",    "volatile", "const",    "__rcu",      "atomic_t",
     "int8_t",        "int16_t",   "int32_t",   "int64_t",  "intptr_t", "uint8_t",    "uint16_t",
     "uint32_t",      "uint64_t",  "uintptr_t", "size_t",   "u8",       "u16",        "u32",
     "u64",           "s8",        "s16",       "s32",      "s64",      "spinlock_t", "_Atomic",
     "atomic_long_t", "atomic64_t"});

constexpr auto keywords = std::to_array<std::string_view>(
    {"while", "for", "do", "switch", "case", "goto", "return", "break", "continue", "else"});

template <std::size_t n>
bool has(const std::array<std::string_view, n>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

bool is_type_word(std::string_view word) { return has(type_words, word); }

ProcessParser::ProcessParser(TokenStream& tokens, Draft& draft, std::size_t number,
                             SourcePosition at)
    : tokens_(tokens),
      draft_(draft),
      number_(number),
      process_(draft.process(number)),
      out_(&process_.process().body) {
    if (process_.begins_at.line != 0) {
        TokenStream::fail_malformed(at, concat("there is a second P", number, "; renumber it"));
    }
    process_.begins_at = at;
}

void ProcessParser::read() {
    read_parameters();
    tokens_.expect("{", "before the statements of a process");
    read_block();
}

// -- Parameters.

void ProcessParser::read_parameters() {
    tokens_.expect("(", "before the parameters of a process");
    if (tokens_.peek().is("void") && tokens_.peek(1).is(")")) tokens_.take();
    if (tokens_.accept(")")) return;
    do {
        read_parameter();
    } while (tokens_.accept(","));
    tokens_.expect(")", "behind the parameters of a process");
}

/// All words but the last are of the type.
void ProcessParser::read_parameter() {
    bool pointer = false;
    Token name = tokens_.take_name("the type of a parameter");
    for (;;) {
        if (name.is("srcu_struct")) TokenStream::fail_unsupported(name.at, "SRCU is not modelled");
        if (tokens_.accept("*")) {
            pointer = true;
        } else if (tokens_.peek().is_identifier()) {
            name = tokens_.take();
        } else {
            break;
        }
    }
    if (tokens_.accept("[")) {
        pointer = true;
        if (tokens_.peek().is_number()) tokens_.take();
        tokens_.expect("]", "behind the size of an array");
    }
    if (!pointer) {
        TokenStream::fail_malformed(
            name.at, concat(quoted(name.text), " is not a pointer; parameters are: write int *",
                            name.text.substr(0, 60)));
    }
    const std::size_t location = draft_.find_or_add_location(name.text, name.at);
    const RegisterId id = process_.find_or_add(name.text);
    // An initial state that sets the register itself has the last word.
    if (!process_.initialized(id)) process_.initialize(id, Program::address_of(location));
}

// -- Statements.

void ProcessParser::read_block() {
    while (!tokens_.accept("}")) {
        if (tokens_.at_end()) tokens_.fail_expected("\"}\" at the end of a block");
        read_statement();
    }
}

void ProcessParser::read_statement() {
    const Nesting nesting(depth_, tokens_.at());
    if (tokens_.accept(";")) return;
    if (tokens_.accept("{")) {
        read_block();
    } else if (tokens_.peek().is("if")) {
        read_if();
    } else if (at_declaration()) {
        read_declaration();
    } else {
        refuse_keyword();
        read_simple_statement();
    }
}

void ProcessParser::refuse_keyword() const {
    if (!has(keywords, tokens_.peek().text)) return;
    if (tokens_.peek(1).is("=")) return;  // to herd7 it is a name like any other
    TokenStream::fail_unsupported(tokens_.at(),
                                  concat(quoted(tokens_.peek().text),
                                         " is not read; write out with if and else what it does"));
}

void ProcessParser::read_if() {
    const SourcePosition at = tokens_.take().at;
    tokens_.expect("(", "behind if");
    Expression condition = read_value();
    tokens_.expect(")", "behind the condition of if");
    Statement branch;
    branch.kind = Statement::Kind::branch;
    branch.at = at;
    branch.expression = std::move(condition);
    branch.then_part = read_arm();
    if (tokens_.accept("else")) branch.else_part = read_arm();
    out_->push_back(std::move(branch));
}

std::vector<Statement> ProcessParser::read_arm() {
    std::vector<Statement> arm;
    std::vector<Statement>* const outer = std::exchange(out_, &arm);
    read_statement();
    out_ = outer;
    return arm;
}

// -- Declarations.

bool ProcessParser::at_declaration() const {
    const Token& word = tokens_.peek();
    if (!word.is_identifier()) return false;
    const Token& next = tokens_.peek(1);
    return is_type_word(word.text) || next.is_identifier() ||
           (word.text.ends_with("_t") && next.is("*"));
}

void ProcessParser::skip_type() {
    while (at_declaration()) tokens_.take();
}

void ProcessParser::read_declaration() {
    skip_type();
    do {
        read_declarator();
    } while (tokens_.accept(","));
    tokens_.expect(";", "behind a declaration");
}

void ProcessParser::read_declarator() {
    while (tokens_.accept("*") || tokens_.accept("const") || tokens_.accept("volatile")) {
    }
    const Token name = tokens_.take_name("the name of a register");
    if (tokens_.peek().is("[")) {
        TokenStream::fail_unsupported(
            tokens_.at(), "arrays of registers are not read; declare it in the initial state");
    }
    Operand declared{Operand::Kind::in_register, name.at, {}, process_.find_or_add(name.text), {}};
    process_.define(declared.id);
    if (tokens_.accept("=")) assign(declared, read_value());
}

// -- Assignments and calls.

void ProcessParser::read_simple_statement() {
    const std::size_t before = out_->size();
    Operand first = read_operand();
    if (tokens_.accept("=")) {
        assign(first, read_value());
    } else if (tokens_.peek().is(";")) {
        drop(first, before != out_->size());
    } else if (tokens_.peek().text.size() > 1 && !tokens_.peek().is_identifier() &&
               !tokens_.at_end()) {
        TokenStream::fail_unsupported(tokens_.at(),
                                      concat(quoted(tokens_.peek().text),
                                             " is not read here; write it as a plain assignment"));
    }
    tokens_.expect(";", "behind a statement");
}

void ProcessParser::assign(const Operand& to, Expression value) {
    if (to.kind == Operand::Kind::in_memory) {
        Operation store;
        store.action = Action::store;
        store.address = to.expression;
        store.value = std::move(value);
        store.name = to.name;
        emit_operation(std::move(store), to.at);
        return;
    }
    if (to.kind != Operand::Kind::in_register) {
        TokenStream::fail_malformed(to.at, "this cannot be assigned to; write a register or *x");
    }
    process_.define(to.id);
    if (Operation* newest = newest_operation_of(value)) {
        newest->destination = to.id;
        process_.drop_newest();
    } else {
        emit_assignment(to.id, std::move(value), to.at);
    }
}

/// A call as a statement: what it returns is not wanted.
void ProcessParser::drop(const Operand& operand, bool did_something) {
    if (operand.kind == Operand::Kind::nothing) return;
    if (!did_something && operand.kind != Operand::Kind::in_memory) {
        TokenStream::fail_malformed(operand.at, "this statement does nothing; remove it");
    }
    if (Operation* newest = newest_operation_of(value_of(operand))) {
        newest->destination.reset();
        process_.drop_newest();
    }
}

// -- What was read.

Statement& ProcessParser::emit(Statement::Kind kind, SourcePosition at) {
    Statement& made = out_->emplace_back();
    made.kind = kind;
    made.at = at;
    return made;
}

void ProcessParser::emit_operation(Operation operation, SourcePosition at) {
    emit(Statement::Kind::operation, at).operation = std::move(operation);
}

void ProcessParser::emit_assignment(RegisterId to, Expression value, SourcePosition at) {
    Statement& made = emit(Statement::Kind::assign, at);
    made.destination = to;
    made.expression = std::move(value);
}

Operation* ProcessParser::newest_operation_of(const Expression& value) {
    const auto newest = static_cast<RegisterId>(process().registers.size() - 1);
    if (!value.is_register(newest) || !process().registers[newest].name.empty()) return nullptr;
    if (out_->empty() || out_->back().kind != Statement::Kind::operation) return nullptr;
    Operation& operation = out_->back().operation;
    return operation.destination == newest ? &operation : nullptr;
}

}  // namespace anypage::check::litmus
