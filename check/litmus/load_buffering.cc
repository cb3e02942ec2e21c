// Load buffering: see load_buffering.hpp. Orders are those of linux-kernel.cat within a process, as
// far as they hold whichever branches are taken; a chain counts if each link surely runs.
#include "load_buffering.hpp"

#include <algorithm>
#include <set>

namespace anypage::check::litmus {
namespace {

using Where = std::optional<std::size_t>;  ///< a cell; none: any
using Reads = std::set<std::size_t>;       ///< events

struct Event {
    bool reads = false;
    bool returns = true;  ///< what it reads: else smp_rmb() does not order it
    bool writes = false;
    bool acquires = false;  ///< everything later comes after it
    bool releases = false;  ///< everything earlier comes before it
    bool full = false;      ///< a barrier, or has one on either side
    bool rmb = false;
    bool unlocks = false;
    bool locks = false;
    Where place;
    Reads needed;                 ///< reads that address, data or a branch depend on
    Reads address;                ///< those of the address
    std::vector<std::size_t> in;  ///< branches around it, outermost first
};

class Sketch {
public:
    Sketch(const Program& program, const Process& process)
        : program_(program), from_(process.registers.size()), fixed_(process.registers.size()) {
        for (std::size_t id = 0; id < fixed_.size(); ++id) {
            fixed_[id] = program.cell_at(process.registers[id].initial) ? 1 : 0;
            initial_.push_back(process.registers[id].initial);
        }
        forget_assigned(process.body);
        walk(process.body);
        order();
    }

    const std::vector<Event>& events() const { return events_; }
    bool ordered(std::size_t first, std::size_t second) const { return before_[first][second]; }

private:
    void forget_assigned(const std::vector<Statement>& statements) {
        for (const Statement& one : statements) {
            if (one.kind == Statement::Kind::assign) fixed_[one.destination] = 0;
            if (one.kind == Statement::Kind::operation && one.operation.destination) {
                fixed_[*one.operation.destination] = 0;
            }
            forget_assigned(one.then_part);
            forget_assigned(one.else_part);
        }
    }

    Reads sources(const Expression& expression) const {
        Reads found;
        if (expression.kind == Expression::Kind::read_register) found = from_[expression.source];
        for (const Expression& operand : expression.operands) found.merge(sources(operand));
        return found;
    }

    Where place_of(const Expression& address) const {
        Value value = address.value;
        if (address.kind == Expression::Kind::apply) return std::nullopt;
        if (address.kind == Expression::Kind::read_register) {
            if (fixed_[address.source] == 0) return std::nullopt;
            value = initial_[address.source];
        }
        return program_.cell_at(value);
    }

    void walk(const std::vector<Statement>& statements) {
        for (const Statement& one : statements) {
            if (one.kind == Statement::Kind::assign) {
                set(one.destination, sources(one.expression));
            } else if (one.kind == Statement::Kind::operation) {
                add(one.operation);
            } else {
                branch(one);
            }
        }
    }

    void branch(const Statement& one) {
        const Reads outer = deciding_;
        deciding_.merge(sources(one.expression));
        for (const auto* part : {&one.then_part, &one.else_part}) {
            in_.push_back(++blocks_);
            walk(*part);
            in_.pop_back();
        }
        deciding_ = outer;
    }

    /// A register that is set in a branch may keep what it had: then nothing is sure of it.
    void set(RegisterId id, Reads reads) {
        if (!in_.empty()) {
            Reads sure;
            for (const std::size_t read : reads) {
                if (from_[id].contains(read)) sure.insert(read);
            }
            // Inside of this branch it is as set; what follows the branch reads it rarely.
            reads = std::move(sure);
        }
        from_[id] = std::move(reads);
    }

    void add(const Operation& operation) {
        const Action action = operation.action;
        Event event;
        event.in = in_;
        event.needed = deciding_;
        if (action == Action::fence) {
            event.full = operation.fence == Fence::mb;
            event.rmb = operation.fence == Fence::rmb;
        } else {
            event.place = place_of(operation.address);
            event.address = sources(operation.address);
            event.needed.merge(sources(operation.address));
            event.needed.merge(sources(operation.value));
            describe(operation, event);
        }
        events_.push_back(std::move(event));
        if (operation.destination) set(*operation.destination, {events_.size() - 1});
    }

