// Topology from TOML: our own format, described in docs/topology-format.md. The only one that says
// where memory lies, what is not there yet and that distances are not symmetric.
#pragma once

#include <string>
#include <string_view>

#include "topology.hpp"

namespace anypage {

/// `text` is the content of a file, `source` its name. Never throws what toml++ could throw.
result<topology, failure> read_toml(const std::string& source, std::string_view text,
                                    zone_policy policy);

}  // namespace anypage
