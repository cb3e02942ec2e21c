// Mutation: code with one order weaker than written, or one fence or irq_save less, by the place of
// the World operation in the source. What still holds with it shows what the order is not needed
// for; what breaks, what it is needed for.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "op.hpp"

namespace anypage::check {

/// Where in the source an operation stands.
struct Site {
    std::string file;  ///< from the project's root
    unsigned line = 0;
    unsigned column = 0;
    OpKind kind{};
    MemoryOrder order{};
    MemoryOrder failure{};
    FenceKind fence{};

    friend auto operator<=>(const Site&, const Site&) = default;
};

Site site_of(const Op& op);

struct Mutation {
    Site site;
    bool removes = false;  ///< the operation is left out
    MemoryOrder order{};   ///< otherwise: what its orders become
    MemoryOrder failure{};

    bool is_at(const Op& op) const {
        return op.at.line() == site.line && op.at.column() == site.column && op.kind == site.kind &&
               site_of(op).file == site.file;
    }
    std::string text() const;
};

/// Each way to make a site one step weaker; none if it orders nothing.
std::vector<Mutation> weakenings(const Site& site);
/// Each way to make it stronger.
std::vector<Mutation> strengthenings(const Site& site);

const char* name_of(MemoryOrder order);

}  // namespace anypage::check
