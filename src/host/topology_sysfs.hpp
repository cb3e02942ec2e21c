// Topology from sysfs: the files of /sys/devices/system/node as the kernel writes them, in a
// directory or a tar archive of one. Reads them itself, since hwloc leaves out nodes and distances
// that it finds odd. Does not look at memory blocks, HMAT attributes or memory-side caches.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topology.hpp"

namespace anypage {

/// `directory` holds sys/devices/system/node, itself or in one subdirectory.
result<topology, failure> read_sysfs_directory(const std::string& directory, zone_policy policy);

/// An archive that holds such a directory.
result<topology, failure> read_sysfs_archive(const std::string& file, zone_policy policy);

/// The bytes of "Node 0 MemTotal:  131732940 kB" in a node's meminfo.
std::optional<std::uint64_t> parse_meminfo_total(std::string_view meminfo);

/// A node's distance row: numbers from 10 to 255, separated by blanks. At most node_count_max.
std::optional<std::vector<std::uint8_t>> parse_distance_row(std::string_view row);

/// The nodes that a row of `length` distances speaks of: the kernel lists online nodes, but a
/// machine whose nodes went away may list the possible ones. Nothing when neither fits.
std::optional<std::vector<std::uint32_t>> distance_columns(
    std::size_t length, const std::vector<std::uint32_t>& online,
    const std::vector<std::uint32_t>& possible);

}  // namespace anypage
