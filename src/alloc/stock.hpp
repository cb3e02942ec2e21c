// Stock: per CPU and zone, a few ready runs of the small orders, so that most requests touch
// nothing that other CPUs write. First form: each place in a stock is one word, empty or a frame; a
// pop is one exchange, a push one compare-and-swap, and whoever drains does the same as whoever
// pops. So every CPU may use every stock, in any context, and nobody waits.
//
// A stock is open while its zone has more than its high watermark, and closed when the zone falls
// below low; a closed stock takes nothing in. Its frames count as allocated; a request about to
// fail drains first. A frame in the hands of somebody who drains or refills counts as allocated
// meanwhile.
#pragma once

#include <bit>

#include "../node/machine.hpp"

namespace anypage {

/// How many runs a stock keeps, by order; 0: none. The kernel's PAGE_ALLOC_COSTLY_ORDER and below.
constexpr unsigned stock_capacity(Order order) {
    constexpr unsigned capacity[] = {32, 8, 8, 4};
    return order <= costly_order ? capacity[order.value] : 0;
}
constexpr unsigned stock_places(Order below) {
    unsigned places = 0;
    for (std::uint8_t order = 0; order < below.value; ++order) places += stock_capacity({order});
    return places;
}

/// May a CPU's stock of a zone hold something; may any of the zone's stocks? A hint as the zone's
/// are (zone/hint.hpp), on two levels as they are, and lowered as they are: a drain clears DIRTY,
/// looks at every place, and clears OCCUPIED only if nothing was pushed meanwhile. So whoever finds
/// it clear knows that nothing is there, whoever else stalls in a drain.
struct StockState {
    static constexpr std::uint64_t occupied = 1;
    static constexpr std::uint64_t dirty = 2;  ///< something was pushed since the last drain began
    static constexpr std::uint64_t full = occupied | dirty;
    static constexpr std::uint64_t version = 4;

    std::uint64_t bits = 0;

    constexpr bool is_occupied() const { return (bits & occupied) != 0; }
    constexpr bool is_dirty() const { return (bits & dirty) != 0; }
    constexpr bool is_full() const { return (bits & full) == full; }
    constexpr StockState lowering_begun() const { return {(bits & ~dirty) + version}; }
    constexpr StockState lowered() const { return {bits & ~occupied}; }
};

template <World W>
class Stocks {
public:
    /// Frames that a refill of order 0 asks the zone for, the caller's included.
    static constexpr unsigned batch = 16;

    void carve(Arena& arena, const Machine<W>& machine) {
        machine_ = &machine;
        cpu_slots_ = std::min(std::bit_ceil(machine.cpu_count()), cpu_slots_max);
        gates_ = arena.array<Gate>(machine.zone_count());
        states_ = arena.array<Word>(machine.zone_count() * cpu_slots_);
        stocks_ = arena.array<Stock>(machine.zone_count() * cpu_slots_);
    }

    static constexpr bool serves(Order order) { return stock_capacity(order) != 0; }
    bool is_open(ZoneId zone) const { return gates_[zone.value].load_relaxed() == gate_open; }
    void open(ZoneId zone) {
        std::uint32_t closed = 0;  // and held by nobody
        if (gates_[zone.value].load_relaxed() == closed) {
            gates_[zone.value].cas_relaxed(closed, gate_open);
        }
    }
    void close(ZoneId zone) {
        if (is_open(zone)) gates_[zone.value].fetch_and_relaxed(~gate_open);
    }
    /// Closed until released; hotplug holds a zone that it empties. One word says both, so nobody
    /// opens what is held, whenever he has looked; a push that has looked before may still come.
    void hold(ZoneId zone) {
        gates_[zone.value].fetch_add_relaxed(gate_hold);
        gates_[zone.value].fetch_and_relaxed(~gate_open);
    }
    /// Release: not before what was done while it was held.
    void release(ZoneId zone) { gates_[zone.value].fetch_add_release(~gate_hold + 1); }

    std::optional<Pfn> pop(ZoneId zone, Order order, Migratetype type, CpuId cpu) {
        Shelf shelf = shelf_of(zone, order, type, cpu);
        // hint: runs above it are found by drain.
        for (std::uint32_t i = std::min(shelf.top->load_relaxed(), shelf.capacity); i-- > 0;) {
            if (shelf.places[i].load_relaxed() == 0) continue;
            // Acquire: pairs with push, for what the last owner wrote.
            const std::uint64_t found = shelf.places[i].exchange_acq_rel(0);
            if (found == 0) continue;
            shelf.top->store_relaxed(i);
            return Pfn{found - 1};
        }
        return std::nullopt;
    }

    /// False if the stock is full or closed: give the run to the zone.
    bool push(ZoneId zone, Pfn pfn, Order order, Migratetype type, CpuId cpu) {
        if (!is_open(zone)) return false;
        Shelf shelf = shelf_of(zone, order, type, cpu);
        for (std::uint32_t i = shelf.top->load_relaxed(); i < shelf.capacity; ++i) {
            std::uint64_t empty = shelf.places[i].load_relaxed();
            // seq_cst: before the look at the state, see StockState.
            if (empty != 0 || !shelf.places[i].cas_seq_cst(empty, pfn.value + 1)) continue;
            mark_occupied(zone, cpu);
            shelf.top->store_relaxed(i + 1);
            return true;
        }
        return false;
    }

    /// Is the run in the stock of any CPU? For checked builds: it costs a look at all of them.
    bool holds(ZoneId zone, Pfn pfn) const {
        bool found = false;
        for (unsigned slot = 0; slot < cpu_slots_; ++slot) {
            for_each_place(zone, slot, [&](auto& place, Order) {
                found = found || place.load_relaxed() == pfn.value + 1;
            });
        }
        return found;
    }

