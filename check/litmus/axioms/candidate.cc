// Candidate: see candidate.hpp.
#include "candidate.hpp"

#include <algorithm>

namespace anypage::check::litmus::axioms {
namespace {

using Kind = Event::Kind;

std::set<std::size_t> cells_of(const std::vector<const Trace*>& traces) {
    std::set<std::size_t> cells;
    for (const Trace* trace : traces) {
        for (const Event& event : trace->events) {
            if (event.kind != Kind::fence) cells.insert(event.cell);
        }
    }
    return cells;
}

/// What happens to one cell in one candidate.
struct CellOrder {
    std::vector<unsigned> writes;  ///< in coherence order, the first value first
    std::vector<std::pair<unsigned, unsigned>> found;  ///< write, read
};

/// All ways in which one cell may go.
class CellOrders {
public:
    CellOrders(const Skeleton& skeleton, std::size_t cell) : s_(skeleton) {
        for (unsigned i = 0; i < s_.events.size(); ++i) {
            const Event& event = s_.events[i];
            if (event.kind == Kind::fence || event.cell != cell) continue;
            if ((s_.initial & only(i)) != 0) {
                order_.writes.push_back(i);
            } else {
                (event.kind == Kind::read ? reads_ : writes_).push_back(i);
            }
        }
        position_.resize(s_.events.size());
        add_writes(0);
    }
    std::vector<CellOrder> take() && { return std::move(all_); }

private:
    void add_writes(EventSet added) {
        if (order_.writes.size() == writes_.size() + 1) return add_reads(0);
        for (const unsigned write : writes_) {
            const auto comes_first = [&](unsigned other) {
                return (added & only(other)) == 0 && s_.po.has(other, write);
            };
            if ((added & only(write)) != 0) continue;
            if (std::any_of(writes_.begin(), writes_.end(), comes_first)) continue;
            position_[write] = order_.writes.size();
            order_.writes.push_back(write);
            add_writes(added | only(write));
            order_.writes.pop_back();
        }
    }

    void add_reads(std::size_t next) {
        if (next == reads_.size()) {
            all_.push_back(order_);
            return;
        }
        const unsigned read = reads_[next];
        for (const unsigned write : order_.writes) {
            if (!may_find(read, write)) continue;
            order_.found.emplace_back(write, read);
            add_reads(next + 1);
            order_.found.pop_back();
        }
    }

    bool may_find(unsigned read, unsigned write) const {
        if (s_.events[write].value != s_.events[read].value) return false;
        const std::size_t at = position_[write];
        for (const unsigned other : writes_) {
            if (s_.po.has(other, read) && position_[other] > at) return false;
            if (s_.po.has(read, other) && position_[other] <= at) return false;
            // Nothing comes between.
            if (s_.rmw.has(read, other) && position_[other] != at + 1) return false;
        }
        return std::none_of(order_.found.begin(), order_.found.end(), [&](const auto& earlier) {
            return s_.po.has(earlier.second, read) && position_[earlier.first] > at;
        });
    }

    const Skeleton& s_;
    std::vector<unsigned> writes_;       // but the first value
    std::vector<unsigned> reads_;        // in program order
    std::vector<std::size_t> position_;  // by event: of a write, in order_.writes
    CellOrder order_;
    std::vector<CellOrder> all_;
};

/// Puts what happens to each cell together.
class Combination {
public:
    Combination(const Skeleton& skeleton, const std::vector<const Trace*>& traces,
                std::vector<std::vector<CellOrder>> orders,
                const std::function<bool(const Candidate&)>& use)
        : skeleton_(skeleton), traces_(traces), orders_(std::move(orders)), use_(use) {}

