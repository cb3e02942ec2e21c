// The preparation: a map from frames to blocks, and what each event does to it.
#include "cli/replay/prepare.hpp"

#include <array>
#include <limits>
#include <unordered_map>
#include <utility>

namespace anypage {
namespace {

constexpr std::uint32_t no_block = std::numeric_limits<std::uint32_t>::max();

// Which block each frame belongs to. Frames come in clusters, so they are kept in leaves of 64, and
// the leaf used last is tried first.
class frame_owners {
public:
    std::uint32_t owner(std::uint64_t pfn) {
        const leaf* found = find(pfn / leaf_frames);
        return found == nullptr ? no_block : (*found)[pfn % leaf_frames];
    }

    void set_owner(std::uint64_t pfn, std::uint32_t block) {
        leaf* found = find(pfn / leaf_frames);
        if (found == nullptr) found = insert(pfn / leaf_frames);
        (*found)[pfn % leaf_frames] = block;
    }

private:
    static constexpr std::uint64_t leaf_frames = 64;
    using leaf = std::array<std::uint32_t, leaf_frames>;

    leaf* find(std::uint64_t index) {
        if (last_ != nullptr && last_index_ == index) return last_;
        const auto it = leaves_.find(index);
        return it == leaves_.end() ? nullptr : remember(index, it->second);
    }

    leaf* insert(std::uint64_t index) {
        leaf& made = leaves_[index];
        made.fill(no_block);
        return remember(index, made);
    }

    leaf* remember(std::uint64_t index, leaf& used) {
        last_index_ = index;
        last_ = &used;
        return last_;
    }

    std::unordered_map<std::uint64_t, leaf> leaves_;
    std::uint64_t last_index_ = 0;
    leaf* last_ = nullptr;
};

class preparation {
public:
    explicit preparation(std::size_t events) { events_.reserve(events); }

    void add(const raw_event& event) {
        switch (event.op) {
            case raw_op::allocate:
                return allocate(event);
            case raw_op::free:
            case raw_op::implied_free:
                return release(event);
            case raw_op::process_exit:
                ++process_exits_;
                return;
        }
    }

    recording finish(raw_recording raw) && {
        std::vector<CpuId> cpus = number_cpus();
        raw.skipped.process_exits += process_exits_;
        return recording({std::move(raw.name), std::move(events_), std::move(cpus), counts_,
                          raw.skipped, std::move(raw.warnings)});
    }

private:
    struct block_state {
        Order order;
        std::uint16_t live_frames;  ///< frames not freed yet; 0: the block is freed
    };

    /// The live block that `pfn` is a part of.
    std::uint32_t live_owner(std::uint64_t pfn) {
        const std::uint32_t block = owners_.owner(pfn);
        return block != no_block && blocks_[block].live_frames != 0 ? block : no_block;
    }

    void allocate(const raw_event& event) {
        const auto block = static_cast<std::uint32_t>(blocks_.size());
        const auto frames = static_cast<std::uint16_t>(event.order.frames());
        for (std::uint64_t pfn = event.pfn; pfn < event.pfn + frames; ++pfn) {
            imply_free(live_owner(pfn), event);
            owners_.set_owner(pfn, block);
        }
        blocks_.push_back({event.order, frames});
        append(event, event_kind::allocate, block);
    }

    /// `next` was given a page of `block`, so the block was freed before. Frames of the block
    /// outside of `next` still name it, which live_owner() sees through.
    void imply_free(std::uint32_t block, const raw_event& next) {
        if (block == no_block) return;
        ++counts_.implied_frees;
        blocks_[block].live_frames = 0;
        append(next, event_kind::free, block);
        events_.back().context = {};
    }

    void release(const raw_event& event) {
        const std::uint64_t frames = event.order.frames();
        std::uint64_t freed = 0;
        std::uint32_t first = no_block;
        bool exact = true;  // one whole block and nothing else
        for (std::uint64_t pfn = event.pfn; pfn < event.pfn + frames; ++pfn) {
            const std::uint32_t block = live_owner(pfn);
            if (block == no_block) continue;
            if (first == no_block) first = block;
            exact = exact && block == first && blocks_[block].order == event.order;
            owners_.set_owner(pfn, no_block);
            ++freed;
            if (--blocks_[block].live_frames == 0) append(event, event_kind::free, block);
        }
        if (freed == 0) {
            ++counts_.unmatched_frees;
            return;
        }
        if (!exact || freed != frames) ++counts_.partial_frees;
        if (event.op == raw_op::implied_free) ++counts_.implied_frees;
    }

    void append(const raw_event& event, event_kind kind, std::uint32_t block) {
        const bool allocation = kind == event_kind::allocate;
        events_.push_back({event.timestamp_ns, block, allocation ? event.gfp : gfp_t{}, event.cpu,
                           kind, blocks_[block].order,
                           allocation ? event.migratetype : migratetype_unknown, event.context});
    }

    /// Replaces CPU ids by indices into the sorted table of those that occur.
    std::vector<CpuId> number_cpus() {
        std::vector<std::uint16_t> index(std::size_t{1} << 16, 0);
        for (const recorded_event& event : events_) index[event.cpu] = 1;
        std::vector<CpuId> cpus;
        for (std::uint32_t id = 0; id < index.size(); ++id) {
            if (index[id] == 0) continue;
            index[id] = static_cast<std::uint16_t>(cpus.size());
            cpus.push_back({id});
        }
        for (recorded_event& event : events_) event.cpu = index[event.cpu];
        return cpus;
    }

    frame_owners owners_;
    std::vector<block_state> blocks_;
    std::vector<recorded_event> events_;
    preparation_counts counts_;
    std::uint64_t process_exits_ = 0;
};

}  // namespace

recording prepare(raw_recording raw) {
    preparation steps(raw.events.size());
    for (const raw_event& event : raw.events) steps.add(event);
    return std::move(steps).finish(std::move(raw));
}

}  // namespace anypage
