// KernelModel: see kernel.hpp.
#include "kernel.hpp"

namespace anypage::check::litmus::axioms {

template <unsigned words>
struct KernelModel<words>::Orders {
    Relation addr;  ///< with dependencies carried through memory
    Relation strong_fence, nonrw_fence, fence;
    Relation rfe, rmw_sequence, cumul_fence_star, hb, xbstar, fr;
};

template <unsigned words>
KernelModel<words>::KernelModel(const Skeleton<words>& skeleton)
    : s_(skeleton),
      events_(static_cast<unsigned>(skeleton.events.size())),
      all_(Set::first(events_)),
      id_(Relation::identity(events_)) {
    find_sets();
    find_fences();
}

template <unsigned words>
void KernelModel<words>::find_sets() {
    using Kind = Event::Kind;
    using Lock = Event::Lock;
    const auto where = [this](auto&& holds) { return s_.where(holds); };
    R_ = where([](const Event& e) { return e.kind == Kind::read; });
    W_ = where([](const Event& e) { return e.kind == Kind::write; });
    M_ = R_ | W_;
    Plain_ = where([](const Event& e) { return e.kind != Kind::fence && e.order == Order::plain; });
    Marked_ = all_ & ~Plain_;
    Noreturn_ = where([](const Event& e) { return e.no_return; });
    R4rmb_ = R_ & ~Noreturn_;
    Acquire_ = R_ & where([](const Event& e) { return e.order == Order::acquire; });
    Release_ = W_ & where([](const Event& e) { return e.order == Order::release; });
    RMW_ = where([](const Event& e) { return e.update; });
    LKR_ = R_ & where([](const Event& e) { return e.lock == Lock::take; });
    LKW_ = W_ & where([](const Event& e) { return e.lock == Lock::take; });
    UL_ = where([](const Event& e) { return e.lock == Lock::release; });
    ext_ = Relation::product(events_, all_, all_) - s_.internal - id_;
}

template <unsigned words>
Relation<words> KernelModel<words>::fencerel(Fence fence) const {
    const Set those = s_.where(
        [fence](const Event& e) { return e.kind == Event::Kind::fence && e.fence == fence; });
    return then(s_.po, those, s_.po);
}

template <unsigned words>
void KernelModel<words>::find_fences() {
    const Relation& po = s_.po;
    acq_po_ = then(Acquire_, po, M_);
    po_rel_ = then(M_, po, Release_);
    rmb_ = then(R4rmb_, fencerel(Fence::rmb), R4rmb_);
    wmb_ = then(W_, fencerel(Fence::wmb), W_);
    mb_ = then(M_, fencerel(Fence::mb), M_) |
          then(M_, fencerel(Fence::before_atomic), RMW_, po.maybe(), M_) |
          then(M_, po.maybe(), RMW_, fencerel(Fence::after_atomic), M_) |
          then(M_, po.maybe(), LKW_, fencerel(Fence::after_spinlock), M_);
    after_unlock_lock_ = fencerel(Fence::after_unlock_lock);
    const Relation barrier = fencerel(Fence::compiler) | fencerel(Fence::rmb) |
                             fencerel(Fence::wmb) | fencerel(Fence::mb) |
                             fencerel(Fence::before_atomic) | fencerel(Fence::after_atomic) |
                             then(po, Release_) | then(Acquire_, po);
    const Relation unbarred = (po & s_.same_cell) - barrier;
    mixed_accesses_ =
        !(then(Plain_ & W_, unbarred, Marked_) | then(Marked_, unbarred, Plain_ & W_)).empty();
}

template <unsigned words>
Judgement KernelModel<words>::judge(const axioms::Relation<words>& rf,
                                    const axioms::Relation<words>& co) const {
    const Relation& po = s_.po;
    const Relation& internal = s_.internal;
    Orders o;
    o.fr = then(rf.inverse(), co);
    o.rfe = rf & ext_;
    const Relation rfi = rf & internal;
    const Relation carry_dep = then(s_.data, rfi).star();
    o.addr = then(carry_dep, s_.address);
    const Relation data = then(carry_dep, s_.data);
    const Relation ctrl = then(carry_dep, s_.control);

    o.strong_fence = mb_ | then(M_, po, UL_, co | po, LKW_, after_unlock_lock_, M_);
    o.nonrw_fence = o.strong_fence | po_rel_ | acq_po_;
    o.fence = o.nonrw_fence | wmb_ | rmb_;
    const Relation po_unlock_lock_po = then(po, UL_, po | rf, LKR_, po);

    const Relation dep = o.addr | data;
    const Relation overwrite = co | o.fr;
    const Relation to_w =
        then(dep | ctrl, W_) | (overwrite & internal) | then(o.addr, Plain_, wmb_);
    const Relation to_r = then(o.addr, R_) | then(dep, Marked_, rfi);
    const Relation ppo = to_r | to_w | (o.fence & internal) | (po_unlock_lock_po & internal);

    const Relation from_read = then(o.rfe, Marked_).maybe();
    o.rmw_sequence = then(rf, s_.rmw).star();
    o.cumul_fence_star =
        then(Marked_, then(from_read, o.strong_fence | po_rel_) | wmb_ | po_unlock_lock_po, Marked_,
             o.rmw_sequence)
            .star();
    const Relation prop = then(Marked_, (overwrite & ext_).maybe(), o.cumul_fence_star, Marked_,
                               o.rfe.maybe(), Marked_);
    o.hb = then(Marked_, ppo | o.rfe | ((prop - id_) & internal), Marked_);
    if (!o.hb.acyclic()) return {};
    const Relation pb = then(prop, o.strong_fence, o.hb.star(), Marked_);
    if (!pb.acyclic()) return {};
    o.xbstar = (o.hb | pb).star();

    Judgement made;
    bool incoherent = false;
    made.data_race = !Plain_.empty() && races(o, rf, co, incoherent);
    made.allowed = !incoherent;
    made.mixed_accesses = mixed_accesses_;
    return made;
}

template <unsigned words>
bool KernelModel<words>::races(const Orders& o, const Relation& rf, const Relation& co,
                               bool& incoherent) const {
    const Relation any_write = Relation::product(events_, all_, W_);
    const Relation vis =
        then(o.cumul_fence_star, o.rfe.maybe(), Marked_,
             then(o.strong_fence, Marked_, o.xbstar) | (o.xbstar & (s_.internal | id_)));
    const Relation w_pre_bounded = then(Marked_, (o.addr | o.fence).maybe());
    const Relation r_pre_bounded = then(
        Marked_,
        (o.addr | o.nonrw_fence | then(R4rmb_, fencerel(Fence::rmb), all_ & ~Noreturn_)).maybe());
    const Relation w_post_bounded = then(o.fence.maybe(), Marked_, o.rmw_sequence);
    const Relation r_post_bounded =
        then((o.nonrw_fence | then(all_ & ~Noreturn_, fencerel(Fence::rmb), R4rmb_)).maybe(),
             Marked_, o.rmw_sequence);
    const Relation ww_vis = o.fence | then(o.strong_fence, o.xbstar, w_pre_bounded) |
                            then(w_post_bounded, vis, w_pre_bounded);
    const Relation wr_vis = o.fence | then(o.strong_fence, o.xbstar, r_pre_bounded) |
                            then(w_post_bounded, vis, r_pre_bounded);
    const Relation rw_xbstar = o.fence | then(r_post_bounded, o.xbstar, w_pre_bounded);

    const Relation pre_race = ext_ & (Relation::product(events_, Plain_, M_) |
                                      Relation::product(events_, M_ & ~s_.initial, Plain_));
    incoherent = !(pre_race & rf & rw_xbstar.inverse()).empty() ||
                 !(pre_race & o.fr & wr_vis.inverse()).empty() ||
                 !(pre_race & co & ww_vis.inverse()).empty();
    if (incoherent) return false;
    const Relation ww_nonrace = ww_vis & (then(Marked_, any_write) | rw_xbstar) &
                                (Relation::product(events_, W_, Marked_) | wr_vis);
    const Relation ww_race = (pre_race & co) - ww_nonrace;
    const Relation wr_race = ((pre_race & then(co.maybe(), rf)) - wr_vis) - rw_xbstar.inverse();
    const Relation rw_race = (pre_race & o.fr) - rw_xbstar;
    return !(ww_race | wr_race | rw_race).empty();
}

template class KernelModel<narrow>;
template class KernelModel<wide>;

}  // namespace anypage::check::litmus::axioms
