// The patch of the mail, pasted: the functions of mm/page_alloc.c that it changes, with its lines
// as they are, and round them as much of the page allocator as shows what they do: two zones, a
// zonelist that a hotplug thread rewrites, a request that walks it. What had to change is said
// where it is.
#pragma once

#include <anypage/check_kernel.hpp>

namespace anypage::patch {

using namespace anypage::check::kernel;

using gfp_t = unsigned;
inline constexpr gfp_t __GFP_DIRECT_RECLAIM = 0x400;
inline constexpr gfp_t GFP_KERNEL = __GFP_DIRECT_RECLAIM;
inline constexpr gfp_t GFP_ATOMIC = 0;

inline constexpr const char* no_spurious_failure = "no request fails for nothing";
inline constexpr const char* no_needless_kill = "nobody is killed for nothing";
inline constexpr const char* no_misplaced_page = "no page from where it may not come";

enum zone_type : u32 { ZONE_NORMAL, ZONE_MOVABLE, no_zone };

/// mm/page_alloc.c. Its functions are members, not static, because their variables are; all else is
/// the patch's.
struct page_alloc {
    bool CONFIG_MEMORY_HOTREMOVE = true;
    bool judges_zonerefs = false;  ///< they race in the kernel; on: that is a violation

    struct zone {
        shared<u32> present;
        atomic_t free;  // counts up to 0, so that taking a page is one step
    };
    struct zoneref {
        shared<u32> zone;  // struct zone *zone
        shared<u32> zone_idx;
    };
    zone zones[2];
    zoneref zonelist[4];  // one more, so that who runs past the end meets it

    // The patch -----------------------------------------------------------------------------------

    shared<unsigned int> zonelist_update_seq{0, "zonelist_update_seq"};  // static unsigned int

    // clang-format off
    unsigned int zonelist_iter_begin(void) {
        if (IS_ENABLED(CONFIG_MEMORY_HOTREMOVE))
            /* See comment above. */
            return data_race(READ_ONCE(zonelist_update_seq));

        return 0;
    }

    unsigned int check_retry_zonelist(gfp_t gfp, unsigned int seq) {
        if (IS_ENABLED(CONFIG_MEMORY_HOTREMOVE) && (gfp & __GFP_DIRECT_RECLAIM)) {
            /* See comment above. */
            unsigned int seq2 = data_race(READ_ONCE(zonelist_update_seq));

            /*
             * "seq != seq2" indicates that __build_all_zonelists() has
             * started or has finished rebuilding zonelists, hence retry.
             * "seq == seq2 && (seq2 & 1)" indicates that
             * __build_all_zonelists() is still rebuilding zonelists
             * with context switching disabled, hence retry.
             * "seq == seq2 && !(seq2 & 1)" indicates that
             * __build_all_zonelists() did not rebuild zonelists, hence
             * no retry.
             */
            return unlikely(seq != seq2 || (seq2 & 1));
        }

        return 0;
    }

    void __build_all_zonelists(void* data) {
        static DEFINE_SPINLOCK(lock);
        unsigned long flags;

        if (IS_ENABLED(CONFIG_PREEMPT_RT))  // #ifdef CONFIG_PREEMPT_RT
            migrate_disable();              // no semicolon as posted
                                            // #endif
        /* Serialize increments of zonelist_update_seq. */
        spin_lock_irqsave(&lock, flags);
        zonelist_update_seq++;
        /* Tell check_retry_zonelist() that we started rebuilding zonelists. */
        smp_wmb();

        build_zonelists(data);  // what stands between the two hunks

        /* Tell check_retry_zonelist() that we finished rebuilding zonelists. */
        smp_wmb();
        zonelist_update_seq++;
        spin_unlock_irqrestore(&lock, flags);
        if (IS_ENABLED(CONFIG_PREEMPT_RT))  // #ifdef CONFIG_PREEMPT_RT
            migrate_enable();               // no semicolon as posted
                                            // #endif
    }
    // clang-format on

    // What it is a part of ------------------------------------------------------------------------

    /// zonerefs are plain in the kernel, on both sides.
    u32 look(const shared<u32>& word) {
        if (judges_zonerefs) return word;
        return data_race(word);
    }
    void put(shared<u32>& word, u32 value) {
        if (judges_zonerefs) {
            word = value;
        } else {
            data_race(word = value);
        }
    }

    void build_zonelists(void*) {
        zoneref* at = zonelist;
        for (const u32 kind : {ZONE_MOVABLE, ZONE_NORMAL}) {
            if (READ_ONCE(zones[kind].present) == 0) continue;
            put(at->zone, kind);
            put(at->zone_idx, kind);
            ++at;
        }
        put(at->zone, no_zone);
        put(at->zone_idx, ZONE_NORMAL);
    }

