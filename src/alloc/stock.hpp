// Stocks: per CPU and zone, a few ready runs of each small order and type, so that most requests
// touch nothing that other CPUs write and need no atomic instruction: a pop or a push is a
// restartable section (world/rseq.hpp). Where sections are refused a request goes to the zone.
//
// A zone's gate says what may be done with its stocks, those of all CPUs:
//
//   open ---close---> closed ---membarrier---> sealed ---all found empty---> empty
//     ^                 |                                                      |
//     '-----------------'-------------- every stack marked anew ---------------'
//
//   open    sections push and pop, each on its own CPU; nobody else changes a stack
//   closed  sections that have looked before may still come; nobody else changes a stack
//   sealed  those are over; anybody takes from any stack by compare-and-swap
//   empty   nothing is in any of them, for as long as it is so: one look tells
//
// The gate counts its openings. Before it opens from `empty` each stack is marked with the number
// of the opening, so that the compare-and-swap of somebody who stalled while it was sealed fails.
// From `closed` it opens as it is, for nobody has taken anything. Whoever seals, empties or opens
// may stall anywhere: the next one does the same again, and nobody waits.
//
// Hotplug *holds* a zone that it empties: it stays shut until released. What stocks hold counts as
// allocated, as does a run in the hands of somebody who drains; a request about to fail drains
// first.
#pragma once

#include "stock_size.hpp"
#include "zone_gate.hpp"

namespace anypage {

/// What came of a refill: frames that were taken, and those from the first that have a place.
struct Refill {
    std::size_t placed = 0;
    std::size_t taken = 0;
};

template <World W>
class Stocks {
public:
    /// Frames that a refill takes at most, the caller's included, and that a spill gives back.
    static constexpr unsigned refill_most = StockSize::refill_batch(stock_capacities<W>[0]);
    static constexpr unsigned spill_most = StockSize::spill_batch(stock_capacities<W>[0]);

    void carve(Arena& arena, const Machine<W>& machine) {
        machine_ = &machine;
        gates_ = arena.array<ZoneGate<W>>(1 + machine.zone_count());
        if (!W::prepare_rseq()) return;  // all stay empty
        Stock<W>* const stocks = arena.array<Stock<W>>(machine.zone_count() * W::cpu_limit());
        if (arena.measures()) return;
        cpus_ = W::cpu_limit();
        gates_[Route{}.value].stocks = stocks;  // any: it is never open
        for (std::uint32_t i = 0; i < machine.zone_count(); ++i) {
            gate(ZoneId{i}).stocks = stocks + std::size_t{i} * cpus_;
            gate(ZoneId{i}).zone = &machine.zone(ZoneId{i});
            gate(ZoneId{i}).glance = machine.zone(ZoneId{i}).glance();
        }
    }

    static constexpr unsigned capacity(Order order) { return stock_capacities<W>[order.value]; }
    /// Has this CPU stocks?
    bool has_stock(CpuId cpu) const { return cpu.value < cpus_; }
    /// Runs of this order, if any.
    static constexpr bool serves(Order order) { return order <= order_max && capacity(order) != 0; }
    bool is_open(ZoneId zone) const { return seen(zone).state() == StockGate::open; }
    /// Then what was in them is in the zone.
    bool is_empty(ZoneId zone) const { return seen(zone).state() == StockGate::empty; }
    bool is_sealed(ZoneId zone) const { return seen(zone).state() == StockGate::sealed; }

    /// Opens, unless it is held, or sealed: that needs a drain first. Any context.
    void open(ZoneId zone) {
        const StockGate gate = seen(zone);
        if (cpus_ == 0 || gate.is_held()) return;
        if (gate.state() != StockGate::closed && gate.state() != StockGate::empty) return;
        if (gate.state() == StockGate::empty && gate.opening() != 0) {
            mark_all(zone, gate.opened().opening());
        }
        change(zone, gate, gate.opened());
    }
    void close(ZoneId zone) {
        const StockGate gate = seen(zone);
        // Failed: somebody else has closed it, or holds it.
        if (gate.state() == StockGate::open) change(zone, gate, gate.in(StockGate::closed));
    }
    /// Shut until released. Each repeat is paid for by somebody else's change.
    void hold(ZoneId zone) {
        for (StockGate gate = seen(zone); !change(zone, gate, gate.held());) gate = seen(zone);
    }
    void release(ZoneId zone) {
        for (StockGate gate = seen(zone); !change(zone, gate, gate.released());) gate = seen(zone);
        machine_->zone(zone).look_again();
    }

