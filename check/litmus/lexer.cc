// Lexer: see lexer.hpp.
#include "lexer.hpp"

#include <array>

#include "text.hpp"

namespace anypage::check::litmus {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }

/// Longer ones first, so that the first match is the longest.
constexpr std::array<std::string_view, 26> long_symbols = {
    "<<=", ">>=", "...", "/\\", "\\/", "=>", "==", "!=", "<>", "<=", ">=", "<<", ">>",
    "&&",  "||",  "++",  "--",  "+=",  "-=", "*=", "/=", "%=", "&=", "|=", "^=", "->"};
constexpr std::string_view short_symbols = "{}()[];:,=+-*/%&|^~!<>.?";

class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    TokenList run() {
        read_head();
        skip();
        while (place_ < text_.size()) {
            if (at_globals()) {
                skip_globals();
            } else {
                read_token();
            }
            skip();
        }
        list_.tokens.push_back({Token::Kind::end, text_.substr(text_.size()), at_});
        return std::move(list_);
    }

private:
    enum class Part { initial_state, between, body, question };

    [[noreturn]] void fail(SourcePosition at, std::string message) const {
        throw ParseFailure{LitmusError::Kind::malformed, at, std::move(message)};
    }

    bool starts(std::string_view word) const { return text_.substr(place_).starts_with(word); }

    void advance(std::size_t count) {
        for (; count != 0 && place_ < text_.size(); --count, ++place_) {
            if (text_[place_] == '\n') {
                ++at_.line;
                at_.column = 1;
            } else {
                ++at_.column;
            }
        }
    }

    std::string_view word() {
        const std::size_t begin = place_;
        while (place_ < text_.size() && !is_blank(text_[place_])) advance(1);
        return text_.substr(begin, place_ - begin);
    }

    void skip_blanks() {
        while (place_ < text_.size() && is_blank(text_[place_])) advance(1);
    }

    // -- Comments.

    void skip_to(std::string_view end, SourcePosition begin) {
        const std::size_t found = text_.find(end, place_);
        if (found == text_.npos) {
            fail(begin, concat("the comment does not end; write ", end, " behind it"));
        }
        advance(found + end.size() - place_);
    }

    /// These nest, as in herd7.
    void skip_star_comment() {
        const SourcePosition begin = at_;
        unsigned depth = 0;
        do {
            if (place_ >= text_.size()) {
                fail(begin, "the comment does not end; write *) behind it");
            }
            if (starts("(*")) {
                ++depth;
                advance(2);
            } else if (starts("*)")) {
                --depth;
                advance(2);
            } else {
                advance(1);
            }
        } while (depth != 0);
    }

    bool skip_comment() {
        const SourcePosition begin = at_;
        if (starts("//")) {
            while (place_ < text_.size() && text_[place_] != '\n') advance(1);
        } else if (starts("/*")) {
            advance(2);
            skip_to("*/", begin);
        } else if (part_ != Part::body && starts("(*")) {
            skip_star_comment();
        } else {
            return false;
        }
        return true;
    }

    void skip() {
        do {
            skip_blanks();
        } while (skip_comment());
    }

    // -- The head: "C NAME", then anything up to the brace.

    void read_head() {
        skip_blanks();
        const SourcePosition begin = at_;
        const std::string_view kind = word();
        if (kind.empty() || kind.size() > 20) {
            fail(begin, "not a litmus test: it begins with \"C\" and a name");
        }
        skip_blanks();
        list_.name = word();
        if (list_.name.empty()) fail(at_, "the test has no name; write it behind \"C\"");
        if (kind != "C") {
            throw ParseFailure{LitmusError::Kind::unsupported, begin,
                               "not a C test; only those that begin with \"C\" are read"};
        }
        skip_to_initial_state();
    }

    void skip_to_initial_state() {
        while (place_ < text_.size() && text_[place_] != '{') {
            if (!skip_comment()) advance(1);
        }
        if (place_ >= text_.size()) {
            fail(at_, "there is no initial state; write {} behind the name");
        }
    }

    // -- { ... } between the initial state and the processes: C for whoever compiles the test.

    bool at_globals() const {
        return part_ == Part::between && depth_ == 0 && seen_initial_state_ &&
               text_[place_] == '{' && list_.tokens.back().is("}");
    }

    /// As in herd7 only braces count.
    void skip_globals() {
        const SourcePosition begin = at_;
        unsigned depth = 0;
        do {
            if (place_ >= text_.size()) fail(begin, "the block does not end; write } behind it");
            if (text_[place_] == '{') ++depth;
            if (text_[place_] == '}') --depth;
            advance(1);
        } while (depth != 0);
    }

    // -- Tokens.

    std::size_t token_length() const {
        if (is_word(text_[place_])) {
            std::size_t length = 1;
            while (place_ + length < text_.size() && is_word(text_[place_ + length])) ++length;
            return length;
        }
        for (const std::string_view symbol : long_symbols) {
            if (starts(symbol)) return symbol.size();
        }
        return short_symbols.find(text_[place_]) != short_symbols.npos ? 1 : 0;
    }

    void read_token() {
        const std::size_t length = token_length();
        if (length == 0) fail(at_, "this character means nothing here; remove it");
        const std::string_view text = text_.substr(place_, length);
        auto kind = Token::Kind::symbol;
        if (is_word(text[0])) {
            kind = is_digit(text[0]) ? Token::Kind::number : Token::Kind::identifier;
        }
        list_.tokens.push_back({kind, text, at_});
        advance(length);
        follow_parts(text);
    }

    void follow_parts(std::string_view text) {
        if (text == "{") {
            if (part_ == Part::between && depth_ == 0 && seen_initial_state_) part_ = Part::body;
            ++depth_;
        } else if (text == "}") {
            if (depth_ != 0) --depth_;
            if (depth_ == 0 && part_ != Part::question) part_ = Part::between;
            seen_initial_state_ = true;
        } else if (part_ == Part::between && begins_question(text)) {
            part_ = Part::question;
        }
    }

    static bool begins_question(std::string_view text) {
        return text == "exists" || text == "forall" || text == "~" || text == "locations" ||
               text == "filter" || text == "final";
    }

    std::string_view text_;
    std::size_t place_ = 0;
    SourcePosition at_{1, 1};
    Part part_ = Part::initial_state;
    unsigned depth_ = 0;
    bool seen_initial_state_ = false;
    TokenList list_;
};

}  // namespace

TokenList tokenize(std::string_view text) { return Lexer(text).run(); }

}  // namespace anypage::check::litmus
