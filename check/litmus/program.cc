// Program: see program.hpp.
#include "program.hpp"

namespace anypage::check::litmus {

std::size_t Program::cells() const {
    if (locations.empty()) return 0;
    return locations.back().first_cell + locations.back().initial.size();
}

std::optional<Place> Program::place_at(Value address) const {
    if (address < address_base) return std::nullopt;
    const auto offset = static_cast<std::size_t>(address - address_base);
    const std::size_t location = offset >> element_bits;
    const std::size_t element = offset & ((std::size_t{1} << element_bits) - 1);
    if (location >= locations.size() || element >= locations[location].initial.size()) {
        return std::nullopt;
    }
    return Place{std::nullopt, location, element};
}

std::optional<std::size_t> Program::cell_at(Value address) const {
    const auto place = place_at(address);
    if (!place) return std::nullopt;
    return cell_of(*place);
}

Value Program::initial_of(std::size_t cell) const {
    for (const Location& location : locations) {
        if (cell < location.first_cell + location.initial.size()) {
            return location.initial[cell - location.first_cell];
        }
    }
    return 0;
}

std::string Program::element_name(const Place& place) const {
    const Location& location = locations[place.index];
    if (!location.array) return location.name;
    return location.name + "[" + std::to_string(place.element) + "]";
}

std::string Program::text_of(Value value) const {
    if (is_from_nowhere(value)) return "?" + std::to_string(1 + value - from_nowhere);
    const auto place = place_at(value);
    return place ? element_name(*place) : std::to_string(value);
}

std::string Program::text_of(const Place& place) const {
    if (!place.process) return "[" + element_name(place) + "]";
    return std::to_string(*place.process) + ":" +
           processes[*place.process].registers[place.index].name;
}

std::string Program::cell_name(std::size_t cell) const {
    for (std::size_t i = 0; i < locations.size(); ++i) {
        if (cell < locations[i].first_cell + locations[i].initial.size()) {
            return element_name(Place{std::nullopt, i, cell - locations[i].first_cell});
        }
    }
    return "?";
}

}  // namespace anypage::check::litmus
