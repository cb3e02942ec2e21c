// What tells two memories apart: the part of a state's key that memory is.
#include "memory.hpp"

namespace anypage::check {

void Memory::add_to(Hash& hash) {
    const unsigned count = location_count_;
    for (unsigned i = 0; i < count; ++i) {
        hash.add(locations_[i].messages.size());
        for (Message& message : locations_[i].messages) {
            if (!message.hashed) {
                Hash fresh;
                fresh.add(message.value);
                if (!locations_[i].flat) {
                    fresh.add(message.writer * 8u + (message.update ? 1 : 0) +
                              (message.plain ? 2 : 0) + (message.raced ? 4 : 0));
                    message.view.add_to(fresh, count);
                }
                if (model_ == Model::lkmm) {
                    message.g.add_to(fresh, count);
                    message.data.add_to(fresh, count);
                }
                message.hash = fresh;
                message.hashed = true;
            }
            hash.add(message.hash);
        }
    }
    for (Context& c : contexts_) {
        if (model_ == Model::sc) break;
        if (!c.hashed) {
            Hash fresh;
            for (const View* view : {&c.cur, &c.acq, &c.dropped, &c.own, &c.wrel, &c.g, &c.unlocked,
                                     &c.unlocked_own}) {
                view->add_to(fresh, count);
            }
            for (const Dependent& each : c.dependents) {
                fresh.add(each.location * 256u + each.position);
                each.after.add_to(fresh, count);
            }
            c.hash = fresh;
            c.hashed = true;
        }
        hash.add(c.hash);
    }
    if (model_ == Model::sc) return;
    for (const LockViews& lock : locks_) {
        lock.view.add_to(hash, count);
        lock.own.add_to(hash, count);
        lock.g.add_to(hash, count);
    }
    for (const View& group : groups_) group.add_to(hash, count);
    sc_.add_to(hash, count);
}

}  // namespace anypage::check
