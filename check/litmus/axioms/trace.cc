// Trace: see trace.hpp.
#include "trace.hpp"

namespace anypage::check::litmus::axioms {
namespace {

/// A register while a process runs: its value, and the reads that it was computed from.
struct Slot {
    Value value = 0;
    OwnEvents from;
};

/// Goes through a process once. Its reads find the values that were chosen; the first one for which
/// none was, it stops at.
class Walk {
public:
    Walk(const Program& program, const Process& process, const std::vector<Value>& chosen)
        : program_(program), chosen_(chosen) {
        for (const Register& each : process.registers) registers_.push_back({each.initial, {}});
        run(process.body);
    }

    enum class End : std::uint8_t {
        finished,
        needs_value,  ///< of cell()
        astray,       ///< what it follows is no address
        too_long,
    };
    End end() const { return end_; }
    std::size_t cell() const { return cell_; }

    Trace trace() && {
        Trace made{std::move(events_), {}, end_ == End::astray};
        for (const Slot& slot : registers_) made.registers.push_back(slot.value);
        return made;
    }

private:
    bool stopped() const { return end_ != End::finished; }

    void run(const std::vector<Statement>& statements) {
        for (const Statement& one : statements) {
            if (stopped()) return;
            switch (one.kind) {
                case Statement::Kind::assign:
                    registers_[one.destination] = compute(one.expression);
                    break;
                case Statement::Kind::operation:
                    operate(one.operation);
                    break;
                case Statement::Kind::branch:
                    branch(one);
                    break;
            }
        }
    }

    void branch(const Statement& one) {
        const Slot condition = compute(one.expression);
        const OwnEvents before = control_;
        control_ |= condition.from;
        run(condition.value != 0 ? one.then_part : one.else_part);
        control_ = before;
    }

    Slot compute(const Expression& expression) {
        Slot made;
        made.value = evaluate(expression, [&](RegisterId id) {
            made.from |= registers_[id].from;
            return registers_[id].value;
        });
        return made;
    }

    // -- Events.

    void add(Event event) {
        if (stopped()) return;
        if (events_.size() == OwnEvents::max) {
            end_ = End::too_long;
            return;
        }
        event.control = control_;
        events_.push_back(event);
    }
    unsigned last() const { return static_cast<unsigned>(events_.size() - 1); }

    void add_fence(Fence fence) {
        Event event;
        event.kind = Event::Kind::fence;
        event.fence = fence;
        add(event);
    }

    std::optional<Event> at(const Operation& operation, Event::Kind kind) {
        const Slot address = compute(operation.address);
        const auto cell = program_.cell_at(address.value);
        if (!cell) {
            end_ = End::astray;
            return std::nullopt;
        }
        Event event;
        event.kind = kind;
        event.cell = *cell;
        event.address = address.from;
        return event;
    }

    /// The value that the next read finds.
    std::optional<Value> next_value(const Event& event) {
        if (stopped()) return std::nullopt;
        if (next_ == chosen_.size()) {
            end_ = End::needs_value;
            cell_ = event.cell;
            return std::nullopt;
        }
        return chosen_[next_++];
    }

    void set(const Operation& operation, Slot slot) {
        if (!stopped() && operation.destination) registers_[*operation.destination] = slot;
    }

    // -- Operations.

    void operate(const Operation& operation) {
        switch (operation.action) {
            case Action::load:
                return load(operation);
            case Action::store:
                return store(operation);
            case Action::fence:
                return add_fence(operation.fence);
            case Action::lock:
                return lock(operation);
            case Action::unlock:
                return unlock(operation);
            case Action::try_lock:
                return try_lock(operation);
            case Action::is_locked:
                return look_at_lock(operation);
            default:
                return update(operation);
        }
    }

    void load(const Operation& operation) {
        auto event = at(operation, Event::Kind::read);
        if (!event) return;
        event->order = operation.order;
        read(operation, *event);
    }

    void read(const Operation& operation, Event event) {
        const auto value = next_value(event);
        if (!value) return;
        event.value = *value;
        add(event);
        set(operation, {*value, OwnEvents::only(last())});
    }

    void store(const Operation& operation) {
        auto event = at(operation, Event::Kind::write);
        if (!event) return;
        const Slot value = compute(operation.value);
        event->order = operation.order;
        event->value = value.value;
        event->data = value.from;
        add(*event);
    }

