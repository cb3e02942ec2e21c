// ZoneGate: one zone's stocks as a request or a free on some CPU meets them, in one cache line: the
// word that says whether they are open (stock.hpp has the states), where they are, the zone, and
// what a free must know of it. The line changes only as the word does, so CPUs share it.
#pragma once

#include "../node/routes.hpp"
#include "../world/rseq.hpp"

namespace anypage {

/// How many runs of each order a stock has places for, of each type; 0: none. The kernel's per-CPU
/// lists have orders up to PAGE_ALLOC_COSTLY_ORDER and whole pageblocks; here one order more. A
/// World in which stocks are explored has fewer.
template <class W>
inline constexpr std::array<std::uint8_t, order_count> stock_capacities{113, 16, 16, 8, 8, 0,
                                                                        0,   0,  0,  2, 0};

/// What a zone's gate says. Pure transitions.
struct StockGate {
    enum State : std::uint8_t { empty = 0, open = 1, closed = 2, sealed = 4 };
    static constexpr std::uint64_t state_mask = 7;
    static constexpr std::uint64_t hold_unit = 8;
    static constexpr std::uint64_t holds_mask = 0xfff8;
    static constexpr unsigned opening_shift = 16;

    std::uint64_t bits = 0;

    constexpr State state() const { return static_cast<State>(bits & state_mask); }
    constexpr bool is_held() const { return (bits & holds_mask) != 0; }
    /// How many openings there have been.
    constexpr std::uint64_t opening() const { return bits >> opening_shift; }
    constexpr bool is_same_sealing(StockGate other) const {
        return state() == sealed && opening() == other.opening();
    }
    constexpr StockGate in(State state) const { return {(bits & ~state_mask) | state}; }
    constexpr StockGate opened() const {
        return StockGate{bits + (std::uint64_t{1} << opening_shift)}.in(open);
    }
    constexpr StockGate held() const {
        return {(state() == open ? in(closed) : *this).bits + hold_unit};
    }
    constexpr StockGate released() const { return {bits - hold_unit}; }
};

/// The word that a stack begins with: which opening it was marked with last, how many it may hold,
/// and how many it holds.
struct StackWord {
    static constexpr unsigned limit_shift = 8;
    static constexpr unsigned mark_shift = 16;

    std::uint64_t bits = 0;

    static constexpr StackWord marked(std::uint64_t opening, unsigned limit) {
        return {opening << mark_shift | std::uint64_t{limit} << limit_shift};
    }
    constexpr std::uint64_t mark() const { return bits >> mark_shift; }
    constexpr unsigned limit() const { return static_cast<unsigned>(bits >> limit_shift & 0xff); }
    constexpr unsigned count() const { return static_cast<unsigned>(bits & 0xff); }
    constexpr StackWord less_one() const { return {bits - 1}; }
};

/// One CPU's stock of one zone. Zero bytes are empty stacks: no initialisers, so that the memory of
/// stocks that nobody uses is never touched.
template <World W>
struct alignas(cache_line) Stock {
    using Word = typename W::template Atomic<std::uint64_t>;

    /// Where the stack of an order begins among those of its type; behind the last: how many words.
    /// Orders that are not served share one that has no places.
    static constexpr std::array<std::uint16_t, order_count + 1> offsets = [] {
        std::array<std::uint16_t, order_count + 1> all{};
        std::uint16_t end = 1;
        for (unsigned order = 0; order < order_count; ++order) {
            const unsigned places = stock_capacities<W>[order];
            if (places == 0) continue;
            all[order] = end;
            end = static_cast<std::uint16_t>(end + 1 + places);
        }
        all[order_count] = end;
        return all;
    }();

    std::array<std::array<Word, offsets[order_count]>, migratetype_count> stacks;
};

template <World W>
struct alignas(cache_line) ZoneGate {
    using Word = typename W::template Atomic<std::uint64_t>;
    static_assert(sizeof(Stock<W>) == 4096 || stock_capacities<W>[1] == 0,
                  "found by a shift, and a page at most; where it is explored it is smaller");

    Word word;
    Stock<W>* stocks;                  ///< of each CPU
    typename Machine<W>::ZoneT* zone;  ///< null: no route leads anywhere from here
    typename Machine<W>::ZoneT::Glance glance;

    bool is_open() const { return StockGate{word.load_relaxed()}.state() == StockGate::open; }

    /// From the stock of `cpu`, which has one. Nothing: it is empty, or shut, or refused; always if
    /// this runs on another CPU.
    [[gnu::always_inline]] Maybe<Pfn> pop(Order order, Migratetype type, CpuId cpu) {
        static_assert(Maybe<Pfn>().value_or(Pfn{}) == Pfn{}, "none is all ones, as in a stack");
        return Pfn{W::Rseq::pop(word, stack(order, type, cpu))};
    }
    /// To it. False: it is full, or shut, or refused; give the run to the zone.
    [[gnu::always_inline]] bool push(Pfn pfn, Order order, Migratetype type, CpuId cpu) {
        return W::Rseq::push(word, stack(order, type, cpu), pfn.value);
    }
    /// Many at once; how many of them, from the first.
    std::size_t pop_many(std::span<Pfn> pages, Order order, Migratetype type, CpuId cpu) {
        return W::Rseq::pop_many(word, stack(order, type, cpu),
                                 {reinterpret_cast<std::uint64_t*>(pages.data()), pages.size()});
    }
    /// That many runs are then the stack's limit.
    std::size_t push_many(std::span<const Pfn> pages, Order order, Migratetype type, CpuId cpu,
                          unsigned limit) {
        return W::Rseq::push_many(
            word, stack(order, type, cpu),
            {reinterpret_cast<const std::uint64_t*>(pages.data()), pages.size()}, limit);
    }
    /// A glance at a stack.
    StackWord state(Order order, Migratetype type, CpuId cpu) const {
        return {stack(order, type, cpu).words->load_relaxed()};
    }

    /// For a request that the stock has not served: out of a zone with plenty. Nothing: ask the
    /// walk.
    [[gnu::noinline]] Maybe<Pfn> take(Order order, Migratetype type, CpuId cpu) {
        if ((order.value == 0 && is_open()) || zone == nullptr || !zone->is_ample_for(order, cpu)) {
            return std::nullopt;  // an open stock of single frames is refilled
        }
        return zone->allocate(order, type, cpu, Stealing::avoided);
    }
    /// The same for a run that the glance has a type for and the stock no room. False: nothing has
    /// happened; ask the walk.
    [[gnu::noinline]] bool give(Pfn pfn, Order order, Migratetype type, CpuId cpu) {
        if (is_open() && makes_room(order, type, cpu)) return false;
        return zone->free_glanced(pfn, order, cpu).fault == FreeFault::none;
    }

private:
    /// An open stock gives many single frames back at once, and gives a stack its first limit.
    bool makes_room(Order order, Migratetype type, CpuId cpu) const {
        return order.value == 0 ||
               (stock_capacities<W>[order.value] != 0 && state(order, type, cpu).bits == 0);
    }

    [[gnu::always_inline]] CpuStack<Word> stack(Order order, Migratetype type, CpuId cpu) const {
        auto& of_type = stocks[cpu.value].stacks[static_cast<unsigned>(type)];
        return {cpu, &of_type[Stock<W>::offsets[order.value]]};
    }
};

}  // namespace anypage
