// gfp flags as text: names of old and new kernels, numbers, and what is refused.
#include "cli/replay/gfp_names.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <utility>

namespace anypage {
namespace {

void expect_flags(std::string_view text, gfp_t flags) {
    const auto parsed = parse_gfp(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
    EXPECT_EQ(parsed->bits, flags.bits) << text;
}

std::string message_of(std::string_view text) {
    const auto parsed = parse_gfp(text);
    return parsed ? "no failure" : parsed.error().message;
}

TEST(GfpNames, CompositionsAndSingleFlagsHaveTheKernelsValues) {
    expect_flags("GFP_KERNEL", gfp::KERNEL);
    expect_flags("GFP_KERNEL|__GFP_ZERO", gfp::KERNEL | gfp::ZERO);
    expect_flags("GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP",
                 gfp::KERNEL_ACCOUNT | gfp::ZERO | gfp::COMP);
    expect_flags("GFP_HIGHUSER_MOVABLE", gfp::HIGHUSER_MOVABLE);
    expect_flags("GFP_TRANSHUGE_LIGHT|__GFP_THISNODE", gfp::TRANSHUGE_LIGHT | gfp::THISNODE);
    expect_flags("GFP_TRANSHUGE", gfp::TRANSHUGE);
    expect_flags("GFP_NOWAIT", gfp::NOWAIT);
    expect_flags("GFP_DMA32|__GFP_RECLAIM", gfp::DMA32 | gfp::RECLAIM);
    expect_flags("none", {});
}

TEST(GfpNames, RawNamesWithThreeUnderscoresAreTheSingleFlags) {
    expect_flags("___GFP_ZERO|___GFP_DIRECT_RECLAIM", gfp::ZERO | gfp::DIRECT_RECLAIM);
    expect_flags("__GFP_KSWAPD_RECLAIM", gfp::KSWAPD_RECLAIM);
}

TEST(GfpNames, NamesOfOlderKernelsMeanWhatReplacedThem) {
    expect_flags("__GFP_ATOMIC", gfp::HIGH);
    expect_flags("GFP_ATOMIC", gfp::ATOMIC);
    expect_flags("__GFP_REPEAT", gfp::RETRY_MAYFAIL);
    expect_flags("GFP_TEMPORARY", gfp::KERNEL | gfp::RECLAIMABLE);
    expect_flags("GFP_WAIT|GFP_IO|GFP_ZERO", gfp::RECLAIM | gfp::IO | gfp::ZERO);
}

TEST(GfpNames, FlagsWithoutMeaningHereReadAsNone) {
    for (const char* name :
         {"__GFP_NOTRACK", "__GFP_SKIP_KASAN", "__GFP_SKIP_KASAN_POISON", "__GFP_SKIP_ZERO",
          "__GFP_SKIP_KASAN_UNPOISON", "__GFP_CMA", "__GFP_NOLOCKDEP", "__GFP_NO_OBJ_EXT",
          "__GFP_COLD", "__GFP_OTHER_NODE", "___GFP_UNUSED"}) {
        expect_flags(name, {});
        expect_flags(std::string("GFP_NOIO|") + name, gfp::NOIO);
    }
}

TEST(GfpNames, NumbersAreBitsOfKernels5AndLater) {
    expect_flags("0xcc0", gfp::KERNEL);
    expect_flags("0XCC0", gfp::KERNEL);
    expect_flags("3264", gfp::KERNEL);
    expect_flags("GFP_KERNEL|0x100", gfp::KERNEL | gfp::ZERO);
    expect_flags("0x200", gfp::HIGH);
    expect_flags("0xf000000", {});
    expect_flags("0x0", {});
}

TEST(GfpNames, AnUnknownNameFailsWithTheNearestKnownOne) {
    EXPECT_EQ(message_of("GFP_KERNEL|__GFP_ZEROO"),
              "unknown gfp flag \"__GFP_ZEROO\"; the nearest known is \"__GFP_ZERO\"");
    EXPECT_EQ(message_of("GFP_KERNAL"),
              "unknown gfp flag \"GFP_KERNAL\"; the nearest known is \"GFP_KERNEL\"");
    EXPECT_EQ(message_of("__GFP_KERNEL"),
              "unknown gfp flag \"__GFP_KERNEL\"; the nearest known is \"GFP_KERNEL\"");
    EXPECT_EQ(message_of("GFP_LOCKDEP"),
              "unknown gfp flag \"GFP_LOCKDEP\"; the nearest known is \"__GFP_NOLOCKDEP\"");
}

TEST(GfpNames, WhatIsNoFlagAtAllFails) {
    const std::string empty = "empty gfp flag; name flags as GFP_KERNEL|__GFP_ZERO, or \"none\"";
    EXPECT_EQ(message_of(""), empty);
    EXPECT_EQ(message_of("GFP_KERNEL|"), empty);
    EXPECT_EQ(message_of("|GFP_KERNEL"), empty);
    EXPECT_EQ(message_of("0x10000000"),
              "gfp number \"0x10000000\" is not a set of flags; give 0x0 to 0xfffffff");
    EXPECT_EQ(message_of("12zz"),
              "gfp number \"12zz\" is not a set of flags; give 0x0 to 0xfffffff");
    EXPECT_NE(message_of("GFP_\n\x01"), "no failure");
    EXPECT_EQ(message_of("GFP_\n\x01").find('\n'), std::string::npos);
    EXPECT_LT(message_of(std::string(1 << 20, 'x')).size(), 200u);
}

TEST(GfpNames, PrintsWhatKernel6Point18Printed) {
    for (const char* text :
         {"GFP_NOFS|__GFP_HIGHMEM|__GFP_MOVABLE|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|"
          "__GFP_HARDWALL",
          "GFP_HIGHUSER_MOVABLE|__GFP_WRITE|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP",
          "__GFP_RECLAIMABLE|__GFP_IO|__GFP_FS|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|"
          "__GFP_NOMEMALLOC",
          "GFP_NOWAIT|__GFP_IO|__GFP_FS|__GFP_NORETRY|__GFP_COMP", "GFP_HIGHUSER|__GFP_ACCOUNT",
          "GFP_ATOMIC|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC", "GFP_DMA32",
          "GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP", "GFP_TRANSHUGE", "GFP_NOIO|__GFP_FS"}) {
        const auto parsed = parse_gfp(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(to_string(*parsed), text);
    }
    EXPECT_EQ(to_string(gfp_t{}), "none");
    EXPECT_EQ(to_string(gfp_t{0x1000000}), "0x1000000");
    EXPECT_EQ(to_string(gfp::NOFS | gfp_t{0x1000000}), "GFP_NOFS|0x1000000");
}

RC_GTEST_PROP(GfpNames, EverySetOfFlagsReadsBackAsPrinted, (std::uint32_t bits)) {
    const gfp_t flags{bits & gfp::all_flags.bits};
    const auto parsed = parse_gfp(to_string(flags));
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(parsed->bits == flags.bits);
}

}  // namespace
}  // namespace anypage
