// Fuzz: the texts of a sysfs tree. What is understood fulfils what the readers rely on, and a list
// that is written out is read again as itself.
#include <algorithm>
#include <cstdlib>

#include "host/id_list.hpp"
#include "host/quantity.hpp"
#include "host/topology_sysfs.hpp"

namespace {

using Ids = std::vector<std::uint32_t>;

void require(bool condition) {
    if (!condition) std::abort();
}

void require_ids(const Ids& ids) {
    require(std::is_sorted(ids.begin(), ids.end()));
    require(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
    require(ids.empty() || ids.back() < anypage::cpu_limit);
    const std::string text = anypage::format_id_list(std::span<const std::uint32_t>(ids));
    require(anypage::parse_id_list(text, anypage::cpu_limit) == ids);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto ids = anypage::parse_id_list(text, anypage::cpu_limit)) require_ids(*ids);
    if (const auto ids = anypage::parse_id_map(text, anypage::cpu_limit)) require_ids(*ids);
    if (const auto row = anypage::parse_distance_row(text)) {
        require(!row->empty() && row->size() <= anypage::node_count_max);
        require(*std::min_element(row->begin(), row->end()) >= 10);
    }
    if (const auto bytes = anypage::parse_meminfo_total(text)) {
        require(*bytes / anypage::frame_bytes <= anypage::pfn_limit);
    }
    if (const auto bytes = anypage::parse_bytes(text)) {
        require(!anypage::format_bytes(*bytes).empty());
    }
    return 0;
}
