// Hotplug: sections go online and offline, in the kernel's order of steps (mm/memory_hotplug.c,
// 6.12: online_pages, offline_pages), beside allocations and frees in any context, none of whom
// waits for it. Its own callers are threads; they exclude each other by a sleeping lock.
//
// Online: notify going_online; memory behind the frames; managed and present; zonelists rebuilt if
// the zone was empty; rows filled, last of what may fail, and opened; watermarks; notify online.
//
// Offline: stocks held and drained; rows isolated; notify going_offline; what is free is taken,
// again until all is or the wait is over; rows closed; managed and present; watermarks; zonelists
// rebuilt if the zone is empty; notify offline; memory given back. Pages in use make it refuse, and
// are named, unless their owner moves them.
#pragma once

#include "../alloc/page_allocator.hpp"
#include "config.hpp"
#include "notifier.hpp"
#include "report.hpp"
#include "sections.hpp"

namespace anypage {

template <class P>
class Hotplug {
public:
    using W = typename P::WorldT;

    Hotplug(PageAllocator<P>& pages, const HotplugConfig& config)
        : pages_(pages),
          machine_(pages.machine()),
          config_(config),
          sections_(machine_, config.section_frames) {}

    void carve(Arena& arena) {
        taken_ = arena.array<std::uint64_t>(config_.section_frames / layout::word_frames);
    }

    /// Before anybody allocates: the ranges that are there at the start, and the first zonelists.
    template <class Ranges>
    result<bool> boot(const Ranges& ranges) {
        for (const auto& [zone, range] : ranges) {
            if (!sections_.is_whole(zone, range) || !populate(zone, range)) return error::no_memory;
            count(zone, static_cast<std::int64_t>(range.frames));
        }
        pages_.protocol().rebuild(machine_, config_.probe);
        for (const auto& [zone, range] : ranges) open(zone, range);
        setup_watermarks(machine_, config_.watermarks);
        // Once more: min_free_kbytes depends on the high marks of the round before.
        setup_watermarks(machine_, config_.watermarks);
        return true;
    }

    /// Brings an offline range of whole sections of one zone online. `wait_ticks` is how long the
    /// writer may wait for readers that hold every snapshot, in scheduler ticks. invalid: not whole
    /// sections of an allocatable zone, or partly online; vetoed; no_memory: nothing to put behind
    /// it; busy: readers hold every snapshot. On an error nothing has changed.
    result<std::uint64_t> online(PfnRange range, unsigned wait_ticks) {
        const Section section(lock_);
        const auto zone = machine_.zone_of(range.first);
        if (!zone || !sections_.is_whole(*zone, range) || !sections_.all_offline(*zone, range)) {
            return error::invalid;
        }
        if (!tell(MemoryEvent::going_online, *zone, range)) {
            tell(MemoryEvent::cancel_online, *zone, range);
            return error::vetoed;
        }
        if (!populate(*zone, range)) {
            tell(MemoryEvent::cancel_online, *zone, range);
            return error::no_memory;
        }
        const bool was_empty = !machine_.zone(*zone).populated();
        count(*zone, static_cast<std::int64_t>(range.frames));
        if (was_empty && !rebuild(wait_ticks)) {
            count(*zone, -static_cast<std::int64_t>(range.frames));
            release(*zone, range);
            tell(MemoryEvent::cancel_online, *zone, range);
            return error::busy;
        }
        open(*zone, range);
        setup_watermarks(machine_, config_.watermarks);
        pages_.drain(*zone);  // its stocks open anew, with the limits of a larger zone
        tell(MemoryEvent::online, *zone, range);
        return range.frames;
    }

    /// Takes an online range offline, section by section. What is in use stays, and is named. Waits
    /// up to `wait_ticks` ticks for pages on their way. invalid, vetoed: nothing has changed; else
    /// the report says how far it came.
    result<OfflineReport> offline(PfnRange range, unsigned wait_ticks) {
        const Section section(lock_);
        const auto zone = machine_.zone_of(range.first);
        if (!zone || !sections_.is_whole(*zone, range) || !sections_.all_online(*zone, range)) {
            return error::invalid;
        }
        OfflineReport report;
        bool refused = false;  // by a notifier, before anything had changed
        sections_.for_each(range, [&](PfnRange part) {
            if (refused) return;
            const Outcome outcome = offline_section(*zone, part, wait_ticks, report);
            refused = outcome == Outcome::vetoed && part.first == range.first;
            if (outcome != Outcome::done) report.left += part.frames;
        });
        if (refused) return error::vetoed;
        report.rebuild_pending = rebuild_pending_;
        return report;
    }

    /// Takes every online section of a node offline. not_found: no such node.
    result<OfflineReport> offline_node(NodeId node, unsigned wait_ticks) {
        const auto position = machine_.position(node);
        if (!position) return error::not_found;
        OfflineReport total;
        for (unsigned kind = 0; kind < zone_index_count; ++kind) {
            const auto zone = machine_.zone_of(*position, static_cast<ZoneIndex>(kind));
            if (!zone) continue;
            sections_.for_each_online(*zone, [&](PfnRange part) {
                const auto report = offline(part, wait_ticks);
                if (report) {
                    total += *report;
                } else {
                    total.left += part.frames;
                }
            });
        }
        return total;
    }

    const Sections<W>& sections() const { return sections_; }

    /// Monotone count of rebuilt zonelists. Any context.
    std::uint64_t rebuilds() const { return rebuilds_.load_relaxed(); }

    /// Rebuilds although nothing has changed (the kernel's sysctl did; tests and benchmarks do).
    bool rebuild_now(unsigned wait_ticks) {
        const Section section(lock_);
        return rebuild(wait_ticks);
    }

