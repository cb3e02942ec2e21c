// The allocator under threads, signals and hotplug at once, on this machine.
#include "tests/stress/allocator_stress.hpp"

#include <gtest/gtest.h>

namespace anypage::test {
namespace {

class AllocatorStress : public testing::TestWithParam<bool> {};

TEST_P(AllocatorStress, NobodyFailsWhileWhatStaysHasRoomAndNothingIsLost) {
    EXPECT_EQ(allocator_stress::run(GetParam()), "");
}

INSTANTIATE_TEST_SUITE_P(Checked, AllocatorStress, testing::Bool(), [](const auto& parameter) {
    return parameter.param ? "Checked" : "Unchecked";
});

}  // namespace
}  // namespace anypage::test
