// Rig: one allocator over the planned machine, and everything that a replay does to it, for any of
// its threads and handlers: ask and give back, with each page checked against the ledger and each
// failure put before the judge. Frames are numbers: there is no memory behind them.
#pragma once

#include <optional>

#include "cli/replay/ballast.hpp"
#include "cli/replay/judge.hpp"
#include "host/host_memory.hpp"
#include "hotplug/hotplug.hpp"

namespace anypage {

template <class P>
class rig {
public:
    using W = typename P::WorldT;

    explicit rig(const replay_plan& plan)
        : plan_(plan),
          shape_(plan.machine),
          pages_(plan.options.kernel, reclaim_hooks(), false),
          hotplug_(pages_, hotplug_config()),
          owners_(plan),
          ballast_(plan.zones.size()),
          crowd_(plan.zones.size()),
          judge_(plan, pages_.machine(), owners_) {}
    ~rig() {
        if (metadata_ != nullptr) unmap_metadata(metadata_, metadata_bytes_);
    }
    rig(const rig&) = delete;
    rig& operator=(const rig&) = delete;

    /// False: not enough memory for the metadata.
    bool set_up() {
        Arena measure;
        carve(measure);
        metadata_bytes_ = measure.used();
        metadata_ = map_metadata(metadata_bytes_);
        if (metadata_ == nullptr) return false;
        Arena arena(metadata_);
        carve(arena);
        std::vector<std::pair<ZoneId, PfnRange>> present;
        for (std::size_t zone = 0; zone < plan_.zones.size(); ++zone) {
            if (plan_.zones[zone].present.frames == 0) continue;
            present.emplace_back(id(zone), plan_.zones[zone].present);
        }
        if (!hotplug_.boot(present)) return false;
        judge_.settle();
        settle_marks();
        return true;
    }

    PageAllocator<P>& pages() { return pages_; }
    Hotplug<P>& hotplug() { return hotplug_; }
    Machine<W>& machine() { return pages_.machine(); }
    const replay_plan& plan() const { return plan_; }

    /// Everybody who may ever ask, before anybody does.
    void enroll(agent& who) { agents_.push_back(&who); }
    /// Whose allocation the write section contains, if the plan wants one there.
    void set_prober(agent& who) { prober_ = &who; }
    void set_mover(agent& who) { mover_ = &who; }

    /// One request; the page is entered as `owner`'s.
    std::optional<Pfn> ask(agent& who, const wish& asked, std::uint32_t owner) {
        const auto seen = judge_.look(asked);
        RequestTrace trace;
        Request<W> request{asked.flags, asked.order, asked.node, asked.allowed};
        request.nolock = asked.nolock;
        request.caller.in_interrupt = who.in_interrupt;
        request.trace = &trace;
        // A request may also refill a stock, and counts what it took for it at the end.
        who.taking.store_relaxed(
            std::max<std::uint64_t>(asked.order.frames(), Stocks<W>::refill_most));
        const std::uint64_t since = W::clock_ns();
        const result<Pfn> page = pages_.allocate(request);
        const std::uint64_t ns = W::clock_ns() - since;
        count(who, trace, ns, page.has_value());
        if (page) {
            accept(who, asked, *page, owner);
        } else {
            tally::add(who.counts->failures);
            const AllocFlags flags =
                asked.nolock ? alloc::WMARK_MIN
                             : slow_path_flags(asked.flags, asked.order, request.caller);
            const bool spurious = judge_.was_spurious(asked, flags, seen, taken_by_others(who));
            tally::add(spurious ? who.counts->spurious_failures : who.counts->undecided_failures);
        }
        who.taking.store_release(0);  // what was taken has been counted
        if (!page) return std::nullopt;
        return *page;
    }

    void give_back(agent& who, Pfn pfn, Order order) {
        const auto zone = zone_index(pfn);
        if (zone && owners_.covers(*zone, pfn, order)) owners_.strike(*zone, pfn, order);
        const std::uint64_t since = W::clock_ns();
        const FreeOutcome outcome = pages_.free(pfn, order);
        tally::add(who.counts->free_ns, W::clock_ns() - since);
        tally::add(outcome.fault == FreeFault::none ? who.counts->frees
                                                    : who.counts->misused_frees);
    }

    /// Brings the zone of a page back into its band. Threads only.
    void hold(agent& who, Pfn pfn) {
        if (!plan_.options.hold) return;
        if (const auto zone = zone_index(pfn)) hold_zone(who, *zone, hold_frames_max);
    }
    void hold_all(agent& who) {
        if (!plan_.options.hold) return;
        for (std::size_t zone = 0; zone < plan_.zones.size(); ++zone) {
            if (plan_.zones[zone].role == ZoneRole::stays) hold_zone(who, zone, hold_frames_max);
        }
    }
    /// Once, before anybody asks.
    void begin_hold(agent& who) {
        if (!plan_.options.hold) return;
        for (std::size_t zone = 0; zone < plan_.zones.size(); ++zone) {
            if (plan_.zones[zone].role != ZoneRole::stays) continue;
            ballast_.aim(zone, machine().zone(id(zone)));
            hold_zone(who, zone, ~std::uint64_t{0});
        }
    }
    void drop_ballast() {
        for (std::size_t zone = 0; zone < plan_.zones.size(); ++zone) {
            ballast_.drop(zone, machine().zone(id(zone)), owners_, W::cpu());
        }
    }

