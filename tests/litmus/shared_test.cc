// The LKMM litmus tests that are shared beside the project, explored: herd7's states, no more and
// no fewer; and judged by the axioms.
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "check/litmus/axioms/judge.hpp"
#include "tests/litmus/explored.hpp"

namespace anypage::check::litmus {
namespace {

namespace fs = std::filesystem;

/// What is known to differ: each state that only herd7 has needs load buffering.
const std::map<std::string, std::set<std::string>>& known_misses() {
    static const std::map<std::string, std::set<std::string>> known{
        {"C-LB+o-o+o-o", {"0:r2=2; 1:r2=2;"}},
        {"LB+poonceonces", {"0:r0=1; 1:r0=1;"}},
    };
    return known;
}

fs::path folder() { return fs::path(ANYPAGE_SOURCE_DIR).parent_path() / "shared/litmus/lkmm"; }

std::string contents(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return std::move(text).str();
}

std::set<std::string> set_of(const std::vector<std::string>& states) {
    return {states.begin(), states.end()};
}

void expect_as_herd(const Program& program, const fs::path& path) {
    const auto herd = read_herd_output(path.string(), contents(path.string() + ".expected"));
    ASSERT_TRUE(herd) << herd.error().text();
    const Observation& expected = herd->front();
    const auto ran = run(path.string(), program, {});
    ASSERT_TRUE(ran) << ran.error().text();
    EXPECT_EQ(ran->limit, "");
    EXPECT_FALSE(ran->deadlocks);
    const axioms::Judged judged = axioms::judge(program, {});
    EXPECT_EQ(judged.limit, "");
    EXPECT_EQ(set_of(observe(program, judged.finals).states), set_of(expected.states));
    const Observation seen = observe(program, ran->finals);
    const auto known = known_misses().find(program.name);
    if (known == known_misses().end()) {
        EXPECT_EQ(seen.verdict(), expected.verdict());
        EXPECT_EQ(set_of(seen.states), set_of(expected.states));
        if (!axioms::has_plain_accesses(program)) {
            EXPECT_EQ(ran->load_buffering, "");
        }
        return;
    }
    std::set<std::string> all = set_of(seen.states);
    EXPECT_EQ(all.size(), seen.states.size());
    for (const std::string& state : known->second) EXPECT_TRUE(all.insert(state).second) << state;
    EXPECT_EQ(all, set_of(expected.states));
    EXPECT_NE(ran->load_buffering, "");
}

TEST(LitmusShared, HasTheStatesThatHerdHas) {
    if (!fs::is_directory(folder())) {
        const fs::path shared = folder().parent_path().parent_path();
        GTEST_SKIP() << "skipped: no ../" << shared.filename().string();
    }
    std::size_t explored = 0;
    for (const auto& entry : fs::directory_iterator(folder())) {
        if (entry.path().extension() != ".litmus") continue;
        const std::string file = entry.path().filename().string();
        SCOPED_TRACE(file);
        const auto program = read_litmus(file, contents(entry.path()));
        if (!program) {
            EXPECT_TRUE(program.error().unsupported()) << program.error().text();
            continue;
        }
        ++explored;
        expect_as_herd(*program, entry.path());
    }
    EXPECT_EQ(explored, 77u);
}

}  // namespace
}  // namespace anypage::check::litmus
