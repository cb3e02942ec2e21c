// EventSet: some events of one execution, or of one process of it, by number. Nearly all tests have
// few events, for which a word is enough; those with many processes need several.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace anypage::check::litmus::axioms {

template <unsigned words>
class EventSet {
public:
    static constexpr unsigned max = 64 * words;

    static EventSet only(unsigned event) {
        EventSet made;
        made.bits_[event / 64] = std::uint64_t{1} << event % 64;
        return made;
    }
    static EventSet first(unsigned count) {
        EventSet made;
        for (unsigned i = 0; i < count; ++i) made |= only(i);
        return made;
    }

    bool has(unsigned event) const { return (bits_[event / 64] >> event % 64 & 1) != 0; }
    bool empty() const { return *this == EventSet{}; }
    friend bool operator==(const EventSet&, const EventSet&) = default;

    EventSet& operator|=(const EventSet& other) {
        for (unsigned i = 0; i < words; ++i) bits_[i] |= other.bits_[i];
        return *this;
    }
    EventSet& operator&=(const EventSet& other) {
        for (unsigned i = 0; i < words; ++i) bits_[i] &= other.bits_[i];
        return *this;
    }
    friend EventSet operator|(EventSet one, const EventSet& other) { return one |= other; }
    friend EventSet operator&(EventSet one, const EventSet& other) { return one &= other; }
    friend EventSet operator~(EventSet one) {
        for (std::uint64_t& word : one.bits_) word = ~word;
        return one;
    }

    /// Calls with each member, lowest first.
    template <class Use>
    void for_each(Use&& use) const {
        for (unsigned i = 0; i < words; ++i) {
            for (std::uint64_t left = bits_[i]; left != 0; left &= left - 1) {
                use(64 * i + static_cast<unsigned>(std::countr_zero(left)));
            }
        }
    }

private:
    std::array<std::uint64_t, words> bits_{};
};

/// What is made for each width: as narrow as nearly all executions are, and as wide as any may be.
inline constexpr unsigned narrow = 1;
inline constexpr unsigned wide = 5;

}  // namespace anypage::check::litmus::axioms