    /// Leaves a zone that has just come little to give, so that little must be moved before it can
    /// go again: the storm's rate is then that of hotplug, not of moving pages. The hotplug thread.
    void crowd(std::size_t zone) {
        if (!plan_.options.hold) return;
        auto& at = machine().zone(id(zone));
        for (const Order order : {order_max, bits::word_order, costly_order}) {
            const auto left = crowded_free_frames + static_cast<std::int64_t>(order.frames());
            while (at.free_frames() >= left) {
                const auto run = at.allocate(order, Migratetype::movable, W::cpu());
                if (!run) break;
                // Its first frame tells.
                owners_.enter(zone, *run, Order{0}, ledger::owner_ballast);
                crowd_[zone].push_back({*run, order});
            }
        }
    }
    void uncrowd(std::size_t zone) {
        for (const auto& [run, order] : crowd_[zone]) {
            owners_.strike(zone, run, Order{0});
            [[maybe_unused]] const auto outcome =
                machine().zone(id(zone)).free(run, order, W::cpu());
        }
        crowd_[zone].clear();
    }

    // Blocks: what the recording's allocations have become.

    static constexpr std::uint64_t block_none = 0;  ///< not allocated yet
    static constexpr std::uint64_t block_failed = ~std::uint64_t{0};
    static constexpr std::uint64_t block_freed = block_failed - 1;

    void clear_blocks() { blocks_ = std::make_unique<BlockWord[]>(plan_.recorded.blocks()); }
    void set_block(std::uint32_t block, std::optional<Pfn> page) {
        blocks_[block].store_release(page ? page->value + 1 : block_failed);
    }
    std::uint64_t block_state(std::uint32_t block) const { return blocks_[block].load_acquire(); }
    /// Takes the page out of a block, wherever it has moved.
    Pfn close_block(std::uint32_t block) {
        return Pfn{blocks_[block].exchange_acq_rel(block_freed) - 1};
    }
    bool is_open(std::uint32_t block) const {
        const std::uint64_t state = block_state(block);
        return state != block_none && state < block_freed;
    }

    /// Pages that no longer exist as free, after everything was given back and stocks are drained.
    std::uint64_t lost_pages() {
        std::int64_t lost = 0;
        for (std::size_t zone = 0; zone < plan_.zones.size(); ++zone) {
            while (pages_.drain(id(zone)) != 0) {
            }
            auto& each = machine().zone(id(zone));
            lost += std::abs(static_cast<std::int64_t>(each.managed()) - each.free_frames());
        }
        return static_cast<std::uint64_t>(lost);
    }

private:
    using BlockWord = NativeWorld::Atomic<std::uint64_t>;
    static constexpr std::uint64_t hold_frames_max = 512;
    static constexpr std::int64_t crowded_free_frames = 64;

    static ZoneId id(std::size_t zone) { return {static_cast<std::uint32_t>(zone)}; }
    std::optional<std::size_t> zone_index(Pfn pfn) const {
        const auto zone = pages_.machine().zone_of(pfn);
        if (!zone) return std::nullopt;
        return zone->value;
    }

    ReclaimHooks reclaim_hooks() {
        ReclaimHooks hooks;
        hooks.context = this;
        // Nothing can be reclaimed and nobody killed: a request that comes here would have been
        // somebody's end.
        hooks.out_of_memory = [](void* self, const ReclaimControl&) {
            static_cast<rig*>(self)->oom_kills_.fetch_add_relaxed(1);
            return false;
        };
        return hooks;
    }

    HotplugConfig hotplug_config() {
        HotplugConfig config;
        config.section_frames = plan_.machine.section_frames;
        if (plan_.options.hold) config.watermarks.watermark_scale_factor = wide_band;
        config.mover = {this, [](void* self, ZoneId zone, Pfn pfn, Order) {
                            static_cast<rig*>(self)->move(zone.value, pfn);
                        }};
        if (plan_.options.contexts.probe) {
            config.probe = {[](void* self) { static_cast<rig*>(self)->probe(); }, this};
        }
        return config;
    }
    // 10 % of a zone between one watermark and the next: room for the ballast's band.
    static constexpr std::uint64_t wide_band = 1000;

    void carve(Arena& arena) {
        pages_.carve(arena, shape_.shape());
        hotplug_.carve(arena);
    }

