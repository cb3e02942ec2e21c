// Id lists as the kernel writes them.
#include "host/id_list.hpp"

#include <gtest/gtest.h>

namespace anypage {
namespace {

using Ids = std::vector<std::uint32_t>;

TEST(IdList, NamesRangesAndSingles) {
    EXPECT_EQ(parse_id_list("0-3,8", 64), (Ids{0, 1, 2, 3, 8}));
    EXPECT_EQ(parse_id_list(" 5 \n", 64), (Ids{5}));
    EXPECT_EQ(parse_id_list("8, 0 - 1 ,1-2", 64), (Ids{0, 1, 2, 8}));
    EXPECT_EQ(parse_id_list("\n", 64), Ids{});
    EXPECT_EQ(parse_id_list(std::string_view("3\0\0", 3), 64), (Ids{3}));
}

TEST(IdList, RefusesWhatIsNotAList) {
    for (const char* text : {"3-1", "a", "1,,2", "1,", ",", "-1", "1-", "64", "0-64", "1 2", "1;2",
                             "99999999999999999999"}) {
        EXPECT_EQ(parse_id_list(text, 64), std::nullopt) << text;
    }
}

TEST(IdList, RepetitionTakesNoMemory) {
    std::string text = "0-65535";
    for (int i = 0; i < 1000; ++i) text += ",0-65535";
    EXPECT_EQ(parse_id_list(text, 65536), std::nullopt);
}

TEST(IdMap, CountsFromTheRight) {
    EXPECT_EQ(parse_id_map("00000001,0000000f\n", 64), (Ids{0, 1, 2, 3, 32}));
    EXPECT_EQ(parse_id_map("0000,00000fc0", 64), (Ids{6, 7, 8, 9, 10, 11}));
    EXPECT_EQ(parse_id_map("A", 64), (Ids{1, 3}));
    EXPECT_EQ(parse_id_map("0", 64), Ids{});
}

TEST(IdMap, RefusesWhatWouldShiftIds) {
    for (const char* text : {"", "1,2", "g", "1,0000000", "1,00000000,", "10000,00000000"}) {
        EXPECT_EQ(parse_id_map(text, 48), std::nullopt) << text;
    }
}

TEST(IdList, FormatIsTheInverseOfParse) {
    for (const char* text : {"", "0", "0-3,8", "1,3,5-6,9-12"}) {
        const auto ids = parse_id_list(text, 64);
        ASSERT_TRUE(ids);
        EXPECT_EQ(format_id_list(std::span<const std::uint32_t>(*ids)), text);
    }
}

}  // namespace
}  // namespace anypage
