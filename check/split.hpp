// Split: one exploration by several processes. The first one begins alone; when enough waits, each
// takes a part of the frontier, and they share the states that were reached. Now and then they come
// together, and part what waits anew.
#pragma once

#include "explorer.hpp"

namespace anypage::check {

/// Until it is over, as Explorer::run and restart, with so many processes at once.
void run_split(Explorer& explorer, unsigned processes);

}  // namespace anypage::check
