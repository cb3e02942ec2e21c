// Observation: see observation.hpp.
#include "observation.hpp"

#include <algorithm>
#include <map>

#include "text.hpp"

namespace anypage::check::litmus {
namespace {

using Kind = Proposition::Kind;

// -- Whether a proposition holds.

class Judge {
public:
    Judge(const Program& program, const FinalState& state) : program_(program), state_(state) {}

    bool holds(const Proposition& proposition) const {
        const auto& operands = proposition.operands;
        const auto each = [this](const Proposition& one) { return holds(one); };
        switch (proposition.kind) {
            case Kind::always:
                return true;
            case Kind::never:
                return false;
            case Kind::equals_value:
                return value_at(proposition.left) == proposition.value;
            case Kind::equals_place:
                return value_at(proposition.left) == value_at(proposition.right);
            case Kind::negation:
                return !holds(operands[0]);
            case Kind::all:
                return std::all_of(operands.begin(), operands.end(), each);
            case Kind::any:
                return std::any_of(operands.begin(), operands.end(), each);
            case Kind::implication:
                return !holds(operands[0]) || holds(operands[1]);
        }
        return false;
    }

private:
    Value value_at(const Place& place) const {
        const auto& places = program_.observed;
        const auto found = std::find(places.begin(), places.end(), place);
        const auto index = static_cast<std::size_t>(found - places.begin());
        return index < state_.size() ? state_[index] : 0;
    }

    const Program& program_;
    const FinalState& state_;
};

// -- The text of a proposition, with herd7's parentheses.

enum class Around { nothing, all, any, implication };

bool needs_parentheses(Around around, Around here) {
    if (around == Around::nothing || around == here) return false;
    return !(around == Around::any && here == Around::all);
}

class Printer {
public:
    explicit Printer(const Program& program) : program_(program) {}

    std::string text_of(const Proposition& proposition, Around around) const {
        switch (proposition.kind) {
            case Kind::always:
                return "true";
            case Kind::never:
                return "false";
            case Kind::equals_value:
                return program_.text_of(proposition.left) + "=" +
                       program_.text_of(proposition.value);
            case Kind::equals_place:
                return program_.text_of(proposition.left) + "=" +
                       program_.text_of(proposition.right);
            case Kind::negation:
                return "not (" + text_of(proposition.operands[0], Around::nothing) + ")";
            case Kind::all:
                return joined(proposition, " /\\ ", Around::all, around);
            case Kind::any:
                return joined(proposition, " \\/ ", Around::any, around);
            case Kind::implication:
                return joined(proposition, " => ", Around::implication, around);
        }
        return "";
    }

private:
    std::string joined(const Proposition& proposition, std::string_view by, Around here,
                       Around around) const {
        std::string text;
        for (const Proposition& operand : proposition.operands) {
            if (!text.empty()) text += by;
            text += text_of(operand, here);
        }
        return needs_parentheses(around, here) ? "(" + text + ")" : text;
    }

    const Program& program_;
};

// -- States.

/// herd7's order of values: numbers, then addresses by name.
struct OrderedValue {
    bool address;
    Value number;
    std::string name;

    OrderedValue(const Program& program, Value value)
        : address(program.cell_at(value).has_value()),
          number(address ? 0 : value),
          name(address ? program.text_of(value) : "") {}
    friend auto operator<=>(const OrderedValue&, const OrderedValue&) = default;
};

using OrderedState = std::vector<OrderedValue>;

OrderedState shown_part(const Program& program, const FinalState& state) {
    OrderedState part;
    for (std::size_t i = 0; i < program.observed.size() && i < state.size(); ++i) {
        if (program.shown[i]) part.emplace_back(program, state[i]);
    }
    return part;
}

std::string line_of(const Program& program, const FinalState& state) {
    std::string line;
    for (std::size_t i = 0; i < program.observed.size() && i < state.size(); ++i) {
        if (!program.shown[i]) continue;
        if (!line.empty()) line += ' ';
        line += program.text_of(program.observed[i]) + "=" + program.text_of(state[i]) + ";";
    }
    return line;
}

const char* kind_of(Quantifier quantifier) {
    constexpr const char* names[] = {"Allowed", "Forbidden", "Required"};
    return names[static_cast<unsigned>(quantifier)];
}

bool is_ok(const Observation& seen) {
    switch (seen.quantifier) {
        case Quantifier::exists:
            return seen.positive != 0;
        case Quantifier::not_exists:
            return seen.positive == 0;
        case Quantifier::for_all:
            return seen.negative == 0;
    }
    return false;
}

}  // namespace

const char* to_string(Verdict verdict) {
    constexpr const char* names[] = {"Never", "Sometimes", "Always"};
    return names[static_cast<unsigned>(verdict)];
}

bool holds(const Program& program, const Proposition& proposition, const FinalState& state) {
    return Judge(program, state).holds(proposition);
}

std::string text_of(const Program& program, const Condition& condition) {
    constexpr const char* names[] = {"exists", "~exists", "forall"};
    return concat(names[static_cast<unsigned>(condition.quantifier)], " (",
                  Printer(program).text_of(condition.proposition, Around::nothing), ")");
}

Observation observe(const Program& program, const std::vector<FinalState>& finals) {
    Observation seen;
    seen.name = program.name;
    seen.quantifier = program.condition.quantifier;
    seen.condition = text_of(program, program.condition);
    std::map<OrderedState, const FinalState*> states;
    for (const FinalState& state : finals) {
        if (program.filter && !holds(program, *program.filter, state)) continue;
        states.emplace(shown_part(program, state), &state);
    }
    for (const auto& [key, state] : states) {
        seen.states.push_back(line_of(program, *state));
        // All that the condition speaks of is shown, so that states shown alike agree on it.
        ++(holds(program, program.condition.proposition, *state) ? seen.positive : seen.negative);
    }
    seen.ok = is_ok(seen);
    return seen;
}

Verdict Observation::verdict() const {
    if (positive == 0) return Verdict::never;
    return negative == 0 ? Verdict::always : Verdict::sometimes;
}

std::string Observation::text() const {
    std::string lines = concat("Test ", name, ' ', kind_of(quantifier), '\n');
    lines += concat("States ", states.size(), '\n');
    for (const std::string& state : states) lines += state + "\n";
    lines += ok ? "Ok\n" : "No\n";
    // What witnesses ~exists is a state without it.
    const bool swapped = quantifier == Quantifier::not_exists;
    lines += concat("Witnesses\nPositive: ", swapped ? negative : positive,
                    " Negative: ", swapped ? positive : negative, '\n');
    for (const std::string& flag : flags) lines += concat("Flag ", flag, '\n');
    lines += concat("Condition ", condition, "\nObservation ", name, ' ', to_string(verdict()), ' ',
                    positive, ' ', negative, '\n');
    return lines;
}

}  // namespace anypage::check::litmus
