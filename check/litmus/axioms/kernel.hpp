// KernelModel: the memory model of the Linux kernel, tools/memory-model/linux-kernel.cat with
// lock.cat, as rules on whole executions; without RCU. Each relation has the name that it has
// there, with "_" for "-".
#pragma once

#include "candidate.hpp"

namespace anypage::check::litmus::axioms {

struct Judgement {
    bool allowed = false;
    bool data_race = false;  ///< two accesses race, one of them plain
    bool mixed_accesses =
        false;  ///< a plain write and a marked access of a cell, no barrier between
};

template <unsigned words>
class KernelModel {
public:
    /// What the traces alone decide.
    explicit KernelModel(const Skeleton<words>& skeleton);

    Judgement judge(const Relation<words>& rf, const Relation<words>& co) const;

private:
    using Set = EventSet<words>;
    using Relation = axioms::Relation<words>;

    /// What a candidate's rf and co decide.
    struct Orders;

    Relation fencerel(Fence fence) const;
    void find_sets();
    void find_fences();
    bool races(const Orders& o, const Relation& rf, const Relation& co, bool& incoherent) const;

    const Skeleton<words>& s_;
    unsigned events_;
    Set all_;
    Set R_, W_, M_, Plain_, Marked_, Noreturn_, R4rmb_;
    Set Acquire_, Release_, RMW_, LKR_, LKW_, UL_;
    Relation id_, ext_, acq_po_, po_rel_, rmb_, wmb_, mb_, after_unlock_lock_;
    bool mixed_accesses_ = false;
};

}  // namespace anypage::check::litmus::axioms
