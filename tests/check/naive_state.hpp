// How far an execution of the naive explorer has got: small enough to be copied at each branch.
#pragma once

#include "naive_memory.hpp"

namespace anypage::naive {

inline constexpr int nobody = -1;

struct Life {
    bool started = false;
    bool ended = false;
    bool waiting = false;       ///< has begun to wait for the lock that it is about to take
    bool owes_barrier = false;  ///< that of its last step, a full update
    std::int8_t next = 0;       ///< the step that it is about to take
    std::int8_t preemption_off = 0;
    std::int8_t irqs_off = 0;
    std::int8_t spun_on = -1;  ///< the mail that the last round of its spin read
};

struct Stack {
    std::array<std::int8_t, actors_max> actor{};
    std::int8_t size = 0;
    void push(int who) { actor[static_cast<std::size_t>(size++)] = static_cast<std::int8_t>(who); }
    int top() const { return size == 0 ? nobody : actor[static_cast<std::size_t>(size - 1)]; }
};

struct State {
    explicit State(const Program& program) : mails(program) { holder.fill(nobody); }

    Mails mails;
    std::array<Life, actors_max> lives;
    std::array<Stack, actors_max> signals;     ///< on top of a thread
    std::array<Stack, actors_max> interrupts;  ///< of a CPU
    std::array<std::int8_t, actors_max> current{nobody, nobody, nobody, nobody};  ///< of a CPU
    std::array<std::int8_t, actors_max> before{nobody, nobody, nobody, nobody};   ///< ditto
    std::array<bool, actors_max> idles{};  ///< has the current thread of a CPU done nothing yet?
    std::array<std::int8_t, locks_max> holder{};
    Outcome outcome{};
};

}  // namespace anypage::naive
