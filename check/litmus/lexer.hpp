// Lexer: the words of a C litmus test, with their places. It knows the four parts of a file (head,
// initial state, processes, question), because "(*" begins a comment in all of them but the body of
// a process, where it is an argument.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"

namespace anypage::check::litmus {

struct Token {
    enum class Kind { identifier, number, symbol, end };

    Kind kind = Kind::end;
    std::string_view text;  ///< within the text that was given
    SourcePosition at;

    bool is(std::string_view word) const { return kind != Kind::end && text == word; }
    bool is_identifier() const { return kind == Kind::identifier; }
    bool is_number() const { return kind == Kind::number; }
};

struct TokenList {
    std::string name;           ///< from the first line
    std::vector<Token> tokens;  ///< from the brace of the initial state on; ends with an `end`
};

/// Throws ParseFailure.
TokenList tokenize(std::string_view text);

/// How the lexer and the parser give up; read_litmus turns it into a LitmusError.
struct ParseFailure {
    LitmusError::Kind kind;
    SourcePosition at;
    std::string message;
};

}  // namespace anypage::check::litmus
