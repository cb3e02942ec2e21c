// StateSet: the states that were reached, each with the contexts whose next step was left out there
// because it is explored elsewhere (its sleep set). Open addressing, 16 bytes an entry: 119 bits of
// the key, 8 of the sleep set. Processes that were forked off share it once share() was called.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "hash.hpp"

namespace anypage::check {

class StateSet {
public:
    StateSet();
    ~StateSet();
    StateSet(const StateSet&) = delete;
    StateSet& operator=(const StateSet&) = delete;

    /// The state is reached, with these contexts asleep: the contexts whose steps are to be
    /// followed from there, because nobody has yet.
    std::uint8_t reach(const Hash& key, std::uint8_t sleeping) {
        if (!shared_ && !has_room(1)) grow(larger());
        return put(key.a | 1, (key.b & ~sleeping_mask) | written, sleeping);
    }

    void clear();
    /// From here on what processes that are forked off reach is reached for all of them; nobody
    /// may reach more states than there is room for, until the only process left shares anew.
    void share(std::uint64_t room);
    bool has_room(std::uint64_t states) const { return (size() + states) * 3 <= capacity_ * 2; }

    std::uint64_t size() const { return header_->count.load(std::memory_order_relaxed); }
    std::uint64_t bytes() const { return capacity_ * sizeof(Entry); }

    /// For a file: each entry as two words, and back.
    void for_each(const std::function<void(std::uint64_t, std::uint64_t)>& visit) const;
    void restore(std::uint64_t first, std::uint64_t second) {
        if (!has_room(1)) grow(larger());
        put(first, second & ~sleeping_mask, static_cast<std::uint8_t>(second));
    }

private:
    static constexpr std::uint64_t sleeping_mask = 0xff;
    static constexpr std::uint64_t written = 0x100;  ///< so that no second word is 0
    // A page: most explorations of tests are over soon.
    static constexpr std::uint64_t capacity_min = 1u << 8;

    /// In one step to what no short exploration needs.
    std::uint64_t larger() const { return capacity_ == capacity_min ? 1u << 12 : capacity_ * 2; }

    /// Zero: nobody's. `first` is claimed by compare-and-swap, then `second` is written.
    struct Entry {
        std::atomic<std::uint64_t> first;
        std::atomic<std::uint64_t> second;
    };
    struct alignas(64) Header {
        std::atomic<std::uint64_t> count;
    };

    std::uint8_t put(std::uint64_t first, std::uint64_t second, std::uint8_t sleeping) {
        for (std::uint64_t at = first >> 1;; ++at) {
            Entry& entry = entries_[at & (capacity_ - 1)];
            std::uint64_t seen = entry.first.load(std::memory_order_relaxed);
            if (seen == 0 && entry.first.compare_exchange_strong(seen, first)) {
                entry.second.store(second | sleeping);
                header_->count.fetch_add(1, std::memory_order_relaxed);
                return static_cast<std::uint8_t>(~sleeping);
            }
            if (seen != first || (second_of(entry) ^ second) >> 8 != 0) continue;
            const std::uint64_t before = entry.second.fetch_and(~sleeping_mask | sleeping);
            return static_cast<std::uint8_t>(before & ~std::uint64_t{sleeping});
        }
    }
    /// Waits for whoever is about to write it, but not for one that has died: then the state is
    /// explored twice.
    static std::uint64_t second_of(const Entry& entry) {
        const std::uint64_t seen = entry.second.load();
        return seen != 0 ? seen : wait_for_second(entry);
    }
    static std::uint64_t wait_for_second(const Entry& entry);

    void map(std::uint64_t capacity);
    void unmap();
    void grow(std::uint64_t capacity);

    Header* header_ = nullptr;
    Entry* entries_ = nullptr;
    std::uint64_t capacity_ = 0;
    bool shared_ = false;
};

}  // namespace anypage::check
