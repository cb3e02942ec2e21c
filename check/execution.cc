// An execution's steps: from what a context is about to do to what it has done.
#include "execution.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace anypage::check {

namespace {

thread_local Execution* current_execution = nullptr;

std::uint64_t load_bytes(const void* address, unsigned bytes) {
    std::uint64_t value = 0;
    std::memcpy(&value, address, bytes);
    return value;
}

}  // namespace

Execution* Execution::current() { return current_execution; }

Execution::Execution(const ExecutionConfig& config, const Scenario& scenario)
    : config_(config), setup_(region_) {
    current_execution = this;
    memory_.keep_dependencies(config.dependencies);
    by_offset_.resize(Region::bytes_max / 4);
    scenario(setup_);
    states_.resize(setup_.contexts.size());
    for (unsigned i = 0; i < states_.size(); ++i) {
        states_[i].fiber = std::make_unique<Fiber>();
        states_[i].body = [this, i] { run_context(i); };
    }
    for (const ContextSpec& each : setup_.contexts) {
        const unsigned moves_below = static_cast<unsigned>(std::bit_width(each.may_move_to));
        memory_contexts_ = std::max({memory_contexts_, each.cpu + 1, moves_below});
    }
    if (config.model != Model::lkmm) memory_contexts_ = static_cast<unsigned>(states_.size());
    region_.keep_image();
}

Execution::~Execution() { current_execution = nullptr; }

void Execution::reset() {
    current_execution = this;
    region_.restore_image();
    const auto contexts = static_cast<unsigned>(states_.size());
    // One CPU sees its own order: nothing is weak there.
    const Model model = memory_contexts_ == 1 ? Model::sc : config_.model;
    const auto locations = static_cast<unsigned>(shared_.size());
    const auto locks = static_cast<unsigned>(locks_.size());
    memory_.reset(model, memory_contexts_, locations, locks);
    load_buffering_.reset(config_.load_buffering ? model : Model::sc, config_.dependencies,
                          memory_contexts_, locations, locks);
    for (unsigned i = 0; i < shared_.size(); ++i) {
        const Location& location = table_[shared_[i]];
        memory_.begin(i, load_bytes(region_.at(location.offset), location.bytes), location.ghost);
    }
    machine_.reset(config_.preemption, config_.throttling, setup_.contexts,
                   static_cast<unsigned>(locks_.size()));
    violation_.reset();
    limit_hit_ = too_many_locations_;
    last_ = -1;
    events_.clear();
    for (unsigned i = 0; i < contexts; ++i) {
        ContextState& state = states_[i];
        state.history = {};
        state.brought.clear();
        state.watches.assign(1, {});
        state.places.clear();
        state.steps = 0;
        state.written_rounds = 0;
        state.has_barrier = false;
        state.intruded = false;
        state.printk_deferrals = 0;
        state.printing = false;
        state.data_races = 0;
        state.softirqs_off = 0;
        state.in_section = false;
        state.sections = 0;
        state.restarted = 0;
        state.restarts = false;
        state.pending = {};
        state.fiber->start(state.body);
    }
    started_ = true;
    for (unsigned i = 0; i < contexts && !violation_; ++i) run_to_next_operation(i);
}

void Execution::restart() {
    needs_restart_ = false;
    shared_.clear();
    for (unsigned i = 0; i < table_.size(); ++i) {
        if (table_[i].shared) shared_.push_back(static_cast<std::uint16_t>(i));
    }
    std::sort(shared_.begin(), shared_.end(), [&](std::uint16_t one, std::uint16_t other) {
        return table_[one].offset < table_[other].offset;
    });
    too_many_locations_ = shared_.size() > locations_max;
    if (too_many_locations_) shared_.resize(locations_max);
    for (unsigned i = 0; i < shared_.size(); ++i) {
        table_[shared_[i]].index = static_cast<std::uint16_t>(i);
    }
    shared_count_ = shared_.size();
}

void Execution::run_context(unsigned context) {
    const ContextSpec& spec = setup_.contexts[context];
    const bool locks = spec.kind == ContextKind::softirq && config_.preemption == Preemption::rt;
    if (locks) disable_softirqs({});
    spec.run();
    if (locks) enable_softirqs({});
}

// The context runs to its next operation, or to its end.
void Execution::run_to_next_operation(unsigned context) {
    ContextState& state = states_[context];
    state.unseen_steps = 0;
    running_ = static_cast<int>(context);
    state.fiber->resume();
    running_ = -1;
    if (state.fiber->finished()) {
        machine_.finish(context);
    } else if (!violation_) {
        announce(context);
    }
}

void Execution::announce(unsigned context) {
    const Op& op = states_[context].pending;
    Machine::Pending pending;
    pending.kind = op.kind;
    pending.lock = op.location;
    pending.lock_sleeps = op.is_lock() && op.ghost;  // see lock()
    // Whoever waits here would come by its cond_resched again.
    if (op.kind == OpKind::pause && states_[context].watches[op.a].lets_go != OpKind::load) {
        pending.kind = states_[context].watches[op.a].lets_go;
    }
    machine_.set_pending(context, pending);
}

