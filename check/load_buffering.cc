// What the models preserve of program order: of linux-kernel.cat to-r, to-w and fences; of C++ what
// acquire, release, fences and coherence order on every machine, and no dependencies.
#include "load_buffering.hpp"

#include <algorithm>

namespace anypage::check {

void AccessSet::add(unsigned context, unsigned access) {
    if (of_.size() <= context) of_.resize(context + 1);
    Words& words = of_[context];
    const unsigned word = access / word_bits;
    if (words.size() <= word) words.resize(word + 1);
    words[word] |= std::uint64_t{1} << (access % word_bits);
}

bool AccessSet::has(unsigned context, unsigned access) const {
    const unsigned word = access / word_bits;
    if (context >= of_.size() || word >= of_[context].size()) return false;
    return (of_[context][word] >> (access % word_bits) & 1) != 0;
}

AccessSet& AccessSet::operator|=(const AccessSet& other) {
    if (of_.size() < other.of_.size()) of_.resize(other.of_.size());
    for (std::size_t c = 0; c < other.of_.size(); ++c) {
        if (of_[c].size() < other.of_[c].size()) of_[c].resize(other.of_[c].size());
        for (std::size_t w = 0; w < other.of_[c].size(); ++w) of_[c][w] |= other.of_[c][w];
    }
    return *this;
}

void AccessSet::add_to(Hash& hash) const {
    for (const Words& words : of_) {
        hash.add(words.size());
        for (const std::uint64_t word : words) hash.add(word);
    }
    hash.add(of_.size());
}

namespace {

bool acquires(MemoryOrder order) {
    return order == MemoryOrder::acquire || order >= MemoryOrder::acq_rel;
}
bool releases(MemoryOrder order) { return order >= MemoryOrder::release; }

}  // namespace

void LoadBuffering::reset(Model model, unsigned contexts, unsigned locations, unsigned locks) {
    model_ = model;
    contexts_.assign(contexts, {});
    for (Context& each : contexts_) {
        each.in_front.resize(contexts);
        each.of_location.resize(locations);
    }
    locations_.assign(locations, {});
    locks_.assign(locks, {});
    groups_.clear();
    dependencies_.assign(1, {});
    hazard_.reset();
}

void LoadBuffering::meet(Clock& clock, const Clock& other) {
    for (std::size_t i = 0; i < other.size(); ++i) clock[i] = std::max(clock[i], other[i]);
}

const LoadBuffering::Message* LoadBuffering::message_of(const Op& op) const {
    for (const Message& each : locations_[op.location].messages) {
        if (each.serial == op.seen) return &each;
    }
    return nullptr;  // the location's first value
}

void LoadBuffering::order_all(Context& c) {
    c.before_all |= c.reads;
    c.before_all |= c.writes;
}

void LoadBuffering::access(unsigned context, const Op& op,
                           const std::vector<std::uint32_t>& may_precede) {
    if (model_ == Model::sc || op.ghost) return;
    Context& c = contexts_[context];
    const bool kernel = model_ == Model::lkmm;
    const bool writes = op.kind == OpKind::store || (op.is_update() && op.succeeded);
    const bool failed = op.is_update() && !op.succeeded;
    const MemoryOrder written = failed ? op.failure : op.order;
    const MemoryOrder order = failed && kernel ? MemoryOrder::relaxed : written;
    const bool full = op.is_update() && !failed &&
                      (order == MemoryOrder::full || (kernel && order == MemoryOrder::seq_cst));
    if (full) order_all(c);

    AccessSet ordered = c.before_all;
    AccessSet data;
    ordered |= dependency(op.address_from);
    if (op.reads()) {
        ordered |= c.before_reads;
        if (const Message* const seen = message_of(op)) {
            meet(c.in_front, seen->in_front);
            ordered |= seen->context == context ? seen->data : seen->ordered;
        }
    }
    if (writes) {
        ordered |= c.before_writes;
        ordered |= dependency(op.data_from);
        ordered |= dependency(op.control_from);
        ordered |= c.of_location[op.location];
        data = dependency(op.data_from);
        if (releases(order)) {
            ordered |= c.reads;
            ordered |= c.writes;
        }
        look_for_hazard(context, op, ordered, may_precede);
    }

    const unsigned number = c.accesses++;
    locations_[op.location].accesses.push_back({context, number, op});
    c.in_front[context] = static_cast<std::uint16_t>(c.accesses);
    ordered.add(context, number);
    c.of_location[op.location] |= ordered;
    if (op.reads()) c.reads |= ordered;
    if (writes) {
        c.writes |= ordered;
        locations_[op.location].messages.push_back({op.made, context, c.in_front, ordered, data});
    }
    if (op.reads() && acquires(order)) c.before_all |= ordered;
    if (full) order_all(c);
    if (op.brought != 0) {
        if (dependencies_.size() <= op.brought) dependencies_.resize(op.brought + 1u);
        dependencies_[op.brought] = ordered;
    }
}

void LoadBuffering::look_for_hazard(unsigned context, const Op& op, const AccessSet& ordered,
                                    const std::vector<std::uint32_t>& may_precede) {
    if (hazard_) return;
    const auto is_explored = [&](const Op& earlier) {
        return earlier.kind == OpKind::store &&
               std::find(may_precede.begin(), may_precede.end(), earlier.made) != may_precede.end();
    };
    const Clock& in_front = contexts_[context].in_front;
    for (const Access& each : locations_[op.location].accesses) {
        if (each.context == context || each.number >= in_front[each.context]) continue;
        if (ordered.has(each.context, each.number) || is_explored(each.op)) continue;
        hazard_ = Hazard{each.op, op};
        return;
    }
}

void LoadBuffering::fence(unsigned context, FenceKind kind) {
    if (model_ == Model::sc) return;
    Context& c = contexts_[context];
    switch (kind) {
        case FenceKind::smp_wmb:
            c.before_writes |= c.writes;
            // In C++ there is none: a release fence stands for it.
            if (model_ != Model::lkmm) c.before_writes |= c.reads;
            return;
        case FenceKind::release:
            c.before_writes |= c.reads;
            c.before_writes |= c.writes;
            return;
        case FenceKind::smp_rmb:
            (model_ == Model::lkmm ? c.before_reads : c.before_all) |= c.reads;
            return;
        case FenceKind::acquire:
            c.before_all |= c.reads;
            return;
        case FenceKind::smp_mb:
        case FenceKind::seq_cst:
        case FenceKind::after_unlock_lock:
            return order_all(c);
        case FenceKind::membarrier:
        case FenceKind::membarrier_rseq:
            for (Context& each : contexts_) order_all(each);
            return;
    }
}

void LoadBuffering::full_barrier(unsigned context) { order_all(contexts_[context]); }

void LoadBuffering::lock(unsigned context, unsigned lock) {
    if (model_ == Model::sc) return;
    Context& c = contexts_[context];
    come_after(c, locks_[lock]);
    c.before_all |= c.unlocked;
}

void LoadBuffering::unlock(unsigned context, unsigned lock) {
    if (model_ == Model::sc) return;
    Context& c = contexts_[context];
    locks_[lock] = {};
    add_all(c, locks_[lock]);
    // In the kernel it is before what comes after a later lock of this context, whichever lock. Not
    // so a write before a read; that makes no difference where writes are what is looked for.
    if (model_ == Model::lkmm) c.unlocked = locks_[lock].ordered;
}

void LoadBuffering::add_all(const Context& c, Queue& queue) {
    queue.in_front.resize(c.in_front.size());
    meet(queue.in_front, c.in_front);
    queue.ordered |= c.before_all;
    queue.ordered |= c.reads;
    queue.ordered |= c.writes;
}

void LoadBuffering::come_after(Context& c, const Queue& queue) {
    meet(c.in_front, queue.in_front);
    c.before_all |= queue.ordered;
}

void LoadBuffering::lead(unsigned context, unsigned group) {
    if (model_ == Model::sc) return;
    if (groups_.size() <= group) groups_.resize(group + 1);
    add_all(contexts_[context], groups_[group]);
}

void LoadBuffering::follow(unsigned context, unsigned group) {
    if (model_ == Model::sc || groups_.size() <= group) return;
    come_after(contexts_[context], groups_[group]);
}

void LoadBuffering::join(DependencyId made, DependencyId one, DependencyId other) {
    if (dependencies_.size() <= made) dependencies_.resize(made + 1u);
    AccessSet both = dependency(one);
    both |= dependency(other);
    dependencies_[made] = both;
}

void LoadBuffering::add_to(Hash& hash) const {
    if (model_ == Model::sc) return;
    for (const Context& c : contexts_) {
        for (const std::uint16_t each : c.in_front) hash.add(each);
        for (const AccessSet* set :
             {&c.before_all, &c.before_reads, &c.before_writes, &c.reads, &c.writes, &c.unlocked}) {
            set->add_to(hash);
        }
        for (const AccessSet& set : c.of_location) set.add_to(hash);
    }
    for (const Location& location : locations_) {
        hash.add(location.messages.size());
        std::uint64_t all = 0;  // in whichever order they came
        for (const Message& each : location.messages) {
            Hash one;
            one.add(each.context);
            for (const std::uint16_t count : each.in_front) one.add(count);
            each.ordered.add_to(one);
            each.data.add_to(one);
            all += one.a;
        }
        hash.add(all);
        all = 0;
        for (const Access& each : location.accesses) {
            Hash one;
            one.add(each.context * 65536u + each.number);
            all += one.a;
        }
        hash.add(all);
    }
    for (const auto* queues : {&locks_, &groups_}) {
        for (const Queue& each : *queues) {
            for (const std::uint16_t count : each.in_front) hash.add(count);
            each.ordered.add_to(hash);
        }
    }
}

}  // namespace anypage::check
