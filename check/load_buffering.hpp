// LoadBuffering: watches an execution for the one thing that it cannot show. Here every read comes
// before what follows it in its thread, so nothing reads a write that its own thread's reads had to
// come before. Compilers and machines may do that where no order of the model forbids it. What can
// be seen is where they could have: a write, about to be done, of a location which another CPU
// accessed earlier, when that access is in front of the write through program order and reads-from
// alone, not through orders that the model preserves. In reality the two may change places.
//
// Such a hazard is no violation: it says that this exploration has not shown everything.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "access_set.hpp"
#include "hash.hpp"
#include "memory.hpp"

namespace anypage::check {

class LoadBuffering {
public:
    /// Two accesses of one location that might change places.
    struct Hazard {
        Op earlier;  ///< as the execution has it
        Op later;
    };

    /// `thorough`: take reads that might come early for hazards, too, and updates for two accesses,
    /// a read and a write. Where dependencies are known; else there would be no end of hazards that
    /// are none. Contexts are then to do the same whatever they read: what is ordered is ordered in
    /// any case (litmus/load_buffering_risk.hpp).
    void reset(Model model, bool thorough, unsigned contexts, unsigned locations, unsigned locks);

    /// What Memory says of an access before it is performed.
    struct Choice {
        std::vector<std::uint32_t> may_precede;  ///< to come before these messages is explored
        std::uint32_t oldest_readable = 0;       ///< so is to read this or what is newer
        bool hides = false;  ///< something newer, for what strong fences have made known
    };
    /// After Memory has performed it: `op` says what was seen and made.
    void access(unsigned context, const Op& op, const Choice& choice);
    void fence(unsigned context, const Op& op);
    void full_barrier(unsigned context);
    /// See Memory: what this context will read there is newer because it waits for it.
    void look_past(unsigned context, unsigned location);
    void lock(unsigned context, unsigned lock);
    void unlock(unsigned context, unsigned lock);
    /// Contexts of a group whose accesses come one after the other, as in Memory.
    void lead(unsigned context, unsigned group);
    void follow(unsigned context, unsigned group);
    /// A value was computed from what both stand for.
    void join(DependencyId made, DependencyId one, DependencyId other);
    void hand_over(unsigned from, unsigned to);
    void add_lock() { locks_.emplace_back(); }

    const std::optional<Hazard>& hazard() const { return hazard_; }
    /// What tells states apart beyond what Memory tells of them.
    /// `memory` says which messages may still be read.
    void add_to(Hash& hash, const Memory& memory);
    void add_dependency_to(Hash& hash, DependencyId id) const {
        if (id < dependencies_.size()) dependencies_[id].add_to(hash);
    }

private:
    /// By context: so many of its accesses are in front.
    using Clock = std::array<std::uint16_t, contexts_max>;

    /// What is in front of a message, in program order and reads-from, and what of it for certain.
    struct Message {
        std::uint32_t serial = 0;
        unsigned context = none;
        Clock in_front{};
        AccessSet ordered;  ///< with the write itself
        AccessSet data;     ///< lkmm: what its value depends on
        mutable bool hashed = false;
        mutable Hash hash;
    };
    struct Access {
        unsigned context;
        unsigned number;
        Op op;
    };
    struct Location {
        std::vector<Message> messages;
        std::vector<Access> accesses;
        std::uint64_t accesses_hash = 0;  ///< in whichever order they came
    };
    struct Context {
        unsigned accesses = 0;
        Clock in_front{};
        /// Between an update's two barriers: without what the first is behind.
        std::optional<Clock> unfenced;
        AccessSet before_all;                ///< ordered before whatever comes
        AccessSet before_reads;              ///< before reads that come
        AccessSet before_writes;             ///< before writes that come
        AccessSet reads;                     ///< its reads, and what is ordered before them
        AccessSet returning;                 ///< ditto of those whose value somebody gets
        AccessSet writes;                    ///< ditto of its writes
        std::vector<bool> waited_for;        ///< by location
        AccessSet unlocked;                  ///< ditto of all in front of its last unlock
        std::vector<AccessSet> of_location;  ///< its accesses of each, and what is before them
        bool hashed = false;
        Hash hash;
    };
    /// A strong fence, and what is before it for certain.
    struct StrongFence {
        unsigned context;
        unsigned number;  ///< among its context's accesses
        AccessSet ordered;
    };
    /// What is in front of whoever comes next: to a lock, or in a group.
    struct Queue {
        Clock in_front{};
        AccessSet ordered;
    };
    static constexpr unsigned none = ~0u;

    /// None: it is the location's first value.
    const Message* message_of(unsigned location, std::uint32_t serial) const;
    static void meet(Clock& clock, const Clock& other);
    static void add(Hash& hash, const Clock& clock);
    static void add_access(Location& location, const Access& access);
    static Hash hash_of(const Context& context);
    static Hash hash_of(const Message& message);
    Context& changing(unsigned context) {
        contexts_[context].hashed = false;
        return contexts_[context];
    }
    void look_for_hazard(unsigned context, const Op& op, const AccessSet& ordered,
                         const Choice& choice);
    void look_for_early_read(unsigned context, const Op& op, const AccessSet& ordered,
                             const Choice& choice);
    static void order_all(Context& c);
    /// A strong fence, after those that came earlier.
    void come_after_fences(unsigned context);
    /// The one in front of an update, which is no step of its own: what it comes after, that hangs
    /// on what the update reads, is told of the one behind it.
    void add_fence(unsigned context);
    /// The reading half of an access; adds what is before it to `before`.
    void read(unsigned context, const Op& op, const Choice& choice, AccessSet& before);
    /// What is before the write of `op`, beyond what is before anything that comes.
    AccessSet before_write(const Context& c, const Op& op) const;
    void add_all(const Context& c, Queue& queue);
    void come_after(Context& c, const Queue& queue);

    Model model_ = Model::sc;
    bool thorough_ = false;
    std::vector<Context> contexts_;
    std::vector<Location> locations_;
    std::vector<Queue> locks_;
    std::vector<Queue> groups_;
    bool keeps_fences() const { return thorough_ && model_ == Model::lkmm; }
    std::vector<StrongFence> fences_;  // lkmm
    Clock fenced_{};                   // what is in front of any strong fence
    const AccessSet& dependency(DependencyId id) const {
        return dependencies_[id < dependencies_.size() ? id : 0];
    }
    std::vector<AccessSet> dependencies_;  // by DependencyId
    std::optional<Hazard> hazard_;
};

}  // namespace anypage::check