bool Execution::is_parked(unsigned context) const {
    const ContextState& state = states_[context];
    if (state.pending.kind != OpKind::pause) return false;
    const Watch& watch = state.watches[state.pending.a];
    return !watch.wrote && news(watch) == 0;
}

unsigned Execution::news(const Watch& watch) const {
    unsigned count = 0;
    for (const auto& each : watch.read) count += memory_.has_news(each.location, each.seen) ? 1 : 0;
    return count;
}

unsigned Execution::ways(unsigned context) const {
    const ContextState& state = states_[context];
    const Op& op = state.pending;
    if (state.restarts) return 1;
    if (op.kind == OpKind::choose) return static_cast<unsigned>(op.a);
    if (op.kind != OpKind::pause) return memory_.ways(memory_of(context), op);
    const Watch& watch = state.watches[op.a];
    if (watch.wrote || config_.model == Model::sc) return 1;
    return news(watch);
}

const std::vector<Transition>& Execution::transitions() {
    transitions_.clear();
    if (violation_ || limit_hit_) return transitions_;
    for (unsigned c = 0; c < states_.size(); ++c) {
        if (states_[c].pending.kind == OpKind::pause) machine_.set_parked(c, is_parked(c));
    }
    for (unsigned c = 0; c < states_.size(); ++c) follow_cpu(c);
    const int chooser = who_chooses();
    for (unsigned c = 0; c < states_.size(); ++c) {
        if (chooser >= 0 && chooser != static_cast<int>(c)) continue;
        const bool begins = only_begins(c);
        if (!begins && !machine_.may_step(c)) continue;
        const unsigned count = begins ? 1 : ways(c);
        if (count > way_to_move) limit_hit_ = true;
        for (unsigned way = 0; way < count; ++way) {
            Transition transition;
            transition.context = static_cast<std::uint8_t>(c);
            transition.way = static_cast<std::uint8_t>(way);
            const bool switches =
                last_ >= 0 && last_ != static_cast<int>(c) &&
                machine_.status(static_cast<unsigned>(last_)) != Machine::Status::finished;
            transition.cost = static_cast<std::uint16_t>((switches ? 1 : 0) + (way != 0 ? 1 : 0));
            transitions_.push_back(transition);
        }
    }
    if (chooser < 0) add_moves();
    if (chooser < 0) check_stuck();  // otherwise these are not all
    return transitions_;
}

/// Whoever is about to choose does so first: nobody else notices. -1: nobody is.
int Execution::who_chooses() const {
    for (unsigned c = 0; c < states_.size(); ++c) {
        if (states_[c].pending.kind != OpKind::choose) continue;
        const bool runs = machine_.status(c) == Machine::Status::active;
        if (runs && machine_.may_step(c) && !only_begins(c)) return static_cast<int>(c);
    }
    return -1;
}

/// Is its next step to get its CPU, or to begin to wait? In the kernel getting it is one always:
/// its barrier may come long before what the thread does then.
bool Execution::only_begins(unsigned context) const {
    if (!machine_.may_begin(context)) return false;
    const bool orders =
        config_.model == Model::lkmm && memory_contexts_ > 1 && machine_.shares_cpu(context);
    return orders || !machine_.may_step(context);
}

void Execution::begin(unsigned context) {
    const bool starts = machine_.status(context) == Machine::Status::fresh;
    if (machine_.take_cpu(context, false)) full_barrier(context);
    last_ = static_cast<int>(context);
    restart_sections(context);
    if (traces_ && machine_.waits_for_lock(context)) {
        note_event(context, 0);
        Event& event = events_.back();
        event.op.kind = OpKind::note;
        event.location = "waits for " + event.location;
        event.starts = starts;
    }
    if (const char* wrong = machine_.begin(context)) fail_step(context, wrong);
}

void Execution::fail_step(unsigned context, const char* wrong) {
    const Op& op = states_[context].pending;
    violation_ = Violation{"every context may do what it does", wrong};
    violation_->cause += std::string(": ") + (op.text != nullptr ? op.text : "");
}

void Execution::step(Transition transition) {
    const unsigned context = transition.context;
    ContextState& state = states_[context];
    if (transition.way >= way_to_move) return move(context, transition.way - way_to_move);
    if (state.pending.kind == OpKind::pause) machine_.set_parked(context, is_parked(context));
    if (only_begins(context)) return begin(context);
    const bool starts = machine_.status(context) == Machine::Status::fresh;
    follow_cpu(context);
    if (machine_.take_cpu(context)) full_barrier(context);
    last_ = static_cast<int>(context);
    restart_sections(context);
    if (state.restarts) state.pending.kind = OpKind::restart;
    if (++state.steps > config_.steps_max) {
        limit_hit_ = true;
        return;
    }
    if (traces_) {
        note_event(context, transition.way);
        events_.back().starts = starts;
    }
    const std::size_t event = events_.size();
    const std::optional<Violation> race = data_race(context);  // before views move
    perform(context, transition.way);
    if (race && !violation_) violation_ = race;
    if (traces_) events_[event - 1].op = state.pending;
    if (violation_ || limit_hit_) return;
    run_to_next_operation(context);
    if (traces_ && state.fiber->finished()) events_[event - 1].ends = true;
}

