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
template <unsigned words>
class CellOrders {
public:
    using Set = EventSet<words>;

    CellOrders(const Skeleton<words>& skeleton, std::size_t cell) : s_(skeleton) {
        for (unsigned i = 0; i < s_.events.size(); ++i) {
            const Event& event = s_.events[i];
            if (event.kind == Kind::fence || event.cell != cell) continue;
            if (s_.initial.has(i)) {
                order_.writes.push_back(i);
            } else {
                (event.kind == Kind::read ? reads_ : writes_).push_back(i);
            }
        }
        position_.resize(s_.events.size());
        add_writes({});
    }
    std::vector<CellOrder> take() && { return std::move(all_); }

private:
    void add_writes(const Set& added) {
        if (order_.writes.size() == writes_.size() + 1) return add_reads(0);
        for (const unsigned write : writes_) {
            const auto comes_first = [&](unsigned other) {
                return !added.has(other) && s_.po.has(other, write);
            };
            if (added.has(write)) continue;
            if (std::any_of(writes_.begin(), writes_.end(), comes_first)) continue;
            position_[write] = order_.writes.size();
            order_.writes.push_back(write);
            add_writes(added | Set::only(write));
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

    const Skeleton<words>& s_;
    std::vector<unsigned> writes_;       // but the first value
    std::vector<unsigned> reads_;        // in program order
    std::vector<std::size_t> position_;  // by event: of a write, in order_.writes
    CellOrder order_;
    std::vector<CellOrder> all_;
};

/// Puts what happens to each cell together.
template <unsigned words>
class Combination {
public:
    using Use = std::function<bool(const Candidate<words>&)>;

    Combination(const Skeleton<words>& skeleton, const std::vector<const Trace*>& traces,
                std::vector<std::vector<CellOrder>> orders, const Use& use)
        : skeleton_(skeleton), traces_(traces), orders_(std::move(orders)), use_(use) {}

    bool run() {
        if (chosen_.size() == orders_.size()) return use_chosen();
        const auto& orders = orders_[chosen_.size()];
        return std::all_of(orders.begin(), orders.end(), [&](const CellOrder& order) {
            chosen_.push_back(&order);
            const bool on = run();
            chosen_.pop_back();
            return on;
        });
    }

private:
    bool use_chosen() {
        const auto events = static_cast<unsigned>(skeleton_.events.size());
        Relation<words> rf(events);
        Relation<words> co(events);
        for (const CellOrder* order : chosen_) {
            for (const auto& [write, read] : order->found) rf.add(write, read);
            for (std::size_t i = 0; i < order->writes.size(); ++i) {
                for (std::size_t j = i + 1; j < order->writes.size(); ++j) {
                    co.add(order->writes[i], order->writes[j]);
                }
            }
        }
        return use_({skeleton_, traces_, rf, co});
    }

    const Skeleton<words>& skeleton_;
    const std::vector<const Trace*>& traces_;
    const std::vector<std::vector<CellOrder>> orders_;
    std::vector<const CellOrder*> chosen_;  ///< of each cell in turn
    const Use& use_;
};

}  // namespace

template <unsigned words>
Skeleton<words>::Skeleton(const Program& program, const std::vector<const Trace*>& traces) {
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
        initial |= Set::only(static_cast<unsigned>(events.size()));
        events.push_back(event);
    }
    const auto count = static_cast<unsigned>(events.size());
    for (Relation<words>* each :
         {&po, &internal, &same_cell, &address, &data, &control, &value, &rmw}) {
        *each = Relation<words>(count);
    }
    first.push_back(own);
    for (std::size_t process = 0; process + 1 < first.size(); ++process) {
        const auto from = static_cast<unsigned>(first[process]);
        for (unsigned i = from; i < first[process + 1]; ++i) {
            const auto depend = [&](Relation<words>& relation, OwnEvents on) {
                on.for_each([&](unsigned number) { relation.add(from + number, i); });
            };
            depend(address, events[i].address);
            depend(data, events[i].data);
            depend(control, events[i].control);
            depend(value, events[i].value_of);
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

template <unsigned words>
EventSet<words> Skeleton<words>::where(const std::function<bool(const Event&)>& holds) const {
    Set set;
    for (unsigned i = 0; i < events.size(); ++i) {
        if (holds(events[i])) set |= Set::only(i);
    }
    return set;
}

template <unsigned words>
std::optional<unsigned> Candidate<words>::last_write(std::size_t cell) const {
    for (unsigned i = 0; i < skeleton.events.size(); ++i) {
        const Event& event = skeleton.events[i];
        if (event.kind == Kind::write && event.cell == cell && co.after(i).empty()) return i;
    }
    return std::nullopt;
}

std::size_t events_of(const std::vector<const Trace*>& traces) {
    std::size_t events = cells_of(traces).size();
    for (const Trace* trace : traces) events += trace->events.size();
    return events;
}

template <unsigned words>
bool for_each_candidate(const Program& program, const std::vector<const Trace*>& traces,
                        const std::function<bool(const Candidate<words>&)>& use) {
    const Skeleton<words> skeleton(program, traces);
    std::vector<std::vector<CellOrder>> orders;
    for (const std::size_t cell : cells_of(traces)) {
        orders.push_back(CellOrders<words>(skeleton, cell).take());
        if (orders.back().empty()) return true;
    }
    return Combination<words>(skeleton, traces, std::move(orders), use).run();
}

template struct Skeleton<narrow>;
template struct Skeleton<wide>;
template struct Candidate<narrow>;
template struct Candidate<wide>;
template bool for_each_candidate(const Program&, const std::vector<const Trace*>&,
                                 const std::function<bool(const Candidate<narrow>&)>&);
template bool for_each_candidate(const Program&, const std::vector<const Trace*>&,
                                 const std::function<bool(const Candidate<wide>&)>&);

}  // namespace anypage::check::litmus::axioms
