// Topology from sysfs: see topology_sysfs.hpp.
#include "topology_sysfs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "archive.hpp"
#include "id_list.hpp"
#include "quantity.hpp"
#include "text.hpp"
#include "topology_check.hpp"
#include "topology_zones.hpp"

namespace anypage {
namespace fs = std::filesystem;
namespace {

using id_vector = std::vector<std::uint32_t>;

/// More than any of these files has: the row of 1,024 nodes takes 4 KiB.
constexpr std::size_t file_bytes_max = 64 * 1024;

/// What a tree says before any node is read.
struct sysfs_tree {
    std::string source;  ///< for messages
    fs::path nodes;      ///< .../sys/devices/system/node
    id_vector online;    ///< the nodes to read
    id_vector possible;
    std::optional<id_vector> cpus_online;  ///< nothing where the tree does not say
};

/// The content of a small regular file, not of what a link leads to; nothing when there is none.
std::optional<std::string> read_small_file(const fs::path& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return std::nullopt;
    struct stat info {};
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        return std::nullopt;
    }
    // sysfs says 4096 for every size: read to the end instead.
    std::string text(file_bytes_max, '\0');
    std::size_t used = 0;
    while (used < text.size()) {
        const ssize_t got = read(fd, text.data() + used, text.size() - used);
        if (got <= 0) break;
        used += static_cast<std::size_t>(got);
    }
    close(fd);
    text.resize(used);
    return text;
}

failure tree_failure(const sysfs_tree& tree, const fs::path& file, const std::string& what) {
    const std::string relative = file.lexically_relative(tree.nodes.parent_path());
    return {error::invalid, concat(tree.source, ": ", relative, ": ", what)};
}

/// An id list in a file that need not be there.
result<std::optional<id_vector>, failure> read_mask(const sysfs_tree& tree, const fs::path& file,
                                                    std::uint32_t limit) {
    const auto text = read_small_file(file);
    if (!text) return std::optional<id_vector>{};
    auto ids = parse_id_list(*text, limit);
    if (ids) return ids;
    return tree_failure(tree, file,
                        concat("not a list of ids below ", limit, " such as \"0-3,8\": \"",
                               trimmed(std::string_view(*text).substr(0, 60)), "\""));
}

/// The N of each nodeN directory, ascending.
id_vector node_directories(const fs::path& nodes) {
    id_vector ids;
    std::error_code status;
    fs::directory_iterator entry(nodes, status);
    for (; !status && entry != fs::directory_iterator(); entry.increment(status)) {
        const std::string name = entry->path().filename();
        if (!name.starts_with("node")) continue;
        const auto id = parse_number(std::string_view(name).substr(4), node_count_max - 1);
        if (id) ids.push_back(static_cast<std::uint32_t>(*id));
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

/// Reads the masks. A node that is online and has no directory is an error: its memory is unknown.
result<sysfs_tree, failure> read_tree(const std::string& source, const fs::path& nodes) {
    sysfs_tree tree{source, nodes, {}, {}, {}};
    const id_vector found = node_directories(nodes);
    auto online = read_mask(tree, nodes / "online", node_count_max);
    if (!online) return online.error();
    auto possible = read_mask(tree, nodes / "possible", node_count_max);
    if (!possible) return possible.error();
    const fs::path cpu_file = nodes.parent_path() / "cpu" / "online";
    auto cpus = read_mask(tree, cpu_file, cpu_limit);
    if (!cpus) return cpus.error();

    tree.online = online->value_or(found);
    tree.possible = possible->value_or(tree.online);
    tree.cpus_online = *std::move(cpus);
    for (const std::uint32_t id : tree.online) {
        if (std::binary_search(found.begin(), found.end(), id)) continue;
        return tree_failure(tree, nodes / "online",
                            concat("node ", id, " is online but directory node", id,
                                   " is missing; gather the whole tree"));
    }
    if (!tree.online.empty()) return tree;
    return failure{error::invalid,
                   concat(source,
                          ": no node is online below sys/devices/system/node; gather the "
                          "tree on a kernel with NUMA support")};
}

/// A node's CPUs: cpulist, or cpumap of kernels that had no cpulist; less those that are offline.
result<std::vector<CpuId>, failure> read_cpus(const sysfs_tree& tree, const fs::path& node) {
    std::optional<id_vector> ids;
    fs::path file = node / "cpulist";
    auto text = read_small_file(file);
    if (text) {
        ids = parse_id_list(*text, cpu_limit);
    } else {
        file = node / "cpumap";
        text = read_small_file(file);
        if (text) ids = parse_id_map(*text, cpu_limit);
    }
    if (!text) {
        return tree_failure(tree, file, "missing, and so is cpulist; gather the whole tree");
    }
    if (!ids) return tree_failure(tree, file, "does not name CPUs as the kernel does; gather anew");
    std::vector<CpuId> cpus;
    for (const std::uint32_t id : *ids) {
        const bool online = !tree.cpus_online || std::binary_search(tree.cpus_online->begin(),
                                                                    tree.cpus_online->end(), id);
        if (online) cpus.push_back(CpuId{id});
    }
    return cpus;
}

result<node_memory, failure> read_node(const sysfs_tree& tree, std::uint32_t id) {
    const fs::path directory = tree.nodes / concat("node", id);
    const auto meminfo = read_small_file(directory / "meminfo");
    if (!meminfo) {
        return tree_failure(tree, directory / "meminfo", "missing; gather the whole tree");
    }
    const auto bytes = parse_meminfo_total(*meminfo);
    if (!bytes) {
        return tree_failure(tree, directory / "meminfo",
                            "has no line such as \"Node 0 MemTotal: 1024 kB\"; gather it anew");
    }
    auto cpus = read_cpus(tree, directory);
    if (!cpus) return cpus.error();
    return node_memory{NodeId{static_cast<std::uint16_t>(id)}, *std::move(cpus), *bytes, 0};
}

/// One row into the matrix; a node without a row keeps 10 and 20.
std::optional<failure> read_distances(const sysfs_tree& tree, std::size_t from, topology& machine) {
    const std::size_t count = machine.nodes.size();
    const fs::path file = tree.nodes / concat("node", machine.nodes[from].id.value) / "distance";
    const auto text = read_small_file(file);
    if (!text) return {};
    const auto row = parse_distance_row(*text);
    if (!row) {
        return tree_failure(tree, file, "not a row of distances from 10 to 255; gather it anew");
    }
    const auto columns = distance_columns(row->size(), tree.online, tree.possible);
    if (!columns) {
        return tree_failure(tree, file,
                            concat(row->size(), " distances, but ", tree.online.size(),
                                   " nodes are online and ", tree.possible.size(),
                                   " possible; gather the whole tree, with `online` and "
                                   "`possible`"));
    }
    for (std::size_t i = 0; i < row->size(); ++i) {
        const std::size_t to = machine.position(NodeId{static_cast<std::uint16_t>((*columns)[i])});
        if (to < count) machine.distances[from * count + to] = (*row)[i];
    }
    return {};
}

result<topology, failure> read_nodes(const std::string& source, const fs::path& nodes,
                                     zone_policy policy) {
    const auto tree = read_tree(source, nodes);
    if (!tree) return tree.error();
    std::vector<node_memory> found;
    for (const std::uint32_t id : tree->online) {
        auto node = read_node(*tree, id);
        if (!node) return node.error();
        found.push_back(*std::move(node));
    }
    auto machine = lay_out(source, std::move(found), policy);
    if (!machine) return machine;
    for (std::size_t from = 0; from < machine->nodes.size(); ++from) {
        if (auto fault = read_distances(*tree, from, *machine)) return *fault;
    }
    return checked(*std::move(machine), topology_places{});
}

/// Where the node directories are: below `directory`, or below one of its subdirectories.
result<topology, failure> read_below(const std::string& source, const fs::path& directory,
                                     zone_policy policy) {
    const fs::path inside = fs::path("sys") / "devices" / "system" / "node";
    std::error_code status;
    std::vector<fs::path> found;
    if (fs::is_directory(directory / inside, status)) {
        found.push_back(directory / inside);
    } else {
        fs::directory_iterator entry(directory, status);
        for (; !status && entry != fs::directory_iterator(); entry.increment(status)) {
            std::error_code ignored;
            if (fs::is_directory(entry->path() / inside, ignored)) {
                found.push_back(entry->path() / inside);
            }
        }
    }
    if (found.size() == 1) return read_nodes(source, found.front(), policy);
    if (found.empty()) {
        return failure{error::not_found,
                       source + ": holds no sys/devices/system/node; give the directory above sys"};
    }
    return failure{error::invalid, concat(source, ": holds ", found.size(),
                                          " sysfs trees; give one of its subdirectories")};
}

}  // namespace

std::optional<std::uint64_t> parse_meminfo_total(std::string_view meminfo) {
    constexpr std::string_view name = "MemTotal:";
    constexpr std::string_view unit = "kB";
    const std::size_t at = meminfo.find(name);
    if (at == meminfo.npos) return std::nullopt;
    std::string_view rest = meminfo.substr(at + name.size());
    rest = trimmed(rest.substr(0, rest.find('\n')));
    if (!rest.ends_with(unit)) return std::nullopt;
    rest.remove_suffix(unit.size());
    const auto kib = parse_number(trimmed(rest), pfn_limit * (frame_bytes / 1024));
    if (!kib) return std::nullopt;
    return *kib * 1024;
}

std::optional<std::vector<std::uint8_t>> parse_distance_row(std::string_view row) {
    std::vector<std::uint8_t> distances;
    row = trimmed(row);
    while (!row.empty()) {
        const std::size_t end = std::min(row.find_first_of(" \t\n"), row.size());
        const auto value = parse_number(row.substr(0, end), 255);
        if (!value || *value < local_distance || distances.size() == node_count_max) {
            return std::nullopt;
        }
        distances.push_back(static_cast<std::uint8_t>(*value));
        row = trimmed(row.substr(end));
    }
    if (distances.empty()) return std::nullopt;
    return distances;
}

std::optional<std::vector<std::uint32_t>> distance_columns(
    std::size_t length, const std::vector<std::uint32_t>& online,
    const std::vector<std::uint32_t>& possible) {
    if (length == online.size()) return online;
    if (length == possible.size()) return possible;
    return std::nullopt;
}

result<topology, failure> read_sysfs_directory(const std::string& directory, zone_policy policy) {
    return read_below(directory, directory, policy);
}

result<topology, failure> read_sysfs_archive(const std::string& file, zone_policy policy) {
    const auto archive = extracted_archive::open(file);
    if (!archive) return archive.error();
    return read_below(file, archive->tree(), policy);
}

}  // namespace anypage
