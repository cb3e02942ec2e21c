// What linux-kernel.cat preserves of program order, by the text alone: see load_buffering_risk.hpp.
#include "load_buffering_risk.hpp"

#include <algorithm>
#include <set>

namespace anypage::check::litmus {
namespace {

bool mentions(const Expression& expression, RegisterId id) {
    return expression.is_register(id) ||
           std::any_of(expression.operands.begin(), expression.operands.end(),
                       [id](const Expression& operand) { return mentions(operand, id); });
}

bool may_write_nothing(Action action) {
    return action == Action::compare_exchange || action == Action::add_unless ||
           action == Action::try_lock;
}

/// A branch that a step is in: where it was decided, by what, and which way.
struct Arm {
    std::size_t decided;  ///< the step in front of which
    const Expression* condition;
    bool taken;
    friend bool operator==(const Arm&, const Arm&) = default;
};

struct Step {
    const Operation* operation;  ///< null: an assignment
    std::optional<RegisterId> sets;
    std::optional<std::size_t> cell;  ///< that it accesses; none: no one, or any
    std::vector<Arm> arms;            ///< from the outermost
    bool locks_are_seen;  ///< else what takes one is seen once it has let go, and all before that

    Action action() const { return operation->action; }
    bool is_access() const { return operation != nullptr && action() != Action::fence; }
    bool is_fence(Fence kind) const {
        return operation != nullptr && operation->fence == kind &&
               (action() == Action::fence || kind == Fence::mb);
    }
    bool reads() const {
        return is_access() && action() != Action::store && action() != Action::unlock;
    }
    bool writes() const {
        if (!is_access() || action() == Action::load || action() == Action::is_locked) return false;
        return action() != Action::lock || locks_are_seen;
    }
    bool is_update() const { return is_access() && litmus::is_update(action()); }
    bool is_marked() const { return operation->order != Order::plain || is_update(); }
    /// Orders its read before all that comes, whatever it finds.
    bool acquires() const {
        if (!reads() || may_write_nothing(action())) return false;
        return operation->order == Order::acquire || is_full() || action() == Action::lock;
    }
    /// Orders its write, if there is one, behind all that came.
    bool releases() const {
        if (action() == Action::unlock) return true;
        return writes() && (operation->order == Order::release ||
                            (is_update() && operation->order == Order::full));
    }
    bool is_full() const {
        return is_update() && !may_write_nothing(action()) && operation->order == Order::full;
    }
};

class Process {
public:
    Process(const Program& program, const check::litmus::Process& process, bool locks_are_seen)
        : program_(program), registers_(process.registers), locks_are_seen_(locks_are_seen) {
        for (RegisterId id = 0; id < registers_.size(); ++id) constant_.insert(id);
        forget_set(process.body);
        add(process.body);
        find_orders();
    }

    const std::vector<Step>& steps() const { return steps_; }
    bool is_ordered(std::size_t one, std::size_t other) const {
        return ordered_[one * steps_.size() + other];
    }
    /// May both be done in one execution?
    bool go_together(std::size_t one, std::size_t other) const {
        const auto& arms = steps_[one].arms;
        return std::none_of(arms.begin(), arms.end(), [&](const Arm& arm) {
            const Arm opposite{arm.decided, arm.condition, !arm.taken};
            const auto& others = steps_[other].arms;
            return std::find(others.begin(), others.end(), opposite) != others.end();
        });
    }

private:
    void forget_set(const std::vector<Statement>& statements) {
        for (const Statement& one : statements) {
            if (one.kind == Statement::Kind::assign) constant_.erase(one.destination);
            if (one.operation.destination) constant_.erase(*one.operation.destination);
            forget_set(one.then_part);
            forget_set(one.else_part);
        }
    }

    void add(const std::vector<Statement>& statements) {
        for (const Statement& one : statements) {
            if (one.kind == Statement::Kind::branch) {
                const Arm arm{steps_.size(), &one.expression, true};
                add_arm(one.then_part, arm);
                add_arm(one.else_part, {arm.decided, arm.condition, false});
            } else if (one.kind == Statement::Kind::assign) {
                steps_.push_back({nullptr, one.destination, std::nullopt, arms_, false});
            } else {
                const Operation& operation = one.operation;
                steps_.push_back({&operation, operation.destination, cell_of(operation.address),
                                  arms_, locks_are_seen_});
            }
        }
    }
    void add_arm(const std::vector<Statement>& statements, const Arm& arm) {
        arms_.push_back(arm);
        add(statements);
        arms_.pop_back();
    }

