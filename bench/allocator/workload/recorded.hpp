// The shipped recordings, as steps: what a real kernel allocated and freed, in its order, with its
// orders and migratetypes.
#pragma once

#include <string>
#include <vector>

#include "base/migratetype.hpp"
#include "base/units.hpp"

namespace anypage::bench {

struct RecordedStep {
    std::uint32_t block = 0;  ///< of the allocation, or of the one that ends
    bool allocates = false;
    Order order{};
    Migratetype type{};
};

struct Recorded {
    std::string name;
    std::vector<RecordedStep> steps;
    std::uint64_t blocks = 0;
    std::string missing;  ///< why it could not be read
};

/// All of data/recordings; read once.
const std::vector<Recorded>& all_recorded();

}  // namespace anypage::bench
