// Primitives: see primitives.hpp.
#include "primitives.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace anypage::check::litmus {
namespace {

using enum Action;
using Test = Primitive::Test;

constexpr Primitive fence_of(std::string_view name, Fence kind) {
    return {.name = name, .action = fence, .fence = kind};
}

constexpr Primitive lock_of(std::string_view name, Action action, Order order, Returns returns) {
    return {.name = name, .action = action, .order = order, .returns = returns, .arguments = "p"};
}

constexpr auto old_value = Returns::old_value;
constexpr auto new_value = Returns::new_value;
constexpr auto success = Returns::success;
constexpr auto nothing = Returns::nothing;

/// Those with one meaning.
constexpr auto fixed = std::to_array<Primitive>({
    {"READ_ONCE", load, Order::once, old_value, "l"},
    {"WRITE_ONCE", store, Order::once, nothing, "lv"},
    {"smp_load_acquire", load, Order::acquire, old_value, "p"},
    {"smp_store_release", store, Order::release, nothing, "pv"},
    {"rcu_dereference", load, Order::once, old_value, "l"},
    {"lockless_dereference", load, Order::once, old_value, "l"},
    {"rcu_assign_pointer", store, Order::release, nothing, "lv"},
    {.name = "smp_store_mb",
     .action = store,
     .order = Order::once,
     .arguments = "lv",
     .fence = Fence::mb},
    fence_of("smp_mb", Fence::mb),
    fence_of("smp_rmb", Fence::rmb),
    fence_of("smp_wmb", Fence::wmb),
    fence_of("smp_mb__before_atomic", Fence::before_atomic),
    fence_of("smp_mb__after_atomic", Fence::after_atomic),
    fence_of("smp_mb__after_spinlock", Fence::after_spinlock),
    fence_of("smp_mb__after_unlock_lock", Fence::after_unlock_lock),
    fence_of("smp_read_barrier_depends", Fence::read_depends),
    fence_of("barrier", Fence::compiler),
    lock_of("spin_lock", lock, Order::acquire, nothing),
    lock_of("spin_unlock", unlock, Order::release, nothing),
    // As the kernel documented it while it had it.
    {.name = "spin_unlock_wait",
     .action = lock,
     .order = Order::acquire,
     .arguments = "p",
     .unlocks = true},
    lock_of("spin_trylock", try_lock, Order::acquire, success),
    lock_of("spin_is_locked", is_locked, Order::once, success),
    {"atomic_read", load, Order::once, old_value, "p"},
    {"atomic_read_acquire", load, Order::acquire, old_value, "p"},
    {"atomic_set", store, Order::once, nothing, "pv"},
    {"atomic_set_release", store, Order::release, nothing, "pv"},
    {"atomic_add", fetch, Order::once, nothing, "vp", Operator::add},
    {"atomic_sub", fetch, Order::once, nothing, "vp", Operator::subtract},
    {"atomic_and", fetch, Order::once, nothing, "vp", Operator::bit_and},
    {"atomic_or", fetch, Order::once, nothing, "vp", Operator::bit_or},
    {"atomic_xor", fetch, Order::once, nothing, "vp", Operator::bit_xor},
    {"atomic_andnot", fetch, Order::once, nothing, "vp", Operator::bit_and_not},
    {.name = "atomic_inc", .action = fetch, .order = Order::once, .arguments = "p", .value = 1},
    {.name = "atomic_dec", .action = fetch, .order = Order::once, .arguments = "p", .value = -1},
    {"atomic_sub_and_test", fetch, Order::full, new_value, "vp", Operator::subtract, Test::is_zero},
    {"atomic_inc_and_test", fetch, Order::full, new_value, "p", Operator::add, Test::is_zero,
     Fence::none, 1},
    {"atomic_dec_and_test", fetch, Order::full, new_value, "p", Operator::add, Test::is_zero,
     Fence::none, -1},
    {"atomic_add_unless", add_unless, Order::full, success, "pve"},
    {"atomic_fetch_add_unless", add_unless, Order::full, old_value, "pve"},
    {"atomic_inc_not_zero", add_unless, Order::full, success, "p", Operator::add, Test::none,
     Fence::none, 1},
});

/// Those that come in four orders: full, and with _relaxed, _acquire or _release behind them.
constexpr auto ordered = std::to_array<Primitive>({
    {"xchg", exchange, Order::full, old_value, "pv"},
    {"cmpxchg", compare_exchange, Order::full, old_value, "pev"},
    {"try_cmpxchg", compare_exchange, Order::full, old_value, "prv"},
    {"atomic_xchg", exchange, Order::full, old_value, "pv"},
    {"atomic_cmpxchg", compare_exchange, Order::full, old_value, "pev"},
    {"atomic_try_cmpxchg", compare_exchange, Order::full, old_value, "prv"},
    {"atomic_add_return", fetch, Order::full, new_value, "vp", Operator::add},
    {"atomic_sub_return", fetch, Order::full, new_value, "vp", Operator::subtract},
    {"atomic_inc_return", fetch, Order::full, new_value, "p", Operator::add, Test::none,
     Fence::none, 1},
    {"atomic_dec_return", fetch, Order::full, new_value, "p", Operator::add, Test::none,
     Fence::none, -1},
    {"atomic_add_negative", fetch, Order::full, new_value, "vp", Operator::add, Test::is_negative},
    {"atomic_fetch_add", fetch, Order::full, old_value, "vp", Operator::add},
    {"atomic_fetch_sub", fetch, Order::full, old_value, "vp", Operator::subtract},
    {"atomic_fetch_and", fetch, Order::full, old_value, "vp", Operator::bit_and},
    {"atomic_fetch_or", fetch, Order::full, old_value, "vp", Operator::bit_or},
    {"atomic_fetch_xor", fetch, Order::full, old_value, "vp", Operator::bit_xor},
    {"atomic_fetch_andnot", fetch, Order::full, old_value, "vp", Operator::bit_and_not},
    {"atomic_fetch_inc", fetch, Order::full, old_value, "p", Operator::add, Test::none, Fence::none,
     1},
    {"atomic_fetch_dec", fetch, Order::full, old_value, "p", Operator::add, Test::none, Fence::none,
     -1},
});

std::optional<Primitive> find_in(std::span<const Primitive> table, std::string_view name) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const auto& one) { return one.name == name; });
    if (found == table.end()) return std::nullopt;
    return *found;
}

