// Allowances: how many frames each CPU may take from a zone without a look at its watermarks.
// Whoever looks and finds *plenty*, so much above the high mark that no allowance can reach it, is
// granted one; whoever finds less revokes them all, by ending their *term*, and so does hotplug. So
// those who take unseen leave more than the high mark, whatever others do: they, too, look or have
// an allowance. On top of that come what requests take that have looked, or passed their
// allowance, and have not counted it yet, and the rest of a refill.
//
// A grant is for what its CPU had taken before the look, in a term that it knew before the look: so
// whoever revokes after it ends that very term, and a grant that stalls meanwhile adds nothing.
// Relaxed throughout: as long as two CPUs do not see each other's stores a look is as good as what
// it saw, as are the kernel's per-CPU counters; a thread that is preempted sees all.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "../base/arena.hpp"
#include "../world/world.hpp"

namespace anypage {

/// What a CPU is allowed at a time: all CPUs together a sixteenth of the zone, but at least a
/// largest run each. A World in which zones are explored has fewer.
template <class W>
inline constexpr std::uint64_t allowance_min = order_max.frames();
inline constexpr std::uint64_t allowance_max = std::uint64_t{1} << 30;
inline constexpr std::uint64_t zone_per_allowances = 16;

/// A CPU's: up to which count of frames that it has taken, and in which term. Both wrap: who misses
/// 2^31 terms gets an allowance too many.
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

/// In a line of its own: it changes where memory is short, and what lies beside it is read by all.
template <World W>
class alignas(cache_line) Allowances {
public:
    using Word = typename W::template Atomic<std::uint64_t>;

    /// May `own`'s CPU, when it has taken so many, have taken them unseen?
    bool cover(const Word& own, std::uint64_t taken) const {
        const Allowed allowed{own.load_relaxed()};
        return allowed.is_of(term_.load_relaxed()) && allowed.reaches(taken);
    }
    /// Of each CPU, in frames.
    std::uint64_t size() const { return size_.load_relaxed(); }
    void resize(std::uint64_t managed, unsigned cpus) {
        const std::uint64_t share = managed / (cpus * zone_per_allowances);
        size_.store_relaxed(std::clamp(share, allowance_min<W>, allowance_max));
    }

    /// The term that a grant may be for; if there is none, one begins, if it may.
    std::optional<std::uint64_t> term(bool may_begin) {
        std::uint64_t term = term_.load_relaxed();  // cas-revalidates
        if (is_open(term)) return term;
        if (!may_begin) return std::nullopt;
        if (term_.cas_relaxed(term, term + 1)) return term + 1;
        return is_open(term) ? std::optional(term) : std::nullopt;
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
