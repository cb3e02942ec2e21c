// TokenStream: see token_stream.hpp.
#include "token_stream.hpp"

#include <charconv>
#include <optional>

#include "text.hpp"

namespace anypage::check::litmus {
namespace {

/// The digits without C's suffixes ("10UL").
std::string_view without_suffix(std::string_view text) {
    while (!text.empty() && std::string_view("uUlL").find(text.back()) != std::string_view::npos) {
        text.remove_suffix(1);
    }
    return text;
}

std::optional<std::int64_t> number_of(std::string_view text) {
    text = without_suffix(text);
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    }
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return static_cast<std::int64_t>(number);
}

}  // namespace

std::string quoted(std::string_view word) {
    return concat('"', word.substr(0, 60), word.size() > 60 ? "...\"" : "\"");
}

Token TokenStream::take() {
    const Token token = peek();
    if (next_ + 1 < tokens_.size()) ++next_;
    return token;
}

bool TokenStream::accept(std::string_view word) {
    if (!peek().is(word)) return false;
    take();
    return true;
}

void TokenStream::expect(std::string_view word, std::string_view where) {
    if (!accept(word)) fail_expected(concat(quoted(word), ' ', where));
}

Token TokenStream::take_name(std::string_view what) {
    if (!peek().is_identifier()) fail_expected(what);
    return take();
}

std::int64_t TokenStream::take_number(std::string_view what) {
    if (!peek().is_number()) fail_expected(what);
    const auto number = number_of(peek().text);
    if (!number) {
        fail_malformed(at(), concat(quoted(peek().text), " is not a number of at most 64 bits"));
    }
    take();
    return *number;
}

std::int64_t TokenStream::take_signed_number(std::string_view what) {
    const bool negative = accept("-");
    const auto number = static_cast<std::uint64_t>(take_number(what));
    return static_cast<std::int64_t>(negative ? -number : number);
}

std::size_t TokenStream::take_count(std::string_view what, std::size_t max) {
    const SourcePosition begin = at();
    const std::int64_t number = take_number(what);
    if (number < 0 || static_cast<std::uint64_t>(number) > max) {
        fail_malformed(begin, concat(what, " may be at most ", max));
    }
    return static_cast<std::size_t>(number);
}

void TokenStream::fail_malformed(SourcePosition at, std::string message) {
    throw ParseFailure{LitmusError::Kind::malformed, at, std::move(message)};
}

void TokenStream::fail_unsupported(SourcePosition at, std::string message) {
    throw ParseFailure{LitmusError::Kind::unsupported, at, std::move(message)};
}

void TokenStream::fail_expected(std::string_view what) const {
    if (at_end()) fail_malformed(at(), concat("the file ends where ", what, " is expected"));
    fail_malformed(at(), concat(quoted(peek().text), " stands where ", what, " is expected"));
}

Nesting::Nesting(unsigned& depth, SourcePosition at) : depth_(depth) {
    if (depth_ >= depth_max) {
        TokenStream::fail_malformed(
            at, concat("nested more than ", depth_max, " deep; make the test simpler"));
    }
    ++depth_;
}

}  // namespace anypage::check::litmus
