// The kernel's atomics: atomic_t, atomic64_t, atomic_long_t, xchg and cmpxchg. As in the kernel:
// what returns nothing and _relaxed order nothing, _acquire and _release what they say, the others
// are full barriers; a compare-exchange that fails orders nothing.
#pragma once

#include "shared.hpp"

namespace anypage::check::kernel {

template <class T>
struct basic_atomic {
    basic_atomic(T value = 0) : counter(value) {}
    basic_atomic(T value, const char* name) : counter(value, name) {}
    basic_atomic(const basic_atomic&) = delete;
    basic_atomic& operator=(const basic_atomic&) = delete;

    shared<T> counter;
};
using atomic_t = basic_atomic<int>;
using atomic64_t = basic_atomic<s64>;
using atomic_long_t = basic_atomic<long>;

template <class T>
T cmpxchg_ordered(shared<T>* variable, T expected, T desired, MemoryOrder order, Site at) {
    variable->cas(expected, desired, order, MemoryOrder::relaxed, at);
    return expected;
}
template <class T>
T xchg(shared<T>* variable, std::type_identity_t<T> value, Site at = Site::current()) {
    return variable->update(OpKind::exchange, value, MemoryOrder::full, at);
}
template <class T>
T cmpxchg(shared<T>* variable, std::type_identity_t<T> expected, std::type_identity_t<T> desired,
          Site at = Site::current()) {
    return cmpxchg_ordered(variable, expected, desired, MemoryOrder::full, at);
}
template <class T>
bool try_cmpxchg(shared<T>* variable, T* expected, std::type_identity_t<T> desired,
                 Site at = Site::current()) {
    return variable->cas(*expected, desired, MemoryOrder::full, MemoryOrder::relaxed, at);
}

// One family of names for each type; each operation in the four orders that the kernel has.
#define ANYPAGE_ORDERED(family, type, name, suffix, order)                                \
    inline type family##_fetch_add##suffix(type i, name* v, Site at = Site::current()) {  \
        return v->counter.update(OpKind::fetch_add, i, MemoryOrder::order, at);           \
    }                                                                                     \
    inline type family##_fetch_sub##suffix(type i, name* v, Site at = Site::current()) {  \
        return v->counter.update(OpKind::fetch_add, -i, MemoryOrder::order, at);          \
    }                                                                                     \
    inline type family##_fetch_or##suffix(type i, name* v, Site at = Site::current()) {   \
        return v->counter.update(OpKind::fetch_or, i, MemoryOrder::order, at);            \
    }                                                                                     \
    inline type family##_fetch_and##suffix(type i, name* v, Site at = Site::current()) {  \
        return v->counter.update(OpKind::fetch_and, i, MemoryOrder::order, at);           \
    }                                                                                     \
    inline type family##_fetch_inc##suffix(name* v, Site at = Site::current()) {          \
        return family##_fetch_add##suffix(1, v, at);                                      \
    }                                                                                     \
    inline type family##_fetch_dec##suffix(name* v, Site at = Site::current()) {          \
        return family##_fetch_sub##suffix(1, v, at);                                      \
    }                                                                                     \
    inline type family##_add_return##suffix(type i, name* v, Site at = Site::current()) { \
        return family##_fetch_add##suffix(i, v, at) + i;                                  \
    }                                                                                     \
    inline type family##_sub_return##suffix(type i, name* v, Site at = Site::current()) { \
        return family##_fetch_sub##suffix(i, v, at) - i;                                  \
    }                                                                                     \
    inline type family##_inc_return##suffix(name* v, Site at = Site::current()) {         \
        return family##_add_return##suffix(1, v, at);                                     \
    }                                                                                     \
    inline type family##_dec_return##suffix(name* v, Site at = Site::current()) {         \
        return family##_sub_return##suffix(1, v, at);                                     \
    }                                                                                     \
    inline type family##_xchg##suffix(name* v, type value, Site at = Site::current()) {   \
        return v->counter.update(OpKind::exchange, value, MemoryOrder::order, at);        \
    }                                                                                     \
    inline type family##_cmpxchg##suffix(name* v, type old, type value,                   \
                                         Site at = Site::current()) {                     \
        return cmpxchg_ordered(&v->counter, old, value, MemoryOrder::order, at);          \
    }                                                                                     \
    inline bool family##_try_cmpxchg##suffix(name* v, type* old, type value,              \
                                             Site at = Site::current()) {                 \
        return v->counter.cas(*old, value, MemoryOrder::order, MemoryOrder::relaxed, at); \
    }

