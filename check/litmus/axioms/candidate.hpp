// Candidate: an execution as herd7 has it: what each process does (a trace of each), which write
// each read finds (rf), and in which order the writes of a cell come (co). It is a candidate if
// each cell alone behaves: what a process does with a cell is in program order, and nothing comes
// between the read and the write of a read-modify-write. Whether a memory model allows it is
// another question (kernel.hpp).
#pragma once

#include <functional>
#include <vector>

#include "relation.hpp"
#include "trace.hpp"

namespace anypage::check::litmus::axioms {

/// What is the same in all candidates of the same traces. A cell's first value counts as a write
/// that is no process'.
struct Skeleton {
    std::vector<Event> events;       ///< process by process; then the first values
    std::vector<std::size_t> first;  ///< event of each process
    EventSet initial = 0;
    Relation po;        ///< program order
    Relation internal;  ///< of one process
    Relation same_cell;
    Relation address, data, control;  ///< dependencies
    Relation rmw;                     ///< the read of a read-modify-write and its write

    Skeleton(const Program& program, const std::vector<const Trace*>& traces);

    EventSet where(const std::function<bool(const Event&)>& holds) const;
};

struct Candidate {
    const Skeleton& skeleton;
    const std::vector<const Trace*>& traces;
    const Relation& rf;
    const Relation& co;

    /// What a cell holds in the end.
    Value last_value(const Program& program, std::size_t cell) const;
};

/// Do these traces fit into one execution?
bool fits(const std::vector<const Trace*>& traces);

/// Calls with each candidate of these traces, until it returns false; then so does this.
bool for_each_candidate(const Program& program, const std::vector<const Trace*>& traces,
                        const std::function<bool(const Candidate&)>& use);

}  // namespace anypage::check::litmus::axioms
