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
template <unsigned words>
struct Skeleton {
    using Set = EventSet<words>;

    std::vector<Event> events;       ///< process by process; then the first values
    std::vector<std::size_t> first;  ///< event of each process
    Set initial;
    Relation<words> po;        ///< program order
    Relation<words> internal;  ///< of one process
    Relation<words> same_cell;
    Relation<words> address, data, control;  ///< dependencies
    Relation<words> value;                   ///< from reads to writes that hold what they found
    Relation<words> rmw;                     ///< the read of a read-modify-write and its write

    Skeleton(const Program& program, const std::vector<const Trace*>& traces);

    Set where(const std::function<bool(const Event&)>& holds) const;
};

template <unsigned words>
struct Candidate {
    const Skeleton<words>& skeleton;
    const std::vector<const Trace*>& traces;
    const Relation<words>& rf;
    const Relation<words>& co;

    /// What a cell holds in the end; none: it is not used.
    std::optional<unsigned> last_write(std::size_t cell) const;
};

/// How many events an execution of these traces has.
std::size_t events_of(const std::vector<const Trace*>& traces);

/// Calls with each candidate of these traces, until it returns false; then so does this. They must
/// not have more events than a set of so many words holds.
template <unsigned words>
bool for_each_candidate(const Program& program, const std::vector<const Trace*>& traces,
                        const std::function<bool(const Candidate<words>&)>& use);

}  // namespace anypage::check::litmus::axioms
