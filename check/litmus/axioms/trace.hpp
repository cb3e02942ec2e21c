// Trace: one way in which a process of a litmus test may go, when each of its reads finds a value
// that somebody might have written: its events and what its registers hold at the end. Which reads
// find what, and whether they may, is decided later, of all processes at once.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "../program.hpp"
#include "event_set.hpp"

namespace anypage::check::litmus::axioms {

/// By their number in the trace.
using OwnEvents = EventSet<narrow>;

struct Event {
    enum class Kind : std::uint8_t { read, write, fence };
    /// lock.cat's: what takes a lock reads it and writes it, what releases it writes it.
    enum class Lock : std::uint8_t { none, take, release };

    Kind kind{};
    Lock lock = Lock::none;
    Order order = Order::once;  ///< plain, once, acquire, release
    Fence fence = Fence::none;
    bool update = false;     ///< of a read-modify-write
    bool no_return = false;  ///< a read whose value nobody gets
    std::size_t cell = 0;
    Value value = 0;
    /// What the address, the value and that it is done at all depend on.
    OwnEvents address;
    OwnEvents data;
    OwnEvents control;
    /// Of a write: the reads that make its value what it is (not `r ^ r`); and is it the very value
    /// of one of them?
    OwnEvents value_of;
    bool copies = true;
    /// Of the write of a read-modify-write: its read.
    std::optional<unsigned> read;
};

struct Trace {
    std::vector<Event> events;
    std::vector<Value> registers;
    std::vector<OwnEvents> computed_from;  ///< the reads that each register's value comes of
    bool strayed = false;  ///< it ends where the process would follow what is no address
};

/// What each cell may be found to hold.
using Values = std::map<std::size_t, std::set<Value>>;

struct TraceLimits {
    std::size_t traces_max = 0;  ///< of one process
};

/// All of a process' traces, or none if there are more than `limits` allow, or a trace is longer
/// than an execution may be.
std::optional<std::vector<Trace>> traces_of(const Program& program, std::size_t process,
                                            const Values& values, const TraceLimits& limits);

void add_written(const Trace& trace, Values& values);

/// Adds what the process may write when what it computes with is among `values`. Where it turns by
/// what it reads, it may go either way: what lets it may be there only because of what it writes.
/// False beyond the limits.
bool add_writable(const Program& program, std::size_t process, const Values& values,
                  const TraceLimits& limits, Values& written);

}  // namespace anypage::check::litmus::axioms
