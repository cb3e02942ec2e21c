// StateParser: see question_parser.hpp.
#include <algorithm>

#include "question_parser.hpp"
#include "text.hpp"

namespace anypage::check::litmus {

bool is_process_name(const Token& word) {
    return word.is_identifier() && word.text.size() > 1 && word.text[0] == 'P' &&
           word.text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

std::size_t process_number(const Token& word) {
    std::size_t number = 0;
    for (const char digit : word.text.substr(1)) {
        number = 10 * number + static_cast<std::size_t>(digit - '0');
        if (number > Draft::processes_max) {
            TokenStream::fail_unsupported(
                word.at, concat("processes are numbered up to ", Draft::processes_max));
        }
    }
    return number;
}

void StateParser::read() {
    tokens_.expect("{", "before the initial state");
    while (!tokens_.accept("}")) {
        if (tokens_.accept(";")) continue;
        read_item();
        if (!tokens_.peek().is("}")) tokens_.expect(";", "behind a part of the initial state");
    }
}

/// The words and stars in front of a name are its type, which changes nothing here.
Token StateParser::read_type_and_name() {
    for (;;) {
        while (tokens_.accept("*")) {
        }
        if (tokens_.peek().is("srcu_struct")) {
            TokenStream::fail_unsupported(tokens_.at(), "SRCU is not modelled");
        }
        if (!tokens_.peek().is_identifier()) break;
        const Token& next = tokens_.peek(1);
        const bool type = next.is_identifier() || next.is("*") || next.is_number() ||
                          (next.is("[") && tokens_.peek(2).is_identifier());
        if (!type) break;
        tokens_.take();
    }
    return tokens_.peek();
}

void StateParser::read_item() {
    const Token first = read_type_and_name();
    if (first.is_number() || (is_process_name(first) && tokens_.peek(1).is(":"))) {
        read_register();
        return;
    }
    if (tokens_.accept("[")) {
        const Token name = tokens_.take_name("the name of a location");
        tokens_.expect("]", "behind the name of a location");
        read_location(name);
        return;
    }
    read_location(tokens_.take_name("the name of a location or register"));
}

void StateParser::read_register() {
    const std::size_t number =
        is_process_name(tokens_.peek())
            ? process_number(tokens_.take())
            : tokens_.take_count("the number of a process", Draft::processes_max);
    tokens_.expect(":", "behind the number of a process");
    const Token name = tokens_.take_name("the name of a register");
    const Value value = tokens_.accept("=") ? read_value() : 0;
    ProcessDraft& process = draft_.process(number);
    const RegisterId id = process.find_or_add(name.text);
    if (process.initialized(id)) {
        TokenStream::fail_malformed(
            name.at, concat(quoted(name.text), " is given a value twice; remove one"));
    }
    process.initialize(id, value);
}

void StateParser::read_location(const Token& name) {
    const std::size_t index = draft_.find_or_add_location(name.text, name.at);
    if (std::find(described_.begin(), described_.end(), index) != described_.end()) {
        TokenStream::fail_malformed(
            name.at, concat(quoted(name.text), " is given a value twice; remove one"));
    }
    described_.push_back(index);
    if (tokens_.peek().is("[")) {
        // Values may name locations that are new, so that they move.
        Location array = draft_.location(index);
        read_array(array);
        draft_.location(index) = std::move(array);
    } else if (tokens_.accept("=")) {
        const Value value = read_value();
        draft_.location(index).initial[0] = value;
    }
}

void StateParser::read_array(Location& location) {
    tokens_.expect("[", "before the size of an array");
    const SourcePosition at = tokens_.at();
    const std::size_t size = tokens_.take_count("the size of an array", Program::elements_max);
    tokens_.expect("]", "behind the size of an array");
    if (size == 0) TokenStream::fail_malformed(at, "an array has at least one element");
    location.array = true;
    location.initial.assign(size, 0);
    if (!tokens_.accept("=")) return;
    tokens_.expect("{", "before the values of an array");
    for (std::size_t i = 0; i < size; ++i) {
        if (i != 0) tokens_.expect(",", "between the values of an array, one for each element");
        location.initial[i] = read_value();
    }
    tokens_.expect("}", "behind the values of an array, one for each element");
}

Value StateParser::read_value() {
    if (tokens_.accept("ATOMIC_INIT")) {
        tokens_.expect("(", "behind ATOMIC_INIT");
        const Value value = read_value();
        tokens_.expect(")", "behind the value");
        return value;
    }
    if (tokens_.accept("NULL")) return 0;
    if (tokens_.peek().is("*")) return read_address_at_length();
    if (tokens_.peek().is("&") || tokens_.peek().is_identifier()) return read_address();
    return tokens_.take_signed_number("a number or the name of a location");
}

/// `*(&x)` is Dat3M's way to write `x`.
Value StateParser::read_address_at_length() {
    tokens_.expect("*", "before an address");
    tokens_.expect("(", "before an address");
    const Value value = read_address();
    tokens_.expect(")", "behind an address");
    return value;
}

Value StateParser::read_address() {
    tokens_.accept("&");
    const Token name = tokens_.take_name("the name of a location");
    const std::size_t index = draft_.find_or_add_location(name.text, name.at);
    if (!tokens_.accept("[")) return Program::address_of(index);
    const std::size_t element = tokens_.take_count("an index", Program::elements_max);
    tokens_.expect("]", "behind an index");
    return Program::address_of(index, element);
}

}  // namespace anypage::check::litmus
