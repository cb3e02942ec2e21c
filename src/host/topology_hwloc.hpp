// Topology from hwloc: this host, an XML export (lstopo FILE.xml) or a synthetic description.
// Takes nodes, CPUs, memory, distances and DAX devices; ignores caches, memory-side caches and the
// rest. CXL memory that is not in a DAX region yet is not memory, and is left out.
#pragma once

#include <string>
#include <string_view>

#include "topology.hpp"

namespace anypage {

/// This machine, as far as this process may use it.
result<topology, failure> read_hwloc_host(zone_policy policy);

/// An XML export; `text` is its content, `source` its name.
result<topology, failure> read_hwloc_xml(const std::string& source, std::string_view text,
                                         zone_policy policy);

/// An hwloc synthetic description, such as "node:4 pu:2".
result<topology, failure> read_hwloc_synthetic(std::string_view description, zone_policy policy);

}  // namespace anypage
