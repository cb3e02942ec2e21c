// Watch: runs a replay in a child process and watches it, so that a livelock or a deadlock becomes
// a row of the table and a sentence, not a hang.
#pragma once

#include <sys/mman.h>

#include <functional>
#include <memory>
#include <string>

#include "cli/replay/plan.hpp"
#include "cli/replay/tally.hpp"

namespace anypage {

struct report_unmap {
    void operator()(replay_report* report) const { munmap(report, sizeof *report); }
};
using shared_report = std::unique_ptr<replay_report, report_unmap>;

/// What came of one protocol.
struct replay_outcome {
    std::string protocol;
    shared_report report;
    bool stuck = false;
    std::string cause;    ///< stuck: who waits for whom
    std::string problem;  ///< it could not run, or ended in a way that it should not
};

/// Told a few times a second while a replay runs: events done of how many.
using progress_call =
    std::function<void(const std::string& protocol, std::uint64_t done, std::uint64_t all)>;

replay_outcome watch_protocol(const std::string& protocol, const replay_plan& plan,
                              const progress_call& progress);

/// Who waits for whom, from where the threads of a hung replay are.
std::string explain_hang(const replay_report& report);

}  // namespace anypage
