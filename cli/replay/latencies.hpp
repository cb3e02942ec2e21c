// Latencies of a replay by context, and what the free memory at its end is made of: figures that
// both the tables and the JSON show.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/replay/tally.hpp"

namespace anypage {

struct context_latency {
    std::string context;  ///< thread, handler, hotplug, fifo, pty
    std::unique_ptr<latency_histogram> times;
};

/// Contexts that made requests, in that order.
std::vector<context_latency> latencies_of(const replay_report& report);

struct order9_share {
    std::uint64_t free = 0;      ///< order-9 runs that could be allocated, those in larger runs too
    std::uint64_t possible = 0;  ///< that the free frames would make if they lay together
};
order9_share order9_of(const replay_report& report);

}  // namespace anypage
