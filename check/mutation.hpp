// Mutation: code with one order weaker than written, or one fence or irq_save less, by the place of
// the World operation in the source. What still holds with it shows what the order is not needed
// for; what breaks, what it is needed for. Or with one order stronger, or one barrier or one lock
// more: what no longer breaks shows what would mend it.
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
    enum class What : std::uint8_t {
        orders,          ///< the operation has the orders below
        removed,         ///< it is left out
        barrier_before,  ///< smp_mb() before it
        lock_before,     ///< a lock is taken and given back before it: whoever holds it is done
    };
    Site site;
    What what = What::orders;
    MemoryOrder order{};
    MemoryOrder failure{};
    unsigned lock = 0;             ///< of those that the execution has met, by number
    std::vector<Mutation> others;  ///< done at once with it

    bool is_at(const Op& op) const {
        return op.at.line() == site.line && op.at.column() == site.column && op.kind == site.kind &&
               site_of(op).file == site.file;
    }
    /// "FILE:LINE:COLUMN acquire -> relaxed"; what is added, without the number of the lock.
    std::string text() const;
};

/// Each way to make a site one step weaker; none if it orders nothing.
std::vector<Mutation> weakenings(const Site& site);
/// Each single thing that could be added there, where there are so many locks.
std::vector<Mutation> strengthenings(const Site& site, unsigned locks);

const char* name_of(MemoryOrder order);

}  // namespace anypage::check
