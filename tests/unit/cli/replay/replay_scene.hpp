// Recordings, machines and reports for tests of the replay, from a few words each.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/replay/plan.hpp"
#include "cli/replay/watch.hpp"
#include "host/topology_toml.hpp"

namespace anypage::test {

inline recorded_event allocates(std::uint32_t block, std::uint16_t cpu = 0, unsigned order = 0,
                                gfp_t flags = gfp::KERNEL) {
    recorded_event event;
    event.block = block;
    event.gfp = flags;
    event.cpu = cpu;
    event.order.value = static_cast<std::uint8_t>(order);
    return event;
}
inline recorded_event frees(std::uint32_t block, std::uint16_t cpu = 0, unsigned order = 0) {
    recorded_event event = allocates(block, cpu, order, {});
    event.kind = event_kind::free;
    return event;
}

inline recording recorded(std::vector<recorded_event> events, std::uint32_t cpus = 1) {
    recording::parts parts;
    parts.name = "a recording";
    parts.events = std::move(events);
    for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) parts.cpus.push_back(CpuId{cpu});
    return recording(std::move(parts));
}
inline recording recorded_nothing() { return recorded({}); }

/// The machine of a topology file (docs/topology-format.md).
inline topology machine_of(std::string_view toml) {
    auto machine = read_toml("machine.toml", toml, {});
    EXPECT_TRUE(machine.has_value()) << machine.error().message;
    return *std::move(machine);
}

inline storm storm_of(std::string_view toml) {
    auto weather = parse_storm(toml, "storm.toml");
    EXPECT_TRUE(weather.has_value()) << weather.error().message;
    return *std::move(weather);
}

/// An empty report, where a replay would have it.
inline shared_report empty_report() {
    void* memory = mmap(nullptr, sizeof(replay_report), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    EXPECT_NE(memory, MAP_FAILED);
    return shared_report(static_cast<replay_report*>(memory));
}
/// One thread more in a report.
inline thread_report& add_thread(replay_report& report, thread_role role, std::uint32_t index = 0) {
    thread_report& thread = report.threads[report.thread_count++];
    thread.role = role;
    thread.index = index;
    return thread;
}

}  // namespace anypage::test
