// QuestionParser: see question_parser.hpp.
#include "question_parser.hpp"

#include <utility>

#include "text.hpp"

namespace anypage::check::litmus {
namespace {

/// `a /\ b /\ c` is one proposition with three operands, one of one operand is that operand.
Proposition joined(Proposition::Kind kind, std::vector<Proposition> operands) {
    if (operands.size() == 1) return std::move(operands.front());
    Proposition made;
    made.kind = kind;
    made.operands = std::move(operands);
    return made;
}

Proposition negated(Proposition operand) {
    Proposition made;
    made.kind = Proposition::Kind::negation;
    made.operands.push_back(std::move(operand));
    return made;
}

}  // namespace

void QuestionParser::read() {
    for (;;) {
        if (tokens_.accept("locations")) {
            read_locations();
        } else if (tokens_.accept("filter")) {
            draft_.program().filter = read_any();
        } else {
            break;
        }
    }
    read_condition();
    tokens_.accept(";");
    if (tokens_.peek().is("with")) {
        TokenStream::fail_unsupported(tokens_.at(), "with is not read; remove it");
    }
    if (!tokens_.at_end()) tokens_.fail_expected("the end of the file, or /\\ or \\/,");
}

// -- locations [...]

void QuestionParser::read_locations() {
    tokens_.expect("[", "behind locations");
    while (!tokens_.accept("]")) {
        read_listed();
        if (!tokens_.peek().is("]")) tokens_.expect(";", "between locations");
    }
}

/// All elements of an array; the type that may follow changes nothing.
void QuestionParser::read_listed() {
    const Place place = read_place();
    const bool whole = !place.process && place.element == 0 && draft_.location(place.index).array;
    const std::size_t count = whole ? draft_.location(place.index).initial.size() : 1;
    for (std::size_t i = 0; i < count; ++i) {
        draft_.listed.push_back({place.process, place.index, place.element + i});
    }
    while (tokens_.peek().is_identifier() || tokens_.peek().is("*")) tokens_.take();
}

// -- The condition.

void QuestionParser::read_condition() {
    Condition& condition = draft_.program().condition;
    if (tokens_.at_end()) return;  // herd7 takes it for: forall (true)
    condition.quantifier = read_quantifier();
    condition.proposition = read_any();
}

Quantifier QuestionParser::read_quantifier() {
    if (tokens_.accept("exists") || tokens_.accept("final")) return Quantifier::exists;
    if (tokens_.accept("forall")) return Quantifier::for_all;
    if (tokens_.peek().is("(")) return Quantifier::exists;
    if (!tokens_.accept("~") && !tokens_.accept("not")) {
        tokens_.fail_expected("exists, ~exists or forall");
    }
    tokens_.expect("exists", "behind ~");
    return Quantifier::not_exists;
}

Proposition QuestionParser::read_any() {
    std::vector<Proposition> operands;
    do {
        operands.push_back(read_all());
    } while (tokens_.accept("\\/"));
    return joined(Proposition::Kind::any, std::move(operands));
}

Proposition QuestionParser::read_all() {
    std::vector<Proposition> operands;
    do {
        operands.push_back(read_implication());
    } while (tokens_.accept("/\\"));
    return joined(Proposition::Kind::all, std::move(operands));
}

/// Binds tighter than /\ in herd7.
Proposition QuestionParser::read_implication() {
    const Nesting nesting(depth_, tokens_.at());
    Proposition premise = read_negation();
    if (!tokens_.accept("=>")) return premise;
    Proposition made;
    made.kind = Proposition::Kind::implication;
    made.operands.push_back(std::move(premise));
    made.operands.push_back(read_implication());
    return made;
}

Proposition QuestionParser::read_negation() {
    const Nesting nesting(depth_, tokens_.at());
    if (tokens_.accept("~") || tokens_.accept("not")) return negated(read_negation());
    if (tokens_.accept("true")) return {};
    if (tokens_.accept("false")) {
        Proposition made;
        made.kind = Proposition::Kind::never;
        return made;
    }
    if (!tokens_.accept("(")) return read_atom();
    Proposition inner = read_any();
    tokens_.expect(")", "behind a proposition, or /\\ or \\/");
    return inner;
}

Proposition QuestionParser::read_atom() {
    Proposition atom;
    atom.left = read_place();
    const bool differs = tokens_.accept("!=") || tokens_.accept("<>");
    if (!differs && !tokens_.accept("=") && !tokens_.accept("==")) {
        tokens_.fail_expected("= or !=");
    }
    read_right_side(atom);
    return differs ? negated(std::move(atom)) : atom;
}

/// A bare name is the address of the location: only [x] is what it holds.
void QuestionParser::read_right_side(Proposition& atom) {
    atom.kind = Proposition::Kind::equals_place;
    if (at_register() || tokens_.peek().is("[")) {
        atom.right = read_place();
        return;
    }
    if (tokens_.accept("*")) {
        atom.right = read_element();
        return;
    }
    atom.kind = Proposition::Kind::equals_value;
    tokens_.accept("&");
    if (tokens_.peek().is_identifier()) {
        const Place place = read_element();
        atom.value = Program::address_of(place.index, place.element);
    } else {
        atom.value = tokens_.take_signed_number("a number, a register or a location");
    }
}

// -- Places.

bool QuestionParser::at_register(std::size_t ahead) const {
    const Token& word = tokens_.peek(ahead);
    return (word.is_number() || is_process_name(word)) && tokens_.peek(ahead + 1).is(":");
}

Place QuestionParser::read_place() {
    if (at_register()) return read_register();
    if (!tokens_.accept("[")) return read_element();
    const Place place = read_element();
    tokens_.expect("]", "behind a location");
    return place;
}

Place QuestionParser::read_register() {
    const SourcePosition at = tokens_.at();
    const std::size_t number =
        is_process_name(tokens_.peek())
            ? process_number(tokens_.take())
            : tokens_.take_count("the number of a process", Draft::processes_max);
    tokens_.expect(":", "behind the number of a process");
    ProcessDraft& process = draft_.process(number);
    if (process.begins_at.line == 0) {
        TokenStream::fail_malformed(at, concat("there is no P", number, "; correct the number"));
    }
    const Token name = tokens_.take_name("the name of a register");
    return {number, process.find_or_add(name.text), 0};
}

Place QuestionParser::read_element() {
    const Token name = tokens_.take_name("a register (0:r1), or the name of a location");
    const std::size_t index = draft_.find_or_add_location(name.text, name.at);
    Place place{std::nullopt, index, 0};
    if (tokens_.accept("[")) {
        const std::size_t size = draft_.location(index).initial.size();
        place.element = tokens_.take_count("this index", size - 1);
        tokens_.expect("]", "behind an index");
    }
    return place;
}

}  // namespace anypage::check::litmus
