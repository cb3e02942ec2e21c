// Dependencies: what values were computed from, and what follows from that: see memory.hpp.
#include "memory.hpp"

namespace anypage::check {

DependencyId Memory::keep(const View& view) {
    dependencies_.push_back(view);
    return static_cast<DependencyId>(dependencies_.size() - 1);
}

DependencyId Memory::join(DependencyId one, DependencyId other) {
    if (one == 0 || one == other) return other;
    if (other == 0) return one;
    View both = dependencies_[one];
    both |= dependencies_[other];
    return keep(both);
}

// An access is before whatever shows that it was overwritten since, (prop \ id) & int in
// linux-kernel.cat; and before the access is what it has read, and what its address, its value or
// that it is done at all was computed from.
void Memory::note_read(Context& context, const Op& op, unsigned position, const View& brought) {
    context.dependents.push_back({op.location, position, brought});
}

void Memory::note_write(Context& context, const Op& op, unsigned position) {
    if (op.address_from == 0 && op.data_from == 0 && op.control_from == 0) return;
    View after = dependencies_[op.address_from];
    after |= dependencies_[op.data_from];
    after |= dependencies_[op.control_from];
    context.dependents.push_back({op.location, position, after});
}

bool Memory::shows_newer(unsigned context, const Op& op, unsigned position) const {
    const Message& message = locations_[op.location].messages[position];
    if (model_ != Model::lkmm || message.writer == context || message.writer == none) return false;
    View brought = message.view;
    brought |= message.g;
    add_overwritten(contexts_[context], brought);
    return brought[op.location] > position;
}

bool Memory::hides(unsigned context, const Op& op) const {
    if (!keeps_dependencies_ || !op.reads() || flat(op.location)) return false;
    const auto size = static_cast<unsigned>(locations_[op.location].messages.size());
    for (unsigned position = read_bound(context, op); position < size; ++position) {
        const Message& message = locations_[op.location].messages[position];
        if (!shows_newer(context, op, position)) continue;
        View brought = message.view;
        add_overwritten(contexts_[context], brought);
        if (brought[op.location] <= position) return true;
    }
    return false;
}

void Memory::add_overwritten(const Context& context, View& brought) {
    // What one adds may show that another one was.
    for (std::size_t round = 0; round < context.dependents.size(); ++round) {
        for (const Dependent& each : context.dependents) {
            if (brought[each.location] > each.position) brought |= each.after;
        }
    }
}

}  // namespace anypage::check
