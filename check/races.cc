// Data races: two accesses of a location, one of them a write, one of them plain, in no order. They
// are in none if one context may do the one while another is about to do the other, whatever
// interrupted or preempted that one; or if the model lets a read be older than the write, or a
// write come before it.
#include "execution.hpp"

namespace anypage::check {

namespace {

std::string words_of(const Op& op) {
    std::string text = op.plain ? "plain " : "";
    text += op.is_update() ? "update" : op.writes() ? "write" : "read";
    if (op.at.line() == 0) return text;
    std::string file = op.at.file_name();
    file.erase(0, file.rfind('/') + 1);
    return text + " (" + file + ":" + std::to_string(op.at.line()) + ")";
}

}  // namespace

std::optional<Violation> Execution::data_race(unsigned context) const {
    const Op& op = states_[context].pending;
    if (!op.is_memory() || op.raced || op.ghost) return std::nullopt;
    const auto words = [&](unsigned c, const Op& access) {
        return "he " + setup_.contexts[c].name + "'s " + words_of(access);
    };
    for (unsigned other = 0; other < states_.size(); ++other) {
        const Op& next = states_[other].pending;
        if (other == context || !next.is_memory() || next.location != op.location) continue;
        if (!op.races_with(next) || (!op.writes() && !next.writes())) continue;
        const auto status = machine_.status(other);
        if (status == Machine::Status::finished) continue;
        if (status == Machine::Status::fresh && !machine_.may_step(other)) continue;
        return Violation{"no data race", "T" + words(context, op) + " of " + name_of(op) +
                                             " and t" + words(other, next) + " are in no order."};
    }
    if (!memory_.races(memory_of(context), op)) return std::nullopt;
    return Violation{"no data race", "Nothing orders t" + words(context, op) + " of " +
                                         name_of(op) + " after a write of it."};
}

}  // namespace anypage::check
