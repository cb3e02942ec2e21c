// AccessSet: some accesses of one execution.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hash.hpp"
#include "kernel.hpp"

namespace anypage::check {

/// Accesses of an execution: by memory context (see Memory), each counted from its first.
class AccessSet {
public:
    void add(unsigned context, unsigned access);
    bool has(unsigned context, unsigned access) const;
    AccessSet& operator|=(const AccessSet& other);
    void add_to(Hash& hash) const;

private:
    static constexpr unsigned word_bits = 64;
    using Words = std::array<std::uint64_t, contexts_max>;  // a context each
    Words& words(unsigned index) { return index == 0 ? first_ : further_[index - 1]; }
    const Words& words(unsigned index) const { return index == 0 ? first_ : further_[index - 1]; }

    // Most executions are over before anybody has done more than this.
    Words first_{};
    std::vector<Words> further_;
};

}  // namespace anypage::check
