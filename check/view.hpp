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
inline constexpr unsigned messages_max = 240;

class View {
public:
    std::uint8_t operator[](unsigned location) const { return at_[location]; }

    void set(unsigned location, unsigned position) {
        at_[location] = static_cast<std::uint8_t>(position);
    }
    void raise(unsigned location, unsigned position) {
        if (at_[location] < position) at_[location] = static_cast<std::uint8_t>(position);
    }
    /// As far as one of them is.
    View& operator|=(const View& other) {
        return merge(other, [](std::uint8_t a, std::uint8_t b) { return a < b ? b : a; });
    }
    /// As far as both are.
    View& operator&=(const View& other) {
        return merge(other, [](std::uint8_t a, std::uint8_t b) { return a < b ? a : b; });
    }
    View() { clear(); }
    View(const View& other) { copy(other); }
    View& operator=(const View& other) {
        copy(other);
        return *this;
    }
    /// How many locations there are. Views made before have no more than those.
    static void use(unsigned locations) {
        blocks = locations == 0 ? 1 : (locations + block_size - 1) / block_size;
    }
    /// A message was inserted at `position`: what stood there and behind has moved up.
    void make_room(unsigned location, unsigned position) {
        if (at_[location] >= position) ++at_[location];
    }
    /// How far each position is above `floor`, or that it is not.
    void add_above(Hash& hash, unsigned locations, const View& floor) const {
        View raised = *this;
        raised |= floor;
        for (unsigned i = 0; i < locations; i += 8) {
            hash.add(raised.word(i) - floor.word(i));  // no byte borrows
        }
    }
    friend bool operator==(const View& one, const View& other) {
        return std::memcmp(one.at_.data(), other.at_.data(), blocks * block_size) == 0;
    }

private:
    // Most scenarios have few locations: only their blocks are looked at.
    static constexpr unsigned block_size = 16;
    inline static thread_local unsigned blocks = 1;

    template <class Choose>
    View& merge(const View& other, const Choose& choose) {
        for (unsigned block = 0; block < blocks; ++block) {
            std::uint8_t* const mine = &at_[block * block_size];
            const std::uint8_t* const theirs = &other.at_[block * block_size];
            for (unsigned i = 0; i < block_size; ++i) mine[i] = choose(mine[i], theirs[i]);
        }
        return *this;
    }
    std::uint64_t word(unsigned location) const {
        std::uint64_t word;
        std::memcpy(&word, &at_[location], sizeof word);
        return word;
    }
    void clear() { std::memset(at_.data(), 0, blocks * block_size); }
    void copy(const View& other) { std::memcpy(at_.data(), other.at_.data(), blocks * block_size); }

    alignas(16) std::array<std::uint8_t, locations_max> at_;
};

}  // namespace anypage::check
