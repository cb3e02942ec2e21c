// AccessSet: some accesses of one execution.
#pragma once

#include <cstdint>
#include <vector>

#include "hash.hpp"

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
    using Words = std::vector<std::uint64_t>;
    std::vector<Words> of_;  // by context; what is missing at an end is empty
};

}  // namespace anypage::check
