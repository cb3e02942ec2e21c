// Synthetic: what an hwloc synthetic description stands for, before hwloc builds it. Stricter than
// hwloc, which takes odd descriptions for huge machines and then builds them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace anypage {

/// A larger description is refused: hwloc would build each object, and its CPU sets grow with it.
inline constexpr std::uint64_t synthetic_size_max = std::uint64_t{1} << 17;

/// An upper bound on the objects that a description stands for (levels multiply), at most
/// synthetic_size_max. Nothing when it is not a list of levels "type:count" or "count" and of
/// memory "[type]", each with "(attributes)" or without.
std::optional<std::uint64_t> synthetic_size(std::string_view description);

}  // namespace anypage
