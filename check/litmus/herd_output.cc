// The reader of what herd7 prints; see observation.hpp.
#include <charconv>
#include <optional>

#include "observation.hpp"
#include "text.hpp"

namespace anypage::check::litmus {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

/// Takes the first word of a line.
std::string_view take_word(std::string_view& line) {
    line = trimmed(line);
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
    return word;
}

std::optional<std::uint64_t> number_of(std::string_view word) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || end != word.data() + word.size() || word.empty()) {
        return std::nullopt;
    }
    return number;
}

/// "x=1;0:r1=2;" as "[x]=1; 0:r1=2;": older versions of herd7 write the former.
std::string normalized_state(std::string_view line) {
    std::string state;
    while (!line.empty()) {
        const std::size_t end = std::min(line.find(';'), line.size());
        const std::string_view part = trimmed(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
        if (part.empty()) continue;
        if (!state.empty()) state += ' ';
        const std::string_view place = part.substr(0, part.find('='));
        if (place.find_first_of(":[") == place.npos) {
            state += concat('[', place, ']', part.substr(place.size()), ';');
        } else {
            state += concat(part, ';');
        }
    }
    return state;
}

class HerdReader {
public:
    HerdReader(std::string_view file, std::string_view text) : file_(file), rest_(text) {}

    result<std::vector<Observation>, LitmusError> run() {
        while (!failure_ && next_line()) {
            if (line_.starts_with("Test ")) read_test();
        }
        if (failure_) return std::move(*failure_);
        if (seen_.empty()) return error("this is no output of herd7: no line begins with Test");
        return std::move(seen_);
    }

private:
    bool next_line() {
        if (rest_.empty()) return false;
        const std::size_t end = std::min(rest_.find('\n'), rest_.size());
        line_ = trimmed(rest_.substr(0, end));
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        ++line_number_;
        return true;
    }

    LitmusError error(std::string message) const {
        return {LitmusError::Kind::malformed,
                std::string(file_),
                {line_number_, 1},
                std::move(message)};
    }
    void fail(std::string message) {
        if (!failure_) failure_ = error(std::move(message));
    }

    void read_test() {
        Observation test;
        std::string_view line = line_;
        take_word(line);
        test.name = take_word(line);
        const auto quantifier = quantifier_of(take_word(line));
        if (!quantifier) {
            fail("Test has a name and one of Allowed, Forbidden, Required");
            return;
        }
        test.quantifier = *quantifier;
        while (!failure_ && next_line()) {
            if (read_line(test)) {
                seen_.push_back(std::move(test));
                return;
            }
        }
        fail("the output of a test ends before its Observation");
    }

    static std::optional<Quantifier> quantifier_of(std::string_view word) {
        if (word == "Allowed") return Quantifier::exists;
        if (word == "Forbidden") return Quantifier::not_exists;
        if (word == "Required") return Quantifier::for_all;
        return std::nullopt;
    }

    /// True: this was the last line.
    bool read_line(Observation& test) {
        std::string_view line = line_;
        const std::string_view word = take_word(line);
        if (word == "States") {
            read_states(test, number_of(trimmed(line)));
        } else if (line_ == "Ok" || line_ == "Loop Ok") {
            test.ok = true;
        } else if (word == "Flag") {
            test.flags.emplace_back(trimmed(line));
        } else if (word == "Condition") {
            test.condition = trimmed(line);
        } else if (word == "Observation") {
            read_observation(test, line);
            return true;
        }
        return false;
    }

    void read_states(Observation& test, std::optional<std::uint64_t> count) {
        if (!count) return fail("States has a number");
        for (std::uint64_t i = 0; i < *count; ++i) {
            if (!next_line()) return fail("there are fewer states than States says");
            test.states.push_back(normalized_state(line_));
        }
    }

    void read_observation(Observation& test, std::string_view line) {
        take_word(line);
        const std::string_view verdict = take_word(line);
        const auto positive = number_of(take_word(line));
        const auto negative = number_of(trimmed(line));
        if (!positive || !negative) {
            return fail("Observation has a name, a verdict and two numbers");
        }
        test.positive = *positive;
        test.negative = *negative;
        if (verdict != to_string(test.verdict())) {
            fail("the verdict is not the one that the numbers give");
        }
    }

    std::string_view file_;
    std::string_view rest_;
    std::string_view line_;
    unsigned line_number_ = 0;
    std::vector<Observation> seen_;
    std::optional<LitmusError> failure_;
};

}  // namespace

result<std::vector<Observation>, LitmusError> read_herd_output(std::string_view file,
                                                               std::string_view text) {
    return HerdReader(file, text).run();
}

}  // namespace anypage::check::litmus
