// Relation: a relation between the events of one candidate execution, with the operators of the
// language that herd7's models are written in: `a | b`, `a & b`, `a - b` (\ there), then(a, b, ...)
// (`;` there), inverse, star. An EventSet among the arguments of then() is the identity on it, as
// [S] is there.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace anypage::check::litmus::axioms {

/// By event: a bit each.
using EventSet = std::uint64_t;
inline constexpr unsigned events_max = 64;

inline constexpr EventSet only(unsigned event) { return EventSet{1} << event; }

/// Calls with each member, lowest first.
template <class Use>
void for_each(EventSet set, Use&& use) {
    for (; set != 0; set &= set - 1) use(static_cast<unsigned>(std::countr_zero(set)));
}

class Relation {
public:
    Relation() = default;
    static Relation identity(unsigned events) {
        Relation made(events);
        for (unsigned i = 0; i < events; ++i) made.add(i, i);
        return made;
    }
    static Relation product(unsigned events, EventSet from, EventSet to) {
        Relation made(events);
        for_each(from, [&](unsigned i) { made.rows_[i] = to; });
        return made;
    }
    explicit Relation(unsigned events) : events_(events) {
        for (unsigned i = 0; i < events; ++i) rows_[i] = 0;
    }
    Relation(const Relation& other) { copy(other); }
    Relation& operator=(const Relation& other) {
        copy(other);
        return *this;
    }

    void add(unsigned from, unsigned to) { rows_[from] |= only(to); }
    bool has(unsigned from, unsigned to) const { return (rows_[from] >> to & 1) != 0; }
    EventSet after(unsigned from) const { return rows_[from]; }
    unsigned events() const { return events_; }

    bool empty() const {
        for (unsigned i = 0; i < events_; ++i) {
            if (rows_[i] != 0) return false;
        }
        return true;
    }
    bool acyclic() const {
        const Relation closed = closure();
        for (unsigned i = 0; i < events_; ++i) {
            if (closed.has(i, i)) return false;
        }
        return true;
    }

    friend Relation operator|(Relation one, const Relation& other) {
        for (unsigned i = 0; i < one.events_; ++i) one.rows_[i] |= other.rows_[i];
        return one;
    }
    friend Relation operator&(Relation one, const Relation& other) {
        for (unsigned i = 0; i < one.events_; ++i) one.rows_[i] &= other.rows_[i];
        return one;
    }
    friend Relation operator-(Relation one, const Relation& other) {
        for (unsigned i = 0; i < one.events_; ++i) one.rows_[i] &= ~other.rows_[i];
        return one;
    }

    Relation inverse() const {
        Relation made(events_);
        for (unsigned i = 0; i < events_; ++i) {
            for_each(rows_[i], [&](unsigned to) { made.add(to, i); });
        }
        return made;
    }
    /// Any number of steps, none included.
    Relation star() const { return closure() | identity(events_); }
    /// One step or none.
    Relation maybe() const { return *this | identity(events_); }

    friend Relation then(const Relation& one, const Relation& other) {
        Relation made(one.events_);
        for (unsigned i = 0; i < one.events_; ++i) {
            for_each(one.rows_[i], [&](unsigned middle) { made.rows_[i] |= other.rows_[middle]; });
        }
        return made;
    }
    friend Relation then(Relation one, EventSet to) {
        for (unsigned i = 0; i < one.events_; ++i) one.rows_[i] &= to;
        return one;
    }
    friend Relation then(EventSet from, Relation other) {
        for (unsigned i = 0; i < other.events_; ++i) {
            if ((from >> i & 1) == 0) other.rows_[i] = 0;
        }
        return other;
    }

private:
    void copy(const Relation& other) {
        events_ = other.events_;
        for (unsigned i = 0; i < events_; ++i) rows_[i] = other.rows_[i];
    }
    Relation closure() const {
        Relation made = *this;
        for (unsigned middle = 0; middle < events_; ++middle) {
            for (unsigned i = 0; i < events_; ++i) {
                if (made.has(i, middle)) made.rows_[i] |= made.rows_[middle];
            }
        }
        return made;
    }

    unsigned events_ = 0;
    std::array<EventSet, events_max> rows_;  // so many as there are events; the others are not read
};

template <class One, class Other, class... More>
Relation then(const One& one, const Other& other, const More&... more)
    requires(sizeof...(More) > 0)
{
    return then(then(one, other), more...);
}

}  // namespace anypage::check::litmus::axioms
