// Results: what a replay of several protocols came to, as tables for people and as JSON
// (docs/json.md).
#pragma once

#include <cstdio>
#include <vector>

#include "cli/replay/watch.hpp"

namespace anypage {

/// Sums over the threads of one replay.
struct replay_totals {
    std::uint64_t allocations = 0, frees = 0, failures = 0, spurious_failures = 0,
                  undecided_failures = 0, misplaced_pages = 0, double_owned_pages = 0,
                  misused_frees = 0, lost_pages = 0, restarts = 0, slow_paths = 0,
                  slow_saw_rebuild = 0, waits = 0, wait_ns = 0, needless_wait_ns = 0, oom_kills = 0,
                  allocate_ns = 0, free_ns = 0, slow_ns = 0, moved_pages = 0;
    double pair_ns = 0;  ///< a mean allocation and a mean free, in thread context
    double rebuilds_per_s = 0;
};
replay_totals totals_of(const replay_report& report);

/// Is there anything that an allocator must never do?
bool is_violated(const replay_outcome& outcome);

void print_replay_tables(const replay_plan& plan, const std::vector<replay_outcome>& outcomes,
                         std::FILE* out);
void print_replay_json(const replay_plan& plan, const std::vector<replay_outcome>& outcomes,
                       std::FILE* out);

}  // namespace anypage