    bool run() {
        const auto events = static_cast<unsigned>(skeleton_.events.size());
        return run(0, Relation(events), Relation(events));
    }

private:
    bool run(std::size_t cell, const Relation& rf, const Relation& co) {
        if (cell == orders_.size()) return use_({skeleton_, traces_, rf, co});
        return std::all_of(orders_[cell].begin(), orders_[cell].end(), [&](const CellOrder& order) {
            Relation found = rf;
            for (const auto& [write, read] : order.found) found.add(write, read);
            Relation comes_before = co;
            for (std::size_t i = 0; i < order.writes.size(); ++i) {
                for (std::size_t j = i + 1; j < order.writes.size(); ++j) {
                    comes_before.add(order.writes[i], order.writes[j]);
                }
            }
            return run(cell + 1, found, comes_before);
        });
    }

    const Skeleton& skeleton_;
    const std::vector<const Trace*>& traces_;
    const std::vector<std::vector<CellOrder>> orders_;
    const std::function<bool(const Candidate&)>& use_;
};

}  // namespace

Skeleton::Skeleton(const Program& program, const std::vector<const Trace*>& traces) {
    for (const Trace* trace : traces) {
        first.push_back(events.size());
        events.insert(events.end(), trace->events.begin(), trace->events.end());
    }
    const auto own = static_cast<unsigned>(events.size());
    for (const std::size_t cell : cells_of(traces)) {
        Event event;
        event.kind = Kind::write;
        event.cell = cell;
        event.value = program.initial_of(cell);
        initial |= only(static_cast<unsigned>(events.size()));
        events.push_back(event);
    }
    const auto count = static_cast<unsigned>(events.size());
    for (Relation* each : {&po, &internal, &same_cell, &address, &data, &control, &rmw}) {
        *each = Relation(count);
    }
    first.push_back(own);
    for (std::size_t process = 0; process + 1 < first.size(); ++process) {
        const auto from = static_cast<unsigned>(first[process]);
        for (unsigned i = from; i < first[process + 1]; ++i) {
            const auto depend = [&](Relation& relation, EventSet on) {
                for_each(on, [&](unsigned number) { relation.add(from + number, i); });
            };
            depend(address, events[i].address);
            depend(data, events[i].data);
            depend(control, events[i].control);
            if (events[i].read) rmw.add(from + *events[i].read, i);
            for (unsigned j = from; j < first[process + 1]; ++j) {
                internal.add(i, j);
                if (i < j) po.add(i, j);
            }
        }
    }
    first.pop_back();
    for (unsigned i = 0; i < count; ++i) {
        for (unsigned j = 0; j < count; ++j) {
            const bool both = events[i].kind != Kind::fence && events[j].kind != Kind::fence;
            if (both && events[i].cell == events[j].cell) same_cell.add(i, j);
        }
    }
}

EventSet Skeleton::where(const std::function<bool(const Event&)>& holds) const {
    EventSet set = 0;
    for (unsigned i = 0; i < events.size(); ++i) {
        if (holds(events[i])) set |= only(i);
    }
    return set;
}

Value Candidate::last_value(const Program& program, std::size_t cell) const {
    for (unsigned i = 0; i < skeleton.events.size(); ++i) {
        const Event& event = skeleton.events[i];
        if (event.kind == Kind::write && event.cell == cell && co.after(i) == 0) return event.value;
    }
    return program.initial_of(cell);
}

bool fits(const std::vector<const Trace*>& traces) {
    std::size_t events = cells_of(traces).size();
    for (const Trace* trace : traces) events += trace->events.size();
    return events <= events_max;
}

bool for_each_candidate(const Program& program, const std::vector<const Trace*>& traces,
                        const std::function<bool(const Candidate&)>& use) {
    const Skeleton skeleton(program, traces);
    std::vector<std::vector<CellOrder>> orders;
    for (const std::size_t cell : cells_of(traces)) {
        orders.push_back(CellOrders(skeleton, cell).take());
        if (orders.back().empty()) return true;
    }
    return Combination(skeleton, traces, std::move(orders), use).run();
}

}  // namespace anypage::check::litmus::axioms
