// Split: one exploration by several processes. The first one begins alone; when enough waits, each
// takes a part of the frontier, and they share the states that were reached. Now and then they come
// together, and part what waits anew.
#pragma once

#include "explorer.hpp"

namespace anypage::check {

/// Until it is over, as Explorer::run and restart, with so many processes at once; after so many
/// states, because small explorations end before other processes would have begun.
void run_split(Explorer& explorer, unsigned processes, std::uint64_t states_alone);

}  // namespace anypage::check
