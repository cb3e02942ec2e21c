// What the tests of the litmus reader share: reading a test that must be good or must be bad, and
// the statements of a process in a short form.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "check/litmus/parser.hpp"

namespace anypage::check::litmus::test {

inline Program read(std::string_view text) {
    auto program = read_litmus("test.litmus", text);
    EXPECT_TRUE(program) << program.error().text();
    return program ? std::move(*program) : Program{};
}

inline LitmusError refused(std::string_view text) {
    auto program = read_litmus("test.litmus", text);
    EXPECT_FALSE(program) << "read: " << text;
    return program ? LitmusError{} : program.error();
}

/// One process with these statements, and parameters x, y and s.
inline std::string with_body(std::string_view statements) {
    return "C body\n{}\nP0(int *x, int **y, spinlock_t *s) {\n" + std::string(statements) +
           "\n}\nexists (x=1)\n";
}

class Text {
public:
    Text(const Program& program, std::size_t process)
        : program_(program), process_(program.processes[process]) {}

    std::string all() const { return of(process_.body); }

private:
    std::string of(const std::vector<Statement>& statements) const {
        std::string text;
        for (const Statement& one : statements) text += (text.empty() ? "" : "; ") + of(one);
        return text;
    }

    std::string of(const Statement& one) const {
        switch (one.kind) {
            case Statement::Kind::assign:
                return name(one.destination) + " = " + of(one.expression);
            case Statement::Kind::operation:
                return of(one.operation);
            case Statement::Kind::branch:
                break;
        }
        std::string text = "if " + of(one.expression) + " {" + of(one.then_part) + "}";
        if (!one.else_part.empty()) text += " else {" + of(one.else_part) + "}";
        return text;
    }

    std::string of(const Operation& one) const {
        constexpr const char* actions[] = {"load",   "store",   "exchange", "compare",
                                           "fetch",  "unless",  "fence",    "lock",
                                           "unlock", "trylock", "islocked"};
        constexpr const char* orders[] = {"plain", "once", "acquire", "release", "full"};
        constexpr const char* returns[] = {"", "->old", "->new", "->success"};
        if (one.action == Action::fence) return fence(one.fence);
        std::string text = one.destination ? name(*one.destination) + " = " : "";
        text += actions[static_cast<unsigned>(one.action)];
        text += std::string(".") + orders[static_cast<unsigned>(one.order)];
        text += "(" + of(one.address);
        if (one.action == Action::fetch) text += std::string(" ") + symbol(one.update);
        if (has_value(one.action)) text += " " + of(one.value);
        if (has_expected(one.action)) text += " if " + of(one.expected);
        return text + ")" + returns[static_cast<unsigned>(one.returns)];
    }

    static bool has_value(Action action) {
        return action >= Action::store && action <= Action::add_unless;
    }
    static bool has_expected(Action action) {
        return action == Action::compare_exchange || action == Action::add_unless;
    }

    static std::string fence(Fence kind) {
        constexpr const char* names[] = {"none",
                                         "mb",
                                         "rmb",
                                         "wmb",
                                         "before_atomic",
                                         "after_atomic",
                                         "after_spinlock",
                                         "after_unlock_lock",
                                         "read_depends",
                                         "compiler"};
        return names[static_cast<unsigned>(kind)];
    }

    static const char* symbol(Operator op) {
        constexpr const char* names[] = {
            "-",  "~",  "!",  "+",  "-",  "*", "/",  "%", "&",  "|",  "^",
            "&~", "<<", ">>", "==", "!=", "<", "<=", ">", ">=", "&&", "||"};
        return names[static_cast<unsigned>(op)];
    }

    std::string of(const Expression& one) const {
        if (one.kind == Expression::Kind::constant) return program_.text_of(one.value);
        if (one.kind == Expression::Kind::read_register) return name(one.source);
        if (one.operands.size() == 1) return symbol(one.op) + of(one.operands[0]);
        return "(" + of(one.operands[0]) + " " + symbol(one.op) + " " + of(one.operands[1]) + ")";
    }

    std::string name(RegisterId id) const {
        const std::string& name = process_.registers.at(id).name;
        return name.empty() ? "$" + std::to_string(id) : name;
    }

    const Program& program_;
    const Process& process_;
};

/// The statements of P0 in short.
inline std::string body_of(std::string_view statements) {
    const Program program = read(with_body(statements));
    return program.processes.empty() ? "" : Text(program, 0).all();
}

}  // namespace anypage::check::litmus::test
