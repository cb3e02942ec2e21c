// Observation: what became of a test: its final states, whether the condition holds in them, and
// the verdict, in the form in which herd7 prints it. Also reads what herd7 printed, to compare.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <anypage/core/base/result.hpp>
#include "program.hpp"

namespace anypage::check::litmus {

/// The values of Program::observed, in that order, at the end of an execution.
using FinalState = std::vector<Value>;

enum class Verdict : std::uint8_t { never, sometimes, always };

const char* to_string(Verdict verdict);

struct Observation {
    std::string name;
    Quantifier quantifier = Quantifier::for_all;
    std::vector<std::string> states;  ///< "0:r1=0; [x]=1;", each once, in herd7's order
    bool ok = false;                  ///< the condition holds
    /// With the proposition, and without it. herd7 counts executions; `observe` counts states.
    std::uint64_t positive = 0;
    std::uint64_t negative = 0;
    std::vector<std::string> flags;  ///< that herd7 raised: "data-race"
    std::string condition;           ///< "exists (0:r1=1 /\ [x]=2)"

    Verdict verdict() const;
    /// As herd7 prints it; without its time and hash.
    std::string text() const;
};

/// The verdict on all final states that an exhaustive exploration found, in any order, any number
/// of times each.
Observation observe(const Program& program, const std::vector<FinalState>& finals);

/// Does the proposition hold in this state? (`filter`, for one, may be tried before it is kept.)
bool holds(const Program& program, const Proposition& proposition, const FinalState& state);

/// "exists (...)", as herd7 prints it.
std::string text_of(const Program& program, const Condition& condition);

/// What herd7 printed, for any number of tests. Knows both ways to write a location: [x]=1 and x=1.
result<std::vector<Observation>, LitmusError> read_herd_output(std::string_view file,
                                                               std::string_view text);

}  // namespace anypage::check::litmus
