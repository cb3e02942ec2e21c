// Storms: presets and TOML files.
#include "cli/replay/storm.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "host/id_list.hpp"
#include "host/text.hpp"
#include "host/toml_reader.hpp"

namespace anypage {
namespace {

constexpr std::uint64_t gentle_pause_ns = 10'000'000;
constexpr std::uint64_t pause_us_max = 60'000'000;
constexpr std::uint64_t sections_max = 4096;

std::vector<NodeId> read_nodes(toml_reader& reader, const toml::table& table) {
    std::vector<NodeId> nodes;
    const auto text = reader.text(table, "nodes");
    if (!text || *text == "all") return nodes;
    const auto ids = parse_id_list(*text, node_count_max);
    if (!ids || ids->empty()) {
        reader.fail(toml_reader::line_of(table, "nodes"),
                    concat("nodes = \"", *text, "\" is not a list of nodes; write \"all\" or ids ",
                           "below ", node_count_max, " such as \"0-3,8\""));
        return nodes;
    }
    for (const std::uint32_t id : *ids) nodes.push_back(NodeId{static_cast<std::uint16_t>(id)});
    return nodes;
}

storm_swing read_swing(toml_reader& reader, const toml::table& table) {
    reader.allow_keys(table, "[[swing]]", {"nodes", "zones", "sections"});
    storm_swing swing;
    swing.line = toml_reader::line_of(table);
    swing.nodes = read_nodes(reader, table);
    const auto kind = reader.choice(table, "zones", {"DMA", "DMA32", "Normal", "Movable", "all"});
    if (kind && *kind < 4) swing.kind = static_cast<ZoneIndex>(*kind);
    swing.sections = reader.number(table, "sections", 1, sections_max).value_or(1);
    return swing;
}

}  // namespace

result<storm, failure> parse_storm(std::string_view text, const std::string& name) {
    toml_reader reader(name);
    const toml::table root = reader.parse(text);
    reader.allow_keys(root, "a storm", {"moves", "pause_us", "swing"});
    storm result;
    result.name = name;
    result.moves = reader.flag(root, "moves").value_or(true);
    result.pause_ns = reader.number(root, "pause_us", 0, pause_us_max).value_or(0) * 1000;
    for (const toml::table* each : reader.tables(root, "swing")) {
        result.swings.push_back(read_swing(reader, *each));
    }
    if (reader.fault()) return *reader.fault();
    return result;
}

result<storm, failure> load_storm(const std::string& name_or_path) {
    if (name_or_path == "none") return storm{name_or_path, false, 0, {}};
    if (name_or_path == "gentle") return storm{name_or_path, true, gentle_pause_ns, {}};
    if (name_or_path == "storm") return storm{name_or_path, true, 0, {}};
    std::ifstream file;
    // A directory opens like a file, and throws when it is read.
    std::error_code unknown;
    if (!std::filesystem::is_directory(name_or_path, unknown)) {
        file.open(name_or_path, std::ios::binary);
    }
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file.is_open() || file.bad()) {
        return failure{error::not_found,
                       concat("cannot read the storm ", name_or_path,
                              "; give none, gentle, storm, or a TOML file (docs/storms.md)")};
    }
    return parse_storm(text, name_or_path);
}

}  // namespace anypage
