// Interpreter: see interpreter.hpp. Where it is coarser than linux-kernel.cat:
// - smp_mb__before_atomic() orders, of what follows it, only a read-modify-write and what is behind
//   that. Here it is an smp_mb() just before the next one, if there is one.
// - smp_mb__after_atomic(), smp_mb__after_spinlock() and smp_mb__after_unlock_lock() order only
//   what is in front of the read-modify-write or the lock. Here they are an smp_mb() where they
//   stand, if there was one.
//   All are exact for whoever writes them beside what they belong to, as the kernel asks (the last
//   one: to a lock that follows an unlock).
// - Plain accesses are as READ_ONCE() and WRITE_ONCE(): what those that race may give, and that
//   they do, the axioms say (axioms/judge.hpp).
#include "interpreter.hpp"

#include "../execution.hpp"
#include "text.hpp"

namespace anypage::check::litmus {
namespace {

std::uint64_t word(Value value) { return static_cast<std::uint64_t>(value); }

template <Operator op>
std::uint64_t update_with(std::uint64_t seen, std::uint64_t operand) {
    return word(apply(op, static_cast<Value>(seen), static_cast<Value>(operand)));
}

using Function = std::uint64_t (*)(std::uint64_t, std::uint64_t);

Function function_of(Operator op) {
    switch (op) {
        case Operator::subtract:
            return update_with<Operator::subtract>;
        case Operator::bit_and:
            return update_with<Operator::bit_and>;
        case Operator::bit_or:
            return update_with<Operator::bit_or>;
        case Operator::bit_xor:
            return update_with<Operator::bit_xor>;
        case Operator::bit_and_not:
            return update_with<Operator::bit_and_not>;
        default:
            return update_with<Operator::add>;
    }
}

OpKind kind_of(Action action) {
    switch (action) {
        case Action::store:
            return OpKind::store;
        case Action::exchange:
            return OpKind::exchange;
        case Action::compare_exchange:
            return OpKind::compare_exchange;
        case Action::fetch:
            return OpKind::apply;
        case Action::add_unless:
            return OpKind::fetch_add;
        default:
            return OpKind::load;
    }
}

/// Trivially destructible, as all on a context's stack must be: nothing there is ever unwound.
class Runner {
public:
    Runner(Job& job, std::size_t process)
        : job_(job), execution_(*Execution::current()), process_(process) {}

