// Memory: what shared locations may be seen to hold, under a memory model. Each location is a list
// of messages in modification order; a context may read any message that its view does not exclude,
// and write anywhere above its bound. Nothing here knows of CPUs or of scheduling.
//
// The rules of each model, and what they leave out, are in docs/CHECKER.md.
#pragma once

#include <vector>

#include "op.hpp"
#include "view.hpp"

namespace anypage::check {

enum class Model : std::uint8_t { sc, rc11, lkmm };

const char* name_of(Model model);

class Memory {
public:
    /// All that an execution has: so many contexts, locations and locks.
    void reset(Model model, unsigned contexts, unsigned locations, unsigned locks);
    /// The value that a location begins with.
    void begin(unsigned location, std::uint64_t value, bool ghost);

    /// In how many ways this operation may go now: 0 if it cannot. Way 0 is the one that a strong
    /// machine takes (reads the newest, writes last).
    unsigned ways(unsigned context, const Op& op) const;
    /// Does it in one of these ways and fills in what came out. False: too many messages.
    bool perform(unsigned context, Op& op, unsigned way);
    /// How many messages newer than the one it reads there are in this way (of an operation that
    /// reads).
    unsigned staleness(unsigned context, const Op& op, unsigned way) const;

    /// Of the messages that are there, those that this store may come before (their serials).
    std::vector<std::uint32_t> may_precede(unsigned context, const Op& op) const;

    /// The oldest message that this read may read (its serial); 0 if it may read the first value.
    std::uint32_t oldest_readable(unsigned context, const Op& op) const;
    /// Is something that it might read excluded by what strong fences of others have made known?
    bool hides(unsigned context, const Op& op) const;

    /// Is there a write that this access is not ordered after, and races with?
    bool races(unsigned context, const Op& op) const;

    void full_barrier(unsigned context) {
        contexts_[context].hashed = false;
        full_barrier(contexts_[context]);
    }
    /// Whoever comes next in `to` has all in front of it that was done in `from`.
    void hand_over(unsigned from, unsigned to);
    void add_lock() { locks_.emplace_back(); }
    void lock(unsigned context, unsigned lock);
    void unlock(unsigned context, unsigned lock);

    std::uint64_t newest(unsigned location) const {
        return locations_[location].messages.back().value;
    }
    /// Is there a newer message than the one that Op::seen names?
    bool has_news(unsigned location, std::uint32_t seen) const {
        return locations_[location].messages.back().serial != seen;
    }
    /// Contexts of a group whose accesses come one after the other: what one has got to see, each
    /// that follows sees.
    void lead(unsigned context, unsigned group) {
        if (groups_.size() <= group) groups_.resize(group + 1);
        groups_[group] |= contexts_[context].cur;
    }
    void follow(unsigned context, unsigned group) {
        if (groups_.size() <= group) return;  // nobody leads
        contexts_[context].cur |= groups_[group];
        contexts_[context].hashed = false;
    }
    /// From now on this context reads nothing there that is as old as that one.
    void look_past(unsigned context, unsigned location, std::uint32_t seen);

