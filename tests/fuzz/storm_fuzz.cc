// Fuzz: whatever the text, the reader of storms returns one that keeps its limits, or a failure
// that names its place.
#include <algorithm>
#include <cstdlib>

#include "cli/replay/storm.hpp"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void require_limits(const anypage::storm& weather) {
    require(weather.name == "fuzz");
    require(weather.pause_ns <= 60'000'000'000);
    for (const anypage::storm_swing& swing : weather.swings) {
        require(swing.sections >= 1 && swing.sections <= 4096);
        require(!swing.kind || *swing.kind < anypage::ZoneIndex::device);
        require(std::is_sorted(swing.nodes.begin(), swing.nodes.end()));
        require(std::adjacent_find(swing.nodes.begin(), swing.nodes.end()) == swing.nodes.end());
        require(swing.nodes.empty() || swing.nodes.back().value < anypage::node_count_max);
        require(swing.line >= 1);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto weather = anypage::parse_storm(text, "fuzz");
    if (weather) {
        require_limits(*weather);
    } else {
        require(weather.error().message.starts_with("fuzz:"));
    }
    return 0;
}
