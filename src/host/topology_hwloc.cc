// Topology from hwloc: see topology_hwloc.hpp.
#include "topology_hwloc.hpp"

#include <hwloc.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "id_list.hpp"
#include "quantity.hpp"
#include "synthetic.hpp"
#include "text.hpp"
#include "topology_check.hpp"
#include "topology_zones.hpp"

namespace anypage {
namespace {

struct hwloc_closer {
    void operator()(hwloc_topology_t machine) const { hwloc_topology_destroy(machine); }
};
using hwloc_handle = std::unique_ptr<hwloc_topology, hwloc_closer>;

failure hwloc_failure(const std::string& source, const std::string& what) {
    return {error::invalid, source + ": " + what};
}

/// A handle that will keep I/O objects (DAX devices) and, where asked, what this process may not
/// use. Empty when hwloc has no memory.
hwloc_handle new_handle(bool whole_machine) {
    hwloc_topology_t raw = nullptr;
    if (hwloc_topology_init(&raw) != 0) return nullptr;
    hwloc_handle machine(raw);
    hwloc_topology_set_type_filter(raw, HWLOC_OBJ_OS_DEVICE, HWLOC_TYPE_FILTER_KEEP_ALL);
    if (whole_machine) {
        hwloc_topology_set_flags(raw, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
    }
    return machine;
}

std::vector<hwloc_obj_t> numa_nodes(hwloc_topology_t machine) {
    std::vector<hwloc_obj_t> nodes;
    hwloc_obj_t node = nullptr;
    while ((node = hwloc_get_next_obj_by_type(machine, HWLOC_OBJ_NUMANODE, node)) != nullptr) {
        nodes.push_back(node);
    }
    return nodes;
}

/// hwloc gives a memory-only node the CPUs that are near it; the kernel gives it none. A CPU goes
/// to the node with the fewest CPUs around it, the one with the lowest id among those.
void assign_cpus(std::span<const hwloc_obj_t> objects, std::vector<node_memory>& nodes) {
    std::vector<std::size_t> order(objects.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const int weight_a = hwloc_bitmap_weight(objects[a]->cpuset);
        const int weight_b = hwloc_bitmap_weight(objects[b]->cpuset);
        return weight_a != weight_b ? weight_a < weight_b : nodes[a].id < nodes[b].id;
    });
    std::vector<bool> taken(cpu_limit, false);
    for (const std::size_t i : order) {
        const hwloc_const_bitmap_t cpus = objects[i]->cpuset;
        for (int cpu = hwloc_bitmap_first(cpus); cpu >= 0; cpu = hwloc_bitmap_next(cpus, cpu)) {
            const auto id = static_cast<std::uint32_t>(cpu);
            if (id >= cpu_limit) break;  // A bitmap may be infinite: no such CPUs exist.
            if (taken[id]) continue;
            taken[id] = true;
            nodes[i].cpus.push_back(CpuId{id});
        }
    }
}

/// DAX devices carry their size in KiB. Each goes to the first node near its parent.
void add_dax_devices(hwloc_topology_t machine, std::span<const hwloc_obj_t> objects,
                     std::vector<node_memory>& nodes) {
    hwloc_obj_t device = nullptr;
    while ((device = hwloc_get_next_osdev(machine, device)) != nullptr) {
        const char* size = hwloc_obj_get_info_by_name(device, "Size");
        if (hwloc_obj_get_info_by_name(device, "DAXType") == nullptr || size == nullptr) continue;
        const auto kib = parse_number(size, pfn_limit * (frame_bytes / 1024));
        const hwloc_obj_t parent = hwloc_get_non_io_ancestor_obj(machine, device);
        if (!kib || parent == nullptr || parent->nodeset == nullptr) continue;
        const int near = hwloc_bitmap_first(parent->nodeset);
        for (std::size_t i = 0; i < objects.size(); ++i) {
            if (static_cast<int>(objects[i]->os_index) != near) continue;
            nodes[i].device_bytes += *kib * 1024;
            break;
        }
    }
}

/// A latency relative to the latency to oneself, in the kernel's units: 10 is local, 255 the most.
std::uint8_t scaled_distance(std::uint64_t value, std::uint64_t own) {
    const double scaled = static_cast<double>(value) * local_distance / static_cast<double>(own);
    return static_cast<std::uint8_t>(std::clamp(scaled + 0.5, 10.0, 255.0));
}

void copy_matrix(const hwloc_distances_s& matrix, topology& machine) {
    const std::size_t count = machine.nodes.size();
    std::vector<std::size_t> positions(matrix.nbobjs, count);
    for (unsigned i = 0; i < matrix.nbobjs; ++i) {
        const hwloc_obj_t object = matrix.objs[i];
        if (object == nullptr || object->os_index >= node_count_max) continue;
        positions[i] = machine.position(NodeId{static_cast<std::uint16_t>(object->os_index)});
    }
    for (unsigned from = 0; from < matrix.nbobjs; ++from) {
        const std::size_t row = std::size_t{from} * matrix.nbobjs;
        const std::uint64_t own = matrix.values[row + from];
        if (positions[from] == count || own == 0) continue;
        for (unsigned to = 0; to < matrix.nbobjs; ++to) {
            if (positions[to] == count || to == from) continue;
            machine.distances[positions[from] * count + positions[to]] =
                scaled_distance(matrix.values[row + to], own);
        }
    }
}

/// The matrix of latencies between nodes, where hwloc has one; 10 and 20 stay otherwise.
void read_distances(hwloc_topology_t handle, topology& machine) {
    unsigned count = 1;
    hwloc_distances_s* matrix = nullptr;
    const int status = hwloc_distances_get_by_type(handle, HWLOC_OBJ_NUMANODE, &count, &matrix,
                                                   HWLOC_DISTANCES_KIND_MEANS_LATENCY, 0);
    if (status != 0 || count == 0 || matrix == nullptr) return;
    copy_matrix(*matrix, machine);
    hwloc_distances_release(handle, matrix);
}

/// Everything after the source has been set: discovery, then a topology of ours.
result<topology, failure> finish(hwloc_topology_t handle, const std::string& source,
                                 std::string_view remedy, zone_policy policy) {
    if (hwloc_topology_load(handle) != 0) {
        return hwloc_failure(source, concat("hwloc ", HWLOC_VERSION, " cannot read it (",
                                            std::strerror(errno), "); ", remedy));
    }
    const std::vector<hwloc_obj_t> objects = numa_nodes(handle);
    std::vector<node_memory> nodes;
    for (const hwloc_obj_t object : objects) {
        if (object->os_index >= node_count_max) {
            return hwloc_failure(source, concat("node id ", object->os_index,
                                                " is out of range; ids are "
                                                "0 to ",
                                                node_count_max - 1));
        }
        const NodeId id{static_cast<std::uint16_t>(object->os_index)};
        nodes.push_back({id, {}, object->attr->numanode.local_memory, 0});
    }
    assign_cpus(objects, nodes);
    add_dax_devices(handle, objects, nodes);
    auto machine = lay_out(source, std::move(nodes), policy);
    if (!machine) return machine;
    read_distances(handle, *machine);
    return checked(*std::move(machine), topology_places{});
}

}  // namespace

result<topology, failure> read_hwloc_host(zone_policy policy) {
    const hwloc_handle handle = new_handle(false);
    if (!handle) return hwloc_failure("host", "hwloc has no memory for a topology");
    return finish(handle.get(), "host", "see whether lstopo can", policy);
}

result<topology, failure> read_hwloc_xml(const std::string& source, std::string_view text,
                                         zone_policy policy) {
    const hwloc_handle handle = new_handle(true);
    if (!handle) return hwloc_failure(source, "hwloc has no memory for a topology");
    // A newer hwloc's format is refused only at load, as an invalid argument.
    constexpr std::string_view remedy =
        "export it again with lstopo, in a format of hwloc 1 or 2 (hwloc 3: --export-xml-flags v2)";
    // hwloc wants the terminating NUL counted.
    const std::string buffer(text);
    const int size = static_cast<int>(buffer.size()) + 1;
    if (hwloc_topology_set_xmlbuffer(handle.get(), buffer.c_str(), size) != 0) {
        return hwloc_failure(source, concat("not an hwloc XML topology; ", remedy));
    }
    return finish(handle.get(), source, remedy, policy);
}

result<topology, failure> read_hwloc_synthetic(std::string_view description, zone_policy policy) {
    const std::string text(description);
    const std::string source = "\"" + text + "\"";
    constexpr std::string_view remedy =
        "write levels and counts, such as \"node:4 pu:2\" or \"pack:2 [numa(memory=8GB)] core:4 "
        "pu:1\"";
    const auto size = synthetic_size(text);
    if (!size) return hwloc_failure(source, concat("not a synthetic description; ", remedy));
    // hwloc would build each object before it fails for want of memory.
    if (*size >= synthetic_size_max) {
        return hwloc_failure(source, concat("describes more than ", synthetic_size_max,
                                            " objects; lower the counts, or use a TOML file"));
    }
    const hwloc_handle handle = new_handle(true);
    if (!handle) return hwloc_failure(source, "hwloc has no memory for a topology");
    if (hwloc_topology_set_synthetic(handle.get(), text.c_str()) != 0) {
        return hwloc_failure(source, concat("hwloc refuses this description; ", remedy));
    }
    return finish(handle.get(), source, remedy, policy);
}

}  // namespace anypage
