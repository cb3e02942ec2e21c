// Report: a counterexample as people read it: one column a CPU, one line an event with its source
// line, at most twenty lines unless all are asked for. Steps that nobody else notices are folded.
#pragma once

#include <string>
#include <vector>

#include "explore.hpp"

namespace anypage::check {

inline constexpr unsigned report_lines_max = 20;

/// The lines of a counterexample; `lines_max` 0: every event.
std::vector<std::string> counterexample_lines(const Counterexample& counterexample,
                                              unsigned lines_max = report_lines_max);

/// Reads of something old, in it: none means that a strong machine shows the same.
unsigned stale_reads(const Counterexample& counterexample);

/// A schedule as a string, and back: "0*12.1.0:2*3" is twelve steps of context 0, one of 1, three
/// of 0, each in its way 2. Nothing if it is malformed.
std::string to_string(const std::vector<Transition>& schedule);
std::optional<std::vector<Transition>> parse_schedule(const std::string& text);

}  // namespace anypage::check
