// The caller's ranges as a topology: what create() over memory of the caller makes a machine of.
#pragma once

#include <anypage/anypage.hpp>

#include <span>

namespace anypage {

/// The nodes and distances of `machine`, with zones that span just the ranges. Checked: a failure
/// names the range or the node that cannot be.
result<topology, failure> topology_of_ranges(const topology& machine,
                                             std::span<const range> ranges);

}  // namespace anypage