// schedule() contains one.
void Execution::full_barrier(unsigned context) {
    if (config_.model != Model::lkmm) return;
    memory_.full_barrier(memory_of(context));
    load_buffering_.full_barrier(memory_of(context));
}

bool Execution::ends_with_barrier(const Op& op) {
    if (op.kind == OpKind::fence) {
        return op.fence == FenceKind::smp_mb || op.fence == FenceKind::seq_cst;
    }
    return false;
}

void Execution::perform(unsigned context, unsigned way) {
    ContextState& state = states_[context];
    Op& op = state.pending;
    state.history.add(static_cast<std::uint64_t>(op.kind) + 1);
    if (op.kind == OpKind::pause) return perform_pause(context, way);
    if (op.kind == OpKind::restart) return;
    if (op.kind == OpKind::choose) {
        op.result = way;
    } else if (op.kind == OpKind::which_cpu) {
        op.result = machine_.cpu(context);
    } else if (op.is_memory() || op.kind == OpKind::fence) {
        LoadBuffering::Choice choice;
        if (config_.load_buffering && op.is_memory()) {
            choice.may_precede = memory_.may_precede(memory_of(context), op);
            choice.oldest_readable = memory_.oldest_readable(memory_of(context), op);
            choice.hides = memory_.hides(memory_of(context), op);
        }
        if (!memory_.perform(memory_of(context), op, way)) limit_hit_ = true;
        if (op.kind == OpKind::fence) {
            load_buffering_.fence(memory_of(context), op);
            if (op.fence == FenceKind::membarrier_rseq) {
                for (ContextState& each : states_) each.restarts = each.in_section;
            }
        } else {
            load_buffering_.access(memory_of(context), op, choice);
        }
        if (!op.ghost) state.has_barrier = ends_with_barrier(op);
        if (op.is_memory() && !op.ghost) watch(state, op);
        if (state.in_section) lead_cpu(context);
    } else {
        if (op.kind == OpKind::resched || op.kind == OpKind::sleep) {
            for (Watch& each : state.watches) {
                if (each.lets_go != OpKind::sleep) each.lets_go = op.kind;
            }
        }
        state.has_barrier = false;
        if (op.kind == OpKind::try_lock) op.succeeded = machine_.holder(op.location) < 0;
        if (const char* wrong = machine_.perform(context, op)) {
            return fail_step(context, wrong);
        }
        if (op.kind == OpKind::lock || (op.kind == OpKind::try_lock && op.succeeded)) {
            memory_.lock(memory_of(context), op.location);
            load_buffering_.lock(memory_of(context), op.location);
        } else if (op.kind == OpKind::unlock) {
            memory_.unlock(memory_of(context), op.location);
            load_buffering_.unlock(memory_of(context), op.location);
        }
    }
    state.history.add(op.result);
    state.history.add(op.succeeded ? 1 : 0);
    if (op.brought != 0) state.brought.push_back(op.brought);
}

void Execution::perform_pause(unsigned context, unsigned way) {
    ContextState& state = states_[context];
    Watch& watch = state.watches[state.pending.a];
    if (!watch.wrote) {
        unsigned left = way;
        for (const auto& each : watch.read) {
            if (!memory_.has_news(each.location, each.seen) || left-- != 0) continue;
            memory_.look_past(memory_of(context), each.location, each.seen);
            load_buffering_.look_past(memory_of(context), each.location);
            break;
        }
    }
    end_round(state, watch);
    watch.lets_go = {};
}

void Execution::end_round(ContextState& state, Watch& watch) {
    if (watch.wrote) ++state.written_rounds;
    watch.read.clear();
    watch.wrote = false;
}

void Execution::watch(ContextState& state, const Op& op) {
    const bool wrote = op.writes() && (op.kind == OpKind::store || op.succeeded);
    for (Watch& each : state.watches) {
        each.wrote = each.wrote || wrote;
        if (!op.reads()) continue;
        // What was read first stays: had it been newer, this round might have gone otherwise.
        const bool known = std::any_of(each.read.begin(), each.read.end(), [&](const auto& read) {
            return read.location == op.location;
        });
        if (!known) each.read.push_back({op.location, op.seen});
    }
}

void Execution::finish() {
    if (violation_ || limit_hit_ || !setup_.after_run) return;
    for (const std::uint16_t entry : shared_) {
        const Location& location = table_[entry];
        const std::uint64_t value = memory_.newest(location.index);
        std::memcpy(region_.at(location.offset), &value, location.bytes);
    }
    started_ = false;
    setup_.after_run();
    started_ = true;
}

DependencyId Execution::join(DependencyId one, DependencyId other) {
    const DependencyId made = memory_.join(one, other);
    if (made != one && made != other) load_buffering_.join(made, one, other);
    return made;
}

}  // namespace anypage::check
