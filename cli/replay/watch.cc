// The watching process: fork, look, and in the end kill.
#include "cli/replay/watch.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

#include "cli/replay/run_protocol.hpp"
#include "cli/replay/watchdog.hpp"
#include "host/text.hpp"

namespace anypage {
namespace {

constexpr auto look_period = std::chrono::milliseconds(50);

shared_report map_report() {
    void* memory = mmap(nullptr, sizeof(replay_report), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return shared_report(memory == MAP_FAILED ? nullptr : static_cast<replay_report*>(memory));
}

std::uint64_t events_done(const replay_report& report) {
    std::uint64_t done = 0;
    for (std::uint32_t i = 0; i < report.thread_count; ++i) {
        const thread_report& thread = report.threads[i];
        if (thread.role == thread_role::replay) done += thread.own.progress.load_relaxed();
    }
    return done;
}

std::string describe_end(int status) {
    if (WIFSIGNALED(status)) {
        return concat("the replay was ended by signal ", WTERMSIG(status), " (",
                      strsignal(WTERMSIG(status)), ")");
    }
    return concat("the replay ended with status ", WEXITSTATUS(status));
}

[[noreturn]] void be_child(const std::string& protocol, const replay_plan& plan,
                           replay_report& report) {
    try {
        run_protocol(protocol, plan, report);
    } catch (const std::exception& problem) {
        std::snprintf(report.problem, sizeof report.problem, "%s", problem.what());
    }
    // No destructors of the parent's objects, no flushing of its streams.
    _exit(0);
}

}  // namespace

replay_outcome watch_protocol(const std::string& protocol, const replay_plan& plan,
                              const progress_call& progress) {
    replay_outcome outcome{protocol, map_report(), false, {}, {}};
    if (outcome.report == nullptr) {
        outcome.problem = "no memory for the report";
        return outcome;
    }
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child < 0) {
        outcome.problem = concat("cannot fork (", std::strerror(errno), ")");
        return outcome;
    }
    if (child == 0) be_child(protocol, plan, *outcome.report);

    const std::uint64_t all = plan.recorded.events().size() * plan.options.repeat;
    watchdog dog(plan.options.timeout_s);
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        std::this_thread::sleep_for(look_period);
        progress(protocol, events_done(*outcome.report), all);
        if (!dog.sees_hang(*outcome.report, watchdog::clock::now())) continue;
        outcome.stuck = true;
        outcome.cause = explain_hang(*outcome.report);
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        return outcome;
    }
    if (outcome.report->finished.load_acquire() == 0 && outcome.report->problem[0] == '\0') {
        outcome.problem = describe_end(status);
    } else {
        outcome.problem = outcome.report->problem;
    }
    return outcome;
}

}  // namespace anypage
