// What tells an execution's states apart, and which steps lead to the same one in either order.
#include "execution.hpp"

namespace anypage::check {

Hash Execution::key() {
    Hash hash;
    std::uint32_t running = 0;
    for (unsigned c = 0; c < states_.size(); ++c) {
        const ContextState& state = states_[c];
        if (machine_.status(c) != Machine::Status::finished) running |= 1u << memory_of(c);
        // Its CPUs may seem to have done all.
        if (config_.model == Model::lkmm) running |= setup_.contexts[c].may_move_to;
        hash.add(state.history);
        hash.add(state.written_rounds);
        if (state.in_section) hash.add(2 * state.restarted + (state.restarts ? 2 : 1));
        for (const DependencyId each : state.brought) {
            memory_.add_dependency_to(hash, each);
            load_buffering_.add_dependency_to(hash, each);
        }
        for (const Watch& watch : state.watches) {
            std::uint64_t watched = watch.wrote ? 1 : 0;
            for (const auto& each : watch.read) {
                const bool news = memory_.has_news(each.location, each.seen);
                watched = watched * 1021 + each.location * 2u + (news ? 1 : 0) + 7;
            }
            hash.add(watched);
        }
    }
    memory_.add_to(hash, running);
    load_buffering_.add_to(hash, memory_);
    machine_.add_to(hash);
    return hash;
}

bool Execution::independent(unsigned one, unsigned other) const {
    if (machine_.cpu(one) == machine_.cpu(other)) return false;
    if (machine_.is_movable(one) || machine_.is_movable(other)) return false;
    const Op& a = states_[one].pending;
    const Op& b = states_[other].pending;
    // What reads or changes how far seq_cst has got everywhere (Memory's sc_): of rc11 accesses,
    // only where they are; of lkmm, and of fences, everywhere.
    const auto is_ordered = [](const Op& op) {
        return op.is_memory() && op.order >= MemoryOrder::seq_cst;
    };
    const auto is_global = [&](unsigned context, const Op& op) {
        if (op.kind == OpKind::fence) return true;
        return config_.model == Model::lkmm && (is_ordered(op) || machine_.switches(context));
    };
    const auto is_everywhere = [](const Op& op) {
        return op.kind == OpKind::fence && op.fence >= FenceKind::membarrier;
    };
    if (is_everywhere(a) || is_everywhere(b)) return false;
    if (config_.model != Model::sc) {
        const bool global = is_global(one, a);
        const bool other_global = is_global(other, b);
        if (global && (other_global || is_ordered(b))) return false;
        if (other_global && is_ordered(a)) return false;
    }
    if (a.is_lock() && b.is_lock()) return a.location != b.location && !a.ghost && !b.ghost;
    // A sleeping lock changes priorities elsewhere.
    if ((a.is_lock() && a.ghost) || (b.is_lock() && b.ghost)) return false;
    if (a.is_memory() && b.is_memory()) {
        if (a.location != b.location) return true;
        return !a.writes() && !b.writes() && !is_ordered(a) && !is_ordered(b);
    }
    if (a.kind == OpKind::pause || b.kind == OpKind::pause) return false;
    return true;
}

std::uint8_t Execution::fingerprint(unsigned context) const {
    const Op& op = states_[context].pending;
    Hash hash;
    hash.add(static_cast<std::uint64_t>(op.kind) << 16 | op.location);
    hash.add(op.a);
    hash.add(op.expected);
    return static_cast<std::uint8_t>(hash.a >> 56);
}

}  // namespace anypage::check
