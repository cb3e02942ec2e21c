// Each scenario of the catalogue holds under each of its memory models and kernels, and all of it
// was looked at, with nothing that load buffering might add. The deep ones take minutes: they are
// here only where ANYPAGE_DEEP is set (make check-all), and may be too large to be seen to their
// end; then they are skipped, with what they were looked at up to.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <set>
#include <stdexcept>
#include <vector>

#include "tests/scenario/catalogue.hpp"

namespace anypage::scenario {
namespace {

class ScenarioTest : public ::testing::Test {
public:
    ScenarioTest(const Entry& entry, check::Model model, check::Preemption preemption)
        : entry_(entry), deep_(entry.deep || contains(entry.deep_models, model)) {
        config_.execution.model = model;
        config_.execution.preemption = preemption;
        config_.execution.load_buffering = true;
        // What bounds a deep one are its states, the same on each machine.
        if (deep_) config_.seconds_max = std::numeric_limits<double>::infinity();
    }

    void TestBody() override {
        const check::Result result = check::explore(config_, entry_.scenario);
        for (const check::Found& found : result.found) {
            ADD_FAILURE() << entry_.property << "\n"
                          << found.violation.property << ": " << found.violation.cause << "\n"
                          << found.counterexample.schedule.size() << " steps; anypage check shows "
                          << "them";
        }
        if (result.load_buffering) ADD_FAILURE() << result.load_buffering->violation.cause;
        if (deep_ && result.limit == check::limit_states && !HasFailure()) {
            GTEST_SKIP() << "bounded: nothing in " << result.states << " states";
        }
        EXPECT_EQ(result.limit, "") << "after " << result.states << " states";
        EXPECT_EQ(result.verdict, check::Verdict::holds);
    }

private:
    static bool contains(const std::vector<check::Model>& models, check::Model model) {
        return std::find(models.begin(), models.end(), model) != models.end();
    }

    const Entry& entry_;
    bool deep_;
    check::ExploreConfig config_;
};

// Named as the entry is, and how it was explored: zone.last_frame_goes_to_one_rc11.
std::string test_name(const Entry& entry, check::Model model, check::Preemption preemption) {
    std::string name = entry.name.substr(entry.part.size() + 1) + "_" + name_of(model);
    if (entry.preemptions.size() > 1) name += std::string("_") + name_of(preemption);
    return name;
}

void register_all() {
    std::set<std::string> names;
    const bool deep = std::getenv("ANYPAGE_DEEP") != nullptr;
    for (const Entry& entry : catalogue()) {
        if (!names.insert(entry.name).second) throw std::logic_error("twice: " + entry.name);
        if (entry.deep && !deep) continue;
        for (const check::Model model : entry.models_if(deep)) {
            for (const check::Preemption preemption : entry.preemptions) {
                const auto make = [&entry, model, preemption]() -> ::testing::Test* {
                    return new ScenarioTest(entry, model, preemption);
                };
                const std::string name = test_name(entry, model, preemption);
                ::testing::RegisterTest(entry.part.c_str(), name.c_str(), nullptr, nullptr,
                                        __FILE__, __LINE__, make);
            }
        }
    }
}

// Before main() of GoogleTest's own library asks for the tests.
[[maybe_unused]] const bool registered = (register_all(), true);

}  // namespace
}  // namespace anypage::scenario