    /// From the stock of `cpu`. Nothing: it is empty, or shut, or refused; always if this runs on
    /// another CPU.
    Maybe<Pfn> pop(ZoneId zone, Order order, Migratetype type, CpuId cpu) {
        if (!has_stock(cpu)) return std::nullopt;
        return gate(zone).pop(order, type, cpu);
    }
    /// To the stock of `cpu`. False: it is full, or shut, or refused; give the run to the zone.
    bool push(ZoneId zone, Pfn pfn, Order order, Migratetype type, CpuId cpu) {
        if (!has_stock(cpu)) return false;
        if (gate(zone).push(pfn, order, type, cpu)) return true;
        const unsigned limited = gate(zone).state(order, type, cpu).limit();
        if (limited == capacity(order)) return false;
        // Nothing has been pushed since it opened for the first time.
        const unsigned limit = size_of(zone).first_limit(order, capacity(order));
        return limited < limit && gate(zone).push_many({&pfn, 1}, order, type, cpu, limit) == 1;
    }
    /// After it was found empty: `take(pages)` gets frames from the zone, how many; the first is
    /// the caller's, then come those that the stock keeps. Nothing is taken for a CPU without one.
    template <class Take>
    Refill refill(ZoneId zone, std::span<Pfn, refill_most> pages, Migratetype type, CpuId cpu,
                  const Take& take) {
        if (!has_stock(cpu)) return {};
        const unsigned limit = size_of(zone).next_limit(
            gate(zone).state(Order{0}, type, cpu).limit(), capacity(Order{0}));
        const std::size_t taken = take(pages.first(StockSize::refill_batch(limit)));
        if (taken < 2) return {taken, taken};
        return {1 + gate(zone).push_many(pages.subspan(1, taken - 1), Order{0}, type, cpu, limit),
                taken};
    }
    /// The opposite, of a full one: frames out of it, for the zone.
    std::span<Pfn> spill(ZoneId zone, std::span<Pfn, spill_most> pages, Migratetype type,
                         CpuId cpu) {
        if (!has_stock(cpu)) return {};
        const unsigned limit = gate(zone).state(Order{0}, type, cpu).limit();
        const std::size_t wanted = std::min(StockSize::spill_batch(limit), spill_most);
        return pages.first(gate(zone).pop_many(pages.first(wanted), Order{0}, type, cpu));
    }
    /// By route, for a CPU that has stocks. No route leads to a gate that is never open.
    ZoneGate<W>* gates() const { return gates_; }
    /// CPUs below this have stocks.
    unsigned cpu_limit() const { return cpus_; }

    /// Is the run in the stock of any CPU? For checked builds: it costs a look at all of them.
    bool holds(ZoneId zone, Pfn pfn) const {
        bool found = false;
        for_each_run(zone, [&](Pfn each, Order) { found = found || each == pfn; });
        return found;
    }

    /// For validation, at quiescence: visit(Pfn, Order) for each run that the zone's stocks hold.
    template <class Visit>
    void for_each_run(ZoneId zone, const Visit& visit) const {
        for_each_stack(zone, [&](Word* stack, Order order) {
            for (unsigned i = StackWord{stack->load_relaxed()}.count(); i > 0; --i) {
                visit(Pfn{stack[i].load_relaxed()}, order);
            }
        });
    }

