// Programs to check the checker with: up to three contexts of a few operations on a few words, as
// data. Nothing here knows the checker. `text` prints one for people; `draw` makes one up.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace anypage::naive {

inline constexpr int actors_max = 4;
inline constexpr int steps_max = 8;  ///< of one actor
inline constexpr int words_max = 3;
inline constexpr int locks_max = 2;

enum class Model : std::uint8_t { sc, rc11, lkmm };
enum class Kernel : std::uint8_t { none, full, rt };
enum class Role : std::uint8_t { thread, fifo, hardirq, nmi, signal };
enum class Order : std::uint8_t { relaxed, acquire, release, acq_rel, seq_cst };
enum class Fence : std::uint8_t { wmb, rmb, mb, seq_cst };
enum class Act : std::uint8_t {
    load,
    store,
    add,
    exchange,
    compare,
    fence,
    lock,
    unlock,
    irq_save,
    irq_restore,
    spin,  ///< while (load(word) == value) cpu_relax()
};

struct Step {
    Act act{};
    int place = 0;  ///< a word; of lock and unlock, a lock
    int value = 0;
    int expected = 0;  ///< of a compare
    Order order = Order::relaxed;
    Fence fence{};
};

struct Actor {
    Role role = Role::thread;
    int cpu = 0;
    int priority = 0;  ///< of a FIFO thread
    int target = 0;    ///< of a signal: whose
    std::vector<Step> steps;
};

struct Program {
    Model model = Model::sc;
    Kernel kernel = Kernel::full;
    int words = 2;
    std::array<bool, locks_max> sleeps{};  ///< do the waiters of this lock sleep?
    std::vector<Actor> actors;
};

/// How an execution ended: what each step returned (-1: nothing) and what the words hold.
struct Outcome {
    std::array<std::int8_t, actors_max * steps_max> results;
    std::array<std::int8_t, words_max> words;

    friend auto operator<=>(const Outcome&, const Outcome&) = default;
};

inline constexpr std::size_t result_of(std::size_t actor, std::size_t step) {
    return actor * steps_max + step;
}

/// All that a program may do.
struct Behaviour {
    std::set<Outcome> outcomes;
    bool stuck = false;   ///< somebody who must go on never can
    bool sleeps = false;  ///< a sleeping lock is taken where sleeping is not allowed

    friend bool operator==(const Behaviour&, const Behaviour&) = default;
};

/// Is every word used by two actors and written by one of them, or does nothing depend on that? The
/// engine runs what only one context looks at without a step: a handler that does nothing else is
/// over before it comes.
bool is_shared(const Program& program);
bool has_handlers(const Program& program);

std::string text(const Program& program);
std::string text(const Outcome& outcome, const Program& program);

using Random = std::mt19937_64;

/// What to make up: the sizes decide how long a naive exploration takes.
struct Taste {
    Model model = Model::sc;
    Kernel kernel = Kernel::full;
    int steps = 8;  ///< of all actors together, at most
};
Program draw(Random& random, const Taste& taste);

}  // namespace anypage::naive
