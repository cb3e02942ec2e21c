// What tells two memories apart: the part of a state's key that memory is. Two that nobody can tell
// apart any more have the same, whatever led to them:
//
// * Views bound from below, and are only ever joined with others. Of what all contexts that still
//   run have got past (the floor), nobody can tell how far below it a view is, nor what is there.
// * A view that is only ever used joined with another one is hashed joined with it.
// * What contexts that have ended know counts for nothing. A membarrier, which alone would hand it
//   on, hands on the newest of all: whoever wrote that knows it.
//
// Not so where dependencies are kept: they compare positions with each other.
#include <initializer_list>
#include <optional>

#include "memory.hpp"

namespace anypage::check {

View Memory::floor(std::uint32_t running) const {
    if (keeps_dependencies_) return {};
    std::optional<View> floor;
    for (std::size_t i = 0; i < contexts_.size(); ++i) {
        if ((running >> i & 1) == 0) continue;
        if (floor) {
            *floor &= contexts_[i].cur;
        } else {
            floor = contexts_[i].cur;
        }
    }
    return floor.value_or(View{});
}

Hash Memory::hash_of(unsigned location, std::size_t position) const {
    const Message& message = locations_[location].messages[position];
    Hash hash;
    hash.add(message.value);
    if (flat(location)) return hash;
    const bool kernel = model_ == Model::lkmm;
    const bool counts = kernel && message.writer != none && (running_ >> message.writer & 1) != 0;
    unsigned bits = counts ? message.writer * 8u + 8 : 0;  // who reads its own gets less
    // Nobody writes in front of the lowest one, or races with it.
    if (position > floor_[location]) {
        bits += (message.update ? 1 : 0) + (message.plain ? 2 : 0) + (message.raced ? 4 : 0);
    }
    hash.add(bits);
    message.view.add_above(hash, location_count_, floor_);
    if (kernel) message.g.add_above(hash, location_count_, floor_);
    if (counts) message.data.add_above(hash, location_count_, floor_);
    return hash;
}

Hash Memory::hash_of(const Context& c) const {
    View acq = c.cur;
    acq |= c.acq;
    Hash hash;
    c.cur.add_above(hash, location_count_, floor_);
    acq.add_above(hash, location_count_, floor_);
    c.wrel.add_above(hash, location_count_, floor_);
    if (model_ != Model::lkmm) return hash;
    View dropped = acq;
    dropped |= c.dropped;
    View unlocked = c.cur;
    unlocked |= c.unlocked;
    View unlocked_own = c.wrel;
    unlocked_own |= c.unlocked_own;
    const std::initializer_list<const View*> views{&dropped, &c.own, &c.g, &unlocked,
                                                   &unlocked_own};
    for (const View* view : views) view->add_above(hash, location_count_, floor_);
    for (const Dependent& each : c.dependents) {
        hash.add(each.location * 256u + each.position);
        each.after.add_above(hash, location_count_, floor_);
    }
    return hash;
}

void Memory::add_to(Hash& hash, std::uint32_t running) {
    if (keeps_dependencies_) running = ~0u;
    const View floor = this->floor(running);
    const bool as_before = running == running_ && floor == floor_;
    floor_ = floor;
    running_ = running;
    for (unsigned i = 0; i < location_count_; ++i) {
        auto& messages = locations_[i].messages;
        hash.add(messages.size() - floor_[i]);
        for (std::size_t p = floor_[i]; p < messages.size(); ++p) {
            Message& message = messages[p];
            if (!message.hashed || !as_before) message.hash = hash_of(i, p);
            message.hashed = true;
            hash.add(message.hash);
        }
    }
    if (model_ == Model::sc) return;
    for (std::size_t i = 0; i < contexts_.size(); ++i) {
        if ((running >> i & 1) == 0) continue;
        Context& c = contexts_[i];
        if (!c.hashed || !as_before) c.hash = hash_of(c);
        c.hashed = true;
        hash.add(c.hash);
    }
    for (const LockViews& lock : locks_) {
        for (const View* view : {&lock.view, &lock.own, &lock.g}) {
            view->add_above(hash, location_count_, floor_);
        }
    }
    for (const View& group : groups_) group.add_above(hash, location_count_, floor_);
    sc_.add_above(hash, location_count_, floor_);
}

}  // namespace anypage::check
