// Plan: what a replay will do, worked out before anything runs: which zones of the machine stay and
// are held scarce, which go and come, how much of each is there, which node each recorded CPU is
// on. A plain value that every protocol is run with.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cli/replay/recording.hpp"
#include "cli/replay/storm.hpp"
#include "host/machine_shape.hpp"
#include "host/topology.hpp"
#include "protocol/kernel_config.hpp"

namespace anypage {

enum class ZoneRole : std::uint8_t {
    absent,  ///< possible, but never there in this replay
    stays,   ///< there throughout; held between its min and low watermarks
    swings   ///< goes offline and comes back
};

struct planned_zone {
    NodeId node;
    ZoneIndex kind = ZoneIndex::normal;
    ZoneRole role = ZoneRole::absent;
    PfnRange present;              ///< what is there; empty if absent
    std::uint64_t first_slot = 0;  ///< where its frames begin in tables of all present frames
};

/// Who else allocates, beside the threads that replay.
struct replay_contexts {
    bool signals = false;  ///< a timer signal on every thread, whose handler allocates atomically
    bool fifo = false;     ///< a SCHED_FIFO thread on the hotplug thread's CPU
    bool pty = false;      ///< a pty writer that allocates under the console's port lock
    bool probe = false;    ///< an allocation from inside of the write section
};

struct replay_options {
    unsigned threads = 0;  ///< 0: one for each recorded CPU
    unsigned repeat = 1;   ///< how often the recording is replayed
    bool hold = true;      ///< keep the zones that stay between min and low
    double timeout_s = 5;  ///< without progress for so long: stuck
    std::uint64_t seed = 1;
    KernelConfig kernel{};
    replay_contexts contexts{};
};

struct replay_plan {
    const recording& recorded;
    const topology& machine;
    storm weather;
    replay_options options;

    std::vector<planned_zone> zones;                           ///< by ZoneId
    std::vector<std::size_t> targets;                          ///< zones that swing, in turn
    std::vector<NodeId> node_of_cpu;                           ///< by recorded CPU
    std::vector<std::vector<std::uint32_t>> events_of_thread;  ///< indices of events, ascending
    std::vector<std::uint32_t> event_of_block;                 ///< of its allocation
    std::uint64_t frames = 0;                                  ///< present frames of all zones
};

/// not_found, invalid: the storm names what the machine lacks, or leaves nothing that stays.
result<replay_plan, failure> make_plan(const recording& recorded, const topology& machine,
                                       const storm& weather, const replay_options& options);

}  // namespace anypage