    /// Moves every run of a zone's stocks, of all CPUs, to the zone; how many. Leaves them shut.
    /// They open again once somebody looks at the zone and finds plenty.
    /// `fault` is told of runs that the zone does not take: somebody had freed them twice.
    template <class Fault>
    std::size_t drain(ZoneId zone, CpuId cpu, const Fault& fault) {
        const auto gate = seal(zone);
        if (!gate) return 0;
        std::size_t moved = 0;
        for_each_stack(zone, [&](Word* stack, Order order) {
            while (const auto pfn = take(*gate, stack)) {
                const FreeOutcome outcome = machine_->zone(zone).free(*pfn, order, cpu);
                if (outcome.fault != FreeFault::none) fault(*pfn, order, outcome);
                ++moved;
            }
        });
        // While it is sealed nothing comes in, so all are empty still. Each repeat is paid for by
        // somebody's hold or release.
        for (StockGate now = *gate; now.is_same_sealing(*gate); now = seen(zone)) {
            if (change(zone, now, now.in(StockGate::empty))) break;
        }
        machine_->zone(zone).look_again();
        return moved;
    }

private:
    using Word = typename W::template Atomic<std::uint64_t>;

    // Acquire: whoever finds it open, sealed or empty finds the stacks so.
    StockGate seen(ZoneId zone) const { return {gate(zone).word.load_acquire()}; }
    bool change(ZoneId zone, StockGate from, StockGate to) {
        return gate(zone).word.cas_acq_rel(from.bits, to.bits);
    }

    /// The gate as it is sealed; nothing if there is nothing to take: it is empty, or the kernel
    /// had no memory to restart sections. Each repeat is paid for by somebody else's change.
    std::optional<StockGate> seal(ZoneId zone) {
        for (;;) {
            const StockGate gate = seen(zone);
            switch (gate.state()) {
                case StockGate::empty:
                    return std::nullopt;
                case StockGate::sealed:
                    return gate;
                case StockGate::open:
                    close(zone);
                    break;
                case StockGate::closed:
                    if (!W::membarrier_rseq()) return std::nullopt;
                    // Failed: it is held or released meanwhile, or has been open since.
                    change(zone, gate, gate.in(StockGate::sealed));
            }
        }
    }

    /// The run on top of a stack, while the gate is sealed as it was seen.
    static Maybe<Pfn> take(StockGate gate, Word* stack) {
        for (;;) {
            // Relaxed, as is the place: both were written before the membarrier that preceded the
            // sealing, which is a barrier for everybody.
            StackWord word{stack->load_relaxed()};
            if (word.count() == 0 || word.mark() > gate.opening()) return std::nullopt;
            const std::uint64_t top = stack[word.count()].load_relaxed();
            if (stack->cas_acq_rel(word.bits, word.less_one().bits)) return Pfn{top};
        }
    }

    /// Before an opening of that number, out of `empty`. Limits begin anew.
    void mark_all(ZoneId zone, std::uint64_t opening) {
        const StockSize size = size_of(zone);
        for_each_stack(zone, [&](Word* stack, Order order) {
            const auto marked =
                StackWord::marked(opening, size.first_limit(order, capacity(order)));
            for (;;) {
                StackWord word{stack->load_relaxed()};  // cas-revalidates
                if (word.mark() >= opening) return;
                if (stack->cas_acq_rel(word.bits, marked.bits)) return;
            }
        });
    }

    StockSize size_of(ZoneId zone) const {
        const auto& of = machine_->zone(zone);
        return StockSize::of(of.managed(), of.mark(Watermark::low), machine_->cpus_near(zone));
    }

    ZoneGate<W>& gate(ZoneId zone) const { return gates_[Route::to(zone).value]; }

    template <class Visit>
    void for_each_stack(ZoneId zone, const Visit& visit) const {
        for (unsigned cpu = 0; cpu < cpus_; ++cpu) {
            for (auto& words : gate(zone).stocks[cpu].stacks) {
                for (std::uint8_t order = 0; order < order_count; ++order) {
                    if (serves(Order{order})) visit(&words[Stock<W>::offsets[order]], Order{order});
                }
            }
        }
    }

    const Machine<W>* machine_ = nullptr;
    unsigned cpus_ = 0;             ///< that have stocks
    ZoneGate<W>* gates_ = nullptr;  // by route
};

}  // namespace anypage
