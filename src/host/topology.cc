// Topology: finding nodes by id, and choosing the reader that a source calls for. The readers do
// the reading; this is also where an exception of a library ends and becomes a failure.
#include "topology.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <new>

#include "archive.hpp"
#include "id_list.hpp"
#include "quantity.hpp"
#include "text.hpp"
#include "topology_check.hpp"
#include "topology_hwloc.hpp"
#include "topology_sysfs.hpp"
#include "topology_toml.hpp"

namespace anypage {
namespace fs = std::filesystem;
namespace {

/// The largest XML export known has a few MiB.
constexpr std::size_t text_bytes_max = std::size_t{64} << 20;

/// Runs a reader; what it throws (memory, a file system's oddities) becomes a failure.
template <class Reader>
result<topology, failure> guarded(std::string_view source, Reader reader) {
    try {
        return reader();
    } catch (const std::bad_alloc&) {
        return failure{error::no_memory, "out of memory while reading a topology; describe less"};
    } catch (const std::exception& problem) {
        return failure{error::invalid, concat(source, ": cannot be read (", problem.what(), ")")};
    }
}

result<std::string, failure> read_text(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text;
    char part[4096];
    while (in.read(part, sizeof part), in.gcount() > 0) {
        text.append(part, static_cast<std::size_t>(in.gcount()));
        if (text.size() > text_bytes_max) {
            return failure{error::invalid,
                           concat(file, ": larger than ", format_bytes(text_bytes_max),
                                  "; this is not a topology")};
        }
    }
    if (in.bad() || !in.eof()) {
        return failure{error::not_found, file + ": cannot be read; check its permissions"};
    }
    return text;
}

/// XML begins with '<', which no TOML file does.
result<topology, failure> read_text_file(const std::string& file, zone_policy policy) {
    const auto text = read_text(file);
    if (!text) return text.error();
    if (trimmed(*text).starts_with('<')) return read_hwloc_xml(file, *text, policy);
    return read_toml(file, *text, policy);
}

/// "node:4 pu:2", "2 3 4": not a name that a missing file would have.
bool looks_synthetic(std::string_view source) {
    if (source.find('/') != source.npos) return false;
    return source.find_first_of(":[ ") != source.npos ||
           source.find_first_not_of("0123456789") == source.npos;
}

result<topology, failure> dispatch(const std::string& source, zone_policy policy) {
    if (source == "host") return read_hwloc_host(policy);
    std::error_code status;
    const fs::file_status kind = fs::status(source, status);
    if (fs::is_directory(kind)) return read_sysfs_directory(source, policy);
    if (fs::exists(kind)) {
        return extracted_archive::is_archive_name(source) ? read_sysfs_archive(source, policy)
                                                          : read_text_file(source, policy);
    }
    if (!source.empty() && looks_synthetic(source)) return read_hwloc_synthetic(source, policy);
    return failure{error::not_found,
                   concat(source,
                          ": no such file; a topology is \"host\", a TOML or hwloc XML "
                          "file, a sysfs tree or a tar archive of one, or a description "
                          "such as \"node:4 pu:2\"")};
}

}  // namespace

std::size_t topology::position(NodeId id) const {
    const auto found =
        std::lower_bound(nodes.begin(), nodes.end(), id,
                         [](const topology_node& node, NodeId wanted) { return node.id < wanted; });
    if (found == nodes.end() || found->id != id) return nodes.size();
    return static_cast<std::size_t>(found - nodes.begin());
}

result<topology, failure> topology::host(zone_policy policy) {
    return guarded("host", [&] { return read_hwloc_host(policy); });
}

result<topology, failure> topology::load(std::string_view source, zone_policy policy) {
    return guarded(source, [&] { return dispatch(std::string(source), policy); });
}

result<topology, failure> topology::synthetic(std::string_view description, zone_policy policy) {
    return guarded(description, [&] { return read_hwloc_synthetic(description, policy); });
}

result<topology, failure> checked(topology candidate) {
    const std::string source = candidate.source;
    return guarded(source, [&] { return checked(std::move(candidate), topology_places{}); });
}

}  // namespace anypage
