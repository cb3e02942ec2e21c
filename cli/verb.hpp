// Verb: what every verb of the command hands to main: its options, and what to do once they are
// parsed. Also the exit statuses that all verbs share.
#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"

// Of CLI11, which takes a compiler seconds: those who add options include it.
namespace CLI {
class App;
}

namespace anypage::cli {

inline constexpr int exit_ok = 0;         ///< as it should be
inline constexpr int exit_violated = 1;   ///< a property that was required is violated
inline constexpr int exit_wrong_use = 2;  ///< wrong options or input
inline constexpr int exit_limit = 3;      ///< a limit was hit: neither yes nor no

/// One verb. `run` prints results on stdout, complaints on stderr, and returns an exit status.
struct Verb {
    CLI::App* app = nullptr;
    std::function<int()> run;
};

/// Prints "anypage: message" on stderr and returns the status for wrong input.
int complain(const failure& why);

}  // namespace anypage::cli
