// Outcome: what the exploration of a cell said, as data: it crosses from the process that explored
// to the one that prints.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/check/cell.hpp"

namespace anypage::cli {

/// Every property that a cell is checked for, in the order in which they are shown.
const std::vector<std::string>& cell_properties();

/// One way in which a property is violated.
struct Broken {
    std::string property;
    std::string cause;
    Change change{};
    std::string model;
    std::string schedule;
    std::vector<std::string> lines;  ///< the counterexample
    unsigned steps = 0;
    unsigned stale_reads = 0;
};

struct CellOutcome {
    CellKey key;
    std::uint64_t states = 0;
    double seconds = 0;
    std::string limit;           ///< which one was hit; empty: none
    std::vector<Broken> broken;  ///< at most one a property

    const Broken* broken_in(const std::string& property) const;
};

CellOutcome outcome_of(const CellKey& key, const std::vector<CellPart>& parts);
nlohmann::json to_json(const CellOutcome& outcome);
/// Key and all; the inverse of to_json.
CellOutcome outcome_from_json(const nlohmann::json& json);

}  // namespace anypage::cli
