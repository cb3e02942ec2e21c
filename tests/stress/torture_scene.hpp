// TortureScene: what the torture test tortures. A machine with the allocator of the public face
// (snapshots, stocks, not checked), who owns which frame, runs on their way from one thread to
// another, what each version of the topology shows, and counts of all that happens. For any number
// of threads and their handlers.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>

#include "protocol/snapshot.hpp"
#include "tests/support/stress.hpp"
#include "tests/support/test_machine.hpp"
#include "world/native.hpp"

namespace anypage::torture {

using W = NativeWorld;
using P = protocol::snapshot<W>;
using Tally = std::atomic<std::uint64_t>;

struct Run {
    Pfn pfn;
    Order order;
};

/// Three nodes; what lies on the first one's Normal zone is never short.
inline constexpr std::uint32_t zone_stays = 0;
inline constexpr std::uint32_t zone_short = 3;  ///< somebody takes all of it again and again
inline constexpr std::uint64_t section_frames = 512;
inline constexpr std::uint64_t zone_sections[] = {32, 1, 1, 4};
inline constexpr std::uint16_t node_ids[] = {0, 2, 5};
/// Nodes by distance from each; by position.
inline constexpr std::uint16_t nearest_first[3][3] = {{0, 1, 2}, {1, 0, 2}, {2, 1, 0}};

struct Counts {
    Tally allocations{0}, failures{0}, faults{0};
    Tally passed{0};  ///< runs that one thread has left to another
    Tally threads{0}, moves{0}, signals{0};
    Tally publications{0}, changes{0}, busy{0};  ///< those that show other zones; slots all held
    Tally readings{0}, torn{0};
    Tally offlined{0}, refused{0};  ///< sections
    Tally shut{0}, reopened{0};     ///< stocks, found so after a shortage
};

/// Runs that are passed on: who puts one in takes out what was there.
class Mail {
public:
    std::optional<Run> exchange(std::uint32_t number, std::optional<Run> put) {
        const std::uint64_t word = put ? put->pfn.value << 8 | (put->order.value + 1u) : 0;
        const std::uint64_t out = boxes_[number % box_count].exchange(word);
        if (out == 0) return std::nullopt;
        return Run{Pfn{out >> 8}, Order{static_cast<std::uint8_t>((out & 0xff) - 1)}};
    }

    static constexpr std::uint32_t box_count = 64;

private:
    std::array<Tally, box_count> boxes_{};
};

/// Which zones the latest versions of the topology show, a bit each, as their writer knows it.
class Editions {
public:
    // Relaxed: a version's note comes before its publication, and a reader's pin after that.
    void note(std::uint64_t generation, unsigned zones) {
        notes_[generation % size].store(generation << zone_bits | zones, std::memory_order_relaxed);
    }
    /// Nothing: too many versions came after it.
    std::optional<unsigned> find(std::uint64_t generation) const {
        const std::uint64_t note = notes_[generation % size].load(std::memory_order_relaxed);
        if (note >> zone_bits != generation) return std::nullopt;
        return static_cast<unsigned>(note & ((1u << zone_bits) - 1));
    }

private:
    static constexpr std::size_t size = 4096;
    static constexpr unsigned zone_bits = 8;
    std::unique_ptr<Tally[]> notes_{new Tally[size]{}};
};

class Scene {
public:
    Scene() {
        pages().set_fault_sink({[](void* self, Pfn, Order, const FreeOutcome&) {
                                    ++static_cast<Scene*>(self)->counts.faults;
                                },
                                this});
    }

    PageAllocator<P>& pages() { return machine.pages; }
    bool goes_on() const { return !over_.load(std::memory_order_relaxed); }
    void end() { over_ = true; }
    bool is_sound() const {
        return counts.failures == 0 && counts.faults == 0 && counts.torn == 0 &&
               owners.conflicts() == 0;
    }

    std::optional<Run> allocate(const Request<W>& request) {
        const auto page = pages().allocate(request);
        if (!page) return std::nullopt;
        owners.take(*page, request.order);
        counts.allocations.fetch_add(1, std::memory_order_relaxed);
        return Run{*page, request.order};
    }
    /// One that some zone which stays can serve, if it is for a single frame.
    std::optional<Run> allocate_anywhere(const Request<W>& request) {
        const auto run = allocate(request);
        if (!run && request.order.value == 0) ++counts.failures;
        return run;
    }
    void free(Run run) {
        owners.give(run.pfn, run.order);
        if (pages().free(run.pfn, run.order).fault != FreeFault::none) ++counts.faults;
    }
    /// Frees it, or leaves it to somebody else and frees what somebody has left.
    void give(Run run, std::uint32_t number) {
        const bool small = run.order.value <= 4;
        if (!small || number % 4 != 0) return free(run);
        counts.passed.fetch_add(1, std::memory_order_relaxed);
        if (const auto other = mail.exchange(number / 4, run)) free(*other);
    }

    Counts counts;
    test::OwnerTable owners{8 * layout::tree_frames};
    Mail mail;
    Editions editions;
    test::TestMachine<P> machine{plan()};

private:
    test::MachinePlan plan() {
        test::MachinePlan plan;
        plan.node_ids.assign(std::begin(node_ids), std::end(node_ids));
        plan.cpus = {1, 1, 0};
        plan.distances = {10, 20, 40, 20, 10, 30, 40, 30, 10};
        plan.zones = {{0, ZoneIndex::normal, zone_sections[0] * section_frames},
                      {0, ZoneIndex::movable, zone_sections[1] * section_frames},
                      {1, ZoneIndex::normal, zone_sections[2] * section_frames},
                      {2, ZoneIndex::normal, zone_sections[3] * section_frames}};
        plan.checked = false;
        plan.hotplug.section_frames = section_frames;
        plan.hotplug.probe = {[](void* self) { static_cast<Scene*>(self)->note_next(); }, this};
        return plan;
    }

    /// The writer, while it builds the next version.
    void note_next() {
        unsigned zones = 0;
        for (std::uint32_t id = 0; id < std::size(zone_sections); ++id) {
            zones |= machine.zone(id).populated() ? 1u << id : 0;
        }
        editions.note(pages().protocol().generation() + 1, zones);
        if (zones != shown_) ++counts.changes;
        shown_ = zones;
    }

    unsigned shown_ = 0;  // the writer's
    std::atomic<bool> over_{false};
};

}  // namespace anypage::torture
