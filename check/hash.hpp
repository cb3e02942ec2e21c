// Hash: 128 bits over a sequence of words. States are told apart by it alone, so it is wide enough
// that two different states of one exploration never meet in practice (10^9 states: 10^-21).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace anypage::check {

struct Hash {
    std::uint64_t a = 0x9e3779b97f4a7c15;
    std::uint64_t b = 0xc2b2ae3d27d4eb4f;

    void add(std::uint64_t value) {
        a = (a ^ value) * 0xa0761d6478bd642f;
        a ^= a >> 29;
        b = (b + value) * 0xe7037ed1a0b428db;
        b ^= b >> 32;
    }
    void add(const Hash& other) {
        add(other.a);
        add(other.b);
    }
    friend bool operator==(const Hash&, const Hash&) = default;
};

}  // namespace anypage::check

template <>
struct std::hash<anypage::check::Hash> {
    std::size_t operator()(const anypage::check::Hash& key) const noexcept {
        return static_cast<std::size_t>(key.a);
    }
};
