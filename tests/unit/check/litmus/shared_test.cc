// The LKMM litmus tests that are shared beside the project: all are read but those with RCU, and of
// herd7's states for each the same text is printed that herd7 printed.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "check/litmus/observation.hpp"
#include "check/litmus/parser.hpp"

namespace anypage::check::litmus {
namespace {

namespace fs = std::filesystem;

const fs::path& folder() {
    static const fs::path path =
        fs::path(ANYPAGE_SOURCE_DIR).parent_path() / "shared" / "litmus" / "lkmm";
    return path;
}

std::string contents(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return std::move(text).str();
}

std::set<fs::path> tests() {
    std::set<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder())) {
        if (entry.path().extension() == ".litmus") found.insert(entry.path());
    }
    return found;
}

/// A state of herd7's, "0:r1=0; [x]=y;", as values in the order of Program::observed.
FinalState state_of(const Program& program, std::string line) {
    std::map<std::string, std::string> values;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
        word.pop_back();
        values[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
    }
    FinalState state;
    for (const Place& place : program.observed) {
        const std::string& text = values[program.text_of(place)];
        Value value = 0;
        for (std::size_t i = 0; i < program.locations.size(); ++i) {
            if (program.locations[i].name == text) value = Program::address_of(i);
        }
        state.push_back(value != 0 ? value : std::stoll(text));
    }
    return state;
}

std::string lines_before(const std::string& text, std::string_view word) {
    return text.substr(0, std::min(text.find(word), text.size()));
}

void expect_same_text(const Program& program, const std::string& printed) {
    const auto read = read_herd_output("expected", printed);
    ASSERT_TRUE(read) << read.error().text();
    const Observation& expected = read->front();
    std::vector<FinalState> finals;
    for (const auto& state : expected.states) finals.push_back(state_of(program, state));
    std::reverse(finals.begin(), finals.end());
    Observation seen = observe(program, finals);
    EXPECT_EQ(seen.verdict(), expected.verdict());
    // herd7 counts executions.
    seen.positive = expected.positive;
    seen.negative = expected.negative;
    EXPECT_EQ(seen.text(), lines_before(printed, "Hash="));
}

TEST(LitmusShared, AllButRcuAreReadAndPrintAsHerdDoes) {
    if (!fs::is_directory(folder())) {
        const fs::path shared = folder().parent_path().parent_path();
        GTEST_SKIP() << "skipped: no ../" << shared.filename().string();
    }
    std::set<std::string> refused;
    std::size_t read = 0;
    for (const fs::path& path : tests()) {
        SCOPED_TRACE(path.filename().string());
        const auto program = read_litmus(path.filename().string(), contents(path));
        if (!program) {
            EXPECT_TRUE(program.error().unsupported()) << program.error().text();
            EXPECT_NE(program.error().message.find("RCU"), std::string::npos);
            refused.insert(path.stem().string());
            continue;
        }
        ++read;
        expect_same_text(*program, contents(path.string() + ".expected"));
    }
    EXPECT_EQ(read, 77u);
    EXPECT_EQ(refused,
              (std::set<std::string>{"C-RomanPenyaev-list-rcu-rr", "MP+onceassign+derefonce"}));
}

}  // namespace
}  // namespace anypage::check::litmus