    /// What it writes over `seen`; nothing if it then does not.
    static std::optional<Value> written(const Operation& operation, Value seen, Value operand,
                                        Value expected) {
        switch (operation.action) {
            case Action::exchange:
                return operand;
            case Action::compare_exchange:
                if (seen != expected) return std::nullopt;
                return operand;
            case Action::add_unless:
                if (seen == expected) return std::nullopt;
                return apply(Operator::add, seen, operand);
            default:
                return apply(operation.update, seen, operand);
        }
    }

    void update(const Operation& operation) {
        auto event = at(operation, Event::Kind::read);
        if (!event) return;
        const auto seen = next_value(*event);
        if (!seen) return;
        const Slot operand = compute(operation.value);
        const Slot expected = compute(operation.expected);
        const auto made = written(operation, *seen, operand.value, expected.value);
        event->value = *seen;
        event->update = true;
        if (!made) {  // then it is a read, and no more
            add(*event);
            return set(operation, returned(operation, *seen, *seen, operand, false));
        }
        const bool full = operation.order == Order::full;
        if (full) add_fence(Fence::mb);
        event->no_return = operation.returns == Returns::nothing;
        if (operation.order == Order::acquire) event->order = Order::acquire;
        add(*event);
        if (stopped()) return;
        const Slot result = returned(operation, *seen, *made, operand, true);
        write_update(operation, *event, *made, operand.from);
        if (full) add_fence(Fence::mb);
        set(operation, result);
    }

    void write_update(const Operation& operation, Event event, Value value, OwnEvents operand) {
        const unsigned reads = last();
        event.kind = Event::Kind::write;
        event.order = operation.order == Order::release ? Order::release : Order::once;
        event.no_return = false;
        event.value = value;
        event.data = operand;
        if (operation.action != Action::exchange) event.data |= OwnEvents::only(reads);
        event.read = reads;
        add(event);
    }

    Slot returned(const Operation& operation, Value seen, Value made, const Slot& operand,
                  bool succeeded) const {
        const OwnEvents from = OwnEvents::only(last());
        switch (operation.returns) {
            case Returns::new_value:
                return {made, from | operand.from};
            case Returns::success:
                return {succeeded ? 1 : 0, from};
            default:
                return {seen, from};
        }
    }

    // -- Locks: 0 is free, 1 is held.

    void lock(const Operation& operation) {
        auto event = at(operation, Event::Kind::read);
        if (!event) return;
        event->lock = Event::Lock::take;
        event->order = Order::acquire;
        add(*event);
        if (stopped()) return;
        event->read = last();
        event->kind = Event::Kind::write;
        event->order = Order::once;
        event->value = 1;
        add(*event);
    }

    void unlock(const Operation& operation) {
        auto event = at(operation, Event::Kind::write);
        if (!event) return;
        event->lock = Event::Lock::release;
        event->order = Order::release;
        add(*event);
    }

    void try_lock(const Operation& operation) {
        const auto event = at(operation, Event::Kind::read);
        if (!event) return;
        const auto held = next_value(*event);
        if (!held) return;
        if (*held != 0) {
            Event failed = *event;
            failed.value = *held;
            add(failed);
            return set(operation, {0, OwnEvents::only(last())});
        }
        lock(operation);
        if (!stopped()) set(operation, {1, OwnEvents::only(last() - 1)});
    }

    void look_at_lock(const Operation& operation) {
        if (const auto event = at(operation, Event::Kind::read)) read(operation, *event);
    }

    const Program& program_;
    const std::vector<Value>& chosen_;
    std::size_t next_ = 0;
    std::vector<Slot> registers_;
    std::vector<Event> events_;
    OwnEvents control_;
    End end_ = End::finished;
    std::size_t cell_ = 0;
};

}  // namespace

std::optional<std::vector<Trace>> traces_of(const Program& program, std::size_t process,
                                            const Values& values, const TraceLimits& limits) {
    std::vector<Trace> traces;
    std::vector<std::vector<Value>> waiting{{}};
    while (!waiting.empty()) {
        std::vector<Value> chosen = std::move(waiting.back());
        waiting.pop_back();
        Walk walk(program, program.processes[process], chosen);
        switch (walk.end()) {
            case Walk::End::finished:
            case Walk::End::astray:
                traces.push_back(std::move(walk).trace());
                break;
            case Walk::End::needs_value:
                for (const Value value : values.at(walk.cell())) {
                    waiting.push_back(chosen);
                    waiting.back().push_back(value);
                }
                break;
            case Walk::End::too_long:
                return std::nullopt;
        }
        if (traces.size() + waiting.size() > limits.traces_max) return std::nullopt;
    }
    return traces;
}

}  // namespace anypage::check::litmus::axioms
