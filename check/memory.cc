// The three memory models as rules on views: sequential consistency, C++ as RC11 has it, and the
// Linux kernel's (linux-kernel.cat with reads ordered before program-order later writes).
#include "memory.hpp"

#include <algorithm>

namespace anypage::check {

const char* name_of(Model model) {
    switch (model) {
        case Model::sc:
            return "sc";
        case Model::rc11:
            return "rc11";
        case Model::lkmm:
            return "lkmm";
    }
    return "";
}

namespace {

bool acquires(MemoryOrder order) {
    return order == MemoryOrder::acquire || order >= MemoryOrder::acq_rel;
}
bool releases(MemoryOrder order) { return order >= MemoryOrder::release; }

}  // namespace

void Memory::reset(Model model, unsigned contexts, unsigned locations, unsigned locks) {
    model_ = model;
    location_count_ = locations;
    View::use(locations);
    if (locations_.size() < locations) locations_.resize(locations);
    for (unsigned i = 0; i < locations; ++i) {
        locations_[i].messages.clear();
    }
    contexts_.assign(contexts, {});
    locks_.assign(locks, {});
    groups_.clear();
    dependencies_.assign(1, {});
    next_serial_ = 1;
    sc_ = {};
    floor_ = {};
    running_ = 0;
}

void Memory::begin(unsigned location, std::uint64_t value, bool ghost) {
    auto& messages = locations_[location].messages;
    locations_[location].flat = ghost || model_ == Model::sc;
    messages.clear();
    messages.emplace_back();
    messages.back().value = value;
    messages.back().serial = next_serial_++;
}

unsigned Memory::read_bound(unsigned context, const Op& op) const {
    const auto& location = locations_[op.location];
    if (location.flat) return 0;
    unsigned bound = contexts_[context].cur[op.location];
    if (op.address_from != 0) {
        bound = std::max<unsigned>(bound, dependencies_[op.address_from][op.location]);
    }
    if (model_ == Model::rc11 && op.order >= MemoryOrder::seq_cst) {
        bound = std::max<unsigned>(bound, sc_[op.location]);
    }
    return bound;
}

unsigned Memory::barrier_bound(unsigned context, const Op& op) const {
    if (model_ != Model::lkmm || op.order < MemoryOrder::seq_cst) return 0;
    const Context& c = contexts_[context];
    unsigned bound = 0;
    for (const View* view : {&c.acq, &c.dropped, &c.own, &sc_}) {
        bound = std::max<unsigned>(bound, (*view)[op.location]);
    }
    return bound;
}

unsigned Memory::write_bound(unsigned context, const Op& op) const {
    const Context& c = contexts_[context];
    unsigned bound = c.cur[op.location];
    // No write before a read that precedes it (load buffering is told apart elsewhere).
    if (model_ == Model::lkmm) {
        bound = std::max<unsigned>({bound, c.acq[op.location], c.dropped[op.location]});
    }
    if (model_ == Model::rc11 && op.order == MemoryOrder::seq_cst) {
        bound = std::max<unsigned>(bound, sc_[op.location]);
    }
    return bound;
}

bool Memory::has_room(unsigned location, unsigned position) const {
    const auto& messages = locations_[location].messages;
    return position == messages.size() || !messages[position].update;
}

bool Memory::may_read(unsigned context, const Op& op, unsigned position) const {
    if (flat(op.location)) return true;
    if (keeps_dependencies_ && shows_newer(context, op, position)) return false;
    // A read-modify-write that writes nothing orders nothing.
    const auto& messages = locations_[op.location].messages;
    if (op.is_update() && !op.writes_over(messages[position].value)) return true;
    if (position < barrier_bound(context, op)) return false;
    return op.kind == OpKind::load ||
           (position >= write_bound(context, op) && has_room(op.location, position + 1));
}

unsigned Memory::ways(unsigned context, const Op& op) const {
    if (!op.is_memory()) return 1;
    const auto size = static_cast<unsigned>(locations_[op.location].messages.size());
    if (op.kind == OpKind::store) {
        if (flat(op.location)) return 1;
        unsigned count = 0;
        for (unsigned p = write_bound(context, op) + 1; p <= size; ++p) {
            count += has_room(op.location, p) ? 1 : 0;
        }
        return count;
    }
    unsigned count = 0;
    for (unsigned p = read_bound(context, op); p < size; ++p) {
        count += may_read(context, op, p) ? 1 : 0;
    }
    return count;
}

std::vector<std::uint32_t> Memory::may_precede(unsigned context, const Op& op) const {
    std::vector<std::uint32_t> serials;
    if (op.kind != OpKind::store || flat(op.location)) return serials;
    const auto& messages = locations_[op.location].messages;
    bool any = false;
    for (unsigned p = write_bound(context, op) + 1; p < messages.size(); ++p) {
        any = any || has_room(op.location, p);
        if (any) serials.push_back(messages[p].serial);
    }
    return serials;
}

std::uint32_t Memory::oldest_readable(unsigned context, const Op& op) const {
    if (!op.reads() || flat(op.location)) return 0;
    const unsigned bound = read_bound(context, op);
    return bound == 0 ? 0 : locations_[op.location].messages[bound].serial;
}

unsigned Memory::position_of(unsigned context, const Op& op, unsigned way) const {
    auto position = static_cast<unsigned>(locations_[op.location].messages.size());
    if (op.kind == OpKind::store) {
        for (;; --position) {
            if (has_room(op.location, position) && way-- == 0) return position;
        }
    }
    for (;;) {
        --position;
        if (may_read(context, op, position) && way-- == 0) return position;
    }
}

unsigned Memory::staleness(unsigned context, const Op& op, unsigned way) const {
    if (!op.reads()) return 0;
    return newest_position(op.location) - position_of(context, op, way);
}

bool Memory::races(unsigned context, const Op& op) const {
    const Location& location = locations_[op.location];
    if (location.flat || op.raced) return false;
    const unsigned bound = op.reads() ? read_bound(context, op) : write_bound(context, op);
    for (unsigned p = bound + 1; p < location.messages.size(); ++p) {
        const Message& message = location.messages[p];
        if (!message.raced && (message.plain || op.plain)) return true;
    }
    return false;
}

bool Memory::perform(unsigned context, Op& op, unsigned way) {
    contexts_[context].hashed = false;
    if (op.kind == OpKind::fence) {
        fence(context, op.fence);
        return true;
    }
    const unsigned position = position_of(context, op, way);
    auto& messages = locations_[op.location].messages;
    if (messages.size() >= messages_max) return false;
    if (op.kind == OpKind::store) {
        op.made = next_serial_;
        write(context, op, position, op.order, nullptr);
        return true;
    }
    op.result = messages[position].value;
    op.seen = messages[position].serial;
    op.succeeded = op.writes_over(op.result);
    if (!op.succeeded) {
        // In the kernel a compare-and-exchange that fails orders nothing.
        read(context, op, position, model_ == Model::lkmm ? MemoryOrder::relaxed : op.failure);
        return true;
    }
    const bool full = op.order == MemoryOrder::full ||
                      (model_ == Model::lkmm && op.order == MemoryOrder::seq_cst);
    if (full && model_ == Model::lkmm) full_barrier(contexts_[context]);
    read(context, op, position, op.order);
    if (!op.writes()) return true;
    Op writing = op;
    writing.a = op.updated(op.result);
    const Message updated = messages[position];
    op.made = next_serial_;
    write(context, writing, position + 1, op.order, &updated);
    return true;
}

void Memory::read(unsigned context, Op& op, unsigned position, MemoryOrder order) {
    Context& c = contexts_[context];
    Location& location = locations_[op.location];
    const Message& message = location.messages[position];
    if (location.flat) return;
    View brought;
    if (model_ == Model::lkmm && message.writer == context) {
        brought = message.data;
    } else {
        brought = message.view;
        if (model_ == Model::lkmm && message.writer != none) {
            c.g |= message.g;
            brought |= message.g;
        }
        brought.raise(op.location, position);
        if (keeps_dependencies_) add_overwritten(c, brought);
    }
    // What the address was computed from was read before this, but not before what follows this.
    if (op.address_from != 0) brought |= dependencies_[op.address_from];
    c.cur.raise(op.location, position);
    View& known = model_ == Model::lkmm && !op.returns ? c.dropped : c.acq;
    known |= brought;
    known.raise(op.location, position);
    if (acquires(order)) c.cur |= brought;
    if (model_ == Model::rc11 && order == MemoryOrder::seq_cst) sc_.raise(op.location, position);
    if (!keeps_dependencies_) return;
    op.brought = keep(brought);
    note_read(c, op, position, brought);
}

void Memory::look_past(unsigned context, unsigned location, std::uint32_t seen) {
    if (flat(location)) return;
    const auto& messages = locations_[location].messages;
    unsigned position = 0;
    while (messages[position].serial != seen) ++position;
    contexts_[context].cur.raise(location, position + 1);
    contexts_[context].hashed = false;
}

void Memory::write_flat(const Op& op) {
    Message& message = locations_[op.location].messages.front();
    message.value = op.a & value_mask(op.bytes);
    message.serial = next_serial_++;
    message.hashed = false;
}

void Memory::write(unsigned context, const Op& op, unsigned position, MemoryOrder order,
                   const Message* updates) {
    if (flat(op.location)) return write_flat(op);
    Context& c = contexts_[context];
    make_room(op.location, position);
    Message message;
    message.value = op.a & value_mask(op.bytes);
    message.writer = static_cast<std::uint8_t>(context);
    message.update = updates != nullptr;
    message.serial = next_serial_++;
    message.plain = op.plain;
    message.raced = op.raced;
    message.view = c.wrel;
    if (releases(order)) {
        message.view |= c.cur;
        if (model_ == Model::lkmm) {
            message.view |= c.acq;
            message.view |= c.dropped;
            message.view |= c.own;
        }
    }
    if (updates != nullptr) message.view |= updates->view;  // it continues the release sequence
    message.view.raise(op.location, position);
    if (model_ == Model::lkmm) {
        message.g = c.g;
        if (updates != nullptr) message.g |= updates->g;
        if (op.data_from != 0) message.data = dependencies_[op.data_from];
        // What is added to is part of the sum.
        const bool computed = op.kind >= OpKind::fetch_add && op.kind <= OpKind::apply;
        if (computed && op.brought != 0) message.data |= dependencies_[op.brought];
        c.own |= message.view;
    }
    c.cur.raise(op.location, position);
    if (model_ == Model::rc11) c.acq.raise(op.location, position);
    if (keeps_dependencies_) note_write(c, op, position);
    auto& location = locations_[op.location];
    location.messages.insert(location.messages.begin() + position, message);
    if (model_ == Model::rc11 && order == MemoryOrder::seq_cst) sc_.raise(op.location, position);
}

void Memory::make_room(unsigned location, unsigned position) {
    if (position == locations_[location].messages.size()) return;
    for (Location& each : locations_) {
        for (Message& message : each.messages) {
            message.view.make_room(location, position);
            message.g.make_room(location, position);
            message.data.make_room(location, position);
            message.hashed = false;
        }
    }
    for (Context& c : contexts_) {
        for (View* view :
             {&c.cur, &c.acq, &c.dropped, &c.own, &c.wrel, &c.g, &c.unlocked, &c.unlocked_own}) {
            view->make_room(location, position);
        }
        for (Dependent& each : c.dependents) {
            if (each.location == location && each.position >= position) ++each.position;
            each.after.make_room(location, position);
        }
        c.hashed = false;
    }
    for (LockViews& lock : locks_) {
        for (View* view : {&lock.view, &lock.own, &lock.g}) view->make_room(location, position);
    }
    for (View& view : groups_) view.make_room(location, position);
    for (View& view : dependencies_) view.make_room(location, position);
    sc_.make_room(location, position);
}

}  // namespace anypage::check
