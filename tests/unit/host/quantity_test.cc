// Amounts as people write them.
#include "host/quantity.hpp"

#include <gtest/gtest.h>

namespace anypage {
namespace {

TEST(Quantity, NumbersAreDigitsOnly) {
    EXPECT_EQ(parse_number("0", 10), 0u);
    EXPECT_EQ(parse_number("0x1f", 100), 31u);
    EXPECT_EQ(parse_number("18446744073709551615", UINT64_MAX), UINT64_MAX);
    for (const char* text :
         {"", "11", "-1", "+1", " 1", "1 ", "0x", "1a", "18446744073709551616"}) {
        EXPECT_EQ(parse_number(text, 10), std::nullopt) << text;
    }
}

TEST(Quantity, BytesHaveAUnit) {
    EXPECT_EQ(parse_bytes("512 MiB"), std::uint64_t{512} << 20);
    EXPECT_EQ(parse_bytes("4GiB"), std::uint64_t{4} << 30);
    EXPECT_EQ(parse_bytes("8192 B"), 8192u);
    EXPECT_EQ(parse_bytes("64 PiB"), std::uint64_t{1} << 56);
    for (const char* text : {"", "512", "MiB", "512 MB", "1.5 GiB", "-1 MiB", "512 mib", "1 MiB ",
                             "16384 PiB", "0x10 MiB"}) {
        EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
    }
}

TEST(Quantity, FormatTakesTheLargestUnitAndRoundsDown) {
    EXPECT_EQ(format_bytes(0), "0 B");
    EXPECT_EQ(format_bytes(1023), "1023 B");
    EXPECT_EQ(format_bytes(std::uint64_t{128} << 20), "128 MiB");
    EXPECT_EQ(format_bytes((std::uint64_t{4} << 30) - (std::uint64_t{16} << 20)), "3.9 GiB");
    EXPECT_EQ(format_bytes((std::uint64_t{1} << 40) - 1), "1023.9 GiB");
    EXPECT_EQ(format_bytes(UINT64_MAX), "16383.9 PiB");
    EXPECT_EQ(format_frames(1), "4 KiB");
}

TEST(Quantity, SectionsArePowersOfTwoFrom2MiBTo1GiB) {
    EXPECT_TRUE(is_section(512));
    EXPECT_TRUE(is_section(262144));
    for (const std::uint64_t frames : {0, 256, 513, 524288}) EXPECT_FALSE(is_section(frames));
}

}  // namespace
}  // namespace anypage
