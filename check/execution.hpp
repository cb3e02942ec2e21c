// Execution: a scenario run step by step, as somebody else decides. Contexts are fibers; each runs
// from one operation on shared state to the next, and says what it is about to do; a step does it.
//
// Which locations are shared is found out, not declared: an operation on a location that only one
// context uses is no choice point. When a second one turns up, the location is shared from then on,
// and the exploration begins anew (needs_restart).
#pragma once

#include <anypage/core/base/units.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bytes.hpp"
#include "fiber.hpp"
#include "load_buffering.hpp"
#include "machine.hpp"
#include "memory.hpp"
#include "mutation.hpp"
#include "setup.hpp"

namespace anypage::check {

/// One way to go on from a state.
struct Transition {
    std::uint8_t context = 0;
    std::uint8_t way = 0;
    std::uint16_t cost = 0;  ///< switches to another context, reads of what is not the newest

    friend bool operator==(const Transition& one, const Transition& other) {
        return one.context == other.context && one.way == other.way;
    }
};

/// What went wrong.
struct Violation {
    std::string property;
    std::string cause;
};

/// A step, for people.
struct Event {
    unsigned context = 0;
    unsigned cpu = 0;
    Op op;
    std::string location;
    unsigned stale = 0;  ///< how many newer messages there were
    bool starts = false;
    bool ends = false;
};

struct ExecutionConfig {
    Model model = Model::lkmm;
    Preemption preemption = Preemption::full;
    bool throttling = false;             ///< a SCHED_FIFO thread cannot keep a CPU by waiting
    unsigned steps_max = 2000;           ///< of one context
    const Mutation* mutation = nullptr;  ///< one operation is not as written
    std::set<Site>* sites = nullptr;     ///< where contexts operate is noted there
    bool dependencies = false;           ///< keep what values were computed from (litmus tests)
    bool load_buffering = false;         ///< look for what it might add: see load_buffering.hpp
    bool all_shared = false;  ///< locations that only one context uses are choice points too
};

class Execution {
public:
    /// Transition::way of a thread that is moved, to the CPU whose number is added to it.
    static constexpr unsigned way_to_move = 248;
    static constexpr const char* world_alone = "a scenario depends on nothing but the World";

    Execution(const ExecutionConfig& config, const Scenario& scenario);
    ~Execution();
    Execution(const Execution&) = delete;
    Execution& operator=(const Execution&) = delete;

    // Whoever explores.

    void reset();
    const std::vector<Transition>& transitions();
    void step(Transition transition);
    /// After the last step: what must hold then. Only if nothing is violated so far.
    void finish();
    Hash key();
    /// Of what this context is about to do: it is the same whenever the same steps led here.
    std::uint8_t fingerprint(unsigned context) const;
    /// Do the next steps of two contexts commute, whatever their ways?
    bool independent(unsigned one, unsigned other) const;

    const std::optional<Violation>& violation() const { return violation_; }
    bool limit_hit() const { return limit_hit_; }
    /// Where load buffering might add behaviour to this execution, if that is looked for.
    std::optional<std::string> load_buffering() const;
    bool needs_restart() const { return needs_restart_; }
    void restart();  ///< with all locations shared that were found to be

    /// What executions have found out: who uses which location, and which locks there are. For
    /// another process of this program with the same scenario, or a later one.
    void write_knowledge(ByteWriter& out) const;
    /// What another one has found out; needs_restart() if it changes what is a choice point.
    void learn(ByteReader& in);

    void trace(bool wanted) { traces_ = wanted; }
    const std::vector<Event>& events() const { return events_; }
    const std::vector<ContextSpec>& contexts() const { return setup_.contexts; }
    const Setup& setup() const { return setup_; }
    const Machine& machine() const { return machine_; }
    const ExecutionConfig& config() const { return config_; }
    const void* memory() const { return region_.at(0); }  ///< where the scenario's state lies
    std::size_t shared_locations() const { return shared_count_; }
    const std::vector<LockInfo>& locks() const { return lock_infos_; }

    // The World, from inside of a context (or of what runs before and after them).

