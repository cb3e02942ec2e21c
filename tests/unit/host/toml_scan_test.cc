// Letters that must not reach the TOML parser, and texts that only look like having some.
#include "host/toml_scan.hpp"

#include <gtest/gtest.h>

namespace anypage {
namespace {

TEST(TomlScan, FindsLettersBeyondAscii) {
    for (const char* text : {"\xc3\xa9 = 1", "a = \xd1\x96", "[a.\xc3\xa9]", "\xff", "'a'\xff",
                             "'a\n\xff'", "\"\\\"\"\xff", "''''''\xff"}) {
        EXPECT_TRUE(line_of_stray_letter(text)) << text;
    }
    EXPECT_TRUE(line_of_stray_letter(std::string_view("a\0", 2)));
}

TEST(TomlScan, CountsLinesInsideOfStringsToo) {
    EXPECT_EQ(line_of_stray_letter("\xff"), 1u);
    EXPECT_EQ(line_of_stray_letter("a = \"\"\"\n\n\"\"\"\n# x\n\xc3\xa9"), 5u);
}

TEST(TomlScan, StringsCommentsAndAMarkMayHaveAnyLetters) {
    for (const char* text :
         {"", "[a]", "# \xc3\xa9\n[a]", "a = \"\xc3\xa9\"", "a = '\xc3\xa9'", "\xef\xbb\xbf[a]",
          "a = \"\\\"\xc3\xa9\"", "a = '''\n\n\xc3\xa9'''", "a = \"\"\"\xc3\xa9\"\"\"\"\"\nb = 1",
          "a = '\\' # \xc3\xa9", "a = \"\"\"\\\"\"\"\xc3\xa9", "\"", "'''", "\"\\"}) {
        EXPECT_FALSE(line_of_stray_letter(text)) << text;
    }
}

}  // namespace
}  // namespace anypage
