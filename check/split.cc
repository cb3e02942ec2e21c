// Rounds of several processes: see split.hpp.
#include "split.hpp"

#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <new>

#include "workers.hpp"

namespace anypage::check {

namespace {

constexpr std::uint64_t waiting_each = 16;
// States of one round, at the most, and of one execution.
constexpr std::uint64_t states_round = 1u << 21;
constexpr std::uint64_t states_execution = 1u << 16;
constexpr double seconds_round = 2;
constexpr double seconds_shared = 0.1;  // at the least, when somebody has nothing left to do

/// What the processes of a round tell each other.
class Signals {
public:
    Signals() {
        void* const base =
            mmap(nullptr, sizeof(Words), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (base == MAP_FAILED) throw std::bad_alloc();
        words_ = new (base) Words;
    }
    ~Signals() { munmap(words_, sizeof(Words)); }
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    void stop() { words_->stop = true; }
    bool is_stopped() const { return words_->stop; }
    void ask_for_work() { words_->idle = true; }
    bool is_somebody_idle() const { return words_->idle; }

private:
    struct Words {
        std::atomic<bool> stop{false};
        std::atomic<bool> idle{false};
    };
    Words* words_;
};

std::string run_part(Explorer& explorer, unsigned part, unsigned parts, Signals& signals) {
    using Clock = std::chrono::steady_clock;
    const auto since = Clock::now();
    explorer.begin_part(part, parts);
    explorer.run([&] {
        if (signals.is_stopped() || !explorer.has_room(parts * states_execution)) return true;
        const double seconds = std::chrono::duration<double>(Clock::now() - since).count();
        return seconds > seconds_round || (seconds > seconds_shared && signals.is_somebody_idle());
    });
    // Over with nothing left to do: others may have. Over for another reason: so are they.
    if (explorer.needs_restart() || (explorer.is_over() && explorer.waiting() != 0)) {
        signals.stop();
    } else if (explorer.waiting() == 0) {
        signals.ask_for_work();
    }
    ByteWriter out;
    explorer.write(out);
    return out.bytes();
}

void run_round(Explorer& explorer, unsigned processes) {
    explorer.share_states(states_round + processes * states_execution);
    Signals signals;
    std::vector<std::string> answers(processes);
    Workers workers;
    workers.at_once = processes;
    workers.work = [&](std::size_t part) {
        return run_part(explorer, static_cast<unsigned>(part), processes, signals);
    };
    workers.done = [&](std::size_t part, const std::string& answer) {
        answers[part] = answer;
        if (answer.empty()) signals.stop();
    };
    run_jobs(processes, workers);
    explorer.forget_frontier();
    for (const std::string& answer : answers) {
        ByteReader in(answer);
        explorer.join(in);
        if (in.failed()) explorer.give_up("one of its processes died");
    }
    explorer.report_progress();
}

}  // namespace

void run_split(Explorer& explorer, unsigned processes, std::uint64_t states_alone) {
    for (;;) {
        explorer.run([&] {
            return processes > 1 && explorer.states() >= states_alone &&
                   explorer.waiting() >= processes * waiting_each;
        });
        while (!explorer.needs_restart() && !explorer.is_over()) run_round(explorer, processes);
        if (!explorer.needs_restart()) return;
        explorer.restart();
    }
}

}  // namespace anypage::check