bool take_suffix(std::string_view& name, std::string_view suffix) {
    if (!name.ends_with(suffix)) return false;
    name.remove_suffix(suffix.size());
    return true;
}

std::optional<Primitive> find_ordered(std::string_view name) {
    Order order = Order::full;
    if (take_suffix(name, "_relaxed")) {
        order = Order::once;
    } else if (take_suffix(name, "_acquire")) {
        order = Order::acquire;
    } else if (take_suffix(name, "_release")) {
        order = Order::release;
    }
    auto found = find_in(ordered, name);
    if (found) found->order = order;
    return found;
}

/// Cells have one width here.
std::string without_width(std::string_view name) {
    for (const std::string_view wide : {"atomic_long_", "atomic64_"}) {
        if (name.starts_with(wide)) return "atomic_" + std::string(name.substr(wide.size()));
    }
    return std::string(name);
}

}  // namespace

std::optional<Primitive> find_primitive(std::string_view name) {
    const std::string narrow = without_width(name);
    if (auto found = find_in(fixed, narrow)) return found;
    return find_ordered(narrow);
}

std::string_view why_unsupported(std::string_view name) {
    const bool rcu = name.find("rcu_") != name.npos || name.ends_with("_rcu") ||
                     name.ends_with("_srcu") || name.ends_with("rcu_expedited");
    if (rcu) return "RCU and SRCU are not modelled; leave this test out";
    if (name.starts_with("atomic_load") || name.starts_with("atomic_store") ||
        name.ends_with("_explicit") || name == "atomic_thread_fence") {
        return "C11 atomics are not read; only those of the kernel are";
    }
    if (name.starts_with("__")) return "only the kernel's own names are read, not herd7's";
    return "no such primitive is known; use one of linux-kernel.def";
}

}  // namespace anypage::check::litmus
