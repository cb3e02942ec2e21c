// The manual pages: well formed where groff is there to say so, and complete beside --help.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace {

const std::string pages = std::string(ANYPAGE_SOURCE_DIR) + "/docs/man/";

/// What a shell command prints, errors included.
std::string output_of(const std::string& command) {
    std::string text;
    std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    std::array<char, 4096> part;
    for (std::size_t got; (got = fread(part.data(), 1, part.size(), pipe)) > 0;) {
        text.append(part.data(), got);
    }
    pclose(pipe);
    return text;
}

std::string source_of(const std::string& page) {
    std::ifstream in(pages + page);
    EXPECT_TRUE(in) << page;
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return std::regex_replace(text, std::regex(R"(\\-)"), "-");
}

std::set<std::string> long_options(const std::string& text) {
    const std::regex pattern("--[a-z][a-z-]+");
    return {std::sregex_token_iterator(text.begin(), text.end(), pattern),
            std::sregex_token_iterator()};
}

class ManPage : public ::testing::TestWithParam<const char*> {
protected:
    std::string page() const {
        return std::string("anypage") + (*GetParam() != '\0' ? "-" : "") + GetParam() + ".1";
    }
};

TEST_P(ManPage, IsWellFormed) {
    if (output_of("command -v groff").empty()) GTEST_SKIP() << "groff is not installed";
    EXPECT_EQ(output_of("groff -man -Tutf8 -ww -z '" + pages + page() + "'"), "");
}

TEST_P(ManPage, ExplainsEveryOptionThatHelpLists) {
    const std::string text = source_of(page());
    const std::string help =
        output_of("'" ANYPAGE_COMMAND "' " + std::string(GetParam()) + " --help");
    // Options begin their lines; what their explanations mention is another's.
    const std::regex option(R"(\n +(?:-[a-z],)?(--[a-z-]+))");
    const std::set<std::string> known = long_options(text);
    std::size_t count = 0;
    for (std::sregex_iterator at(help.begin(), help.end(), option), end; at != end; ++at, ++count) {
        EXPECT_TRUE(known.contains((*at)[1])) << (*at)[1] << " is not in " << page();
    }
    EXPECT_GE(count, 2u);
}

TEST_P(ManPage, ExplainsNoOptionThatIsNotThere) {
    const auto known =
        long_options(output_of("'" ANYPAGE_COMMAND "' " + std::string(GetParam()) + " --help"));
    const std::string text = source_of(page());
    const std::string options = text.substr(0, text.find(".SH EXIT STATUS"));
    const std::regex heading(R"(\n\.TP\n\.[A-Z]+[^\n]*?(--[a-z-]+))");
    for (std::sregex_iterator at(options.begin(), options.end(), heading), end; at != end; ++at) {
        EXPECT_TRUE(known.contains((*at)[1])) << (*at)[1];
    }
}

TEST_P(ManPage, HasTheUsualSections) {
    const std::string text = source_of(page());
    for (const char* section :
         {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"}) {
        EXPECT_NE(text.find(std::string(".SH ") + section), std::string::npos) << section;
    }
}

INSTANTIATE_TEST_SUITE_P(All, ManPage,
                         ::testing::Values("", "topology", "replay", "check", "litmus", "mutants"),
                         [](const auto& each) {
                             return *each.param == '\0' ? std::string("anypage")
                                                        : std::string(each.param);
                         });

}  // namespace
