// Walk: goes through a process of a litmus test once, as was decided for it; the first thing that
// was not, it stops at, and says what is to be decided.
#pragma once

#include "trace.hpp"

namespace anypage::check::litmus::axioms {

/// A register while a process runs: its value, and the reads that it was computed from.
struct Slot {
    Value value = 0;
    OwnEvents from;
    OwnEvents value_of;  ///< those that make it what it is: `r ^ r` is 0
    bool copies = true;  ///< it is the very value of what it comes of

    static Slot read(Value value, const OwnEvents& event) { return {value, event, event, true}; }
    static Slot shown_by(const OwnEvents& read, bool succeeded) {
        return {succeeded ? 1 : 0, read, read, false};
    }
};

/// What was decided for a process: what its reads find, and which way it goes where that hangs on a
/// read for which nothing was decided. By their number, of reads and of such turns; none: not yet.
struct Decisions {
    std::vector<std::optional<Value>> found;
    std::vector<std::optional<Value>> turns;  ///< 0 or 1
};

enum class Finds : std::uint8_t {
    before_going_on,  ///< what a read finds is decided when it is done
    when_written,     ///< only if something is written with it, or if it leads somewhere
};

class Walk {
public:
    Walk(const Program& program, const Process& process, Finds finds, const Decisions& decided)
        : program_(program), finds_(finds), decided_(decided) {
        for (const Register& each : process.registers) {
            registers_.push_back({each.initial, {}, {}, true});
        }
        run(process.body);
    }

    enum class End : std::uint8_t {
        finished,
        needs_value,  ///< which the read of that number() finds in cell()
        needs_turn,   ///< of that number()
        impossible,   ///< a turn was decided, and then what it hangs on, otherwise
        astray,       ///< what it follows is no address
        too_long,
    };
    End end() const { return end_; }
    std::size_t number() const { return number_; }
    std::size_t cell() const { return cell_; }

    Trace trace() && {
        Trace made{std::move(events_), {}, {}, end_ == End::astray};
        for (const Slot& slot : registers_) {
            made.registers.push_back(slot.value);
            made.computed_from.push_back(slot.value_of);
        }
        return made;
    }

private:
    bool stopped() const { return end_ != End::finished; }
    void run(const std::vector<Statement>& statements);
    void branch(const Statement& one);
    Slot compute(const Expression& expression);

    // -- What is decided.
    /// What a read finds.
    struct Found {
        Value value = 0;
        bool known = true;
        std::size_t number = 0;
    };
    static std::optional<Value> at_number(const std::vector<std::optional<Value>>& decided,
                                          std::size_t number);
    std::optional<Found> next_found(const Event& event);
    void stop_for_value(std::size_t number, std::size_t cell);
    bool is_known(const Slot& slot) const { return (slot.from & unknown_).empty(); }
    /// Stops for what it was computed from, if that is not known.
    bool needs(const Slot& slot);
    /// Which way it goes: as it must, if that is known.
    std::optional<bool> turn(bool as_it_must, bool known);

    // -- Events.
    void add_read(Event event, const Found& found);
    void add(Event event);
    unsigned last() const { return static_cast<unsigned>(events_.size() - 1); }
    void add_fence(Fence fence);
    std::optional<Event> at(const Operation& operation, Event::Kind kind);
    void set(const Operation& operation, Slot slot);

    // -- Operations.
    void operate(const Operation& operation);
    void load(const Operation& operation);
    void read(const Operation& operation, const Event& event);
    void store(const Operation& operation);
    static bool is_conditional(const Operation& operation);
    static bool writes_over(const Operation& operation, Value seen, Value expected);
    static bool writes_what_it_finds(const Operation& operation);
    Slot written(const Operation& operation, const Found& found, const Slot& operand) const;
    void update(const Operation& operation);
    void write_update(const Operation& operation, Event event, const Slot& written);
    Slot returned(const Operation& operation, const Found& found, const Slot& made,
                  bool succeeded) const;

    // -- Locks: 0 is free, 1 is held.
    void lock(const Operation& operation);
    void unlock(const Operation& operation);
    void try_lock(const Operation& operation);
    void look_at_lock(const Operation& operation);

    const Program& program_;
    const Finds finds_;
    const Decisions& decided_;
    std::size_t reads_ = 0;
    std::size_t turns_ = 0;
    std::vector<Slot> registers_;
    std::vector<Event> events_;
    OwnEvents control_;
    OwnEvents unknown_;
    std::vector<std::pair<unsigned, std::size_t>> unknown_reads_;  ///< event, number of the read
    End end_ = End::finished;
    std::size_t number_ = 0;
    std::size_t cell_ = 0;
};

}  // namespace anypage::check::litmus::axioms
