// Relation: a relation between the events of one candidate execution, with the operators of the
// language that herd7's models are written in: `a | b`, `a & b`, `a - b` (\ there), then(a, b, ...)
// (`;` there), inverse, star. An EventSet among the arguments of then() is the identity on it, as
// [S] is there.
#pragma once

#include "event_set.hpp"

namespace anypage::check::litmus::axioms {

template <unsigned words>
class Relation {
public:
    using Set = EventSet<words>;

    Relation() = default;
    static Relation identity(unsigned events) {
        Relation made(events);
        for (unsigned i = 0; i < events; ++i) made.add(i, i);
        return made;
    }
    static Relation product(unsigned events, const Set& from, const Set& to) {
        Relation made(events);
        from.for_each([&](unsigned i) { made.rows_[i] = to; });
        return made;
    }
    explicit Relation(unsigned events) : events_(events) {
        for (unsigned i = 0; i < events; ++i) rows_[i] = Set{};
    }
    Relation(const Relation& other) { copy(other); }
    Relation& operator=(const Relation& other) {
        copy(other);
        return *this;
    }

    void add(unsigned from, unsigned to) { rows_[from] |= Set::only(to); }
    bool has(unsigned from, unsigned to) const { return rows_[from].has(to); }
    const Set& after(unsigned from) const { return rows_[from]; }
    unsigned events() const { return events_; }

    bool empty() const {
        for (unsigned i = 0; i < events_; ++i) {
            if (!rows_[i].empty()) return false;
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

    /// From the first event of each cycle to all of it, and to what can be reached from there.
    Relation from_cycles() const {
        Relation made(events_);
        const Relation closed = closure();
        Set told;
        for (unsigned i = 0; i < events_; ++i) {
            if (!closed.has(i, i) || told.has(i)) continue;
            made.rows_[i] = closed.rows_[i];
            told |= closed.rows_[i];
        }
        return made;
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
            rows_[i].for_each([&](unsigned to) { made.add(to, i); });
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
            one.rows_[i].for_each([&](unsigned middle) { made.rows_[i] |= other.rows_[middle]; });
        }
        return made;
    }
    friend Relation then(Relation one, const Set& to) {
        for (unsigned i = 0; i < one.events_; ++i) one.rows_[i] &= to;
        return one;
    }
    friend Relation then(const Set& from, Relation other) {
        for (unsigned i = 0; i < other.events_; ++i) {
            if (!from.has(i)) other.rows_[i] = Set{};
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
    std::array<Set, Set::max> rows_;  // so many as there are events; the others are not read
};

template <class One, class Other, class... More>
auto then(const One& one, const Other& other, const More&... more)
    requires(sizeof...(More) > 0)
{
    return then(then(one, other), more...);
}

}  // namespace anypage::check::litmus::axioms
