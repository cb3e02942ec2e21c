// Strengthen: what single addition would mend what Linux's protocols violate: one order stronger,
// one barrier more, or one lock taken and given back, at any place of the protocol.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "cli/check/cell.hpp"

namespace anypage::cli {

/// A property that is violated in one part of a cell.
struct Violated {
    std::string where;  ///< "full, thread, remove"
    std::string property;

    friend auto operator<=>(const Violated&, const Violated&) = default;
};

/// One addition to one protocol, and what becomes of what was violated without it.
struct Addition {
    std::string protocol;
    std::string text;  ///< "src/protocol/x.hpp:12:3 smp_mb before"
    std::set<Violated> mends;
    std::set<Violated> breaks;  ///< what is violated with it, and was not without
};

struct Strengthened {
    std::string protocol;
    std::set<Violated> violated;      ///< as it is
    std::vector<Addition> additions;  ///< that mend something; what mends most comes first
    unsigned tried = 0;
};

/// Explores each protocol on SMP, preemption full and RT, for every caller, as it is and with each
/// addition.
std::vector<Strengthened> strengthen(const std::vector<std::string>& protocols, unsigned jobs);

}  // namespace anypage::cli
