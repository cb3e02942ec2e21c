// World: what the machine offers the code. Everything with concurrency in it is a template over a
// World, so that the same source runs natively and under a checker that explores its interleavings.
// Memory orders are part of a method's name; there is no default, so each site is a source
// location.
//
// A World has, beside the operations below:
//   Atomic<T>    shared words. Zero bytes are a valid object holding T{}.
//   Raced<T>     what the kernel reads and writes plainly although it races (zonerefs). Whole
//                values, no order.
//   Lock         a lock whose kind (raw, spinlock_t) and kernel (RT or not) say whether its waiters
//                spin or sleep. Constructed from (LockKind, bool preempt_rt, const char* name).
//   Place        says, while it lives, where this context is, for reports on who waits for whom.
//   Loop         made before work that is begun again because of what it has read, and told of each
//                round: where a livelock would show. round(key): all that this round does follows
//                from key, from what it reads, and from what was so when the Loop was made.
//   IrqState     what irq_save returns and irq_restore takes.
//   Rseq         restartable sections on words of a CPU; see rseq.hpp.
#pragma once

#include <concepts>
#include <cstdint>

#include "../base/units.hpp"

namespace anypage {

/// What a lock is in the kernel. `spin` sleeps on PREEMPT_RT, `raw` spins everywhere.
enum class LockKind : std::uint8_t { raw, spin };

template <class W>
concept World = requires(typename W::template Atomic<std::uint64_t>& word,
                         typename W::template Raced<std::uint32_t>& raced, std::uint64_t value,
                         typename W::IrqState irqs, typename W::Loop& loop, const char* text) {
    // Loads and stores.
    { word.load_relaxed() } -> std::same_as<std::uint64_t>;
    { word.load_acquire() } -> std::same_as<std::uint64_t>;
    { word.load_seq_cst() } -> std::same_as<std::uint64_t>;
    word.store_relaxed(value);
    word.store_release(value);
    // Read-modify-writes. A failed cas writes what it found to its first argument.
    { word.cas_acq_rel(value, value) } -> std::same_as<bool>;
    { word.cas_seq_cst(value, value) } -> std::same_as<bool>;
    { word.cas_relaxed(value, value) } -> std::same_as<bool>;
    { word.exchange_acq_rel(value) } -> std::same_as<std::uint64_t>;
    { word.fetch_add_relaxed(value) } -> std::same_as<std::uint64_t>;
    { word.fetch_add_release(value) } -> std::same_as<std::uint64_t>;
    { word.fetch_add_seq_cst(value) } -> std::same_as<std::uint64_t>;
    { word.fetch_or_relaxed(value) } -> std::same_as<std::uint64_t>;
    { word.fetch_or_seq_cst(value) } -> std::same_as<std::uint64_t>;
    { word.fetch_and_seq_cst(value) } -> std::same_as<std::uint64_t>;
    { word.fetch_and_relaxed(value) } -> std::same_as<std::uint64_t>;
    { raced.read() } -> std::same_as<std::uint32_t>;
    raced.write(std::uint32_t{});
    // Fences.
    W::fence_seq_cst();
    W::smp_wmb();
    W::smp_rmb();
    // Where and in what state we run.
    { W::cpu() } -> std::same_as<CpuId>;
    { W::irq_save() } -> std::same_as<typename W::IrqState>;
    W::irq_restore(irqs);
    W::migrate_disable();
    W::migrate_enable();
    W::cpu_relax();
    W::cond_resched();
    W::sleep_tick();
    { W::clock_ns() } -> std::same_as<std::uint64_t>;  // for statistics only
    requires std::constructible_from<typename W::Place, const char*>;
    loop.round(value);
    // Restartable sections. prepare_rseq: may they be used at all? Not in handlers.
    // membarrier_rseq: all that have begun have committed, and are seen, or begin again; false:
    // nothing happened.
    typename W::Rseq;
    { W::prepare_rseq() } -> std::same_as<bool>;
    { W::membarrier_rseq() } -> std::same_as<bool>;
    { W::cpu_limit() } -> std::same_as<unsigned>;  // above every CPU that may run sections
    W::name(&word, text, sizeof word);  // in reports: an array's first element and its stride
    // The console. Synchronous printing takes the port lock; deferred printing only stores.
    W::printk(text);
    W::printk_deferred_enter();
    W::printk_deferred_exit();
};

}  // namespace anypage
