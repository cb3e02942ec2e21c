// Endings: see endings.hpp.
#include "endings.hpp"

#include <algorithm>

namespace anypage::check::litmus::axioms {
namespace {

constexpr std::size_t endings_max = 64;

/// What a cell may hold in the end: what some process wrote to it last.
std::set<Value> last_values(const Program& program, const std::vector<const Trace*>& traces,
                            std::size_t cell) {
    std::set<Value> values;
    for (const Trace* trace : traces) {
        const auto last =
            std::find_if(trace->events.rbegin(), trace->events.rend(), [cell](const Event& event) {
                return event.kind == Event::Kind::write && event.cell == cell;
            });
        if (last != trace->events.rend()) values.insert(last->value);
    }
    if (values.empty()) values.insert(program.initial_of(cell));
    return values;
}

std::set<Value> values_at(const Program& program, const std::vector<const Trace*>& traces,
                          const Place& place) {
    if (!place.process) return last_values(program, traces, program.cell_of(place));
    return {traces[*place.process]->registers[place.index]};
}

}  // namespace

std::optional<std::set<FinalState>> endings_of(const Program& program,
                                               const std::vector<const Trace*>& traces) {
    std::set<FinalState> endings{{}};
    for (const Place& place : program.observed) {
        const std::set<Value> values = values_at(program, traces, place);
        if (endings.size() * values.size() > endings_max) return std::nullopt;
        std::set<FinalState> longer;
        for (const FinalState& ending : endings) {
            for (const Value value : values) {
                FinalState made = ending;
                made.push_back(value);
                longer.insert(std::move(made));
            }
        }
        endings = std::move(longer);
    }
    return endings;
}

}  // namespace anypage::check::litmus::axioms
