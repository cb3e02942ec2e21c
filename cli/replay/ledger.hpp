// Ledger: who has which frame, kept by the replay beside the allocator, so that it can check what
// it is given: no frame with two owners, none lost; and, by stamps, whether a run lay untouched for
// a while.
#pragma once

#include <memory>
#include <vector>

#include "cli/replay/plan.hpp"
#include "world/native.hpp"

namespace anypage {

class ledger {
public:
    /// Owners beside blocks, which are 0, 1, ...
    static constexpr std::uint32_t owner_none = 0;
    static constexpr std::uint32_t owner_passing = ~std::uint32_t{0};  ///< freed soon, by a context
    static constexpr std::uint32_t owner_ballast = owner_passing - 1;
    static constexpr std::uint32_t owner_of_block(std::uint32_t block) { return block + 1; }

    ledger(const replay_plan& plan)
        : zones_(plan.zones),
          owners_(std::make_unique<Word[]>(plan.frames)),
          stamps_(
              std::make_unique<Word[]>(plan.frames / pageblock_frames + plan.zones.size() + 1)) {}

    /// Enters a run that was just allocated; how many of its frames had an owner.
    std::uint64_t enter(std::size_t zone, Pfn pfn, Order order, std::uint32_t owner) {
        stamp(zone, pfn, order);
        std::uint64_t owned = 0;
        for_frames(zone, pfn, order, [&](Word& frame) {
            owned += frame.exchange_acq_rel(owner) != owner_none ? 1 : 0;
        });
        return owned;
    }
    /// Strikes out a run that is about to be freed.
    void strike(std::size_t zone, Pfn pfn, Order order) {
        for_frames(zone, pfn, order, [](Word& frame) { frame.store_release(owner_none); });
    }
    std::uint32_t owner(std::size_t zone, Pfn pfn) const {
        return owners_[slot(zone, pfn)].load_acquire();
    }
    bool covers(std::size_t zone, Pfn pfn, Order order) const {
        return zones_[zone].present.contains(PfnRange{pfn, order.frames()});
    }

    /// Sum of the stamps of a run's pageblocks: moves with each run entered there.
    std::uint64_t stamps(std::size_t zone, Pfn pfn, Order order) const {
        std::uint64_t sum = 0;
        for_blocks(zone, pfn, order, [&](const Word& block) { sum += block.load_acquire(); });
        return sum;
    }

private:
    using Word = NativeWorld::Atomic<std::uint32_t>;

    std::size_t slot(std::size_t zone, Pfn pfn) const {
        return zones_[zone].first_slot + (pfn - zones_[zone].present.first);
    }
    template <class Visit>
    void for_frames(std::size_t zone, Pfn pfn, Order order, Visit visit) {
        for (std::uint64_t i = 0; i < order.frames(); ++i) visit(owners_[slot(zone, pfn) + i]);
    }
    template <class Visit>
    void for_blocks(std::size_t zone, Pfn pfn, Order order, Visit visit) const {
        // A zone's first frame may lie inside of a block of slots: one spare block a zone.
        const std::size_t first = slot(zone, pfn) / pageblock_frames + zone;
        const std::size_t last = (slot(zone, pfn) + order.frames() - 1) / pageblock_frames + zone;
        for (std::size_t block = first; block <= last; ++block) visit(stamps_[block]);
    }
    void stamp(std::size_t zone, Pfn pfn, Order order) {
        for_blocks(zone, pfn, order,
                   [](const Word& block) { const_cast<Word&>(block).fetch_add_seq_cst(1); });
    }

    const std::vector<planned_zone>& zones_;
    std::unique_ptr<Word[]> owners_;
    std::unique_ptr<Word[]> stamps_;
};

}  // namespace anypage
