// Who may step, for the naive explorer, and the recursion over it. Taking a CPU, beginning to wait
// for a lock and each operation are steps of their own.
#include "naive_explorer.hpp"

#include <algorithm>

#include "naive_state.hpp"

namespace anypage::naive {

namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

class Explorer {
public:
    Explorer(const Program& program, std::uint64_t executions_max)
        : program_(program), executions_max_(executions_max) {}

    Explored run() {
        State state(program_);
        state.outcome.results.fill(-1);
        state.outcome.words.fill(-1);
        for (int who = 0; who < actors(); ++who) {
            if (must_come(who) && is_alone(who)) start(state, who);
        }
        go_on(state);
        return std::move(explored_);
    }

private:
    int actors() const { return static_cast<int>(program_.actors.size()); }
    const Actor& actor(int who) const { return program_.actors[at(who)]; }
    bool is_interrupt(int who) const {
        const Role role = actor(who).role;
        return role == Role::nmi || (role == Role::hardirq && program_.kernel != Kernel::rt);
    }
    bool is_signal(int who) const { return actor(who).role == Role::signal; }
    bool is_thread(int who) const { return !is_interrupt(who) && !is_signal(who); }
    bool must_come(int who) const {
        return actor(who).role == Role::thread || actor(who).role == Role::fifo;
    }
    /// That such a one has its CPU makes no difference: it does from the beginning.
    bool is_alone(int who) const {
        return std::count_if(program_.actors.begin(), program_.actors.end(),
                             [&](const Actor& each) { return each.cpu == actor(who).cpu; }) == 1;
    }
    int thread_of(int who) const { return is_signal(who) ? actor(who).target : who; }
    const Step& next(const State& state, int who) const {
        return actor(who).steps[at(state.lives[at(who)].next)];
    }
    /// In the kernel, what runs on one CPU sees what ran there before.
    int mind(int who) const { return program_.model == Model::lkmm ? actor(who).cpu : who; }

    int innermost(const State& state, int thread) const {
        const int signal = state.signals[at(thread)].top();
        return signal == nobody ? thread : signal;
    }
    bool lives(const State& state, int who) const {
        return state.lives[at(who)].started && !state.lives[at(who)].ended;
    }
    /// A thread lives on, for its signals, when it has done what it had to.
    bool occupies(const State& state, int thread) const {
        return lives(state, thread) || state.signals[at(thread)].size != 0;
    }
    bool is_held(const State& state, int lock) const { return state.holder[at(lock)] != nobody; }
    bool is_blocked(const State& state, int thread) const {
        const int who = innermost(state, thread);
        if (!state.lives[at(who)].waiting) return false;
        const int lock = next(state, who).place;
        return program_.sleeps[at(lock)] && is_held(state, lock);
    }
    bool is_atomic(const State& state, int who) const {
        const Life& life = state.lives[at(who)];
        return is_interrupt(who) || life.preemption_off > 0 || life.irqs_off > 0;
    }
    bool is_preemptible(const State& state, int thread) const {
        if (program_.kernel == Kernel::none) return false;
        return !is_atomic(state, thread) && !is_atomic(state, innermost(state, thread));
    }

    int priority(const State& state, int thread) const {
        std::array<int, actors_max> priorities{};
        for (int i = 0; i < actors(); ++i) {
            if (actor(i).role == Role::fifo) priorities[at(i)] = actor(i).priority;
            if (actor(i).role == Role::hardirq) priorities[at(i)] = 50;
        }
        for (int round = 0; round < actors(); ++round) {
            for (int i = 0; i < actors(); ++i) {
                if (!lives(state, i) || !state.lives[at(i)].waiting) continue;
                const int lock = next(state, i).place;
                if (!program_.sleeps[at(lock)] || !is_held(state, lock)) continue;
                int& lent = priorities[at(thread_of(state.holder[at(lock)]))];
                lent = std::max(lent, priorities[at(thread_of(i))]);
            }
        }
        return priorities[at(thread)];
    }

    bool may_run(const State& state, int thread) const {
        const int cpu = actor(thread).cpu;
        const int current = state.current[at(cpu)];
        for (int other = 0; other < actors(); ++other) {
            if (other == thread || !is_thread(other) || actor(other).cpu != cpu) continue;
            if (!occupies(state, other) || is_blocked(state, other)) continue;
            const bool gives_way = current != thread || is_preemptible(state, thread);
            if (gives_way && priority(state, other) > priority(state, thread)) return false;
        }
        if (current == thread || current == nobody || is_blocked(state, current)) return true;
        if (!is_preemptible(state, current)) return false;
        const int mine = priority(state, thread);
        const int its = priority(state, current);
        return mine > its || (mine == 0 && its == 0);
    }