    void run(const std::vector<Statement>& statements) {
        for (const Statement& one : statements) {
            at_ = one.at;
            switch (one.kind) {
                case Statement::Kind::assign:
                    registers()[one.destination] = compute(one.expression);
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

private:
    void branch(const Statement& one) {
        const Slot condition = compute(one.expression);
        const DependencyId before = control_;
        control_ = execution_.join(control_, condition.from);
        run(condition.value != 0 ? one.then_part : one.else_part);
        control_ = before;  // as herd7: what comes behind comes either way
    }

    std::span<Slot> registers() { return job_.store.registers[process_]; }

    Slot compute(const Expression& expression) {
        Slot made;
        made.value = evaluate(expression, [&](RegisterId id) {
            const Slot& slot = registers()[id];
            made.from = execution_.join(made.from, slot.from);
            return slot.value;
        });
        return made;
    }

    void set(const Operation& operation, Slot value) {
        if (operation.destination) registers()[*operation.destination] = value;
    }

    void operate(const Operation& operation) {
        switch (operation.action) {
            case Action::fence:
                return fence(operation.fence);
            case Action::lock:
                return lock(operation, compute(operation.address));
            case Action::unlock:
                return unlock(operation, compute(operation.address));
            case Action::try_lock:
                return try_lock(operation, compute(operation.address));
            case Action::is_locked:
                return set(operation, look_at(operation, compute(operation.address)));
            default:
                return access(operation);
        }
    }

    // -- Memory.

    std::size_t cell_at(const Operation& operation, Value address) {
        const auto cell = job_.program.cell_at(address);
        if (!cell) go_astray(operation, address);
        return *cell;
    }

    MemoryOrder order_of(const Operation& operation) const {
        switch (operation.order) {
            case Order::acquire:
                return MemoryOrder::acquire;
            case Order::release:
                return MemoryOrder::release;
            case Order::full:
                // In C++ the default order of an atomic is the nearest.
                return job_.model == Model::lkmm ? MemoryOrder::full : MemoryOrder::seq_cst;
            default:
                return MemoryOrder::relaxed;
        }
    }

    void access(const Operation& operation) {
        const Slot address = compute(operation.address);
        const Slot value = compute(operation.value);
        Op op;
        op.kind = kind_of(operation.action);
        op.order = order_of(operation);
        op.unmarked = operation.order == Order::plain && !is_update(operation.action);
        op.a = word(value.value);
        op.expected = word(compute(operation.expected).value);
        op.unless = operation.action == Action::add_unless;
        op.returns = op.kind == OpKind::load || operation.returns != Returns::nothing;
        op.function = function_of(operation.update);
        op.address_from = address.from;
        op.data_from = execution_.join(value.from, address.from);
        op.control_from = control_;
        if (is_update(operation.action) && before_atomic_) {
            before_atomic_ = false;
            fence(FenceKind::smp_mb);
        }
        perform(op, cell_at(operation, address.value), operation.name.c_str());
        if (op.is_update()) updated_ = true;  // also one that has failed
        const bool computed = operation.returns == Returns::new_value;
        set(operation, {returned(operation, op, value.value),
                        computed ? execution_.join(op.brought, value.from) : op.brought});
    }

    void perform(Op& op, std::size_t cell, const char* name) {
        op.bytes = sizeof(std::uint64_t);
        op.text = name;
        execution_.access(op, &job_.store.cells[cell]);
    }

    static Value returned(const Operation& operation, const Op& op, Value operand) {
        const auto old = static_cast<Value>(op.result);
        switch (operation.returns) {
            case Returns::new_value:
                return apply(operation.update, old, operand);
            case Returns::success:
                return op.succeeded ? 1 : 0;
            default:
                return old;
        }
    }

    // -- Fences.

    void fence(FenceKind kind) {
        Op op;
        op.kind = OpKind::fence;
        op.fence = kind;
        op.control_from = control_;
        execution_.operate(op);
    }

    void fence(Fence kind) {
        const bool exact = job_.model == Model::lkmm;
        switch (kind) {
            case Fence::mb:
                return fence(FenceKind::smp_mb);
            case Fence::rmb:
                return fence(FenceKind::smp_rmb);
            case Fence::wmb:
                return fence(FenceKind::smp_wmb);
            case Fence::before_atomic:
                if (exact) {
                    before_atomic_ = true;
                    return;
                }
                return fence(FenceKind::smp_mb);
            case Fence::after_atomic:
                if (updated_ || !exact) fence(FenceKind::smp_mb);
                return;
            case Fence::after_spinlock:
            case Fence::after_unlock_lock:
                if (locked_ || !exact) fence(FenceKind::after_unlock_lock);
                return;
            default:
                return;
        }
    }

    // -- Locks. Who has one is the engine's business; what somebody sees who only looks is in the
    // lock's cell, which may be read late like any other.

    void lock(const Operation& operation, const Slot& address) {
        const std::size_t cell = cell_at(operation, address.value);
        operate_lock(OpKind::lock, cell, operation);
        job_.store.holders[cell] = static_cast<std::uint8_t>(process_ + 1);
        locked_ = true;
        if (job_.locks_are_seen) write_lock(OpKind::exchange, MemoryOrder::acquire, cell, 1);
    }

    void unlock(const Operation& operation, const Slot& address) {
        const std::size_t cell = cell_at(operation, address.value);
        if (job_.store.holders[cell] != process_ + 1) {
            complain(concat(operation.name, " of ", job_.program.cell_name(cell),
                            ", which this process does not hold; lock it first"));
        }
        job_.store.holders[cell] = 0;
        if (job_.locks_are_seen) write_lock(OpKind::store, MemoryOrder::release, cell, 0);
        operate_lock(OpKind::unlock, cell, operation);
    }

    /// Whoever sees it held, late or not, does not get it. Whoever sees it free will get it: then
    /// others may come first, and where they never let go of it this execution does not count.
    void try_lock(const Operation& operation, const Slot& address) {
        const Slot held = look_at(operation, address);
        if (held.value == 0) lock(operation, address);
        set(operation, {held.value == 0 ? 1 : 0, held.from});
    }

    Slot look_at(const Operation& operation, const Slot& address) {
        Op op;
        op.kind = OpKind::load;
        op.address_from = address.from;
        perform(op, cell_at(operation, address.value), operation.name.c_str());
        return {op.result == 0 ? 0 : 1, op.brought};
    }

    void write_lock(OpKind kind, MemoryOrder order, std::size_t cell, std::uint64_t value) {
        Op op;
        op.kind = kind;
        op.order = order;
        op.a = value;
        perform(op, cell, "");
    }

    void operate_lock(OpKind kind, std::size_t cell, const Operation& operation) {
        Op op;
        op.kind = kind;
        execution_.lock(op, {&job_.store.cells[cell], false, operation.name.c_str()});
    }

    [[noreturn]] void complain(std::string message) {
        stop(job_.complaint, std::move(message), "a litmus test does what it may");
    }

    /// herd7 finds no write for such a read, so that the execution is none.
    [[noreturn]] void go_astray(const Operation& operation, Value address) {
        stop(job_.astray,
             concat(operation.name, " goes through ", address,
                    ", which is the address of nothing; let it point to a location"),
             goes_astray);
    }

    [[noreturn]] void stop(std::optional<Complaint>& first, std::string message,
                           const char* property) {
        if (!first) first = Complaint{at_, std::move(message)};
        message = {};  // nothing on this stack is ever unwound
        execution_.fail(property, "see the complaint");
        for (;;) {  // it does not return
        }
    }

    Job& job_;
    Execution& execution_;
    const std::size_t process_;
    SourcePosition at_;
    DependencyId control_ = 0;  ///< what decides that it is here
    bool before_atomic_ = false;
    bool updated_ = false;
    bool locked_ = false;
};

}  // namespace

void interpret(Job& job, std::size_t process) {
    Runner(job, process).run(job.program.processes[process].body);
}

}  // namespace anypage::check::litmus
