// View: for each shared location, how far along its modification order somebody has got: a position
// that bounds what may be read or overwritten from below.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "hash.hpp"

namespace anypage::check {

/// How many shared locations and, of each, how many messages one execution may have.
inline constexpr unsigned locations_max = 128;
inline constexpr unsigned messages_max = 250;

class View {
public:
    std::uint8_t operator[](unsigned location) const { return at_[location]; }

    void set(unsigned location, unsigned position) {
        at_[location] = static_cast<std::uint8_t>(position);
    }
    void raise(unsigned location, unsigned position) {
        if (at_[location] < position) at_[location] = static_cast<std::uint8_t>(position);
    }
    View& operator|=(const View& other) {
        for (unsigned i = 0; i < locations_max; ++i) {
            at_[i] = at_[i] < other.at_[i] ? other.at_[i] : at_[i];
        }
        return *this;
    }
    /// A message was inserted at `position`: what stood there and behind has moved up.
    void make_room(unsigned location, unsigned position) {
        if (at_[location] >= position) ++at_[location];
    }
    void add_to(Hash& hash, unsigned locations) const {
        for (unsigned i = 0; i < locations; i += 8) {
            std::uint64_t word;
            std::memcpy(&word, &at_[i], sizeof word);
            hash.add(word);
        }
    }
    friend bool operator==(const View&, const View&) = default;

private:
    alignas(16) std::array<std::uint8_t, locations_max> at_{};
};

}  // namespace anypage::check