    int level(int who) const { return actor(who).role == Role::nmi ? 2 : 1; }

    bool may_come(const State& state, int who) const {
        const int cpu = actor(who).cpu;
        const int top = state.interrupts[at(cpu)].top();
        if (is_thread(who)) return top == nobody && may_run(state, who);
        if (is_signal(who)) return top == nobody && may_run(state, actor(who).target);
        if (top != nobody) return level(who) > level(top);
        if (level(who) == 2) return true;
        const int current = state.current[at(cpu)];
        if (current == nobody) return true;
        return state.lives[at(current)].irqs_off == 0 &&
               state.lives[at(innermost(state, current))].irqs_off == 0;
    }

    bool has_cpu(const State& state, int who) const {
        const int cpu = actor(who).cpu;
        if (!lives(state, who)) return false;
        if (is_interrupt(who)) return state.interrupts[at(cpu)].top() == who;
        const int thread = thread_of(who);
        return state.interrupts[at(cpu)].size == 0 && state.current[at(cpu)] == thread &&
               innermost(state, thread) == who && may_run(state, thread);
    }

    /// Takes every step that this actor may take, and goes on from each. How many there were.
    int step(const State& state, int who) {
        const Life& life = state.lives[at(who)];
        if (life.ended) return 0;
        if (!life.started) return may_come(state, who) ? come(state, who) : 0;
        if (has_cpu(state, who)) return act(state, who);
        if (!may_return(state, who)) return 0;
        State after = state;
        switch_to(after, thread_of(who));
        go_on(after);
        return 1;
    }

    /// May a thread that was preempted, or waited, get its CPU back? Only if it has something to do
    /// there, and not from one that has something to do and has only just got it: threads that
    /// do nothing but take turns never end.
    bool may_return(const State& state, int who) const {
        const int thread = thread_of(who);
        const int cpu = actor(who).cpu;
        const int current = state.current[at(cpu)];
        if (is_interrupt(who) || current == thread || innermost(state, thread) != who) return false;
        if (state.interrupts[at(cpu)].size != 0 || !can_act(state, who)) return false;
        if (!may_run(state, thread)) return false;
        return current == nobody || !state.idles[at(cpu)] || is_blocked(state, current) ||
               !can_act(state, innermost(state, current)) ||
               priority(state, thread) > priority(state, current);
    }

    /// Is there anything for it to do, whoever has the CPU?
    bool can_act(const State& state, int who) const {
        const Step& step = next(state, who);
        if (step.act == Act::lock) {
            return !state.lives[at(who)].waiting || !is_held(state, step.place);
        }
        if (step.act != Act::spin) return true;
        const int spun_on = state.lives[at(who)].spun_on;
        return state.mails.readable(mind(who), step, spun_on).count != 0;
    }

    int come(const State& state, int who) {
        State after = state;
        start(after, who);
        go_on(after);
        return 1;
    }

    void start(State& state, int who) const {
        state.lives[at(who)].started = true;
        if (is_interrupt(who)) return state.interrupts[at(actor(who).cpu)].push(who);
        if (is_signal(who)) {
            state.signals[at(actor(who).target)].push(who);
            state.lives[at(actor(who).target)].started = true;
        }
        switch_to(state, thread_of(who));
    }

    // schedule() contains a full barrier.
    void switch_to(State& state, int thread) const {
        const auto cpu = at(actor(thread).cpu);
        const int before = state.before[cpu];
        state.current[cpu] = state.before[cpu] = static_cast<std::int8_t>(thread);
        state.idles[cpu] = true;
        if (before == nobody || before == thread) return;
        if (program_.model == Model::lkmm) state.mails.barrier(mind(thread));
    }

    int act(const State& before, int who) {
        State state = before;
        state.idles[at(actor(who).cpu)] = false;
        const Step& step = next(state, who);
        if (state.lives[at(who)].owes_barrier) return pay_barrier(state, who);
        switch (step.act) {
            case Act::store:
                return store(state, who, step);
            case Act::load:
            case Act::add:
            case Act::exchange:
            case Act::compare:
            case Act::spin:
                return read(state, who, step);
            case Act::lock:
                return lock(state, who, step);
            default:
                break;
        }
        State after = state;
        Life& life = after.lives[at(who)];
        if (step.act == Act::fence) after.mails.fence(mind(who), step.fence);
        if (step.act == Act::irq_save) ++life.irqs_off;
        if (step.act == Act::irq_restore) --life.irqs_off;
        if (step.act == Act::unlock) {
            after.mails.unlock(mind(who), step.place);
            after.holder[at(step.place)] = nobody;
            if (!program_.sleeps[at(step.place)]) --life.preemption_off;
        }
        return done(after, who);
    }