    /// first_zones_zonelist, next_zones_zonelist: zones up to ZONE_NORMAL, by the list as it reads.
    zoneref* next_zone(zoneref* z) {
        while (look(z->zone_idx) > ZONE_NORMAL) ++z;
        return z;
    }
    bool get_page_from_freelist() {
        for (zoneref* z = next_zone(zonelist);; z = next_zone(z + 1)) {
            const u32 kind = look(z->zone);
            if (kind == no_zone) return false;
            if (!atomic_inc_below_zero(zones[kind].free)) continue;
            check::require(kind == ZONE_NORMAL, no_misplaced_page,
                           "the request excludes MOVABLE and was given a page of it");
            return true;
        }
    }
    static bool atomic_inc_below_zero(atomic_t& free) {
        int seen = atomic_read(&free);
        while (seen < 0 && !atomic_try_cmpxchg(&free, &seen, seen + 1)) {
        }
        return seen < 0;
    }

    void __alloc_pages_slowpath(gfp_t gfp_mask) {
        check::ModelWorld::Loop loop;
    restart:
        loop.round();  // it goes round because of what it has read: where a livelock would show
        const unsigned int zonelist_iter_cookie = zonelist_iter_begin();
        if (look(next_zone(zonelist)->zone) == no_zone) goto nopage;
        if (get_page_from_freelist()) return;
        if (!(gfp_mask & __GFP_DIRECT_RECLAIM)) goto nopage;

        if (check_retry_zonelist(gfp_mask, zonelist_iter_cookie)) goto restart;

        /* Reclaim has failed us, start killing things */
        if (get_page_from_freelist()) return;
        check::require(false, no_needless_kill,
                       "NORMAL has a free page throughout, and a task is to be killed");
    nopage:
        if (check_retry_zonelist(gfp_mask, zonelist_iter_cookie)) goto restart;
        check::require(false, no_spurious_failure,
                       "NORMAL has a free page throughout, and the request failed");
    }

    /// offline_pages or online_pages of MOVABLE, as far as zonelists see it.
    void change(bool present) {
        if (!present) atomic_set(&zones[ZONE_MOVABLE].free, 0);
        WRITE_ONCE(zones[ZONE_MOVABLE].present, present);
        __build_all_zonelists(nullptr);
        if (present) atomic_set(&zones[ZONE_MOVABLE].free, -1);
    }
    void begin(bool movable) {
        atomic_set(&zones[ZONE_NORMAL].free, -1);
        WRITE_ONCE(zones[ZONE_NORMAL].present, 1);
        atomic_set(&zones[ZONE_MOVABLE].free, movable ? -1 : 0);
        WRITE_ONCE(zones[ZONE_MOVABLE].present, movable);
        for (zoneref& each : zonelist) put(each.zone, no_zone);
        build_zonelists(nullptr);
    }
};

enum class Caller { reclaiming, nowait, fifo, hardirq };

/// A hotplug thread on CPU 0 that removes MOVABLE, or adds it, and one request.
inline check::Scenario request_beside_a_rebuild(Caller caller, unsigned cpus, bool removes,
                                                bool judges_zonerefs = false) {
    return [=](check::Setup& setup) {
        page_alloc& mm = setup.make<page_alloc>();
        mm.begin(removes);
        mm.judges_zonerefs = judges_zonerefs;
        setup.name(&mm.zonelist[0].zone, "zonelist[].zone", sizeof(page_alloc::zoneref));
        setup.name(&mm.zonelist[0].zone_idx, "zonelist[].zone_idx", sizeof(page_alloc::zoneref));
        setup.name(&mm.zones[ZONE_NORMAL].free, "NORMAL free");
        setup.name(&mm.zones[ZONE_MOVABLE].free, "MOVABLE free");
        setup.thread("writer", 0, [&mm, removes] { mm.change(!removes); });
        const auto asks = [&mm](gfp_t gfp) {
            return [&mm, gfp] { mm.__alloc_pages_slowpath(gfp); };
        };
        switch (caller) {
            case Caller::reclaiming:
                setup.thread("reader", cpus - 1, asks(GFP_KERNEL));
                return;
            case Caller::nowait:
                setup.thread("reader", cpus - 1, asks(GFP_ATOMIC));
                return;
            case Caller::fifo:
                setup.fifo("FIFO reader", 0, 10, asks(GFP_KERNEL));
                return;
            case Caller::hardirq:
                setup.handler("handler", check::ContextKind::hardirq, 0, asks(GFP_ATOMIC));
                return;
        }
    };
}

}  // namespace anypage::patch