    /// All of it that can still be noticed, for telling states apart. `running` has a bit for each
    /// context that has not ended.
    void add_to(Hash& hash, std::uint32_t running);
    /// The serials of a location's messages that the last key told of, in their order.
    template <class Each>
    void for_each_told(unsigned location, const Each& each) const {
        const auto& messages = locations_[location].messages;
        for (std::size_t p = floor_[location]; p < messages.size(); ++p) each(messages[p].serial);
    }

private:
    struct Message {
        std::uint64_t value = 0;
        View view;  ///< what reading it brings
        View g;     ///< lkmm: what strong fences had propagated everywhere
        View data;  ///< lkmm: what the value depends on; all that its own writer gets
        std::uint32_t serial = 0;  ///< tells messages of an execution apart
        std::uint8_t writer = none;
        bool update = false;  ///< nothing may come between it and what it read
        bool plain = false;   ///< see Op::plain, Op::raced
        bool raced = false;
        bool hashed = false;
        Hash hash;
    };
    struct Location {
        std::vector<Message> messages;
        bool flat = false;  ///< one message only: sequentially consistent
    };
    /// lkmm: an access that something had to come before: whoever sees it overwritten sees that.
    struct Dependent {
        unsigned location = 0;
        unsigned position = 0;  ///< that it read or wrote
        View after;
    };
    struct Context {
        View cur;      ///< bounds reads
        View acq;      ///< all that its reads have brought; a read barrier turns it into cur
        View dropped;  ///< lkmm: ditto of reads whose value nobody gets; a read barrier does not
        View own;      ///< its writes with their views
        View wrel;     ///< goes into every message
        View g;
        View unlocked;  ///< lkmm: cur, acq and own of its last unlock, and own
        View unlocked_own;
        std::vector<Dependent> dependents;  ///< where dependencies are kept
        bool hashed = false;
        Hash hash;
    };
    struct LockViews {
        View view;
        View own;
        View g;
    };
    static constexpr std::uint8_t none = 0xff;

    bool flat(unsigned location) const { return locations_[location].flat; }
    unsigned newest_position(unsigned location) const {
        return static_cast<unsigned>(locations_[location].messages.size() - 1);
    }
    unsigned read_bound(unsigned context, const Op& op) const;
    unsigned write_bound(unsigned context, const Op& op) const;
    /// lkmm: of what has a barrier before it, unless it fails.
    unsigned barrier_bound(unsigned context, const Op& op) const;
    bool has_room(unsigned location, unsigned position) const;
    bool may_read(unsigned context, const Op& op, unsigned position) const;
    /// The position that way `way` reads or, of a store, writes.
    unsigned position_of(unsigned context, const Op& op, unsigned way) const;

    void read(unsigned context, Op& op, unsigned position, MemoryOrder order);
    void write(unsigned context, const Op& op, unsigned position, MemoryOrder order,
               const Message* updates);
    void write_flat(const Op& op);
    void fence(unsigned context, FenceKind kind);
    void full_barrier(Context& context);
    void seq_cst_fence(Context& context);
    void strong_fence(Context& context);  ///< the model's
    void make_room(unsigned location, unsigned position);
    DependencyId keep(const View& view);
    static void note_read(Context& context, const Op& op, unsigned position, const View& brought);
    void note_write(Context& context, const Op& op, unsigned position);
    /// Does reading this message show, in a round about way, that there is a newer one to read?
    bool shows_newer(unsigned context, const Op& op, unsigned position) const;
    static void add_overwritten(const Context& context, View& brought);
    /// What each of these contexts has got past.
    View floor(std::uint32_t running) const;
    Hash hash_of(unsigned location, std::size_t position) const;
    Hash hash_of(const Context& context) const;

    Model model_ = Model::sc;
    unsigned location_count_ = 0;
    std::vector<Location> locations_;
    std::vector<Context> contexts_;
    std::vector<LockViews> locks_;
    std::vector<View> groups_;
    std::uint32_t next_serial_ = 1;
    View floor_;                      ///< as of the last key: what is `hashed` was so above it,
    std::uint32_t running_ = 0;       ///< with these contexts running
    std::vector<View> dependencies_;  // by DependencyId; [0] is empty
    bool keeps_dependencies_ = false;
    View sc_;  ///< how far seq_cst fences, and of rc11 seq_cst accesses, have got

public:
    /// Dependencies are worth keeping only where somebody names them (litmus tests do).
    void keep_dependencies(bool wanted) { keeps_dependencies_ = wanted; }
    DependencyId join(DependencyId one, DependencyId other);
    void add_dependency_to(Hash& hash, DependencyId id) const {
        dependencies_[id].add_above(hash, location_count_, {});
    }
};

}  // namespace anypage::check
