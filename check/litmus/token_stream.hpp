// TokenStream: the words of a test one after the other, and how the parser gives up at one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lexer.hpp"

namespace anypage::check::litmus {

class TokenStream {
public:
    explicit TokenStream(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    const Token& peek(std::size_t ahead = 0) const {
        return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
    }
    SourcePosition at() const { return peek().at; }
    bool at_end() const { return peek().kind == Token::Kind::end; }

    Token take();
    /// Takes the next word if it is this one.
    bool accept(std::string_view word);
    void expect(std::string_view word, std::string_view where);
    /// Takes a name; `what` says of what.
    Token take_name(std::string_view what);
    /// Takes a number; C's suffixes are allowed.
    std::int64_t take_number(std::string_view what);
    /// Takes an optional minus and a number.
    std::int64_t take_signed_number(std::string_view what);
    /// A number that counts something: of a process, of elements.
    std::size_t take_count(std::string_view what, std::size_t max);

    [[noreturn]] static void fail_malformed(SourcePosition at, std::string message);
    [[noreturn]] static void fail_unsupported(SourcePosition at, std::string message);
    /// "X stands where ... is expected".
    [[noreturn]] void fail_expected(std::string_view what) const;

private:
    std::vector<Token> tokens_;
    std::size_t next_ = 0;
};

/// A word of the file for a message: cut if it is long.
std::string quoted(std::string_view word);

/// Bounds how deep the parser nests, and with it the stack.
class Nesting {
public:
    Nesting(unsigned& depth, SourcePosition at);
    ~Nesting() { --depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

    static constexpr unsigned depth_max = 100;

private:
    unsigned& depth_;
};

}  // namespace anypage::check::litmus
