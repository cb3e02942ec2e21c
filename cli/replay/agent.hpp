// Agent: somebody who allocates in a replay: a thread, or the signal handler on it. Has a tally of
// its own, and says how many frames it may be taking right now.
#pragma once

#include "cli/replay/plan.hpp"
#include "cli/replay/tally.hpp"

namespace anypage {

struct agent {
    tally* counts = nullptr;
    latency_histogram* latency = nullptr;
    NodeId node;  ///< where it runs, on the recorded machine's side
    bool in_interrupt = false;
    /// Frames that it may have taken out of a zone that has not counted them yet.
    NativeWorld::Atomic<std::uint64_t> taking{0};
};

/// What an agent asks for.
struct wish {
    gfp_t flags;
    Order order;
    NodeId node;
    bool nolock = false;
    const nodemask* allowed = nullptr;
};

}  // namespace anypage