    void add_notifier(Notifier& notifier) {
        const Section section(lock_);
        notifiers_.add(notifier);
    }
    void remove_notifier(Notifier& notifier) {
        const Section section(lock_);
        notifiers_.remove(notifier);
    }

private:
    class Section {
    public:
        explicit Section(typename W::Lock& lock) : lock_(lock) { lock_.lock(); }
        ~Section() { lock_.unlock(); }
        Section(const Section&) = delete;
        Section& operator=(const Section&) = delete;

    private:
        typename W::Lock& lock_;
    };

    bool tell(MemoryEvent event, ZoneId zone, PfnRange range) {
        return notifiers_.tell(
            {event, machine_.zone(zone).node(), machine_.zone(zone).kind(), range});
    }
    bool populate(ZoneId zone, PfnRange range) {
        const auto& memory = config_.memory;
        return memory.populate == nullptr || memory.populate(memory.context, zone, range);
    }
    void release(ZoneId zone, PfnRange range) {
        const auto& memory = config_.memory;
        if (memory.release != nullptr) memory.release(memory.context, zone, range);
    }

    /// Frames that come or go, as managed and present ones.
    void count(ZoneId id, std::int64_t frames) {
        machine_.zone(id).adjust_managed(frames);
        machine_.zone(id).adjust_present(frames);
    }
    // There is no way back from here: a claim that looked at the rows when they were online before
    // may succeed as soon as they are filled.
    void open(ZoneId id, PfnRange range) {
        machine_.zone(id).fill_range(range);
        machine_.zone(id).open_range(range);
    }

    bool rebuild(unsigned wait_ticks) {
        for (unsigned tick = 0;; ++tick) {
            if (pages_.protocol().rebuild(machine_, config_.probe)) {
                rebuilds_.fetch_add_relaxed(1);
                rebuild_pending_ = false;
                return true;
            }
            if (tick >= wait_ticks) return false;
            W::sleep_tick();
        }
    }

    enum class Outcome { done, vetoed, in_use };

    Outcome offline_section(ZoneId id, PfnRange range, unsigned wait_ticks, OfflineReport& report) {
        Zone<W>& zone = machine_.zone(id);
        pages_.stocks().hold(id);
        zone.isolate_range(range);
        const bool agreed = tell(MemoryEvent::going_offline, id, range);
        const std::uint64_t taken = agreed ? take_all(id, range, wait_ticks) : 0;
        if (taken != range.frames) {
            if (agreed) name_blockers(zone, range, report);
            zone.put_back_range(range, taken_, taken);
            clear_taken(range);
            pages_.stocks().release(id);
            tell(MemoryEvent::cancel_offline, id, range);
            return agreed ? Outcome::in_use : Outcome::vetoed;
        }
        clear_taken(range);
        zone.close_range(range);
        count(id, -static_cast<std::int64_t>(range.frames));
        setup_watermarks(machine_, config_.watermarks);
        pages_.stocks().release(id);  // they open with the limits of a smaller zone
        // A list that still shows the empty zone is harmless: there is nothing to take in it. So
        // the memory need not wait for readers that hold every snapshot; the next rebuild makes it
        // good.
        if (!zone.populated() || rebuild_pending_) rebuild_pending_ = !rebuild(wait_ticks);
        tell(MemoryEvent::offline, id, range);
        release(id, range);
        report.offlined += range.frames;
        return Outcome::done;
    }

    /// Takes what is free until all is taken or the wait is over; how many.
    std::uint64_t take_all(ZoneId id, PfnRange range, unsigned wait_ticks) {
        std::uint64_t count = 0;
        for (unsigned tick = 0;; ++tick) {
            // Twice: the second time also finds what was on its way from a stock, and what moved.
            for (int round = 0; round < 2 && count != range.frames; ++round) {
                pages_.drain(id);
                count += machine_.zone(id).sweep_range(range, taken_);
                if (count != range.frames) move_pages(id, range);
            }
            if (count != range.frames) count += machine_.zone(id).sweep_range(range, taken_);
            if (count == range.frames || tick >= wait_ticks) return count;
            W::sleep_tick();
        }
    }

    void move_pages(ZoneId id, PfnRange range) {
        const PageMover& mover = config_.mover;
        if (mover.move == nullptr) return;
        machine_.zone(id).for_each_allocated(range, taken_, [&](Pfn pfn, Order order) {
            mover.move(mover.context, id, pfn, order);
        });
    }

    void name_blockers(const Zone<W>& zone, PfnRange range, OfflineReport& report) const {
        zone.for_each_allocated(range, taken_, [&](Pfn pfn, Order order) {
            if (report.blocker_count < OfflineReport::blockers_max) {
                report.blockers[report.blocker_count] = {pfn, order};
            }
            ++report.blocker_count;
        });
    }

    void clear_taken(PfnRange range) {
        const std::uint64_t words = layout::divide_up(range.frames, layout::word_frames);
        std::fill(taken_, taken_ + words, 0);
    }

    PageAllocator<P>& pages_;
    Machine<W>& machine_;
    const HotplugConfig config_;
    const Sections<W> sections_;
    typename W::Lock lock_{LockKind::spin, true, "waits for the hotplug lock"};
    NotifierList notifiers_;
    std::uint64_t* taken_ = nullptr;  // of the section that is going offline, a bit a frame
    bool rebuild_pending_ = false;    // zonelists show a zone that is empty
    typename W::template Atomic<std::uint64_t> rebuilds_{0};
};

}  // namespace anypage