    /// That this is the address of, whatever is read.
    std::optional<std::size_t> cell_of(const Expression& address) const {
        const auto value_if = [&](Value read) {
            return evaluate(address, [&](RegisterId id) {
                return constant_.contains(id) ? registers_[id].initial : read;
            });
        };
        if (value_if(0) != value_if(1) || value_if(0) != value_if(-12345)) return std::nullopt;
        return program_.cell_at(value_if(0));
    }

    /// Is it done whenever both are?
    bool is_done_with(std::size_t between, std::size_t one, std::size_t other) const {
        const auto has = [&](std::size_t step, const Arm& arm) {
            const auto& arms = steps_[step].arms;
            return std::find(arms.begin(), arms.end(), arm) != arms.end();
        };
        const auto& arms = steps_[between].arms;
        return std::all_of(arms.begin(), arms.end(),
                           [&](const Arm& arm) { return has(one, arm) || has(other, arm); });
    }
    template <class Is>
    bool is_between(std::size_t one, std::size_t other, const Is& is) const {
        for (std::size_t k = one + 1; k < other; ++k) {
            if (is(k) && is_done_with(k, one, other)) return true;
        }
        return false;
    }

    /// Does a register still hold what this step has set, when that one comes?
    bool holds_until(std::size_t set, std::size_t until) const {
        for (std::size_t k = set + 1; k < until; ++k) {
            if (steps_[k].sets == steps_[set].sets) return false;
        }
        return true;
    }
    bool depends(std::size_t read, std::size_t on) const {
        const Step& one = steps_[read];
        const Step& other = steps_[on];
        if (!one.sets || !one.reads()) return false;
        const RegisterId id = *one.sets;
        const auto& address = other.operation->address;
        if (mentions(address, id) && holds_until(read, on)) return true;
        if (!other.writes()) return false;
        if (mentions(other.operation->value, id) && holds_until(read, on)) return true;
        return std::any_of(other.arms.begin(), other.arms.end(), [&](const Arm& arm) {
            return arm.decided > read && mentions(*arm.condition, id) &&
                   holds_until(read, arm.decided);
        });
    }

    bool is_full_barrier(std::size_t k) const {
        return steps_[k].is_fence(Fence::mb) || steps_[k].is_full();
    }
    bool unlocks_and_locks(std::size_t one, std::size_t other) const {
        return is_between(one, other, [&](std::size_t unlock) {
            return steps_[unlock].is_access() && steps_[unlock].action() == Action::unlock &&
                   is_between(unlock, other, [&](std::size_t lock) {
                       return steps_[lock].is_access() && steps_[lock].action() == Action::lock &&
                              is_done_with(lock, one, other);
                   });
        });
    }
    bool orders_of_itself(std::size_t one, std::size_t other) const {
        const Step& first = steps_[one];
        const Step& second = steps_[other];
        if (!first.is_marked() || !second.is_marked()) return false;
        if (is_between(one, other, [&](std::size_t k) { return is_full_barrier(k); })) return true;
        if (depends(one, other)) return true;
        if (first.acquires() || second.releases()) return true;
        if (unlocks_and_locks(one, other)) return true;
        // A write that another one, or its read, is before in coherence.
        if (second.writes() && first.cell && first.cell == second.cell) return true;
        const bool returns =
            first.action() == Action::load || first.operation->returns != Returns::nothing;
        const auto fenced = [&](Fence kind) {
            return is_between(one, other, [&](std::size_t k) { return steps_[k].is_fence(kind); });
        };
        if (first.reads() && returns && second.reads() && !second.writes() && fenced(Fence::rmb)) {
            return true;
        }
        return first.writes() && !first.reads() && second.writes() && !second.reads() &&
               fenced(Fence::wmb);
    }

    void find_orders() {
        const std::size_t count = steps_.size();
        ordered_.resize(count * count);
        for (std::size_t one = count; one-- > 0;) {
            if (!steps_[one].is_access()) continue;
            for (std::size_t other = one + 1; other < count; ++other) {
                if (!steps_[other].is_access() || !go_together(one, other)) continue;
                ordered_[one * count + other] =
                    orders_of_itself(one, other) || is_between(one, other, [&](std::size_t k) {
                        // An update that reads and writes is two accesses; what is before the
                        // one need not be before what the other is before.
                        return steps_[k].reads() != steps_[k].writes() && is_ordered(one, k) &&
                               is_ordered(k, other);
                    });
            }
        }
    }

