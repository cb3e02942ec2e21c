// What fences and locks do to views: see memory.hpp and docs/CHECKER.md.
#include "memory.hpp"

namespace anypage::check {

void Memory::full_barrier(Context& c) {
    c.cur |= c.acq;
    c.cur |= c.dropped;
    c.cur |= c.own;
    c.cur |= sc_;
    sc_ = c.cur;
    c.wrel |= c.cur;
    c.g |= c.cur;
}

void Memory::seq_cst_fence(Context& c) {
    c.cur |= c.acq;
    c.cur |= sc_;
    c.acq |= c.cur;
    sc_ = c.cur;
    c.wrel |= c.cur;
}

void Memory::strong_fence(Context& c) {
    if (model_ == Model::lkmm) {
        full_barrier(c);
    } else {
        seq_cst_fence(c);
    }
}

void Memory::fence(unsigned context, FenceKind kind) {
    if (model_ == Model::sc) return;
    const bool kernel = model_ == Model::lkmm;
    Context& c = contexts_[context];
    switch (kind) {
        case FenceKind::smp_wmb:
            if (kernel) {
                c.wrel |= c.own;
            } else {
                c.wrel |= c.cur;
            }
            return;
        case FenceKind::release:
            c.wrel |= c.cur;
            if (kernel) {
                c.wrel |= c.acq;
                c.wrel |= c.dropped;
                c.wrel |= c.own;
            }
            return;
        case FenceKind::smp_rmb:
        case FenceKind::acquire:
            c.cur |= c.acq;
            return;
        case FenceKind::smp_mb:
        case FenceKind::seq_cst:
        case FenceKind::after_unlock_lock:
            return strong_fence(c);
        case FenceKind::membarrier:
        case FenceKind::membarrier_rseq:
            for (int round = 0; round < 2; ++round) {
                for (Context& each : contexts_) {
                    each.hashed = false;
                    strong_fence(each);
                }
            }
            return;
    }
}

void Memory::hand_over(unsigned from, unsigned to) {
    full_barrier(from);
    const Context& before = contexts_[from];
    Context& after = contexts_[to];
    after.cur |= before.cur;
    after.own |= before.own;
    after.wrel |= before.wrel;
    after.g |= before.g;
    full_barrier(to);
}

void Memory::lock(unsigned context, unsigned lock) {
    if (model_ == Model::sc) return;
    Context& c = contexts_[context];
    const LockViews& views = locks_[lock];
    c.hashed = false;
    c.cur |= views.view;
    c.acq |= views.view;
    if (model_ != Model::lkmm) return;
    c.own |= views.view;  // taking a lock is a write that continues the unlock's release sequence
    c.wrel |= views.own;
    c.g |= views.g;
    c.cur |= views.g;
    c.cur |= c.unlocked;  // an unlock and a later lock of this context are ordered, whichever locks
    c.wrel |= c.unlocked_own;
}

void Memory::unlock(unsigned context, unsigned lock) {
    if (model_ == Model::sc) return;
    Context& c = contexts_[context];
    LockViews& views = locks_[lock];
    c.hashed = false;
    views.view = c.cur;
    if (model_ != Model::lkmm) return;
    views.view |= c.acq;
    views.view |= c.dropped;
    views.view |= c.own;
    views.own = c.own;
    views.g = c.g;
    c.unlocked = views.view;
    c.unlocked_own = c.own;
    c.own |= views.view;  // the unlock is a write, too
}

}  // namespace anypage::check
