// Watchdog: notices when somebody in a replay has not moved for too long. It looks from outside,
// now and then, and is told the time.
#pragma once

#include <array>
#include <chrono>

#include "cli/replay/tally.hpp"

namespace anypage {

class watchdog {
public:
    using clock = std::chrono::steady_clock;

    explicit watchdog(double seconds)
        : limit_(
              std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds))) {
    }

    /// Threads that replay wait for each other, so they hang when none of them moves; every other
    /// thread hangs alone. A thread's handler is not looked at: while it hangs its thread does too.
    bool sees_hang(const replay_report& report, clock::time_point now) {
        std::uint64_t replayed = 0;
        bool replaying = false;
        for (std::uint32_t i = 0; i < report.thread_count; ++i) {
            const thread_report& thread = report.threads[i];
            const std::uint64_t progress = thread.own.progress.load_relaxed();
            const bool running = thread.running.load_relaxed() != 0;
            if (thread.role == thread_role::replay) {
                replayed += progress;
                replaying = replaying || running;
            } else if (hangs(others_[i], running, progress, now)) {
                return true;
            }
        }
        return hangs(replay_, replaying, replayed, now);
    }

private:
    struct Seen {
        std::uint64_t progress = 0;
        clock::time_point since{};
    };

    bool hangs(Seen& seen, bool running, std::uint64_t progress, clock::time_point now) const {
        if (!running || progress != seen.progress || seen.since == clock::time_point{}) {
            seen = {progress, now};
        }
        return now - seen.since > limit_;
    }

    clock::duration limit_;
    Seen replay_;
    std::array<Seen, replay_report::threads_max> others_;
};

}  // namespace anypage
