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

class KernelModel {
public:
    /// What the traces alone decide.
    explicit KernelModel(const Skeleton& skeleton);

    Judgement judge(const Relation& rf, const Relation& co) const;

private:
    /// What a candidate's rf and co decide.
    struct Orders;

    Relation fencerel(Fence fence) const;
    void find_sets();
    void find_fences();
    bool races(const Orders& o, const Relation& rf, const Relation& co, bool& incoherent) const;

    const Skeleton& s_;
    unsigned events_;
    EventSet all_;
    EventSet R_ = 0, W_ = 0, M_ = 0, Plain_ = 0, Marked_ = 0, Noreturn_ = 0, R4rmb_ = 0;
    EventSet Acquire_ = 0, Release_ = 0, RMW_ = 0, LKR_ = 0, LKW_ = 0, UL_ = 0;
    Relation id_, ext_, acq_po_, po_rel_, rmb_, wmb_, mb_, after_unlock_lock_;
    bool mixed_accesses_ = false;
};

}  // namespace anypage::check::litmus::axioms
