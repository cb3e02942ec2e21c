// ThinAir: what an execution holds from nowhere: values that were computed from themselves, round a
// ring of reads and writes. If they were but handed on, they might be any, and herd7 gives each
// ring a name; if anything was computed with them or hung on them, it leaves the execution out.
#pragma once

#include "candidate.hpp"

namespace anypage::check::litmus::axioms {

template <unsigned words>
class ThinAir {
public:
    explicit ThinAir(const Candidate<words>& candidate)
        : skeleton_(candidate.skeleton), rings_((skeleton_.value | candidate.rf).from_cycles()) {}

    bool any() const { return !rings_.empty(); }

    /// Was anything computed with them, or does anything hang on them?
    bool decides() const {
        if (!any()) return false;
        const auto& s = skeleton_;
        for (unsigned i = 0; i < s.events.size(); ++i) {
            if (!ring_of(i)) continue;
            if (!s.events[i].copies) return true;
            if (!s.address.after(i).empty() || !s.control.after(i).empty()) return true;
        }
        return false;
    }

    /// Stands for the value of an event: none if it is known.
    std::optional<Value> name_of(unsigned event) const {
        const auto ring = ring_of(event);
        if (!ring) return std::nullopt;
        return Program::from_nowhere + *ring;
    }

private:
    std::optional<unsigned> ring_of(unsigned event) const {
        for (unsigned i = 0; i < rings_.events(); ++i) {
            if (rings_.has(i, event)) return i;
        }
        return std::nullopt;
    }

    const Skeleton<words>& skeleton_;
    const Relation<words> rings_;
};

}  // namespace anypage::check::litmus::axioms
