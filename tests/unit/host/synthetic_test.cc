// What hwloc synthetic descriptions stand for.
#include "host/synthetic.hpp"

#include <gtest/gtest.h>

namespace anypage {
namespace {

TEST(Synthetic, LevelsMultiply) {
    EXPECT_EQ(synthetic_size("node:4 pu:2"), 16u);
    EXPECT_EQ(synthetic_size("4 2"), 16u);
    EXPECT_EQ(synthetic_size("pack:2 [numa(memory=8GB)] core:4(indexes=2*4:1*2) pu:1"), 32u);
    EXPECT_EQ(synthetic_size("(memory=1GB) L2:1 pu:3"), 6u);
    EXPECT_EQ(synthetic_size("pack:2[numa][numa] pu:1"), 8u);
}

TEST(Synthetic, WhatIsTooLargeIsTheMaximum) {
    for (const char* text :
         {"node:1024 pu:1024", "pu:4294967295", "256 256 256", "node:99999999999999999999 pu:1"}) {
        EXPECT_EQ(synthetic_size(text), synthetic_size_max) << text;
    }
}

TEST(Synthetic, WhatHwlocCouldReadOtherwiseIsNoDescription) {
    for (const char* text : {"", " ", "node", "node:", "node:0x10 pu:1", "node:-1", "node:010", "0",
                             "node:4 (a(b) pu:65536", "nod(e2:8 111144", "node:4)5", "node:4,5",
                             "[numa", "[numa]]", "node:4\tpu:2"}) {
        EXPECT_EQ(synthetic_size(text), std::nullopt) << text;
    }
    EXPECT_EQ(synthetic_size(std::string_view("4\0 2", 4)), std::nullopt);
}

}  // namespace
}  // namespace anypage
