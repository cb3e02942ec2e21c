// Nodemask: a set of node ids. A plain value.
#pragma once

#include <array>
#include <cstdint>

#include "../base/units.hpp"

namespace anypage {

struct nodemask {
    std::array<std::uint64_t, node_count_max / 64> words{};

    constexpr bool has(NodeId node) const {
        return node.value < node_count_max &&
               (words[node.value / 64] >> (node.value % 64) & 1) != 0;
    }
    constexpr void add(NodeId node) {
        words[node.value / 64] |= std::uint64_t{1} << node.value % 64;
    }
    constexpr void remove(NodeId node) {
        words[node.value / 64] &= ~(std::uint64_t{1} << node.value % 64);
    }
    constexpr bool empty() const {
        for (const auto word : words) {
            if (word != 0) return false;
        }
        return true;
    }
    constexpr bool intersects(const nodemask& other) const {
        for (std::size_t i = 0; i < words.size(); ++i) {
            if ((words[i] & other.words[i]) != 0) return true;
        }
        return false;
    }
    friend constexpr bool operator==(const nodemask&, const nodemask&) = default;
};

}  // namespace anypage