    /// For validation, at quiescence: visit(Pfn, Order) for each run that the zone's stocks hold.
    template <class Visit>
    void for_each_run(ZoneId zone, const Visit& visit) const {
        for (unsigned slot = 0; slot < cpu_slots_; ++slot) {
            for_each_place(zone, slot, [&](auto& place, Order order) {
                const std::uint64_t found = place.load_relaxed();
                if (found != 0) visit(Pfn{found - 1}, order);
            });
        }
    }

    /// Moves every run of a zone's stocks, of all CPUs, to the zone; how many. `fault` is told of
    /// runs that the zone does not take: somebody had freed them twice.
    template <class Fault>
    std::size_t drain(ZoneId zone, CpuId cpu, const Fault& fault) {
        std::size_t moved = 0;
        Word& any = gates_[zone.value].state;
        auto whole = begin_lowering(any);
        if (!whole) return 0;
        for (unsigned slot = 0; slot < cpu_slots_; ++slot) {
            Word& state = states_[zone.value * cpu_slots_ + slot];
            if (const auto own = begin_lowering(state)) {
                moved += drain_slot(zone, slot, cpu, fault);
                end_lowering(state, *own);
            }
            if (StockState{state.load_seq_cst()}.is_occupied()) whole->news = true;
        }
        end_lowering(any, *whole);
        return moved;
    }

private:
    using Word = typename W::template Atomic<std::uint64_t>;
    using Count = typename W::template Atomic<std::uint32_t>;

    struct Lowering {
        StockState begun;
        bool news = false;  ///< something came in between: leave OCCUPIED to whoever brought it
    };

    /// Nothing, if nothing is there.
    static std::optional<Lowering> begin_lowering(Word& state) {
        StockState seen{state.load_acquire()};
        if (!seen.is_occupied()) return std::nullopt;
        if (!seen.is_dirty()) return Lowering{seen};
        const StockState begun = seen.lowering_begun();
        const bool lowers = state.cas_seq_cst(seen.bits, begun.bits);
        return Lowering{begun, !lowers};
    }
    static void end_lowering(Word& state, Lowering lowering) {
        if (lowering.news) return;
        std::uint64_t expected = lowering.begun.bits;
        state.cas_seq_cst(expected, lowering.begun.lowered().bits);
    }

    template <class Fault>
    std::size_t drain_slot(ZoneId zone, unsigned slot, CpuId cpu, const Fault& fault) {
        std::size_t moved = 0;
        for_each_place(zone, slot, [&](auto& place, Order order) {
            if (place.load_seq_cst() == 0) return;
            const std::uint64_t found = place.exchange_acq_rel(0);
            if (found == 0) return;
            const FreeOutcome outcome = machine_->zone(zone).free(Pfn{found - 1}, order, cpu);
            if (outcome.fault != FreeFault::none) fault(Pfn{found - 1}, order, outcome);
            ++moved;
        });
        return moved;
    }

    void mark_occupied(ZoneId zone, CpuId cpu) {
        raise(states_[zone.value * cpu_slots_ + slot_of(cpu)]);
        // Always both: another push may have raised the stock's and not yet the zone's.
        raise(gates_[zone.value].state);
    }
    static void raise(Word& state) {
        if (!StockState{state.load_seq_cst()}.is_full()) state.fetch_or_seq_cst(StockState::full);
    }

    static constexpr unsigned orders = costly_order.value + 1;
    static constexpr unsigned places_per_type = stock_places(Order{orders});

    // Beyond this CPUs share stocks, so that a machine of many nodes and CPUs stays affordable.
    static constexpr std::uint32_t cpu_slots_max = 64;

    // Zero bytes are a closed gate and an empty stock: no initialisers, so that the memory of
    // stocks that nobody uses is never touched.
    struct alignas(cache_line) Gate : Count {
        Word state;  // of all the zone's stocks: StockState
    };
    static constexpr std::uint32_t gate_open = 1;
    static constexpr std::uint32_t gate_hold = 2;  // as often as it is held
    struct alignas(cache_line) Stock {
        std::array<std::array<Count, orders>, migratetype_count> tops;
        std::array<std::array<Word, places_per_type>, migratetype_count> places;
    };
    struct Shelf {
        Count* top;
        Word* places;
        std::uint32_t capacity;
    };

    unsigned slot_of(CpuId cpu) const { return cpu.value & (cpu_slots_ - 1); }

    Shelf shelf_of(ZoneId zone, Order order, Migratetype type, CpuId cpu) {
        Stock& stock = stocks_[zone.value * cpu_slots_ + slot_of(cpu)];
        const auto which = static_cast<unsigned>(type);
        return {&stock.tops[which][order.value], &stock.places[which][stock_places(order)],
                stock_capacity(order)};
    }

    template <class Visit>
    void for_each_place(ZoneId zone, unsigned slot, const Visit& visit) const {
        Stock& stock = stocks_[zone.value * cpu_slots_ + slot];
        for (auto& places : stock.places) {
            for (std::uint8_t order = 0; order < orders; ++order) {
                const unsigned first = stock_places({order});
                for (unsigned i = 0; i < stock_capacity({order}); ++i) {
                    visit(places[first + i], Order{order});
                }
            }
        }
    }

    const Machine<W>* machine_ = nullptr;
    std::uint32_t cpu_slots_ = 1;
    Gate* gates_ = nullptr;
    Word* states_ = nullptr;  // by zone and slot: StockState
    Stock* stocks_ = nullptr;
};

}  // namespace anypage
