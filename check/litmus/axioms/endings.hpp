// Endings: the final states that chosen traces may have, whoever finds what. Where all of them are
// known, nobody needs to go through the executions: those of processes that only pass a value on
// are too many, and end alike.
#pragma once

#include <optional>
#include <set>

#include "../observation.hpp"
#include "trace.hpp"

namespace anypage::check::litmus::axioms {

/// Some of them may be of no execution. None if there are too many to be told one by one.
std::optional<std::set<FinalState>> endings_of(const Program& program,
                                               const std::vector<const Trace*>& traces);

}  // namespace anypage::check::litmus::axioms
