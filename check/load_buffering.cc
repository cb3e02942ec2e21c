// What the models preserve of program order: of linux-kernel.cat to-r, to-w and fences; of C++ what
// acquire, release, fences and coherence order on every machine, and no dependencies.
#include "load_buffering.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace anypage::check {

namespace {

bool acquires(MemoryOrder order) {
    return order == MemoryOrder::acquire || order >= MemoryOrder::acq_rel;
}
bool releases(MemoryOrder order) { return order >= MemoryOrder::release; }

}  // namespace

void LoadBuffering::reset(Model model, bool thorough, unsigned contexts, unsigned locations,
                          unsigned locks) {
    model_ = model;
    thorough_ = thorough;
    contexts_.assign(contexts, {});
    for (Context& each : contexts_) {
        each.of_location.resize(locations);
        each.waited_for.resize(locations);
    }
    locations_.assign(locations, {});
    locks_.assign(locks, {});
    groups_.clear();
    fences_.clear();
    fenced_ = {};
    dependencies_.assign(1, {});
    hazard_.reset();
}

void LoadBuffering::meet(Clock& clock, const Clock& other) {
    for (std::size_t i = 0; i < other.size(); ++i) clock[i] = std::max(clock[i], other[i]);
}

const LoadBuffering::Message* LoadBuffering::message_of(unsigned location,
                                                        std::uint32_t serial) const {
    for (const Message& each : locations_[location].messages) {
        if (each.serial == serial) return &each;
    }
    return nullptr;
}

void LoadBuffering::order_all(Context& c) {
    c.before_all |= c.reads;
    c.before_all |= c.writes;
}

// Strong fences come one after the other everywhere: whoever comes later has the earlier ones in
// front of it. Those that it had not before might as well have come later. That is explored, so
// this one is after them for certain; what was in front of it, was so by some way that may preserve
// an order or may not. A fence that another value would have left out is after none for certain.
void LoadBuffering::come_after_fences(unsigned context) {
    if (!keeps_fences()) return;
    Context& c = changing(context);
    const Clock known = std::exchange(c.unfenced, std::nullopt).value_or(c.in_front);
    for (const StrongFence& each : fences_) {
        if (each.number >= known[each.context]) c.before_all |= each.ordered;
    }
    meet(c.in_front, fenced_);
    add_fence(context);
}

void LoadBuffering::add_fence(unsigned context) {
    if (!keeps_fences()) return;
    Context& c = contexts_[context];
    const unsigned number = c.accesses++;
    c.in_front[context] = static_cast<std::uint16_t>(c.accesses);
    meet(fenced_, c.in_front);
    fences_.push_back({context, number, c.before_all});
}

void LoadBuffering::access(unsigned context, const Op& op, const Choice& choice) {
    if (model_ == Model::sc || op.ghost) return;
    Context& c = changing(context);
    const bool kernel = model_ == Model::lkmm;
    const bool writes = op.kind == OpKind::store || (op.is_update() && op.succeeded);
    const bool failed = op.is_update() && !op.succeeded;
    const MemoryOrder written = failed ? op.failure : op.order;
    const MemoryOrder order = failed && kernel ? MemoryOrder::relaxed : written;
    const bool full = op.is_update() && !failed &&
                      (order == MemoryOrder::full || (kernel && order == MemoryOrder::seq_cst));
    if (full) {
        order_all(c);
        add_fence(context);
    }
    AccessSet before_read = c.before_all;
    before_read |= dependency(op.address_from);
    if (op.reads()) read(context, op, choice, before_read);
    AccessSet before = before_read;
    if (writes) {
        if (!op.unmarked) before |= before_write(c, op);
        look_for_hazard(context, op, before, choice);
        if (!thorough_) before_read = before;
    }

    if (full && keeps_fences()) {
        c.unfenced = c.in_front;
        meet(c.in_front, fenced_);
    }
    const unsigned number = c.accesses++;
    add_access(locations_[op.location], {context, number, op});
    c.in_front[context] = static_cast<std::uint16_t>(c.accesses);
    before_read.add(context, number);
    before.add(context, number);
    if (!op.unmarked) c.of_location[op.location] |= before;
    if (op.reads()) {
        c.reads |= before_read;
        if (op.returns) c.returning |= before_read;
        if (acquires(order)) c.before_all |= before_read;
    }
    if (writes) {
        c.writes |= before;
        AccessSet data = dependency(op.data_from);
        const bool computed = op.kind >= OpKind::fetch_add && op.kind <= OpKind::apply;
        if (computed) data |= before_read;
        locations_[op.location].messages.push_back(
            {op.made, context, c.in_front, before, data, false, {}});
    }
    if (full) order_all(c);
    if (op.brought != 0) {
        if (dependencies_.size() <= op.brought) dependencies_.resize(op.brought + 1u);
        dependencies_[op.brought] = op.unmarked ? AccessSet{} : before_read;
    }
}

