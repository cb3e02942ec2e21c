// Allowances: how many frames each CPU may take from a zone without a look at its watermarks.
// Whoever looks and finds the zone so far above its high mark that no allowance can reach it, is
// granted one; whoever finds it lower revokes them all, by ending their *term*, and so does
// hotplug. So those who take unseen leave more than the high mark, whatever others do: they, too,
// look or have an allowance. Who has begun to take when a term ends may still get what that one
// request asks for.
//
// A grant looks twice: once the term is known it looks again, so whoever revokes later ends that
// very term. Relaxed throughout: as long as two CPUs do not see each other's stores a look is as
// good as what it saw, as are the kernel's per-CPU counters; a thread that is preempted sees all.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "../base/units.hpp"
#include "../world/world.hpp"

namespace anypage {

/// What a CPU is allowed at a time: all CPUs together a sixteenth of the zone, but at least a
/// largest run each. A World in which zones are explored has fewer.
template <class W>
inline constexpr std::uint64_t allowance_min = order_max.frames();
inline constexpr std::uint64_t zone_per_allowances = 16;

/// A CPU's: up to which count of frames that it has taken, and in which term. Both wrap: the count
/// is never 2^31 from here, and who misses 2^31 terms gets an allowance too many.
struct Allowed {
    std::uint64_t bits = 0;  ///< zero: none, for terms begin at 2

    static constexpr Allowed until(std::uint64_t taken, std::uint64_t term) {
        return {taken << 32 | (term & 0xffff'ffff)};
    }
    constexpr bool is_of(std::uint64_t term) const { return ((bits ^ term) & 0xffff'ffff) == 0; }
    constexpr bool reaches(std::uint64_t taken) const {
        const auto limit = static_cast<std::uint32_t>(bits >> 32);
        return static_cast<std::int32_t>(limit - static_cast<std::uint32_t>(taken)) >= 0;
    }
};

template <World W>
class Allowances {
public:
    using Word = typename W::template Atomic<std::uint64_t>;

    /// May `own`'s CPU, when it has taken so many, have taken them unseen?
    bool cover(const Word& own, std::uint64_t taken) const {
        const Allowed allowed{own.load_relaxed()};
        return allowed.is_of(term_.load_relaxed()) && allowed.reaches(taken);
    }
    std::uint64_t size() const { return size_.load_relaxed(); }
    void resize(std::uint64_t managed, unsigned cpus) {
        size_.store_relaxed(std::max(allowance_min<W>, managed / (cpus * zone_per_allowances)));
    }

    /// The term that a grant may be for, if the zone is looked at after this.
    std::optional<std::uint64_t> term() {
        std::uint64_t term = term_.load_relaxed();  // cas-revalidates
        if (is_open(term)) return term;
        if (!term_.cas_relaxed(term, term + 1)) return std::nullopt;  // ended, or begun by others
        return term + 1;
    }
    void grant(Word& own, std::uint64_t taken, std::uint64_t term) {
        own.store_relaxed(Allowed::until(taken + size(), term).bits);
    }
    void revoke() {
        std::uint64_t term = term_.load_relaxed();             // cas-revalidates
        if (is_open(term)) term_.cas_relaxed(term, term + 1);  // failed: somebody else has
    }

private:
    static constexpr bool is_open(std::uint64_t term) { return (term & 1) != 0; }

    Word size_{allowance_min<W>};
    Word term_{2};  // odd: there may be allowances of it
};

}  // namespace anypage