    const Program& program_;
    const std::vector<Register>& registers_;
    const bool locks_are_seen_;
    std::set<RegisterId> constant_;  ///< that nothing sets
    std::vector<Step> steps_;
    std::vector<Arm> arms_;  ///< while steps are added
    std::vector<bool> ordered_;
};

bool looks_at_locks(const std::vector<Statement>& statements) {
    return std::any_of(statements.begin(), statements.end(), [](const Statement& one) {
        return looks_at_lock(one.operation.action) || looks_at_locks(one.then_part) ||
               looks_at_locks(one.else_part);
    });
}

/// The machine puts the unlock itself before what follows the lock, which who looks may see.
bool locks_behind_unlock(const std::vector<Step>& steps) {
    bool unlocked = false;
    for (const Step& step : steps) {
        if (!step.is_access()) continue;
        const Action action = step.action();
        if (unlocked && (action == Action::lock || action == Action::try_lock)) return true;
        unlocked = unlocked || action == Action::unlock;
    }
    return false;
}

/// Does it as its text says, whatever it reads? So do barriers beside what they belong to.
bool does_the_same(const std::vector<Statement>& statements) {
    bool unlocked = false;
    const Operation* before = nullptr;
    for (const Statement& one : statements) {
        if (one.kind == Statement::Kind::branch) return false;
        if (one.kind == Statement::Kind::assign) continue;
        const Operation& operation = one.operation;
        if (may_write_nothing(operation.action) || operation.action == Action::is_locked) {
            return false;
        }
        const bool behind_lock = before != nullptr && before->action == Action::lock;
        if (operation.fence == Fence::after_atomic &&
            (before == nullptr || !is_update(before->action))) {
            return false;
        }
        if (operation.fence == Fence::after_spinlock && !behind_lock) return false;
        if (operation.fence == Fence::after_unlock_lock && !(behind_lock && unlocked)) return false;
        if (before != nullptr && before->fence == Fence::before_atomic &&
            !is_update(operation.action)) {
            return false;
        }
        unlocked = unlocked || operation.action == Action::unlock;
        before = &operation;
    }
    return true;
}

class Risk {
public:
    explicit Risk(const Program& program) : program_(program) {
        locks_are_seen_ =
            std::any_of(program.processes.begin(), program.processes.end(),
                        [](const auto& process) { return looks_at_locks(process.body); });
        for (const auto& each : program.processes) {
            processes_.emplace_back(program, each, locks_are_seen_);
        }
    }

    LoadBufferingRisk run() const {
        const auto orders_an_unlock = [](const Process& process) {
            return locks_behind_unlock(process.steps());
        };
        if (locks_are_seen_ &&
            std::any_of(processes_.begin(), processes_.end(), orders_an_unlock)) {
            return LoadBufferingRisk::stays;
        }
        bool any = false;
        for (std::size_t i = 0; i < processes_.size(); ++i) any = any || may_take_part(i);
        if (!any) return LoadBufferingRisk::none;
        const bool all_same =
            std::all_of(program_.processes.begin(), program_.processes.end(),
                        [](const auto& process) { return does_the_same(process.body); });
        return all_same && all_cells_are_known() ? LoadBufferingRisk::sought
                                                 : LoadBufferingRisk::stays;
    }

private:
    bool all_cells_are_known() const {
        return std::all_of(processes_.begin(), processes_.end(), [](const Process& process) {
            const auto& steps = process.steps();
            return std::none_of(steps.begin(), steps.end(),
                                [](const Step& step) { return step.is_access() && !step.cell; });
        });
    }
    bool may_take_part(std::size_t i) const {
        const auto& steps = processes_[i].steps();
        for (std::size_t one = 0; one < steps.size(); ++one) {
            if (!steps[one].reads() || !is_shared(i, steps[one], true)) continue;
            for (std::size_t other = one + 1; other < steps.size(); ++other) {
                if (steps[other].writes() && is_shared(i, steps[other], false) &&
                    processes_[i].go_together(one, other) &&
                    !processes_[i].is_ordered(one, other)) {
                    return true;
                }
            }
        }
        return false;
    }
    /// Does another process access what this step does, or write it?
    bool is_shared(std::size_t process, const Step& step, bool written) const {
        for (std::size_t i = 0; i < processes_.size(); ++i) {
            if (i == process) continue;
            for (const Step& each : processes_[i].steps()) {
                const bool may_be_the_same = !each.cell || !step.cell || each.cell == step.cell;
                if (each.is_access() && may_be_the_same && (!written || each.writes())) return true;
            }
        }
        return false;
    }

    const Program& program_;
    std::vector<Process> processes_;
    bool locks_are_seen_ = false;
};

}  // namespace

LoadBufferingRisk load_buffering_risk(const Program& program) { return Risk(program).run(); }

}  // namespace anypage::check::litmus
