// Who is stuck, and why: a state in which nobody may go on although somebody has to.
#include <algorithm>

#include "execution.hpp"

namespace anypage::check {

namespace {

std::string capital(std::string text) {
    if (!text.empty())
        text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text;
}

}  // namespace

// Contexts that may never run again do not count as going on, nor do handlers that may never come.
void Execution::check_stuck() {
    const auto& specs = setup_.contexts;
    const bool goes_on =
        std::any_of(transitions_.begin(), transitions_.end(), [&](const Transition& each) {
            const ContextSpec& spec = specs[each.context];
            const bool comes =
                spec.starts_by_itself || machine_.status(each.context) == Machine::Status::active;
            return comes && !spec.may_stall;
        });
    if (goes_on) return;
    std::vector<unsigned> stuck;
    for (unsigned c = 0; c < specs.size(); ++c) {
        const auto status = machine_.status(c);
        const bool must_run = status == Machine::Status::active ||
                              (status == Machine::Status::fresh && specs[c].starts_by_itself);
        if (must_run && !specs[c].may_wait && !specs[c].may_stall) stuck.push_back(c);
    }
    if (stuck.empty()) return;
    // Who waits for its CPU alone is as stuck as whoever has it.
    const bool spins = std::any_of(stuck.begin(), stuck.end(), [&](unsigned c) {
        return states_[c].pending.kind == OpKind::pause;
    });
    violation_ = Violation{spins ? "no livelock" : "no deadlock", explain_stuck(stuck)};
    transitions_.clear();
}

// One sentence for each that waits; those whose CPU it keeps are named in it.
std::string Execution::explain_stuck(const std::vector<unsigned>& stuck) const {
    const auto& specs = setup_.contexts;
    const auto cpu_name = [&](unsigned c) { return "CPU" + std::to_string(machine_.cpu(c)); };
    const auto waits = [&](unsigned c) {
        return machine_.waits_for_lock(c) || states_[c].pending.kind == OpKind::pause;
    };
    std::string text;
    const auto say = [&](const std::string& sentence) {
        text += (text.empty() ? "" : " ") + capital(sentence) + ".";
    };
    for (const unsigned c : stuck) {
        if (!waits(c)) continue;
        const ContextState& state = states_[c];
        std::string sentence = "the " + specs[c].name + " ";
        if (machine_.waits_for_lock(c)) {
            const int holder = machine_.holder(state.pending.location);
            sentence += std::string("waits for ") + state.pending.text + ", which " +
                        (holder == static_cast<int>(c)
                             ? std::string("it holds itself")
                             : "the " + specs[static_cast<unsigned>(holder)].name + " holds");
        } else if (state.places.empty()) {
            sentence += "goes round for ever: nothing that it reads will change";
        } else {
            sentence += state.places.back();
        }
        for (const unsigned other : stuck) {
            if (other == c || waits(other) || machine_.cpu(other) != machine_.cpu(c)) continue;
            sentence += ", and the " + specs[other].name +
                        (machine_.status(other) == Machine::Status::fresh
                             ? " never gets " + cpu_name(c)
                             : " never gets " + cpu_name(c) + " back");
        }
        say(sentence);
    }
    if (text.empty()) say("nobody can go on");
    return text;
}

std::optional<std::string> Execution::load_buffering() const {
    const auto& hazard = load_buffering_.hazard();
    if (!hazard) return std::nullopt;
    const auto line_of = [](const Op& op) {
        const std::string file = op.at.file_name();
        if (file.empty()) return std::string(op.text != nullptr ? op.text : "");
        return file.substr(file.rfind('/') + 1) + ":" + std::to_string(op.at.line());
    };
    const char* const what = hazard->later.writes() ? ": the write at " : ": the read at ";
    return name_of(hazard->later) + what + line_of(hazard->later) +
           " may come before the access at " + line_of(hazard->earlier);
}

std::string Execution::name_of(const Op& op) const {
    if (!op.is_memory()) return op.text != nullptr ? op.text : "";
    const Location& location = table_[shared_[op.location]];
    const Setup::Name* best = nullptr;
    for (const Setup::Name& each : setup_.names) {
        if (each.offset > location.offset) continue;
        const std::size_t distance = location.offset - each.offset;
        if (distance != 0 && (each.stride == 0 || distance % each.stride != 0)) continue;
        if (best == nullptr || each.offset > best->offset) best = &each;
    }
    if (best == nullptr) return "word at +" + std::to_string(location.offset);
    std::string text = best->text;
    if (const auto brackets = text.find("[]"); brackets != std::string::npos) {
        const std::size_t stride = std::max<std::size_t>(best->stride, 1);
        text.insert(brackets + 1, std::to_string((location.offset - best->offset) / stride));
    }
    return text;
}

void Execution::note_event(unsigned context, unsigned way) {
    const ContextState& state = states_[context];
    Event event;
    event.context = context;
    event.cpu = machine_.cpu(context);
    event.op = state.pending;
    event.location = name_of(state.pending);
    if (state.pending.is_memory())
        event.stale = memory_.staleness(memory_of(context), state.pending, way);
    events_.push_back(event);
}

}  // namespace anypage::check
