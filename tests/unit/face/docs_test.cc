// docs/api.md: its programs are the examples to the letter, and it leaves out no call.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace {

const std::string root = std::string(ANYPAGE_SOURCE_DIR) + "/";

std::string read(const std::string& file) {
    std::ifstream in(root + file);
    EXPECT_TRUE(in) << file;
    return {std::istreambuf_iterator<char>(in), {}};
}

/// What stands between the fences that follow "<!-- file -->".
std::string shown(const std::string& document, const std::string& file) {
    const auto mark = document.find("<!-- " + file + " -->");
    if (mark == document.npos) return {};
    const auto first = document.find('\n', document.find("```", mark)) + 1;
    return document.substr(first, document.find("```", first) - first);
}

std::set<std::string> matches(const std::string& text, const std::regex& pattern) {
    std::set<std::string> all;
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
        all.insert((*at)[1]);
    }
    return all;
}

TEST(ApiDocument, ShowsTheExamplesToTheLetter) {
    const std::string document = read("docs/api.md");
    for (const char* file :
         {"examples/first_page.cc", "examples/first_page.c", "examples/containers.cc"}) {
        EXPECT_EQ(shown(document, file), read(file)) << file;
    }
}

TEST(ApiDocument, NamesEveryFunctionOfTheCFace) {
    const std::string document = read("docs/api.md");
    const auto functions = matches(read("include/anypage/anypage.h"),
                                   std::regex("(anypage_[a-z_]+)\\((?!void\\* context, const)"));
    EXPECT_GT(functions.size(), 15u);
    for (const std::string& name : functions) {
        EXPECT_NE(document.find(name), std::string::npos) << name;
    }
}

TEST(ApiDocument, NamesEveryMemberOfTheAllocator) {
    const std::string document = read("docs/api.md");
    const std::string header = read("include/anypage/anypage.hpp");
    const std::string members = header.substr(header.find("class allocator {"));
    const auto functions =
        matches(members.substr(0, members.find("private:")), std::regex("[ *]([a-z_]+)\\("));
    EXPECT_GT(functions.size(), 12u);
    for (const std::string& name : functions) {
        if (name == "allocator") continue;  // constructors
        EXPECT_NE(document.find(name), std::string::npos) << name;
    }
}

}  // namespace
