// Threads that are moved to other CPUs: which may be, and what becomes of them.
#include "execution.hpp"

namespace anypage::check {

bool Machine::may_move(unsigned context, unsigned cpu) {
    const ContextSpec& spec = (*specs_)[context];
    ContextState& state = states_[context];
    if ((spec.may_move_to >> cpu & 1) == 0 || cpu == state.cpu) return false;
    if (spec.kind == ContextKind::signal || state.interrupt) return false;
    if (!is_live(static_cast<int>(context)) && state.status != Status::fresh) return false;
    if (!spec.starts_by_itself && state.status == Status::fresh) return false;
    if (!is_ready(innermost(context)) || state.migrate_off > 0) return false;
    if (is_atomic(context) || is_atomic(innermost(context))) return false;
    const Cpu& from = cpu_of(context);
    const bool runs = from.current == static_cast<int>(context);
    if (runs && (!from.interrupts.empty() || !is_preemptible(context))) return false;
    if (!cpus_[cpu].interrupts.empty()) return false;
    const std::uint8_t before = state.cpu;
    state.cpu = static_cast<std::uint8_t>(cpu);
    const bool may = may_be_current(context);
    state.cpu = before;
    return may;
}

void Machine::move(unsigned context, unsigned cpu) {
    Cpu& from = cpu_of(context);
    if (from.current == static_cast<int>(context)) from.current = -1;
    states_[context].cpu = static_cast<std::uint8_t>(cpu);
    if (states_[context].status == Status::fresh) states_[context].status = Status::active;
    Cpu& to = cpu_of(context);
    to.current = static_cast<std::int8_t>(context);
    to.ran = true;
    to.idle = true;
}

void Execution::add_moves() {
    for (unsigned c = 0; c < states_.size(); ++c) {
        if (!machine_.is_movable(c)) continue;
        for (unsigned cpu = 0; cpu < cpus_max; ++cpu) {
            if (!machine_.may_move(c, cpu)) continue;
            transitions_.push_back(
                {static_cast<std::uint8_t>(c), static_cast<std::uint8_t>(way_to_move + cpu), 1});
        }
    }
}

void Execution::move(unsigned context, unsigned cpu) {
    const bool starts = machine_.status(context) == Machine::Status::fresh;
    for (unsigned c = 0; c < states_.size(); ++c) {
        if (machine_.thread_of(c) == context) states_[c].restarts |= states_[c].in_section;
    }
    const unsigned from = memory_of(context);
    machine_.move(context, cpu);
    if (config_.model == Model::lkmm) {
        memory_.hand_over(from, memory_of(context));
        load_buffering_.hand_over(from, memory_of(context));
    }
    last_ = static_cast<int>(context);
    restart_sections(context);
    if (!traces_) return;
    note_event(context, 0);
    Event& event = events_.back();
    event.op.kind = OpKind::note;
    event.location = "is moved to CPU" + std::to_string(cpu);
    event.starts = starts;
}

}  // namespace anypage::check
