// Walk: see walk.hpp.
#include "walk.hpp"

#include <algorithm>

namespace anypage::check::litmus::axioms {
namespace {

/// r ^ r, r - r.
bool is_nothing(const Expression& expression) {
    const bool cancels = expression.op == Operator::bit_xor || expression.op == Operator::subtract;
    if (expression.kind != Expression::Kind::apply || !cancels) return false;
    const Expression& left = expression.operands[0];
    return left.kind == Expression::Kind::read_register &&
           expression.operands[1].is_register(left.source);
}

/// Of a write: what it writes.
void hold(Event& event, const Slot& slot) {
    event.value = slot.value;
    event.data = slot.from;
    event.value_of = slot.value_of;
    event.copies = slot.copies;
}

}  // namespace

void Walk::run(const std::vector<Statement>& statements) {
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

void Walk::branch(const Statement& one) {
    const Slot condition = compute(one.expression);
    const auto taken = turn(condition.value != 0, is_known(condition));
    if (!taken) return;
    const OwnEvents before = control_;
    control_ |= condition.from;
    run(*taken ? one.then_part : one.else_part);
    control_ = before;
}

Slot Walk::compute(const Expression& expression) {
    if (expression.kind == Expression::Kind::read_register) return registers_[expression.source];
    Slot made;
    made.value = evaluate(expression, [&](RegisterId id) {
        made.from |= registers_[id].from;
        made.value_of |= registers_[id].value_of;
        return registers_[id].value;
    });
    made.copies = false;
    if (is_nothing(expression)) made.value_of = {};
    return made;
}

// -- What is decided.

std::optional<Value> Walk::at_number(const std::vector<std::optional<Value>>& decided,
                                     std::size_t number) {
    return number < decided.size() ? decided[number] : std::nullopt;
}

std::optional<Walk::Found> Walk::next_found(const Event& event) {
    if (stopped()) return std::nullopt;
    const std::size_t number = reads_++;
    if (const auto value = at_number(decided_.found, number)) return Found{*value, true, number};
    if (finds_ == Finds::when_written) return Found{0, false, number};
    stop_for_value(number, event.cell);
    return std::nullopt;
}

void Walk::stop_for_value(std::size_t number, std::size_t cell) {
    end_ = End::needs_value;
    number_ = number;
    cell_ = cell;
}

bool Walk::needs(const Slot& slot) {
    const auto from = std::find_if(unknown_reads_.begin(), unknown_reads_.end(),
                                   [&](const auto& read) { return slot.from.has(read.first); });
    if (from == unknown_reads_.end()) return false;
    stop_for_value(from->second, events_[from->first].cell);
    return true;
}

std::optional<bool> Walk::turn(bool as_it_must, bool known) {
    if (stopped()) return std::nullopt;
    const std::size_t number = turns_++;
    const auto decided = at_number(decided_.turns, number);
    if (!decided && known) return as_it_must;
    if (decided && (!known || as_it_must == (*decided != 0))) return *decided != 0;
    end_ = decided ? End::impossible : End::needs_turn;
    number_ = number;
    return std::nullopt;
}

// -- Events.

void Walk::add_read(Event event, const Found& found) {
    event.value = found.value;
    add(event);
    if (found.known || stopped()) return;
    unknown_ |= OwnEvents::only(last());
    unknown_reads_.emplace_back(last(), found.number);
}

void Walk::add(Event event) {
    if (stopped()) return;
    if (events_.size() == OwnEvents::max) {
        end_ = End::too_long;
        return;
    }
    event.control = control_;
    events_.push_back(event);
}

void Walk::add_fence(Fence fence) {
    Event event;
    event.kind = Event::Kind::fence;
    event.fence = fence;
    add(event);
}

std::optional<Event> Walk::at(const Operation& operation, Event::Kind kind) {
    const Slot address = compute(operation.address);
    if (needs(address)) return std::nullopt;
    const auto cell = program_.cell_at(address.value);
    if (!cell) {
        // What is written later may be the address that another process hands over.
        if (finds_ == Finds::before_going_on) end_ = End::astray;
        return std::nullopt;
    }
    Event event;
    event.kind = kind;
    event.cell = *cell;
    event.address = address.from;
    return event;
}

void Walk::set(const Operation& operation, Slot slot) {
    if (!stopped() && operation.destination) registers_[*operation.destination] = slot;
}

// -- Operations.

void Walk::operate(const Operation& operation) {
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

void Walk::load(const Operation& operation) {
    auto event = at(operation, Event::Kind::read);
    if (!event) return;
    event->order = operation.order;
    read(operation, *event);
}

void Walk::read(const Operation& operation, const Event& event) {
    const auto found = next_found(event);
    if (!found) return;
    add_read(event, *found);
    if (!stopped()) set(operation, Slot::read(found->value, OwnEvents::only(last())));
}

void Walk::store(const Operation& operation) {
    auto event = at(operation, Event::Kind::write);
    if (!event) return;
    const Slot value = compute(operation.value);
    if (needs(value)) return;
    event->order = operation.order;
    hold(*event, value);
    add(*event);
}

bool Walk::is_conditional(const Operation& operation) {
    return operation.action == Action::compare_exchange || operation.action == Action::add_unless;
}

bool Walk::writes_over(const Operation& operation, Value seen, Value expected) {
    return (seen == expected) == (operation.action == Action::compare_exchange);
}

bool Walk::writes_what_it_finds(const Operation& operation) {
    return operation.action == Action::fetch || operation.action == Action::add_unless;
}

Slot Walk::written(const Operation& operation, const Found& found, const Slot& operand) const {
    if (!writes_what_it_finds(operation)) return operand;
    const bool adds = operation.action == Action::add_unless;
    const OwnEvents read = OwnEvents::only(last());
    return {apply(adds ? Operator::add : operation.update, found.value, operand.value),
            operand.from | read, operand.value_of | read, false};
}

void Walk::update(const Operation& operation) {
    auto event = at(operation, Event::Kind::read);
    if (!event) return;
    const auto found = next_found(*event);
    if (!found) return;
    event->update = true;
    const Slot operand = compute(operation.value);
    if (is_conditional(operation)) {
        const Slot expected = compute(operation.expected);
        const auto writes = turn(writes_over(operation, found->value, expected.value),
                                 found->known && is_known(expected));
        if (!writes) return;
        if (!*writes) {  // then it is a read, and no more
            add_read(*event, *found);
            if (stopped()) return;
            return set(operation, returned(operation, *found, {0, {}, {}, true}, false));
        }
    }
    const bool full = operation.order == Order::full;
    if (full) add_fence(Fence::mb);
    event->no_return = operation.returns == Returns::nothing;
    if (operation.order == Order::acquire) event->order = Order::acquire;
    add_read(*event, *found);
    if (stopped()) return;
    const Slot made = written(operation, *found, operand);
    const Slot result = returned(operation, *found, made, true);
    write_update(operation, *event, made);
    if (full) add_fence(Fence::mb);
    set(operation, result);
}

void Walk::write_update(const Operation& operation, Event event, const Slot& written) {
    event.kind = Event::Kind::write;
    event.order = operation.order == Order::release ? Order::release : Order::once;
    event.no_return = false;
    hold(event, written);
    // What is written depends on what was found, but by xchg and cmpxchg, which write what they are
    // told (herd7 agrees: linux_cmpexch_ok).
    const bool told =
        operation.action == Action::exchange || operation.action == Action::compare_exchange;
    if (!told) event.data |= OwnEvents::only(last());
    event.read = last();
    if (!needs(written)) add(event);
}

Slot Walk::returned(const Operation& operation, const Found& found, const Slot& made,
                    bool succeeded) const {
    const OwnEvents read = OwnEvents::only(last());
    switch (operation.returns) {
        case Returns::new_value:
            return {made.value, read | made.from, made.value_of, made.copies};
        case Returns::success:
            return Slot::shown_by(read, succeeded);
        default:
            return Slot::read(found.value, read);
    }
}

// -- Locks: 0 is free, 1 is held.

void Walk::lock(const Operation& operation) {
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

void Walk::unlock(const Operation& operation) {
    auto event = at(operation, Event::Kind::write);
    if (!event) return;
    event->lock = Event::Lock::release;
    event->order = Order::release;
    add(*event);
}

void Walk::try_lock(const Operation& operation) {
    const auto event = at(operation, Event::Kind::read);
    if (!event) return;
    const auto held = next_found(*event);
    if (!held) return;
    const auto fails = turn(held->value != 0, held->known);
    if (!fails) return;
    if (*fails) {
        add_read(*event, held->known ? *held : Found{1, true, held->number});
        if (!stopped()) set(operation, Slot::shown_by(OwnEvents::only(last()), false));
        return;
    }
    lock(operation);
    if (!stopped()) set(operation, Slot::shown_by(OwnEvents::only(last() - 1), true));
}

void Walk::look_at_lock(const Operation& operation) {
    if (const auto event = at(operation, Event::Kind::read)) read(operation, *event);
}

}  // namespace anypage::check::litmus::axioms