void LoadBuffering::add_access(Location& location, const Access& access) {
    Hash hash;
    hash.add(access.context * 65536u + access.number);
    location.accesses_hash += hash.a;
    location.accesses.push_back(access);
}

void LoadBuffering::read(unsigned context, const Op& op, const Choice& choice, AccessSet& before) {
    Context& c = contexts_[context];
    if (thorough_ && op.is_update()) {
        // It might have read something else, and written.
        AccessSet if_other = before;
        if_other |= before_write(c, op);
        look_for_hazard(context, op, if_other, choice);
    }
    if (op.returns || model_ != Model::lkmm) before |= c.before_reads;
    look_for_early_read(context, op, before, choice);
    if (const Message* const seen = message_of(op.location, op.seen)) {
        meet(c.in_front, seen->in_front);
        before |= seen->context == context ? seen->data : seen->ordered;
    }
}

AccessSet LoadBuffering::before_write(const Context& c, const Op& op) const {
    AccessSet before = c.before_writes;
    before |= dependency(op.data_from);
    before |= c.of_location[op.location];
    if (releases(op.order)) {
        before |= c.reads;
        before |= c.writes;
    }
    return before;
}

void LoadBuffering::look_for_hazard(unsigned context, const Op& op, const AccessSet& ordered,
                                    const Choice& choice) {
    if (hazard_) return;
    const auto& explored = choice.may_precede;
    const auto is_explored = [&](const Op& earlier) {
        return earlier.kind == OpKind::store &&
               std::find(explored.begin(), explored.end(), earlier.made) != explored.end();
    };
    const Clock& in_front = contexts_[context].in_front;
    for (const Access& each : locations_[op.location].accesses) {
        if (each.context == context || each.number >= in_front[each.context]) continue;
        if (ordered.has(each.context, each.number) || is_explored(each.op)) continue;
        hazard_ = Hazard{each.op, op};
        return;
    }
}

// What strong fences have made known everywhere travels with every message, also with one that may
// have been written before its writer read of it: then this read might come before that, too.
void LoadBuffering::look_for_early_read(unsigned context, const Op& op, const AccessSet& ordered,
                                        const Choice& choice) {
    if (!thorough_ || hazard_ || model_ != Model::lkmm) return;
    if (choice.hides) hazard_ = Hazard{op, op};
    if (hazard_ || choice.oldest_readable == 0) return;
    if (contexts_[context].waited_for[op.location]) return;
    const Access* known = nullptr;
    for (const Access& each : locations_[op.location].accesses) {
        const bool of_it = each.op.seen == choice.oldest_readable ||
                           (each.op.writes() && each.op.made == choice.oldest_readable);
        if (!of_it) continue;
        if (each.context == context || ordered.has(each.context, each.number)) return;
        known = &each;
    }
    if (known != nullptr) hazard_ = Hazard{known->op, op};
}

void LoadBuffering::fence(unsigned context, const Op& op) {
    if (model_ == Model::sc) return;
    Context& c = changing(context);
    switch (op.fence) {
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
            if (model_ == Model::lkmm) {
                c.before_reads |= c.returning;
            } else {
                c.before_all |= c.reads;
            }
            return;
        case FenceKind::acquire:
            c.before_all |= c.reads;
            return;
        case FenceKind::smp_mb:
        case FenceKind::seq_cst:
        case FenceKind::after_unlock_lock:
            order_all(c);
            return come_after_fences(context);
        case FenceKind::membarrier:
        case FenceKind::membarrier_rseq:
            for (unsigned each = 0; each < contexts_.size(); ++each) order_all(changing(each));
            return;
    }
}

void LoadBuffering::full_barrier(unsigned context) { order_all(changing(context)); }

void LoadBuffering::look_past(unsigned context, unsigned location) {
    if (thorough_ && model_ != Model::sc) changing(context).waited_for[location] = true;
}

