// Frontier: what is still to be explored: paths from the start, which share their beginnings; those
// that cost least come first.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "bytes.hpp"
#include "execution.hpp"

namespace anypage::check {

class Frontier {
public:
    /// A step and the one before it.
    struct Node {
        std::uint32_t before = root;
        std::uint8_t context = 0;
        std::uint8_t way = 0;
        std::uint8_t sleeping = 0;  ///< after the step
        std::uint8_t print = 0;     ///< Execution::fingerprint before it
    };
    static constexpr std::uint32_t root = 0;

    struct Waiting {
        std::uint32_t node;
        unsigned cost;
    };

    /// Only the root waits.
    void begin();
    /// Nothing does.
    void clear();

    std::uint32_t add(const Node& node);
    const Node& node(std::uint32_t index) const { return nodes_[index]; }
    void wait(std::uint32_t node, unsigned cost);
    /// The cheapest; of those the one that waits longest.
    std::optional<Waiting> take();

    bool is_empty() const { return waiting_.empty(); }
    std::uint64_t waiting() const { return waiting_count_; }
    std::uint64_t bytes() const { return nodes_.size() * sizeof(Node); }

    /// The steps to a node, the last one first.
    void path_to(std::uint32_t node, std::vector<std::uint32_t>& path) const;
    std::vector<Transition> schedule_to(std::uint32_t node) const;

    /// Of those that wait only each `of`-th, from the `share`-th on.
    void keep(unsigned share, unsigned of);
    /// What waits, and the steps to it.
    void write(ByteWriter& out) const;
    /// What was written comes to what is here.
    void join(ByteReader& in);

private:
    std::vector<Node> nodes_{Node{}};
    std::map<unsigned, std::deque<std::uint32_t>> waiting_;  // by cost
    std::uint64_t waiting_count_ = 0;
};

}  // namespace anypage::check
