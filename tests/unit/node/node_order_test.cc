// Node orders against find_next_best_node and build_zonelists, written down word for word.
#include "node/node_order.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace anypage {
namespace {

struct Nodes {
    std::vector<NodeFacts> facts;
    std::vector<std::uint8_t> distances;

    std::size_t count() const { return facts.size(); }
    unsigned distance(std::size_t a, std::size_t b) const { return distances[a * count() + b]; }
};

/// mm/page_alloc.c, 6.12, on positions instead of ids (positions ascend as ids do).
class Kernel {
public:
    explicit Kernel(const Nodes& nodes) : nodes_(nodes), node_load_(nodes.count()) {}

    std::vector<std::uint16_t> build_zonelists(std::size_t local) {
        std::vector<std::uint16_t> order;
        std::vector<bool> used(nodes_.count());
        std::size_t prev = local;
        for (;;) {
            const int best = find_next_best_node(local, used);
            if (best < 0) return order;
            const auto node = static_cast<std::size_t>(best);
            if (nodes_.distance(local, node) != nodes_.distance(local, prev)) ++node_load_[node];
            order.push_back(static_cast<std::uint16_t>(node));
            prev = node;
        }
    }

private:
    int find_next_best_node(std::size_t node, std::vector<bool>& used) const {
        if (!used[node] && nodes_.facts[node].has_memory) {
            used[node] = true;
            return static_cast<int>(node);
        }
        int best = -1;
        std::uint64_t min = ~std::uint64_t{0};
        for (std::size_t n = 0; n < nodes_.count(); ++n) {
            if (!nodes_.facts[n].has_memory || used[n]) continue;
            std::uint64_t val = nodes_.distance(node, n);
            val += n < node;
            if (nodes_.facts[n].has_cpus) val += 1;
            val *= node_count_max;
            val += node_load_[n];
            if (val < min) {
                min = val;
                best = static_cast<int>(n);
            }
        }
        if (best >= 0) used[static_cast<std::size_t>(best)] = true;
        return best;
    }

    const Nodes& nodes_;
    std::vector<std::uint64_t> node_load_;
};

void orders_are_the_kernels(const Nodes& nodes) {
    Kernel kernel(nodes);
    std::vector<std::uint32_t> load(nodes.count());
    std::vector<std::uint64_t> keys(nodes.count());
    const NodeOrderBuilder builder{nodes.facts, nodes.distances, load, keys};
    for (std::size_t local = 0; local < nodes.count(); ++local) {
        std::vector<std::uint16_t> order(nodes.count());
        order.resize(builder.build(NodePos{static_cast<std::uint16_t>(local)}, order));
        RC_ASSERT(order == kernel.build_zonelists(local));
    }
}

/// A machine of up to `most` nodes; some without memory, some without CPUs; distances need not be
/// symmetric, and take few values, so that they tie.
Nodes any_nodes(std::size_t most) {
    Nodes nodes;
    const auto count = *rc::gen::inRange<std::size_t>(1, most + 1);
    const auto bits =
        *rc::gen::container<std::vector<std::uint8_t>>(count, rc::gen::arbitrary<std::uint8_t>());
    for (const std::uint8_t each : bits) nodes.facts.push_back({each % 8 != 0, each % 3 != 0});
    nodes.distances = *rc::gen::container<std::vector<std::uint8_t>>(
        count * count, rc::gen::map(rc::gen::inRange(2, 6), [](int tens) {
            return static_cast<std::uint8_t>(tens * 10 + tens % 2);
        }));
    for (std::size_t i = 0; i < count; ++i) nodes.distances[i * count + i] = 10;
    return nodes;
}

TEST(NodeOrder, IsTheKernelsOnSmallMachines) {
    EXPECT_TRUE(rc::check("", [] { orders_are_the_kernels(any_nodes(6)); }));
}

TEST(NodeOrder, IsTheKernelsOnMachinesOfUpTo64Nodes) {
    EXPECT_TRUE(rc::check("", [] { orders_are_the_kernels(any_nodes(64)); }));
}

TEST(NodeOrder, IsTheKernelsOn1024Nodes) {
    constexpr std::size_t count = 1024;
    Nodes nodes;
    for (std::size_t i = 0; i < count; ++i) nodes.facts.push_back({i % 7 != 3, i % 5 != 0});
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < count; ++j) {
            // Sockets of 32 nodes in racks of 256.
            const int distance = i == j ? 10 : i / 32 == j / 32 ? 16 : i / 256 == j / 256 ? 32 : 64;
            nodes.distances.push_back(static_cast<std::uint8_t>(distance));
        }
    }
    // The kernel takes a node at a time out of all, which is slow: the first 64 lists will do.
    std::vector<std::uint32_t> load(count);
    std::vector<std::uint64_t> keys(count);
    const NodeOrderBuilder builder{nodes.facts, nodes.distances, load, keys};
    Kernel kernel(nodes);
    for (std::size_t local = 0; local < 64; ++local) {
        std::vector<std::uint16_t> order(count);
        order.resize(builder.build(NodePos{static_cast<std::uint16_t>(local)}, order));
        ASSERT_EQ(order, kernel.build_zonelists(local)) << local;
    }
}

TEST(NodeOrder, EqualNodesShareTheSecondPlaceInTurn) {
    Nodes nodes;
    constexpr std::size_t count = 5;
    nodes.facts.assign(count, {true, true});
    nodes.distances.assign(count * count, 20);
    for (std::size_t i = 0; i < count; ++i) nodes.distances[i * count + i] = 10;
    std::vector<std::uint32_t> load(count);
    std::vector<std::uint64_t> keys(count);
    const NodeOrderBuilder builder{nodes.facts, nodes.distances, load, keys};
    std::vector<std::uint16_t> seconds;
    for (std::uint16_t local = 0; local < count; ++local) {
        std::vector<std::uint16_t> order(count);
        ASSERT_EQ(builder.build(NodePos{local}, order), count);
        EXPECT_EQ(order[0], local);
        seconds.push_back(order[1]);
    }
    // (n < local) makes later nodes prefer those after them; node_load spreads the rest.
    EXPECT_EQ(seconds, (std::vector<std::uint16_t>{1, 2, 3, 4, 0}));
}

}  // namespace
}  // namespace anypage
