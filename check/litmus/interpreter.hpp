// Interpreter: one process of a litmus test as a context of an execution: its statements become
// operations of the engine, its registers carry what their values depend on.
//
// What it keeps lies in the scenario's region: an execution may be dropped in the middle, and the
// next one begins with the region's first image.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "../memory.hpp"
#include "program.hpp"

namespace anypage::check::litmus {

/// A register while a process runs.
struct Slot {
    Value value = 0;
    DependencyId from = 0;
};

/// All that processes share, in the region.
struct Store {
    std::span<std::uint64_t> cells;
    std::span<std::uint8_t> holders;  ///< by cell, of a lock: process + 1, or 0
    std::vector<std::span<Slot>> registers;
};

/// What Execution::fail() is told of an execution that ends where a process goes astray.
inline constexpr const char* goes_astray = "a litmus test follows addresses";

/// The first thing that a process did and that no process may do.
struct Complaint {
    SourcePosition at;
    std::string message;
};

struct Job {
    const Program& program;
    Model model = Model::lkmm;
    /// Somebody looks at locks without taking them: their cells say whether they are held.
    bool locks_are_seen = false;
    Store store;
    std::optional<Complaint> complaint;
    std::optional<Complaint> astray;  ///< where a process first followed what is no address
};

/// Runs a process to its end; called in its context.
void interpret(Job& job, std::size_t process);

}  // namespace anypage::check::litmus