    static void describe(const Operation& operation, Event& event) {
        const Action action = operation.action;
        // Those that may write nothing are then ordered with nothing.
        const bool sure = action == Action::exchange || action == Action::fetch;
        const bool update =
            sure || action == Action::compare_exchange || action == Action::add_unless;
        event.returns = !update || operation.returns != Returns::nothing;
        event.locks = action == Action::lock;
        event.unlocks = action == Action::unlock;
        event.reads = update || action == Action::load || action == Action::is_locked ||
                      action == Action::try_lock || event.locks;
        event.writes = update || action == Action::store || event.unlocks;
        const bool acquiring = operation.order == Order::acquire || operation.order == Order::full;
        const bool releasing = operation.order == Order::release || operation.order == Order::full;
        event.acquires = event.locks || (acquiring && (sure || action == Action::load));
        event.releases = event.unlocks || (releasing && event.writes);
        event.full = sure && operation.order == Order::full;
    }

    /// Whenever `other` runs, `one` does.
    bool surely_beside(std::size_t one, std::size_t other) const {
        const auto& outer = events_[one].in;
        const auto& inner = events_[other].in;
        return outer.size() <= inner.size() &&
               std::equal(outer.begin(), outer.end(), inner.begin());
    }

    bool at_once(std::size_t first, std::size_t second) const {
        const Event& one = events_[first];
        const Event& other = events_[second];
        if (one.full || one.acquires || other.full || other.releases) return true;
        if (one.rmb && other.reads && other.returns) return true;
        if (one.reads && one.returns && other.rmb) return true;
        if (other.writes && other.needed.contains(first)) return true;
        if (other.address.contains(first)) return true;
        if (one.unlocks && other.locks) return true;
        return one.place && one.place == other.place && other.writes && one.reads;
    }

    void order() {
        const std::size_t count = events_.size();
        before_.assign(count, std::vector<bool>(count, false));
        for (std::size_t span = 1; span < count; ++span) {
            for (std::size_t first = 0; first + span < count; ++first) {
                before_[first][first + span] = links(first, first + span);
            }
        }
    }

    bool links(std::size_t first, std::size_t last) const {
        if (at_once(first, last)) return true;
        for (std::size_t middle = first + 1; middle < last; ++middle) {
            const bool sure = surely_beside(middle, first) || surely_beside(middle, last);
            if (sure && before_[first][middle] && before_[middle][last]) return true;
        }
        return false;
    }

    const Program& program_;
    std::vector<Value> initial_;
    std::vector<Reads> from_;  ///< by register
    std::vector<char> fixed_;  ///< by register: an address that nothing changes
    std::vector<Event> events_;
    std::vector<std::vector<bool>> before_;
    std::vector<std::size_t> in_;
    std::size_t blocks_ = 0;
    Reads deciding_;
};

/// Longer processes are not looked at: it would take too long.
constexpr std::size_t operations_max = 300;

std::size_t operations_in(const std::vector<Statement>& statements) {
    std::size_t count = statements.size();
    for (const Statement& one : statements) {
        count += operations_in(one.then_part) + operations_in(one.else_part);
    }
    return count;
}

bool meet(const Where& one, const Where& other) { return !one || !other || *one == *other; }

bool used_elsewhere(const std::vector<Sketch>& all, std::size_t process, const Where& place,
                    bool only_writes) {
    for (std::size_t other = 0; other < all.size(); ++other) {
        if (other == process) continue;
        for (const Event& event : all[other].events()) {
            const bool counts = event.writes || (event.reads && !only_writes);
            if (counts && meet(event.place, place)) return true;
        }
    }
    return false;
}

bool is_hazard(const std::vector<Sketch>& all, std::size_t process, std::size_t first,
               std::size_t second) {
    const Event& read = all[process].events()[first];
    const Event& write = all[process].events()[second];
    return read.reads && write.writes && !all[process].ordered(first, second) &&
           used_elsewhere(all, process, read.place, true) &&
           used_elsewhere(all, process, write.place, false);
}

}  // namespace

bool may_need_load_buffering(const Program& program) {
    for (const Process& process : program.processes) {
        if (operations_in(process.body) > operations_max) return true;
    }
    std::vector<Sketch> all;
    for (const Process& process : program.processes) all.emplace_back(program, process);
    for (std::size_t process = 0; process < all.size(); ++process) {
        const std::size_t count = all[process].events().size();
        for (std::size_t first = 0; first < count; ++first) {
            for (std::size_t second = first + 1; second < count; ++second) {
                if (is_hazard(all, process, first, second)) return true;
            }
        }
    }
    return false;
}

}  // namespace anypage::check::litmus