    static Execution* current();
    void access(Op& op, const void* address);
    void operate(Op& op);
    void lock(Op& op, const LockInfo& lock);
    /// The local state is from here on a function of `key` and of what comes.
    void settle(std::uint64_t key);
    void require(bool holds, const char* property, const char* cause);
    /// Records a violation; inside of a context it does not return.
    void fail(const char* property, std::string cause);
    int running() const { return running_; }
    /// Steps that the running context has taken: accesses of what is shared, as far as it got.
    unsigned steps() const {
        return running_ < 0 ? 0 : states_[static_cast<unsigned>(running_)].steps;
    }
    CpuId cpu();
    /// A value that was computed from two, where dependencies are kept.
    DependencyId join(DependencyId one, DependencyId other);
    int& printk_deferrals();
    bool& printing();
    int& data_races();
    /// local_bh_disable: on PREEMPT_RT a lock of the CPU, which its softirqs hold.
    void disable_softirqs(std::source_location at);
    void enable_softirqs(std::source_location at);
    void name(const void* address, const char* text, std::size_t stride);
    unsigned enter_loop();
    void leave_loop();
    /// The local state is from here on a function of `key` and of what it was when the loop began.
    void settle_loop(unsigned loop, std::uint64_t key);
    /// A restartable section begins or ends; see ModelWorld::restartable.
    void begin_section();
    /// See ContextSpec::refused_sections. One that has begun again and again is refused, too.
    bool refuses_section() const;
    void end_section();
    /// Thrown inside of a section that begins again: nothing of its own is left.
    struct Restart {};
    void place(const char* word);
    void leave_place();

private:
    struct Location {
        std::size_t offset = 0;
        std::uint8_t bytes = 0;
        bool shared = false;
        bool ghost = false;
        std::uint16_t index = 0;
        std::uint16_t users = 0;    ///< contexts, a bit each
        std::uint16_t writers = 0;  ///< ditto
    };
    /// What a waiting loop has done since its last round began.
    struct Watch {
        struct Read {
            std::uint16_t location;
            std::uint32_t seen;  ///< the first message that was read there
        };
        std::vector<Read> read;
        bool wrote = false;
        Hash before;       ///< the loop: the context's history
        OpKind lets_go{};  ///< of its CPU, somewhere in a round: resched or sleep; else load
    };
    struct ContextState {
        std::unique_ptr<Fiber> fiber;
        std::function<void()> body;
        Op pending;
        Hash history;
        std::vector<DependencyId> brought;  ///< by its reads, where dependencies are kept
        std::vector<Watch> watches;         ///< [0]: since the last cpu_relax; then a loop each
        unsigned steps = 0;
        unsigned written_rounds = 0;  ///< of waiting loops: one that goes on and on has no end
        bool has_barrier = false;     ///< lkmm: another full one would add nothing
        bool intruded = false;
        unsigned unseen_steps = 0;  ///< operations since the last step that were no choice points
        int printk_deferrals = 0;
        bool printing = false;
        int data_races = 0;    ///< how deep in data_race()
        int softirqs_off = 0;  ///< PREEMPT_RT
        bool in_section = false;
        bool restarts = false;   ///< instead of its next step: somebody has come in between
        unsigned sections = 0;   ///< that have ended
        unsigned restarted = 0;  ///< so often has this one begun again, as far as it matters
        /// What its section did last, if that was a store to what only this context uses: its
        /// commit, perhaps. It was no step, so it is undone if it turns out not to have come.
        struct UnseenStore {
            void* place = nullptr;
            std::uint64_t before = 0;
            std::uint8_t bytes = 0;
        } last_store;
        Hash before_section;  ///< the history
        std::size_t brought_before_section = 0;
        std::vector<const char*> places;
    };

    Location& locate(const Op& op, const void* address);
    Location& location_at(std::size_t offset, std::uint8_t bytes, bool ghost);
    void share_if_used(Location& location);
    std::uint16_t number_of_lock(const LockInfo& info);
    void direct(Op& op, void* address);
    void yield();
    /// Notes the operation's site, and weakens it as the configuration asks. False: it is left out.
    bool mutate(Op& op);
    bool mutate(Op& op, const Mutation& mutation);
    void barrier_after(const Op& op);
    bool restart_section(ContextState& state);
    void restart_sections(unsigned by);
    void restart_those_of_cpu(unsigned by);
    void follow_cpu(unsigned context);
    void lead_cpu(unsigned context);
    void intrude();
    void run_context(unsigned context);
    void run_to_next_operation(unsigned context);
    void add_moves();
    int who_chooses() const;
    bool only_begins(unsigned context) const;
    void begin(unsigned context);
    void move(unsigned context, unsigned cpu);
    void fail_step(unsigned context, const char* wrong);
    void announce(unsigned context);
    void perform(unsigned context, unsigned way);
    void full_barrier(unsigned context);
    void perform_pause(unsigned context, unsigned way);
    static bool ends_with_barrier(const Op& op);
    static void watch(ContextState& state, const Op& op);
    static void end_round(ContextState& state, Watch& watch);
    unsigned ways(unsigned context) const;
    bool is_parked(unsigned context) const;
    unsigned news(const Watch& watch) const;
    /// Whose views a context's accesses move. Accesses of the kernel are volatile, so contexts of a
    /// CPU see each other's as its own; in C++ a handler is ordered with its thread by fences only.
    unsigned memory_of(unsigned context) const {
        return config_.model == Model::lkmm ? machine_.cpu(context) : context;
    }
    /// What is wrong if this context takes its step now, beside and after other accesses.
    std::optional<Violation> data_race(unsigned context) const;
    void check_stuck();
    std::string explain_stuck(const std::vector<unsigned>& stuck) const;
    std::string name_of(const Op& op) const;
    void note_event(unsigned context, unsigned way);

    const ExecutionConfig config_;
    Region region_;
    Setup setup_;
    Memory memory_;
    LoadBuffering load_buffering_;
    Machine machine_;
    std::vector<ContextState> states_;
    std::vector<Location> table_;           // in order of discovery
    std::vector<std::uint16_t> by_offset_;  // table index + 1, by offset / 4
    std::vector<std::uint16_t> shared_;     // table indices by location index
    std::size_t shared_count_ = 0;
    std::map<const void*, std::uint16_t> locks_;
    std::vector<LockInfo> lock_infos_;
    char softirq_locks_[cpus_max] = {};  // their addresses
    std::vector<Transition> transitions_;
    std::vector<Event> events_;
    std::optional<Violation> violation_;
    unsigned memory_contexts_ = 0;
    int running_ = -1;
    int last_ = -1;
    bool traces_ = false;
    bool started_ = false;
    bool needs_restart_ = false;
    bool limit_hit_ = false;
    bool too_many_locations_ = false;
};

}  // namespace anypage::check
