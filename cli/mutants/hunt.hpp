// Hunt: which scenarios pass a site, and whether one of them notices when it is weaker.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "check/mutation.hpp"
#include "tests/scenario/catalogue.hpp"

namespace anypage::cli {

/// A scenario under one model on one kind of kernel, and what it costs as it is.
struct Trial {
    const scenario::Entry* entry = nullptr;
    check::Model model{};
    check::Preemption preemption{};
    std::set<check::Site> sites;
    std::string verdict;
    std::uint64_t states = 0;
    double seconds = 0;
};

/// Which scenarios.
struct Wanted {
    bool deep = false;               ///< those that take long, too
    std::vector<std::string> names;  ///< only these, deep or not; empty: all

    bool takes_large() const { return deep || !names.empty(); }
};

/// Every scenario as it is, cheapest first. Those that take too many states for a hunt, which runs
/// each many times, are left out unless deep or asked for by name.
std::vector<Trial> run_trials(const Wanted& wanted, unsigned jobs);

struct Killed {
    check::Mutation mutation;
    std::string by;  ///< the scenario; empty: it survived
    std::string model;
    std::string property;  ///< what it violates, or the limit that it hits
    unsigned trials = 0;   ///< scenarios that pass the site
    double seconds = 0;
};

/// The trials that are cheap enough for what is tried in great numbers.
std::vector<Trial> cheap_ones(const std::vector<Trial>& trials);

/// Survivors that stand close to each other, two at a time: either may hide what the other is
/// needed for.
std::vector<check::Mutation> pairs_of(const std::vector<Killed>& hunted);

/// Runs each mutation through the trials that pass its site, until one breaks.
std::vector<Killed> hunt(const std::vector<check::Mutation>& mutations,
                         const std::vector<Trial>& trials, unsigned jobs);

}  // namespace anypage::cli
