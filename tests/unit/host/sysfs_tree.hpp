// Sysfs tree: writes small machines as the kernel shows them, for directories and archives.
#pragma once

#include <string>

#include "tests/support/scratch.hpp"

namespace anypage::test {

inline const std::string sysfs_nodes = "sys/devices/system/node/";

inline void write_node(const Scratch& scratch, unsigned id, const std::string& cpus, unsigned mib,
                       const std::string& distance) {
    const std::string node = sysfs_nodes + "node" + std::to_string(id) + "/";
    scratch.write(node + "cpulist", cpus + "\n");
    scratch.write(node + "meminfo", "\nNode " + std::to_string(id) + " MemTotal:     " +
                                        std::to_string(mib * 1024) + " kB\nNode 0 MemFree: 1 kB\n");
    if (!distance.empty()) scratch.write(node + "distance", distance + "\n");
}

/// Nodes 0 and 4, the second without CPUs.
inline void write_machine(const Scratch& scratch) {
    write_node(scratch, 0, "0-3", 1024, "10 17");
    write_node(scratch, 4, "", 512, "30 10");
    scratch.write(sysfs_nodes + "online", "0,4\n");
    scratch.write(sysfs_nodes + "possible", "0-7\n");
}

}  // namespace anypage::test
