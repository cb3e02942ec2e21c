// Ballast: keeps the zones that stay between their min and low watermarks, by taking frames out of
// a zone that has too many and giving back where it has too few. Requests then fail the fast path,
// which wants low, and can succeed in the slow path, which wants min: where the protocols differ.
// Thread context only.
#pragma once

#include <mutex>
#include <vector>

#include "cli/replay/ledger.hpp"

namespace anypage {

class ballast {
public:
    explicit ballast(std::size_t zones) : holds_(zones) {}

    /// Works out where a zone is to be held: above min and all that it keeps back, below low.
    template <class ZoneT>
    void aim(std::size_t zone, const ZoneT& at) {
        std::uint64_t reserve = 0;
        for (unsigned kind = 0; kind < zone_index_count; ++kind) {
            reserve = std::max(reserve, at.lowmem_reserve(static_cast<ZoneIndex>(kind)));
        }
        const auto low = static_cast<std::int64_t>(at.mark(Watermark::low));
        const auto floor = static_cast<std::int64_t>(at.mark(Watermark::min) + reserve);
        hold& held = holds_[zone];
        held.active = true;
        held.middle = floor < low ? (floor + low) / 2 : low - 1;
        held.slack = std::max<std::int64_t>((low - floor) / 4, 1);
    }

    /// Brings a zone back to its middle if it has left its band; at most `frames_max` frames at
    /// once. `taking` and `taken` are told before and after frames leave the zone.
    template <class ZoneT, class Taking>
    void adjust(std::size_t zone, ZoneT& at, ledger& owners, CpuId cpu, std::uint64_t frames_max,
                const Taking& taking) {
        hold& held = holds_[zone];
        if (!held.active) return;
        const std::int64_t off = at.free_frames() - held.middle;
        if (off < held.slack && off > -held.slack) return;
        const std::unique_lock lock(held.mutex, std::try_to_lock);
        if (!lock) return;
        const auto frames =
            std::min<std::uint64_t>(static_cast<std::uint64_t>(off < 0 ? -off : off), frames_max);
        if (off > 0) {
            take(held, zone, at, owners, cpu, frames, taking);
        } else {
            give(held, zone, at, owners, cpu, frames);
        }
    }

    /// Gives everything back.
    template <class ZoneT>
    void drop(std::size_t zone, ZoneT& at, ledger& owners, CpuId cpu) {
        hold& held = holds_[zone];
        held.active = false;
        give(held, zone, at, owners, cpu, held.pages.size());
    }

private:
    struct hold {
        std::mutex mutex;
        bool active = false;
        std::int64_t middle = 0;
        std::int64_t slack = 1;
        std::vector<Pfn> pages;
    };
    static constexpr std::size_t batch = 64;

    template <class ZoneT, class Taking>
    static void take(hold& held, std::size_t zone, ZoneT& at, ledger& owners, CpuId cpu,
                     std::uint64_t frames, const Taking& taking) {
        std::array<Pfn, batch> pages;
        while (frames != 0) {
            const std::size_t wanted = std::min<std::uint64_t>(frames, batch);
            taking(wanted);
            std::size_t count =
                at.allocate_batch(std::span(pages).first(wanted), Migratetype::movable, cpu);
            if (count == 0) {
                const auto page = at.allocate(Order{0}, Migratetype::movable, cpu);
                if (page) pages[count++] = *page;
            }
            for (std::size_t i = 0; i < count; ++i) {
                owners.enter(zone, pages[i], Order{0}, ledger::owner_ballast);
            }
            taking(0);
            if (count == 0) return;
            held.pages.insert(held.pages.end(), pages.begin(),
                              pages.begin() + static_cast<std::ptrdiff_t>(count));
            frames -= count;
        }
    }

    template <class ZoneT>
    static void give(hold& held, std::size_t zone, ZoneT& at, ledger& owners, CpuId cpu,
                     std::uint64_t frames) {
        for (; frames != 0 && !held.pages.empty(); --frames) {
            owners.strike(zone, held.pages.back(), Order{0});
            // Ours for sure; a fault shows as a lost page at the end.
            [[maybe_unused]] const auto outcome = at.free(held.pages.back(), Order{0}, cpu);
            held.pages.pop_back();
        }
    }

    std::vector<hold> holds_;
};

}  // namespace anypage
