// What tests of planted bugs share: a scenario is explored, and a bug is found under the property
// that it breaks, or all holds.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "check/explore.hpp"
#include "check/model_world.hpp"

namespace anypage::check {

using W = ModelWorld;
using Stage = Setup;  // a test has a Setup of its own

struct Where {
    Model model = Model::lkmm;
    Preemption preemption = Preemption::full;
    unsigned steps_max = 2000;
};

inline Result run(const Where& where, const Scenario& scenario) {
    ExploreConfig config;
    config.execution.model = where.model;
    config.execution.preemption = where.preemption;
    config.execution.steps_max = where.steps_max;
    config.seconds_max = 60;
    return explore(config, scenario);
}

inline void expect_found(const Result& result, const std::string& property) {
    EXPECT_EQ(result.verdict, Verdict::broken);
    ASSERT_FALSE(result.found.empty()) << property;
    EXPECT_EQ(result.found[0].violation.property, property) << result.found[0].violation.cause;
}

inline void expect_holds(const Result& result) {
    EXPECT_EQ(result.verdict, Verdict::holds) << result.limit;
    for (const Found& found : result.found) {
        ADD_FAILURE() << found.violation.property << ": " << found.violation.cause;
    }
}

}  // namespace anypage::check
