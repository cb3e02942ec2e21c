// Our allocator by its public face, as a program uses it: `ours` asks for one run a call, through
// the stock, with the whole policy; `ours_bulk` for many frames a call.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "machine.hpp"

#include <anypage/anypage.hpp>

namespace anypage::bench {

class Ours {
public:
    static constexpr const char* name = "ours";
    static constexpr bool is_shared = true;
    static constexpr bool serves(Order) { return true; }

    explicit Ours(const topology& machine = one_node()) : pages_(make(machine)) {}

    [[gnu::always_inline]] Pfn allocate(Order order, Migratetype type) {
        const auto page = pages_.allocate({.flags = flags_for(type), .order = order});
        if (!page) return no_page;
        return *page;
    }
    [[gnu::always_inline]] void free(Pfn pfn, Order order) { pages_.free(pfn, order); }

    /// Above the low mark, where a request is served by its first walk.
    std::uint64_t usable() const {
        const zone_stats stats = pages_.read_zone(0);
        return stats.managed - stats.low;
    }
    allocator& pages() { return pages_; }

private:
    static allocator make(const topology& machine) {
        config settings;
        settings.backing = backing::numbers;
        settings.online_bytes = 0;
        auto made = allocator::create(machine, settings);
        if (made) return *std::move(made);
        std::fprintf(stderr, "bench: %s\n", made.error().message.c_str());
        std::exit(1);
    }

    allocator pages_;
};

struct OursBulk : Ours {
    static constexpr const char* name = "ours_bulk";
    std::size_t allocate_batch(std::span<Pfn> frames) {
        return pages().allocate_bulk({.flags = gfp::KERNEL}, frames);
    }
    void free_batch(std::span<const Pfn> frames) { pages().free_bulk(frames); }
};

}  // namespace anypage::bench
