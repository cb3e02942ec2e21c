// StateSet: the states that were reached, each with the contexts whose next step was left out there
// because it is explored elsewhere (its sleep set). Open addressing, 24 bytes an entry.
#pragma once

#include <cstdint>
#include <vector>

#include "hash.hpp"

namespace anypage::check {

class StateSet {
public:
    StateSet() : entries_(1u << 12) {}

    struct Found {
        bool fresh;
        std::uint8_t* sleeping;
    };
    /// The entry of a state, made with this sleep set if it is new. Valid until the next call.
    Found find_or_add(const Hash& key, std::uint8_t sleeping) {
        if (count_ * 3 > entries_.size() * 2) grow();
        Entry& entry = entries_[place_of(key)];
        const bool fresh = !entry.used;
        if (fresh) {
            entry = {key, sleeping, true};
            ++count_;
        }
        return {fresh, &entry.sleeping};
    }
    std::uint64_t size() const { return count_; }
    std::uint64_t bytes() const { return entries_.size() * sizeof(Entry); }

private:
    struct Entry {
        Hash key;
        std::uint8_t sleeping = 0;
        bool used = false;
    };

    std::size_t place_of(const Hash& key) const {
        std::size_t at = key.a & (entries_.size() - 1);
        while (entries_[at].used && !(entries_[at].key == key))
            at = (at + 1) & (entries_.size() - 1);
        return at;
    }
    void grow() {
        std::vector<Entry> before(entries_.size() * 2);
        before.swap(entries_);
        for (const Entry& entry : before) {
            if (entry.used) entries_[place_of(entry.key)] = entry;
        }
    }

    std::vector<Entry> entries_;
    std::uint64_t count_ = 0;
};

}  // namespace anypage::check
