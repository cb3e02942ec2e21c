// Shared machine: topologies that were gathered on real machines. They are other people's data and
// not part of the project; a test that needs one is skipped where they are not beside it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string_view>

#include "host/topology.hpp"

namespace anypage::test {

/// The folder of shared data, seen from the project's.
inline const std::filesystem::path shared_folder = std::filesystem::path("..") / "shared";

inline std::filesystem::path shared_topologies(std::string_view project) {
    return project / shared_folder / "topologies";
}

/// One of them, such as "xml/cxlmem+dax.v2.xml".
inline result<topology, failure> shared_machine(std::string_view project, std::string_view name) {
    return topology::load((shared_topologies(project) / name).string());
}

}  // namespace anypage::test

/// Ends a test as skipped where there are no shared topologies beside the project.
#define ANYPAGE_NEEDS_SHARED()                                                          \
    if (!std::filesystem::exists(anypage::test::shared_topologies(ANYPAGE_SOURCE_DIR))) \
    GTEST_SKIP() << "skipped: no " << anypage::test::shared_folder.string()
