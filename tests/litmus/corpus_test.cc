// Tests that were written by hand to refute what the machine says of load buffering. Of those in
// lacking/ the axioms allow states that it does not show, and it says so; those in complete/, many
// of them patterns of the kernel, have the same states by both, and it says nothing.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "check/litmus/axioms/judge.hpp"
#include "tests/litmus/explored.hpp"

namespace anypage::check::litmus {
namespace {

namespace fs = std::filesystem;

struct Both {
    std::vector<FinalState> allowed;
    Run ran;
};

/// visit(both) for each test of a folder; how many there are.
template <class Visit>
unsigned for_each_test(const char* folder, const Visit& visit) {
    unsigned count = 0;
    for (const auto& entry :
         fs::directory_iterator(fs::path(ANYPAGE_SOURCE_DIR) / "tests/litmus" / folder)) {
        std::ostringstream text;
        text << std::ifstream(entry.path()).rdbuf();
        SCOPED_TRACE(entry.path().filename().string());
        const Program program = read(text.str());
        auto judged = axioms::judge(program, {});
        EXPECT_EQ(judged.limit, "");
        auto ran = run("test", program, {});
        EXPECT_TRUE(ran) << ran.error().text();
        if (!ran) continue;
        ++count;
        visit(Both{std::move(judged.finals), *std::move(ran)});
    }
    return count;
}

TEST(LitmusCorpus, WhatTheMachineLacksIsSaid) {
    const unsigned count = for_each_test("lacking", [](const Both& both) {
        EXPECT_FALSE(std::includes(both.ran.finals.begin(), both.ran.finals.end(),
                                   both.allowed.begin(), both.allowed.end()));
        EXPECT_NE(both.ran.load_buffering, "");
    });
    EXPECT_GT(count, 50u);
}

TEST(LitmusCorpus, WhereItLacksNothingItSaysNothing) {
    const unsigned count = for_each_test("complete", [](const Both& both) {
        EXPECT_EQ(both.ran.finals, both.allowed);
        EXPECT_EQ(both.ran.load_buffering, "");
    });
    EXPECT_GT(count, 50u);
}

}  // namespace
}  // namespace anypage::check::litmus
