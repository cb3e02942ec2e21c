// Cpuset: a set of nodes that requests are confined to and that may change while they run (the
// kernel's mems_allowed and its mems_allowed_seq). A request takes a cookie at restart and asks
// after failing. Readers in any context, without waiting; writers exclude each other by themselves.
#pragma once

#include "../node/nodemask.hpp"
#include "../world/world.hpp"

namespace anypage {

template <World W>
class Cpuset {
public:
    explicit Cpuset(const nodemask& nodes) {
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i].store_relaxed(nodes.words[i]);
    }

    /// read_mems_allowed_begin, but that an odd number is not waited for: it can never match later.
    std::uint64_t begin() const { return sequence_.load_acquire() & ~std::uint64_t{1}; }
    /// read_mems_allowed_retry.
    bool changed(std::uint64_t cookie) const {
        W::smp_rmb();  // pairs with update: the nodes were read before this
        return sequence_.load_relaxed() != cookie;
    }
    bool allows(NodeId node) const {
        return (words_[node.value / 64].load_relaxed() >> node.value % 64 & 1) != 0;
    }
    nodemask nodes() const {
        nodemask copy;
        for (std::size_t i = 0; i < words_.size(); ++i) copy.words[i] = words_[i].load_relaxed();
        return copy;
    }

    /// One caller at a time. A reader in between sees each node as before or as after.
    void update(const nodemask& nodes) {
        sequence_.store_relaxed(sequence_.load_relaxed() + 1);
        W::smp_wmb();  // pairs with changed's smp_rmb
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i].store_relaxed(nodes.words[i]);
        sequence_.store_release(sequence_.load_relaxed() + 1);  // pairs with begin
    }

private:
    typename W::template Atomic<std::uint64_t> sequence_{0};
    std::array<typename W::template Atomic<std::uint64_t>, node_count_max / 64> words_{};
};

}  // namespace anypage