    // Without the zones that swing, the others' min marks may be higher: the judge must know.
    void settle_marks() {
        for (const std::size_t zone : plan_.targets) {
            [[maybe_unused]] const auto gone = hotplug_.offline(plan_.zones[zone].present, 0);
        }
        judge_.settle_marks();
        for (const std::size_t zone : plan_.targets) {
            [[maybe_unused]] const auto back = hotplug_.online(plan_.zones[zone].present, 0);
        }
    }

    void hold_zone(agent& who, std::size_t zone, std::uint64_t frames_max) {
        ballast_.adjust(zone, machine().zone(id(zone)), owners_, W::cpu(), frames_max,
                        [&who](std::uint64_t frames) { who.taking.store_release(frames); });
    }

    std::uint64_t taken_by_others(const agent& who) const {
        std::uint64_t frames = 0;
        for (const agent* each : agents_) {
            if (each != &who) frames += each->taking.load_acquire();
        }
        return frames;
    }

    void count(agent& who, const RequestTrace& trace, std::uint64_t ns, bool succeeded) {
        tally& counts = *who.counts;
        who.latency->add(ns);
        tally::add(counts.allocate_ns, ns);
        if (succeeded) tally::add(counts.allocations);
        if (!trace.slow_path) return;
        tally::add(counts.slow_paths);
        tally::add(counts.slow_ns, ns);
        tally::add(counts.slow_saw_rebuild, trace.saw_rebuild ? 1 : 0);
        tally::add(counts.restarts, trace.restarts);
        if (trace.begin_wait_ns == 0) return;
        tally::add(counts.waits);
        tally::add(counts.wait_ns, trace.begin_wait_ns);
        if (succeeded) tally::add(counts.needless_wait_ns, trace.begin_wait_ns);
    }

    void accept(agent& who, const wish& asked, Pfn pfn, std::uint32_t owner) {
        const auto zone = zone_index(pfn);
        if (!zone || !owners_.covers(*zone, pfn, asked.order) ||
            !judge_.permits(asked, *gfp_zone(asked.flags), *zone)) {
            tally::add(who.counts->misplaced_pages);
            if (!zone || !owners_.covers(*zone, pfn, asked.order)) return;
        }
        const std::uint64_t owned = owners_.enter(*zone, pfn, asked.order, owner);
        if (owned != 0) tally::add(who.counts->double_owned_pages, owned);
    }

    // The hotplug thread: takes a block's page elsewhere so that its zone can go.
    void move(std::size_t zone, Pfn pfn) {
        if (mover_ == nullptr || !owners_.covers(zone, pfn, Order{0})) return;
        uncrowd(zone);  // now that nobody can take it instead
        tally::add(mover_->counts->progress);
        const std::uint32_t owner = owners_.owner(zone, pfn);
        if (owner == ledger::owner_none || owner >= ledger::owner_ballast) return;
        const std::uint32_t block = owner - 1;
        const recorded_event& event = plan_.recorded.events()[plan_.event_of_block[block]];
        const Order order = event.order;
        std::uint64_t expected = pfn.value + 1;
        if (block_state(block) != expected) return;
        // As the kernel's alloc_migration_target: on whichever node there is room.
        const gfp_t flags = event.gfp.without(gfp::DIRECT_RECLAIM | gfp::NOFAIL | gfp::THISNODE);
        const wish asked{flags, order, plan_.node_of_cpu[event.cpu]};
        tally::add(mover_->counts->progress);  // one step of hotplug may have thousands to move
        const auto fresh = ask(*mover_, asked, owner);
        if (!fresh) return;
        if (blocks_[block].cas_acq_rel(expected, fresh->value + 1)) {
            give_back(*mover_, pfn, order);
            tally::add(mover_->counts->moved_pages);
            hold(*mover_, *fresh);
        } else {
            give_back(*mover_, *fresh, order);  // its owner was faster
        }
    }

    // A sanitizer's stack depot: any context, so no reclaim bit at all.
    void probe() {
        if (prober_ == nullptr) return;
        const typename W::Place here{"is in the stack depot, which allocates"};
        const wish asked{gfp::NOWARN | gfp::NOMEMALLOC, Order{0}, prober_->node};
        if (const auto page = ask(*prober_, asked, ledger::owner_passing)) {
            give_back(*prober_, *page, Order{0});
        }
    }

public:
    std::uint64_t oom_kills() const { return oom_kills_.load_relaxed(); }

private:
    const replay_plan& plan_;
    OwnedShape shape_;
    PageAllocator<P> pages_;
    Hotplug<P> hotplug_;
    ledger owners_;
    ballast ballast_;
    struct CrowdedRun {
        Pfn first;
        Order order;
    };
    std::vector<std::vector<CrowdedRun>> crowd_;  // by zone: they keep one that swings small
    judge<W> judge_;
    std::vector<agent*> agents_;
    agent* prober_ = nullptr;
    agent* mover_ = nullptr;
    std::unique_ptr<BlockWord[]> blocks_;
    NativeWorld::Atomic<std::uint64_t> oom_kills_{0};
    std::byte* metadata_ = nullptr;
    std::size_t metadata_bytes_ = 0;
};

}  // namespace anypage
