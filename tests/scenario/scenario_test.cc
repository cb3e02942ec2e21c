// Each scenario of the catalogue holds under each of its memory models and kernels, and all of it
// was looked at, with nothing that load buffering might add. The deep ones take minutes: they are
// here only where ANYPAGE_DEEP is set (make check-all). It says after how many states of one to
// stop: what is too large to be seen to its end is skipped then, with what it was looked at up to.
#include <gtest/gtest.h>

#include <charconv>
#include <cstdlib>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/scenario/catalogue.hpp"

namespace anypage::scenario {
namespace {

/// 0: none are wanted.
std::uint64_t deep_states_max() {
    const char* const wanted = std::getenv("ANYPAGE_DEEP");
    if (wanted == nullptr) return 0;
    const std::string_view text = wanted;
    std::uint64_t states = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), states);
    if (error != std::errc{} || end != text.end() || states == 0) {
        throw std::invalid_argument("ANYPAGE_DEEP is to be a number of states, not '" +
                                    std::string(text) + "'.");
    }
    return states;
}

class ScenarioTest : public ::testing::Test {
public:
    ScenarioTest(const Entry& entry, check::Model model, check::Preemption preemption)
        : entry_(entry), deep_(entry.is_deep(model)) {
        config_.execution.model = model;
        config_.execution.preemption = preemption;
        config_.execution.load_buffering = true;
        if (!deep_) return;
        // The same on each machine, unlike seconds.
        config_.states_max = deep_states_max();
        config_.seconds_max = std::numeric_limits<double>::infinity();
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
    const bool deep = deep_states_max() != 0;
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
