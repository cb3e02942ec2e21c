// An execution as contexts see it: the World's operations, most of which are choice points.
#include <algorithm>
#include <cstring>

#include "execution.hpp"

namespace anypage::check {

namespace {
constexpr unsigned unseen_steps_max = 1'000'000;
constexpr unsigned restarts_max = 2;  // of a section, before it is refused

/// An operation that another one has in itself.
Op implied_by(const Op& op, OpKind kind) {
    Op implied;
    implied.kind = kind;
    implied.at = op.at;
    implied.implied = true;
    return implied;
}

std::uint64_t load_bytes(const void* address, unsigned bytes) {
    std::uint64_t value = 0;
    std::memcpy(&value, address, bytes);
    return value;
}
}  // namespace

CpuId Execution::cpu() {
    if (running_ < 0) return CpuId{0};
    const auto own = static_cast<unsigned>(running_);
    if (!machine_.is_movable(own)) return CpuId{machine_.cpu(own)};
    Op op;
    op.kind = OpKind::which_cpu;
    op.implied = true;
    operate(op);
    return CpuId{static_cast<unsigned>(op.result)};
}

Execution::Location& Execution::locate(const Op& op, const void* address) {
    return location_at(region_.offset(address), op.bytes, op.ghost);
}

Execution::Location& Execution::location_at(std::size_t offset, std::uint8_t bytes, bool ghost) {
    std::uint16_t& entry = by_offset_[offset / 4];
    if (entry == 0) {
        Location location;
        location.offset = offset;
        location.bytes = bytes;
        location.ghost = ghost;
        table_.push_back(location);
        entry = static_cast<std::uint16_t>(table_.size());
    }
    return table_[entry - 1u];
}

void Execution::share_if_used(Location& location) {
    const bool alone = (location.users & (location.users - 1u)) == 0;
    const bool seen_by_others = location.writers != 0 && !alone;
    if (location.shared || (!seen_by_others && !config_.all_shared)) return;
    location.shared = true;
    needs_restart_ = true;
}

// Before and after the contexts run, and where only one of them looks.
void Execution::direct(Op& op, void* address) {
    op.result = load_bytes(address, op.bytes);
    op.succeeded = op.writes_over(op.result);
    if (!op.writes() || !op.succeeded) return;
    const std::uint64_t value = op.updated(op.result) & value_mask(op.bytes);
    std::memcpy(address, &value, op.bytes);
}

void Execution::access(Op& op, const void* address) {
    void* const place = const_cast<void*>(address);
    if (running_ < 0) return direct(op, place);
    mutate(op);
    if (!region_.contains(address)) {
        fail(world_alone, "an atomic outside of the scenario's memory is used: make it in Setup");
    }
    Location& location = locate(op, address);
    if (location.bytes != op.bytes) {
        fail(world_alone, "a location is accessed in two sizes, which no model here covers");
    }
    const auto user = static_cast<std::uint16_t>(1u << running_);
    location.users |= user;
    if (op.writes()) location.writers |= user;
    if (location.shared && location.index < shared_.size() &&
        shared_[location.index] == &location - table_.data()) {
        op.location = location.index;
        operate(op);
        if (op.is_update()) barrier_after(op);
        return;
    }
    share_if_used(location);
    // Known only now to be shared: this execution goes on to learn more, and then counts for
    // nothing.
    ContextState& state = states_[static_cast<unsigned>(running_)];
    if (++state.unseen_steps > unseen_steps_max) limit_hit_ = true;
    if (limit_hit_) return yield();
    state.last_store = {};
    if (op.writes()) state.last_store = {place, load_bytes(place, op.bytes), op.bytes};
    direct(op, place);
    barrier_after(op);
}

/// In the kernel what is seq_cst is a full barrier, too, wherever it goes. That of an update which
/// succeeds is in front of it, in its own step (Memory::perform), and behind it, a step of its own:
/// others may have seen what it wrote. One after another adds nothing.
void Execution::barrier_after(const Op& op) {
    if (config_.model != Model::lkmm || op.order < MemoryOrder::seq_cst || op.ghost) return;
    if (!op.succeeded) return;
    if (running_ >= 0 && states_[static_cast<unsigned>(running_)].has_barrier) return;
    Op barrier = implied_by(op, OpKind::fence);
    barrier.fence = FenceKind::smp_mb;
    operate(barrier);
}

void Execution::operate(Op& op) {
    if (running_ < 0) {
        op.succeeded = true;
        return;
    }
    if (!op.is_memory() && !op.implied && !mutate(op)) return;
    ContextState& state = states_[static_cast<unsigned>(running_)];
    if (op.kind != OpKind::choose) intrude();
    // What only says that more or less may come in between need not be a step of its own; but for a
    // signal handler, which may come before it too, and then waits with interrupts off.
    const bool enables = op.kind == OpKind::irq_restore || op.kind == OpKind::preempt_enable ||
                         op.kind == OpKind::migrate_enable || op.kind == OpKind::softirq_enable;
    const bool disables = op.kind == OpKind::irq_save || op.kind == OpKind::preempt_disable ||
                          op.kind == OpKind::migrate_disable || op.kind == OpKind::softirq_disable;
    const auto context = static_cast<unsigned>(running_);
    const bool runs = machine_.status(context) == Machine::Status::active;
    if ((enables && runs && !machine_.may_be_signalled(context)) ||
        (disables && !machine_.shares_cpu(context) && runs)) {
        machine_.perform(context, op);
        return;
    }
    if (op.kind != OpKind::note) state.last_store = {};
    state.pending = op;
    yield();
    if (restart_section(state)) throw Restart{};
    op = state.pending;
}

void Execution::begin_section() {
    if (running_ < 0) return;
    const auto own = static_cast<unsigned>(running_);
    // An interrupt handler's comes in between another one of its CPU.
    if (machine_.is_interrupt(own)) restart_those_of_cpu(own);
    ContextState& state = states_[own];
    state.in_section = true;
    state.last_store = {};
    state.before_section = state.history;
    state.brought_before_section = state.brought.size();
}

bool Execution::refuses_section() const {
    if (running_ < 0) return false;
    const auto own = static_cast<unsigned>(running_);
    // As a machine's limit does. Each time that it begins again is like the one before, but its
    // stores would pile up.
    if (states_[own].restarted >= restarts_max) return true;
    return (setup_.contexts[own].refused_sections >> std::min(states_[own].sections, 63u) & 1) != 0;
}

// What it did last may be no choice point; then it can begin again here, as if that had not come.
// Where nobody else has its CPU, that is as if the whole section had come later.
void Execution::end_section() {
    if (running_ < 0) return;
    const auto own = static_cast<unsigned>(running_);
    ContextState& state = states_[own];
    if (state.unseen_steps != 0 && machine_.shares_cpu(own)) {
        Op end;
        end.kind = OpKind::note;
        end.text = "leaves its section";
        end.implied = true;
        operate(end);
    }
    state.in_section = false;
    ++state.sections;
    state.restarted = 0;
}

/// What it has read since it began is forgotten, but for what it has learnt of memory by that.
bool Execution::restart_section(ContextState& state) {
    if (!state.restarts) return false;
    const auto& [place, before, bytes] = state.last_store;
    if (place != nullptr) std::memcpy(place, &before, bytes);
    state.last_store = {};
    state.restarts = false;
    state.in_section = false;
    state.restarted = std::min(state.restarted + 1, restarts_max);
    state.history = state.before_section;
    state.brought.resize(state.brought_before_section);
    return true;
}

/// Sections of a CPU come one after the other, and none of them sees less than the one before: in
/// the kernel's model all contexts of a CPU are one already, in C++'s they are not.
void Execution::follow_cpu(unsigned context) {
    if (config_.model != Model::rc11 || !states_[context].in_section) return;
    memory_.follow(memory_of(context), machine_.cpu(context));
    if (config_.load_buffering) {
        load_buffering_.follow(memory_of(context), machine_.cpu(context));
    }
}

void Execution::lead_cpu(unsigned context) {
    if (config_.model != Model::rc11) return;
    memory_.lead(memory_of(context), machine_.cpu(context));
    if (config_.load_buffering) load_buffering_.lead(memory_of(context), machine_.cpu(context));
}

/// Of the contexts whose CPU this one takes. An interrupt alone does no harm: the kernel looks when
/// a thread is preempted, or a signal comes to it.
void Execution::restart_sections(unsigned by) {
    if (!machine_.is_interrupt(by)) restart_those_of_cpu(by);
}

void Execution::restart_those_of_cpu(unsigned by) {
    for (unsigned c = 0; c < states_.size(); ++c) {
        if (c == by || machine_.cpu(c) != machine_.cpu(by)) continue;
        states_[c].restarts = states_[c].in_section;
    }
}

void Execution::intrude() {
    const auto context = static_cast<unsigned>(running_);
    ContextState& state = states_[context];
    const ContextSpec& spec = setup_.contexts[context];
    if (!spec.intrusion || state.intruded) return;
    const bool inside =
        std::any_of(state.places.begin(), state.places.end(),
                    [&](const char* place) { return spec.intrusion_place == place; });
    if (!inside) return;
    Op op;
    op.kind = OpKind::choose;
    op.a = 2;
    operate(op);
    if (op.result == 0) return;
    state.intruded = true;
    spec.intrusion();
}

bool Execution::mutate(Op& op) {
    if (config_.sites != nullptr) config_.sites->insert(site_of(op));
    if (config_.mutation == nullptr) return true;
    if (!mutate(op, *config_.mutation)) return false;
    for (const Mutation& each : config_.mutation->others) {
        if (!mutate(op, each)) return false;
    }
    return true;
}

bool Execution::mutate(Op& op, const Mutation& mutation) {
    if (!mutation.is_at(op)) return true;
    switch (mutation.what) {
        case Mutation::What::removed:
            return false;
        case Mutation::What::orders:
            op.order = mutation.order;
            op.failure = mutation.failure;
            return true;
        case Mutation::What::barrier_before: {
            Op barrier = implied_by(op, OpKind::fence);
            barrier.fence = FenceKind::smp_mb;
            operate(barrier);
            return true;
        }
        case Mutation::What::lock_before:
            if (mutation.lock >= lock_infos_.size()) return true;
            for (const OpKind kind : {OpKind::lock, OpKind::unlock}) {
                Op step = implied_by(op, kind);
                lock(step, lock_infos_[mutation.lock]);
            }
            return true;
    }
    return true;
}

void Execution::yield() { states_[static_cast<unsigned>(running_)].fiber->yield(); }

std::uint16_t Execution::number_of_lock(const LockInfo& info) {
    const auto [entry, fresh] =
        locks_.try_emplace(info.address, static_cast<std::uint16_t>(locks_.size()));
    if (fresh) {
        lock_infos_.push_back(info);
        machine_.add_lock();
        memory_.add_lock();
        load_buffering_.add_lock();
        needs_restart_ = true;
    }
    lock_infos_[entry->second] = info;  // it may be known by its address alone
    return entry->second;
}

void Execution::lock(Op& op, const LockInfo& info) {
    if (running_ < 0) {
        op.succeeded = true;
        return;
    }
    op.location = number_of_lock(info);
    op.ghost = info.sleeps;  // of a lock: its waiters sleep
    op.text = info.name;
    operate(op);
}

void Execution::settle(std::uint64_t key) {
    if (running_ < 0) return;
    ContextState& state = states_[static_cast<unsigned>(running_)];
    state.history = {};
    state.history.add(key);
}

void Execution::require(bool holds, const char* property, const char* cause) {
    if (!holds) fail(property, cause);
}

void Execution::fail(const char* property, std::string cause) {
    if (!violation_) violation_ = Violation{property, std::move(cause)};
    if (running_ < 0 && started_) return;
    if (running_ >= 0) {
        for (;;) yield();  // nobody resumes it
    }
}

int& Execution::printk_deferrals() {
    static int outside = 0;
    return running_ < 0 ? outside : states_[static_cast<unsigned>(running_)].printk_deferrals;
}

void Execution::name(const void* address, const char* text, std::size_t stride) {
    if (region_.contains(address)) setup_.name(address, text, stride);
}

unsigned Execution::enter_loop() {
    if (running_ < 0) return 0;
    auto& watches = states_[static_cast<unsigned>(running_)].watches;
    watches.emplace_back();
    watches.back().before = states_[static_cast<unsigned>(running_)].history;
    return static_cast<unsigned>(watches.size() - 1);
}
void Execution::settle_loop(unsigned loop, std::uint64_t key) {
    if (running_ < 0) return;
    ContextState& state = states_[static_cast<unsigned>(running_)];
    state.history = state.watches[loop].before;
    state.history.add(key);
    state.history.add(loop);
    // What was read before this round began can keep nobody waiting.
    end_round(state, state.watches[loop]);
}

void Execution::leave_loop() {
    if (running_ >= 0) states_[static_cast<unsigned>(running_)].watches.pop_back();
}

int& Execution::data_races() {
    static int outside = 0;
    return running_ < 0 ? outside : states_[static_cast<unsigned>(running_)].data_races;
}

void Execution::disable_softirqs(std::source_location at) {
    if (running_ < 0) return;
    Op op;
    op.at = at;
    op.kind = OpKind::softirq_disable;
    if (config_.preemption != Preemption::rt) return operate(op);
    if (states_[static_cast<unsigned>(running_)].softirqs_off++ != 0) return;
    op.kind = OpKind::lock;
    lock(op, {&softirq_locks_[cpu().value], true, "softirq_ctrl.lock"});
}

void Execution::enable_softirqs(std::source_location at) {
    if (running_ < 0) return;
    Op op;
    op.at = at;
    op.kind = OpKind::softirq_enable;
    if (config_.preemption != Preemption::rt) return operate(op);
    if (--states_[static_cast<unsigned>(running_)].softirqs_off != 0) return;
    op.kind = OpKind::unlock;
    lock(op, {&softirq_locks_[cpu().value], true, "softirq_ctrl.lock"});
}

bool& Execution::printing() { return states_[static_cast<unsigned>(running_)].printing; }

void Execution::place(const char* word) {
    if (running_ >= 0) states_[static_cast<unsigned>(running_)].places.push_back(word);
}
void Execution::leave_place() {
    if (running_ >= 0) states_[static_cast<unsigned>(running_)].places.pop_back();
}

}  // namespace anypage::check
