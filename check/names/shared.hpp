// Variables that kernel code shares: plain uses, READ_ONCE and WRITE_ONCE, data_race(), barriers.
#pragma once

#include <cstdint>
#include <type_traits>

#include "../model_world.hpp"

namespace anypage::check::kernel {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using s8 = std::int8_t;
using s16 = std::int16_t;
using s32 = std::int32_t;
using s64 = std::int64_t;

using Site = std::source_location;

/// A variable of the kernel's plain C type T that contexts share. What the code does to it plainly
/// (seq++, seq = 1, a read) is a plain access: "no data race" is violated if it is in no order with
/// another one. READ_ONCE and the rest take it as they take the variable. Operators have no place
/// for a source line: in a counterexample plain reads and increments are without.
template <class T>
class shared : ModelWorld::Atomic<T> {
    using Word = ModelWorld::Atomic<T>;

public:
    shared() : Word(T{}) {}
    explicit shared(T value) : Word(value) {}
    /// With the name that counterexamples call it by; Setup::name does the same from outside.
    shared(T value, const char* name) : Word(value) {
        if (Execution::current() != nullptr) ModelWorld::name(this, name);
    }

    /// What is assigned, and where.
    struct Assigned {
        T value;
        Site at;
        Assigned(T assigned, Site site = Site::current()) : value(assigned), at(site) {}
    };
    T operator=(Assigned from) {
        write_plainly(from.value, from.at);
        return from.value;
    }
    T operator=(const shared& from) { return *this = Assigned(from.read_plainly(Site{}), Site{}); }
    operator T() const { return read_plainly(Site{}); }
    T operator->() const
        requires std::is_pointer_v<T>
    {
        return read_plainly(Site{});
    }

    T operator++(int) {
        return change([](T value) { return ++value; }).before;
    }
    T operator--(int) {
        return change([](T value) { return --value; }).before;
    }
    T operator++() {
        return change([](T value) { return ++value; }).after;
    }
    T operator--() {
        return change([](T value) { return --value; }).after;
    }
    template <class U>
    T operator+=(U other) {
        return change([&](T value) { return static_cast<T>(value + other); }).after;
    }
    template <class U>
    T operator-=(U other) {
        return change([&](T value) { return static_cast<T>(value - other); }).after;
    }
    template <class U>
    T operator|=(U other) {
        return change([&](T value) { return static_cast<T>(value | other); }).after;
    }
    template <class U>
    T operator&=(U other) {
        return change([&](T value) { return static_cast<T>(value & other); }).after;
    }

    // Marked accesses, for the names below.
    T load(MemoryOrder order, Site at) const { return access(OpKind::load, T{}, order, true, at); }
    void store(T value, MemoryOrder order, Site at) {
        access(OpKind::store, value, order, true, at);
    }
    T update(OpKind kind, T value, MemoryOrder order, Site at) {
        return access(kind, value, order, true, at);
    }
    /// A read-modify-write that says nothing of what was there.
    void change_unseen(OpKind kind, T value, Site at) {
        Op op = this->make(kind, value, MemoryOrder::relaxed, at);
        op.raced = Execution::current()->data_races() > 0;
        op.returns = false;
        Word::perform(op);
    }
    using Word::cas;

private:
    struct Change {
        T before;
        T after;
    };
    T read_plainly(Site at) const {
        return access(OpKind::load, T{}, MemoryOrder::relaxed, false, at);
    }
    void write_plainly(T value, Site at) {
        access(OpKind::store, value, MemoryOrder::relaxed, false, at);
    }
    template <class F>
    Change change(const F& function) {
        const T before = read_plainly(Site{});
        const T after = function(before);
        write_plainly(after, Site{});
        return {before, after};
    }
    T access(OpKind kind, T value, MemoryOrder order, bool marked, Site at) const {
        Op op = this->make(kind, value, order, at);
        op.raced = Execution::current()->data_races() > 0;
        op.plain = !marked && !op.raced;
        Word::perform(op);
        return this->from_word(op.result);
    }
};

template <class T>
T value_of(const shared<T>& variable) {
    return variable;
}
template <class T>
    requires std::is_arithmetic_v<T> || std::is_pointer_v<T> || std::is_enum_v<T>
T value_of(T value) {
    return value;
}

/// Accesses of this context are meant to race while it lives.
class IntendedRace {
public:
    IntendedRace() { ++Execution::current()->data_races(); }
    ~IntendedRace() { --Execution::current()->data_races(); }
    IntendedRace(const IntendedRace&) = delete;
    IntendedRace& operator=(const IntendedRace&) = delete;
};

template <class T>
T READ_ONCE(const shared<T>& variable, Site at = Site::current()) {
    return variable.load(MemoryOrder::relaxed, at);
}
template <class T>
void WRITE_ONCE(shared<T>& variable, std::type_identity_t<T> value, Site at = Site::current()) {
    variable.store(value, MemoryOrder::relaxed, at);
}
template <class T>
T smp_load_acquire(const shared<T>* variable, Site at = Site::current()) {
    return variable->load(MemoryOrder::acquire, at);
}
template <class T>
void smp_store_release(shared<T>* variable, std::type_identity_t<T> value,
                       Site at = Site::current()) {
    variable->store(value, MemoryOrder::release, at);
}

inline void smp_mb(Site at = Site::current()) { ModelWorld::fence(FenceKind::smp_mb, at); }
inline void smp_rmb(Site at = Site::current()) { ModelWorld::fence(FenceKind::smp_rmb, at); }
inline void smp_wmb(Site at = Site::current()) { ModelWorld::fence(FenceKind::smp_wmb, at); }
inline void smp_mb__before_atomic(Site at = Site::current()) { smp_mb(at); }
inline void smp_mb__after_atomic(Site at = Site::current()) { smp_mb(at); }
inline void smp_mb__after_spinlock(Site at = Site::current()) {
    ModelWorld::fence(FenceKind::after_unlock_lock, at);
}
inline void smp_mb__after_unlock_lock(Site at = Site::current()) {
    ModelWorld::fence(FenceKind::after_unlock_lock, at);
}
template <class T>
void smp_store_mb(shared<T>& variable, std::type_identity_t<T> value, Site at = Site::current()) {
    WRITE_ONCE(variable, value, at);
    smp_mb(at);
}
/// Nothing to do: volatile accesses keep their order, and plain ones are watched for races.
inline void barrier() {}

constexpr bool likely(bool condition) { return condition; }
constexpr bool unlikely(bool condition) { return condition; }

}  // namespace anypage::check::kernel

/// Macros because a function would get the value when all is read.
#define data_race(expression)                                  \
    ([&]() {                                                   \
        const ::anypage::check::kernel::IntendedRace intended; \
        return ::anypage::check::kernel::value_of(expression); \
    }())
