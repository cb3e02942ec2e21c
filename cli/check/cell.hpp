// Cell: one protocol, one kind of kernel, one kind of caller: what is explored of it. The real
// protocol, the real walk and the real slow path over specification zones (spec_zone.hpp), one
// node with zones NORMAL, which stays, and MOVABLE, which a hotplug thread removes or adds.
#pragma once

#include <string>
#include <vector>

#include "check/explore.hpp"

namespace anypage::cli {

/// Who asks for a page while the zonelists are rebuilt, and how.
enum class CallerKind : std::uint8_t {
    reclaiming,  ///< a thread, GFP_KERNEL
    nowait,      ///< a thread, GFP_NOWAIT
    fifo,        ///< a SCHED_FIFO thread on the writer's CPU, GFP_KERNEL
    softirq,     ///< a softirq on the writer's CPU, GFP_ATOMIC
    hardirq,     ///< a hardirq on the writer's CPU, GFP_ATOMIC
    nmi,         ///< an NMI on the writer's CPU: alloc_pages_nolock; with snapshot GFP_ATOMIC
    signal,      ///< a signal handler on the writer's thread, GFP_ATOMIC
    pty,         ///< a tty writer that holds port->lock, GFP_ATOMIC; the rebuild prints
    diagnostic,  ///< the same, and something may print once at any point of the write section
    depot,       ///< instrumentation that allocates at any point of the write section
};
inline constexpr unsigned caller_kinds = 10;
const char* name_of(CallerKind kind);

/// The kernel that a protocol is explored on.
struct Platform {
    check::Preemption preemption = check::Preemption::full;
    unsigned cpus = 2;
    bool hotremove = true;
    unsigned check_sites = 3;
    // What may be assumed beyond the configuration.
    bool throttling = false;      ///< sched_rt_runtime_us: who only waits lets others run
    bool reclaim_sleeps = false;  ///< direct reclaim always sleeps once, and frees nothing
};

struct CellKey {
    std::string protocol;
    Platform platform;
    CallerKind caller{};
};

/// What hotplug does meanwhile.
enum class Change : std::uint8_t {
    remove,       ///< a thread removes the zone
    add,          ///< it adds it
    twice,        ///< it removes it, and adds it again
    two_writers,  ///< it removes it, and another thread rebuilds the zonelists, too
};
inline constexpr unsigned change_kinds = 4;
const char* name_of(Change change);
/// "hotplug removes a zone".
const char* sentence_of(Change change);

struct CellPart {
    Change change{};
    check::Model model{};
    check::Result result;
};

/// Names of the protocols, in the order of the field.
const std::vector<std::string>& protocol_names();

struct CellLimits {
    std::uint64_t states = 2'000'000;
    double seconds = 60;
};

/// How much of a cell, and by how many processes.
struct CellSearch {
    CellLimits limits;
    std::vector<check::Model> models;
    bool deep = false;       ///< hotplug twice and by two writers, too
    unsigned processes = 1;  ///< that share an exploration
    std::string folder;      ///< where explorations are kept, to go on with them; empty: nowhere
    std::function<bool()> stop{};
};

/// How one part of a cell is explored: until each property is settled.
check::ExploreConfig cell_config(const CellKey& key, check::Model model, const CellLimits& limits);

/// Explores a cell, one part after the other. Throws check::CheckpointError.
std::vector<CellPart> explore_cell(const CellKey& key, const CellSearch& search);

/// One part of it as a scenario, for replaying a schedule.
check::Scenario cell_scenario(const CellKey& key, Change change);

// Properties, by the words in which they are violated.
inline constexpr const char* no_spurious_failure = "no request fails for nothing";
inline constexpr const char* no_needless_kill = "nobody is killed for nothing";
inline constexpr const char* no_misplaced_page = "no page from where it may not come";

}  // namespace anypage::cli