void LoadBuffering::lock(unsigned context, unsigned lock) {
    if (model_ == Model::sc) return;
    Context& c = changing(context);
    come_after(c, locks_[lock]);
    c.before_all |= c.unlocked;
}

void LoadBuffering::unlock(unsigned context, unsigned lock) {
    if (model_ == Model::sc) return;
    Context& c = changing(context);
    locks_[lock] = {};
    add_all(c, locks_[lock]);
    // In the kernel it is before what comes after a later lock of this context, whichever lock. Not
    // so a write before a read; that makes no difference where writes are what is looked for.
    if (model_ == Model::lkmm) c.unlocked = locks_[lock].ordered;
}

void LoadBuffering::add_all(const Context& c, Queue& queue) {
    meet(queue.in_front, c.in_front);
    queue.ordered |= c.before_all;
    queue.ordered |= c.reads;
    queue.ordered |= c.writes;
}

void LoadBuffering::come_after(Context& c, const Queue& queue) {
    meet(c.in_front, queue.in_front);
    c.before_all |= queue.ordered;
}

void LoadBuffering::hand_over(unsigned from, unsigned to) {
    if (model_ == Model::sc) return;
    full_barrier(from);
    Queue all;
    add_all(contexts_[from], all);
    come_after(changing(to), all);
    full_barrier(to);
}

void LoadBuffering::lead(unsigned context, unsigned group) {
    if (model_ == Model::sc) return;
    if (groups_.size() <= group) groups_.resize(group + 1);
    add_all(contexts_[context], groups_[group]);
}

void LoadBuffering::follow(unsigned context, unsigned group) {
    if (model_ == Model::sc || groups_.size() <= group) return;
    come_after(changing(context), groups_[group]);
}

void LoadBuffering::join(DependencyId made, DependencyId one, DependencyId other) {
    if (dependencies_.size() <= made) dependencies_.resize(made + 1u);
    AccessSet both = dependency(one);
    both |= dependency(other);
    dependencies_[made] = both;
}

void LoadBuffering::add(Hash& hash, const Clock& clock) {
    std::array<std::uint64_t, sizeof(Clock) / sizeof(std::uint64_t)> words;
    std::memcpy(words.data(), clock.data(), sizeof words);
    for (const std::uint64_t word : words) hash.add(word);
}

Hash LoadBuffering::hash_of(const Context& c) {
    Hash hash;
    add(hash, c.in_front);
    if (c.unfenced) add(hash, *c.unfenced);
    hash.add(c.unfenced ? 1 : 0);
    for (const AccessSet* set : {&c.before_all, &c.before_reads, &c.before_writes, &c.reads,
                                 &c.returning, &c.writes, &c.unlocked}) {
        set->add_to(hash);
    }
    for (const AccessSet& set : c.of_location) set.add_to(hash);
    for (const bool waited : c.waited_for) hash.add(waited ? 1 : 0);
    return hash;
}

Hash LoadBuffering::hash_of(const Message& message) {
    Hash hash;
    hash.add(message.context);
    add(hash, message.in_front);
    message.ordered.add_to(hash);
    message.data.add_to(hash);
    return hash;
}

// Which message of Memory's is which is told by their order: two may have the same value there, and
// other accesses in front of them here.
void LoadBuffering::add_to(Hash& hash, const Memory& memory) {
    if (model_ == Model::sc) return;
    for (Context& c : contexts_) {
        if (!c.hashed) c.hash = hash_of(c);
        c.hashed = true;
        hash.add(c.hash);
    }
    for (unsigned location = 0; location < locations_.size(); ++location) {
        memory.for_each_told(location, [&](std::uint32_t serial) {
            const Message* const message = message_of(location, serial);
            if (message == nullptr) return hash.add(0);
            if (!message->hashed) message->hash = hash_of(*message);
            message->hashed = true;
            hash.add(message->hash);
        });
        hash.add(locations_[location].accesses_hash);
    }
    std::uint64_t fences = 0;
    for (const StrongFence& each : fences_) {
        Hash one;
        one.add(each.context * 65536u + each.number);
        each.ordered.add_to(one);
        fences += one.a;
    }
    hash.add(fences);
    add(hash, fenced_);
    for (const auto* queues : {&locks_, &groups_}) {
        for (const Queue& each : *queues) {
            add(hash, each.in_front);
            each.ordered.add_to(hash);
        }
    }
}

}  // namespace anypage::check
