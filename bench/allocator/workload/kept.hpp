// A row whose subject takes longer to make than to measure: it is made once, when it is first
// measured, and all repetitions share it.
#pragma once

#include <memory>

#include "hot_pair.hpp"

namespace anypage::bench {

/// The hot pair of single frames on what make() returns, a std::unique_ptr<S>.
template <Subject S, class Make>
void add_pair_of_kept(const std::string& row, const Make& make) {
    add<S>(row, [make, kept = std::make_shared<std::unique_ptr<S>>()](benchmark::State& state) {
        if (*kept == nullptr) *kept = make();
        hot_pair<S, 0>(state, **kept);
    });
}

}  // namespace anypage::bench
