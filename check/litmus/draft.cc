// Draft: see draft.hpp.
#include "draft.hpp"

#include <algorithm>
#include <tuple>

#include "text.hpp"
#include "token_stream.hpp"

namespace anypage::check::litmus {

// -- Processes.

RegisterId ProcessDraft::find_or_add(std::string_view name) {
    const auto found = names_.find(name);
    if (found != names_.end()) return found->second;
    const RegisterId id = add_unnamed();
    process_.registers[id].name = std::string(name);
    uses_[id].defined = false;
    names_.emplace(name, id);
    return id;
}

RegisterId ProcessDraft::add_unnamed() {
    process_.registers.emplace_back();
    uses_.push_back({true, false, {}});
    return static_cast<RegisterId>(process_.registers.size() - 1);
}

void ProcessDraft::initialize(RegisterId id, Value value) {
    process_.registers[id].initial = value;
    uses_[id].defined = true;
    uses_[id].initialized = true;
}

std::vector<ProcessDraft::Unset> ProcessDraft::unset() const {
    std::vector<Unset> found;
    for (std::size_t id = 0; id < uses_.size(); ++id) {
        if (uses_[id].defined || uses_[id].first.line == 0) continue;
        found.push_back({process_.registers[id].name, uses_[id].first});
    }
    return found;
}

// -- Locations.

std::size_t Draft::find_or_add_location(std::string_view name, SourcePosition at) {
    const auto found = names_.find(name);
    if (found != names_.end()) return found->second;
    const std::size_t index = program_.locations.size();
    if (index >= Program::locations_max) {
        TokenStream::fail_unsupported(
            at, concat("more than ", Program::locations_max, " locations; make the test smaller"));
    }
    program_.locations.emplace_back().name = std::string(name);
    names_.emplace(name, index);
    return index;
}

// -- The end.

void Draft::check_processes() const {
    std::size_t expected = 0;
    for (const auto& [number, process] : processes_) {
        if (process.begins_at.line == 0) {
            TokenStream::fail_malformed({1, 1}, concat("the test speaks of process ", number,
                                                       ", and there is no P", number));
        }
        if (number != expected) {
            TokenStream::fail_malformed(process.begins_at,
                                        concat("there is a P", number, " and no P", expected,
                                               "; number the processes from 0 on"));
        }
        ++expected;
    }
    if (processes_.empty()) TokenStream::fail_malformed({1, 1}, "there is no process; write P0");
}

void Draft::check_registers() {
    for (const auto& [number, process] : processes_) {
        for (const auto& [name, at] : process.unset()) {
            // To herd7, too, a location that is no parameter is a register like any other.
            const char* const remedy =
                has_location(name) ? "; for the location add it to the parameters" : "";
            program_.warnings.push_back(
                {at, concat(quoted(name), " is never set in P", number, ": it is 0", remedy)});
        }
    }
}

Program Draft::finish() {
    check_processes();
    check_registers();
    std::size_t cells = 0;
    for (Location& location : program_.locations) {
        location.first_cell = cells;
        cells += location.initial.size();
    }
    for (auto& [number, process] : processes_) {
        program_.processes.push_back(std::move(process.process()));
    }
    collect_places();
    return std::move(program_);
}

// -- What is asked of the end.

/// herd7's order: registers by process and name, then locations by name.
bool Draft::before(const Place& one, const Place& other) const {
    const auto key = [this](const Place& place) {
        const std::string& name =
            place.process ? program_.processes[*place.process].registers[place.index].name
                          : program_.locations[place.index].name;
        return std::tuple(place.process.value_or(processes_max + 1), std::string_view(name),
                          place.element);
    };
    return key(one) < key(other);
}

void Draft::add_place(const Place& place, bool shown) {
    auto& places = program_.observed;
    const auto found = std::lower_bound(
        places.begin(), places.end(), place,
        [this](const Place& one, const Place& other) { return before(one, other); });
    const auto index = found - places.begin();
    if (found == places.end() || *found != place) {
        places.insert(found, place);
        program_.shown.insert(program_.shown.begin() + index, shown);
    } else if (shown) {
        program_.shown[static_cast<std::size_t>(index)] = true;
    }
}

void Draft::collect_places(const Proposition& proposition, bool shown) {
    const bool of_places = proposition.kind == Proposition::Kind::equals_place;
    if (of_places || proposition.kind == Proposition::Kind::equals_value) {
        add_place(proposition.left, shown);
    }
    if (of_places) add_place(proposition.right, shown);
    for (const Proposition& operand : proposition.operands) collect_places(operand, shown);
}

void Draft::collect_places() {
    for (const Place& place : listed) add_place(place, true);
    collect_places(program_.condition.proposition, true);
    if (program_.filter) collect_places(*program_.filter, false);
}

}  // namespace anypage::check::litmus
