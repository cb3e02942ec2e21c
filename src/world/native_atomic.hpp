// Atomics of the native world: std::atomic_ref over a plain word, so that zeroed memory is an array
// of valid atomics without being touched (metadata of a large zone is mapped, not written). This
// directory is the only place where std::atomic and its kin may appear.
#pragma once

#include <atomic>
#include <type_traits>

namespace anypage::native {

template <class T>
class Atomic {
    static_assert(std::is_trivially_copyable_v<T>);
    static_assert(std::atomic_ref<T>::is_always_lock_free);

public:
    Atomic() = default;  // indeterminate, as T's: members say {} or a value
    constexpr explicit Atomic(T value) : value_(value) {}
    Atomic(const Atomic&) = delete;
    Atomic& operator=(const Atomic&) = delete;

    T load_relaxed() const { return ref().load(std::memory_order_relaxed); }
    T load_acquire() const { return ref().load(std::memory_order_acquire); }
    T load_seq_cst() const { return ref().load(std::memory_order_seq_cst); }
    void store_relaxed(T value) { ref().store(value, std::memory_order_relaxed); }
    void store_release(T value) { ref().store(value, std::memory_order_release); }

    bool cas_relaxed(T& expected, T desired) {
        return ref().compare_exchange_strong(expected, desired, std::memory_order_relaxed);
    }
    bool cas_acq_rel(T& expected, T desired) {
        return ref().compare_exchange_strong(expected, desired, std::memory_order_acq_rel,
                                             std::memory_order_relaxed);
    }
    bool cas_seq_cst(T& expected, T desired) {
        return ref().compare_exchange_strong(expected, desired, std::memory_order_seq_cst);
    }
    T exchange_acq_rel(T value) { return ref().exchange(value, std::memory_order_acq_rel); }
    T fetch_add_relaxed(T value) { return ref().fetch_add(value, std::memory_order_relaxed); }
    T fetch_add_release(T value) { return ref().fetch_add(value, std::memory_order_release); }
    T fetch_add_seq_cst(T value) { return ref().fetch_add(value, std::memory_order_seq_cst); }
    T fetch_or_relaxed(T value) { return ref().fetch_or(value, std::memory_order_relaxed); }
    T fetch_or_seq_cst(T value) { return ref().fetch_or(value, std::memory_order_seq_cst); }
    T fetch_and_seq_cst(T value) { return ref().fetch_and(value, std::memory_order_seq_cst); }
    T fetch_and_relaxed(T value) { return ref().fetch_and(value, std::memory_order_relaxed); }

private:
    std::atomic_ref<T> ref() const { return std::atomic_ref<T>(value_); }

    alignas(std::atomic_ref<T>::required_alignment) mutable T value_;
};

/// Read and written plainly in the kernel although it races. Here: relaxed, so that a value is
/// whole and the race is defined, and nothing is ordered.
template <class T>
class Raced {
public:
    T read() const { return value_.load_relaxed(); }
    void write(T value) { value_.store_relaxed(value); }

private:
    Atomic<T> value_;
};

}  // namespace anypage::native