    // Others may have seen what a full update wrote before the barrier behind it comes.
    int pay_barrier(State& state, int who) {
        state.lives[at(who)].owes_barrier = false;
        state.mails.barrier(mind(who));
        return done(state, who);
    }

    int store(const State& state, int who, const Step& step) {
        const auto slots = state.mails.slots(mind(who), step);
        for (int i = 0; i < slots.count; ++i) {
            State after = state;
            after.mails.store(mind(who), step, slots.mail[at(i)]);
            done(after, who);
        }
        return slots.count;
    }

    static bool has_barrier_behind(const Step& step, int read) {
        const bool updates = step.act == Act::add || step.act == Act::exchange ||
                             (step.act == Act::compare && read == step.expected);
        return updates && step.order == Order::seq_cst;
    }

    int read(const State& state, int who, const Step& step) {
        const Life& life = state.lives[at(who)];
        const auto mails = state.mails.readable(mind(who), step, life.spun_on);
        for (int i = 0; i < mails.count; ++i) {
            State after = state;
            const int value = after.mails.read(mind(who), step, mails.mail[at(i)]);
            if (step.act == Act::spin && value == step.value) {
                after.lives[at(who)].spun_on = mails.mail[at(i)];
                go_on(after);
                continue;
            }
            after.lives[at(who)].spun_on = -1;
            after.outcome.results[result_of(at(who), at(life.next))] =
                static_cast<std::int8_t>(value);
            if (program_.model == Model::lkmm && has_barrier_behind(step, value)) {
                after.lives[at(who)].owes_barrier = true;
                go_on(after);
                continue;
            }
            done(after, who);
        }
        return mails.count;
    }

    int lock(const State& state, int who, const Step& step) {
        const bool sleeps = program_.sleeps[at(step.place)];
        const bool held = is_held(state, step.place);
        const bool waiting = state.lives[at(who)].waiting;
        if (sleeps && is_atomic(state, who)) {
            explored_.behaviour.sleeps = true;
            ended();
            return 1;
        }
        State after = state;
        Life& life = after.lives[at(who)];
        // Whoever is to spin may not be preempted from before it looks at the lock.
        if (!waiting && (held || !sleeps)) {
            life.waiting = true;
            if (!sleeps) ++life.preemption_off;
            go_on(after);
            return 1;
        }
        if (held) return 0;
        life.waiting = false;
        after.holder[at(step.place)] = static_cast<std::int8_t>(who);
        after.mails.lock(mind(who), step.place);
        return done(after, who);
    }

    int done(State& state, int who) {
        Life& life = state.lives[at(who)];
        if (++life.next == static_cast<int>(actor(who).steps.size())) {
            life.ended = true;
            const auto cpu = at(actor(who).cpu);
            if (is_interrupt(who)) {
                --state.interrupts[cpu].size;
            } else if (is_signal(who)) {
                --state.signals[at(actor(who).target)].size;
            }
            const int thread = thread_of(who);
            if (is_thread(thread) && !is_interrupt(who) && !occupies(state, thread)) {
                state.current[cpu] = nobody;
            }
        }
        go_on(state);
        return 1;
    }

    bool is_over() const { return explored_.executions >= executions_max_; }

    void ended() {
        if (is_over()) explored_.complete = false;
        ++explored_.executions;
    }

    void go_on(const State& state) {
        if (is_over()) {
            explored_.complete = false;
            return;
        }
        if (is_stuck(state)) {
            explored_.behaviour.stuck = true;
            return ended();
        }
        int ways = 0;
        for (int who = 0; who < actors(); ++who) ways += step(state, who);
        if (ways != 0) return;
        Outcome outcome = state.outcome;
        for (int word = 0; word < program_.words; ++word) {
            outcome.words[at(word)] = static_cast<std::int8_t>(state.mails.newest(word));
        }
        explored_.behaviour.outcomes.insert(outcome);
        ended();
    }

    /// Somebody has to go on, and nobody may but handlers that perhaps never come.
    bool is_stuck(const State& state) const {
        bool somebody = false;
        for (int who = 0; who < actors(); ++who) {
            const Life& life = state.lives[at(who)];
            if (life.ended || (!life.started && !must_come(who))) continue;
            somebody = true;
            if (can_step(state, who)) return false;
        }
        return somebody;
    }

    bool can_step(const State& state, int who) const {
        const Life& life = state.lives[at(who)];
        if (!life.started) return may_come(state, who);
        return has_cpu(state, who) ? can_act(state, who) : may_return(state, who);
    }

    const Program& program_;
    const std::uint64_t executions_max_;
    Explored explored_;
};

}  // namespace

Explored explore(const Program& program, std::uint64_t executions_max) {
    return Explorer(program, executions_max).run();
}

}  // namespace anypage::naive
