// The engine against the naive explorer, on random programs under each model and kernel, with each
// reduction on and off. ANYPAGE_NAIVE_PROGRAMS and ANYPAGE_NAIVE_SEED look further.
#include <gtest/gtest.h>

#include <cstdlib>

#include "naive_compare.hpp"
#include "tests/support/sanitizers.hpp"

namespace anypage::naive {
namespace {

std::uint64_t number(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

// Under sanitizers, a tenth.
#if !defined(NDEBUG)
constexpr std::uint64_t programs = 1'000;
#else
constexpr std::uint64_t programs = test::asan || test::tsan ? 1'000 : 10'000;
#endif

TEST(Naive, FindsWhatTheEngineFinds) {
    Campaign campaign;
    campaign.seed = number("ANYPAGE_NAIVE_SEED", 20230809);
    campaign.programs = number("ANYPAGE_NAIVE_PROGRAMS", programs);
    const Tally tally = run(campaign);
    for (const std::string& each : tally.differences) ADD_FAILURE() << each;
    EXPECT_EQ(tally.programs, campaign.programs);
    EXPECT_LE(tally.skipped * 10, tally.programs);
    // They are about something.
    EXPECT_GT(tally.stuck * 20, tally.programs);
    EXPECT_GT(tally.sleeps * 100, tally.programs);
    EXPECT_GT(tally.outcomes, tally.programs);
    std::printf(
        "%llu programs, %llu skipped, %llu stuck, %llu sleep where they may not; "
        "%llu outcomes, %llu executions, %llu states\n",
        static_cast<unsigned long long>(tally.programs),
        static_cast<unsigned long long>(tally.skipped),
        static_cast<unsigned long long>(tally.stuck), static_cast<unsigned long long>(tally.sleeps),
        static_cast<unsigned long long>(tally.outcomes),
        static_cast<unsigned long long>(tally.executions),
        static_cast<unsigned long long>(tally.states));
}

}  // namespace
}  // namespace anypage::naive
