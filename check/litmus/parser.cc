// Parser: the whole of a file; see parser.hpp.
#include "parser.hpp"

#include "process_parser.hpp"
#include "question_parser.hpp"
#include "text.hpp"

namespace anypage::check::litmus {
namespace {

bool at_process(const TokenStream& tokens) {
    return is_process_name(tokens.peek(tokens.peek().is("void") ? 1 : 0));
}

void read_processes(TokenStream& tokens, Draft& draft) {
    while (at_process(tokens)) {
        tokens.accept("void");
        const Token name = tokens.take();
        ProcessParser(tokens, draft, process_number(name), name.at).read();
    }
    if (tokens.peek().is_identifier() && tokens.peek(1).is("(") && !tokens.peek().is("exists") &&
        !tokens.peek().is("forall") && !tokens.peek().is("filter") && !tokens.peek().is("final")) {
        TokenStream::fail_malformed(
            tokens.at(), concat(quoted(tokens.peek().text), " is no process; name it P0, P1 ..."));
    }
}

Program read_program(std::string_view text) {
    TokenList list = tokenize(text);
    TokenStream tokens(std::move(list.tokens));
    Draft draft;
    draft.program().name = std::move(list.name);
    StateParser(tokens, draft).read();
    read_processes(tokens, draft);
    QuestionParser(tokens, draft).read();
    return draft.finish();
}

}  // namespace

result<Program, LitmusError> read_litmus(std::string_view file, std::string_view text) {
    try {
        return read_program(text);
    } catch (ParseFailure& failure) {
        return LitmusError{failure.kind, std::string(file), failure.at, std::move(failure.message)};
    }
}

}  // namespace anypage::check::litmus
