// Reads the shipped recordings.
#include "recorded.hpp"

#include "alloc/gfp_zone.hpp"
#include "cli/replay/load_recording.hpp"

namespace anypage::bench {
namespace {

Migratetype type_of(const recorded_event& event) {
    return event.migratetype < migratetype_count ? static_cast<Migratetype>(event.migratetype)
                                                 : gfp_migratetype(event.gfp);
}

Recorded load(const char* name, const char* file) {
    Recorded result;
    result.name = name;
    const auto read = load_recording(ANYPAGE_SOURCE_DIR "/data/recordings/" + std::string(file));
    if (!read) {
        result.missing = read.error().message;
        return result;
    }
    result.blocks = read->blocks();
    for (const recorded_event& event : read->events()) {
        const bool allocates = event.kind == event_kind::allocate;
        result.steps.push_back({event.block, allocates, event.order, type_of(event)});
    }
    return result;
}

}  // namespace

const std::vector<Recorded>& all_recorded() {
    static const std::vector<Recorded> all = {load("redis", "redis.ptrc.xz"),
                                              load("vm_sort", "vm_sort.ptrc.xz"),
                                              load("small", "small.perf.txt")};
    return all;
}

}  // namespace anypage::bench