#define ANYPAGE_ATOMIC(family, type, name)                                                     \
    ANYPAGE_ORDERED(family, type, name, _relaxed, relaxed)                                     \
    ANYPAGE_ORDERED(family, type, name, _acquire, acquire)                                     \
    ANYPAGE_ORDERED(family, type, name, _release, release)                                     \
    ANYPAGE_ORDERED(family, type, name, , full)                                                \
    inline type family##_read(const name* v, Site at = Site::current()) {                      \
        return READ_ONCE(v->counter, at);                                                      \
    }                                                                                          \
    inline type family##_read_acquire(const name* v, Site at = Site::current()) {              \
        return smp_load_acquire(&v->counter, at);                                              \
    }                                                                                          \
    inline void family##_set(name* v, type value, Site at = Site::current()) {                 \
        WRITE_ONCE(v->counter, value, at);                                                     \
    }                                                                                          \
    inline void family##_set_release(name* v, type value, Site at = Site::current()) {         \
        smp_store_release(&v->counter, value, at);                                             \
    }                                                                                          \
    inline void family##_add(type i, name* v, Site at = Site::current()) {                     \
        v->counter.change_unseen(OpKind::fetch_add, i, at);                                    \
    }                                                                                          \
    inline void family##_sub(type i, name* v, Site at = Site::current()) {                     \
        v->counter.change_unseen(OpKind::fetch_add, -i, at);                                   \
    }                                                                                          \
    inline void family##_inc(name* v, Site at = Site::current()) { family##_add(1, v, at); }   \
    inline void family##_dec(name* v, Site at = Site::current()) { family##_sub(1, v, at); }   \
    inline void family##_or(type i, name* v, Site at = Site::current()) {                      \
        v->counter.change_unseen(OpKind::fetch_or, i, at);                                     \
    }                                                                                          \
    inline void family##_and(type i, name* v, Site at = Site::current()) {                     \
        v->counter.change_unseen(OpKind::fetch_and, i, at);                                    \
    }                                                                                          \
    inline bool family##_dec_and_test(name* v, Site at = Site::current()) {                    \
        return family##_dec_return(v, at) == 0;                                                \
    }                                                                                          \
    inline bool family##_inc_and_test(name* v, Site at = Site::current()) {                    \
        return family##_inc_return(v, at) == 0;                                                \
    }                                                                                          \
    inline bool family##_add_unless(name* v, type i, type unless, Site at = Site::current()) { \
        type seen = family##_read(v, at);                                                      \
        while (seen != unless && !family##_try_cmpxchg(v, &seen, seen + i, at)) {              \
        }                                                                                      \
        return seen != unless;                                                                 \
    }                                                                                          \
    inline bool family##_inc_not_zero(name* v, Site at = Site::current()) {                    \
        return family##_add_unless(v, 1, 0, at);                                               \
    }

ANYPAGE_ATOMIC(atomic, int, atomic_t)
ANYPAGE_ATOMIC(atomic64, s64, atomic64_t)
ANYPAGE_ATOMIC(atomic_long, long, atomic_long_t)
#undef ANYPAGE_ATOMIC
#undef ANYPAGE_ORDERED

}  // namespace anypage::check::kernel

#define ATOMIC_INIT(value) \
    { value }
