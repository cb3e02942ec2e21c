// Units, flags, results and the arena.
#include <gtest/gtest.h>

#include <set>

#include "base/arena.hpp"
#include "base/by_branch.hpp"
#include "base/gfp.hpp"
#include "base/maybe.hpp"
#include "base/migratetype.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "tests/support/zeroed_memory.hpp"

namespace anypage {
namespace {

constexpr std::uint64_t top = ~std::uint64_t{0};

TEST(PfnRange, ContainsWhatLiesInsideAndNothingElse) {
    constexpr PfnRange range{Pfn{10}, 5};
    for (std::uint64_t first = 8; first < 18; ++first) {
        EXPECT_EQ(range.contains(Pfn{first}), first >= 10 && first < 15);
        for (std::uint64_t frames = 0; frames < 10; ++frames) {
            const PfnRange other{Pfn{first}, frames};
            EXPECT_EQ(range.contains(other), first >= 10 && first + frames <= 15) << first;
        }
    }
}

TEST(PfnRange, ContainsNoRangeThatRunsOverTheLastFrameNumber) {
    constexpr PfnRange range{Pfn{4096}, 4096};
    EXPECT_FALSE(range.contains(PfnRange{Pfn{top}, 1}));
    EXPECT_FALSE(range.contains(PfnRange{Pfn{4096}, top}));
    EXPECT_FALSE(range.contains(PfnRange{Pfn{5000}, top - 4096}));
    EXPECT_FALSE(range.contains(PfnRange{Pfn{top - 1}, 1024}));
    EXPECT_TRUE(range.contains(PfnRange{Pfn{8192}, 0}));
}

TEST(PfnRange, OverlapsIffAFrameIsInBoth) {
    constexpr PfnRange range{Pfn{10}, 5};
    EXPECT_FALSE(range.overlaps({Pfn{5}, 5}));
    EXPECT_TRUE(range.overlaps({Pfn{5}, 6}));
    EXPECT_TRUE(range.overlaps({Pfn{14}, 1}));
    EXPECT_FALSE(range.overlaps({Pfn{15}, 9}));
}

TEST(Gfp, CompositionsAreTheKernels) {
    EXPECT_EQ(gfp::ATOMIC.bits, 0x820u);
    EXPECT_EQ(gfp::KERNEL.bits, 0xcc0u);
    EXPECT_EQ(gfp::NOWAIT.bits, 0x2800u);
    EXPECT_EQ(gfp::NOIO.bits, 0xc00u);
    EXPECT_EQ(gfp::NOFS.bits, 0xc40u);
    EXPECT_EQ(gfp::USER.bits, 0x100cc0u);
    EXPECT_EQ(gfp::HIGHUSER.bits, 0x100cc2u);
    EXPECT_EQ(gfp::HIGHUSER_MOVABLE.bits, 0x100ccau);
    EXPECT_EQ(gfp::TRANSHUGE_LIGHT.bits, 0x1c20cau);
    EXPECT_EQ(gfp::TRANSHUGE.bits, 0x1c24cau);
    EXPECT_TRUE(gfp_allows_blocking(gfp::NOFS));
    EXPECT_FALSE(gfp_allows_blocking(gfp::ATOMIC));
    EXPECT_TRUE(gfp_allows_spinning(gfp::ATOMIC));
    EXPECT_FALSE(gfp_allows_spinning(gfp::NOLOCK));
}

TEST(Migratetype, FallbacksAreTheKernelsAndNeverTheTypeItself) {
    using enum Migratetype;
    EXPECT_EQ(fallbacks(unmovable), (std::array{reclaimable, movable}));
    EXPECT_EQ(fallbacks(movable), (std::array{reclaimable, unmovable}));
    EXPECT_EQ(fallbacks(reclaimable), (std::array{unmovable, movable}));
}

TEST(Result, HoldsAValueOrAnError) {
    const result<int> value(7);
    const result<int> wrong(error::busy);
    ASSERT_TRUE(value);
    EXPECT_EQ(*value, 7);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error(), error::busy);
    std::set<std::string> phrases;
    for (unsigned code = 0; code <= static_cast<unsigned>(error::unsupported); ++code) {
        phrases.insert(to_string(static_cast<error>(code)));
    }
    EXPECT_EQ(phrases.size(), 6u);
}

struct Counted {
    explicit Counted(int number) : value(number) {}
    int value;
};

TEST(Result, OfTheCoreHoldsAValueOrAnError) {
    const result<Pfn> found = Pfn{7};
    EXPECT_TRUE(found);
    EXPECT_EQ(found.value(), Pfn{7});
    EXPECT_EQ(found->value, 7u);
    const result<Pfn> none = error::busy;
    EXPECT_FALSE(none.has_value());
    EXPECT_EQ(none.error(), error::busy);
}

TEST(Maybe, IsAValueOrNothingInItsSpace) {
    static_assert(sizeof(Maybe<Pfn>) == sizeof(Pfn));
    Maybe<Pfn> pfn;
    EXPECT_FALSE(pfn);
    EXPECT_EQ(pfn, std::nullopt);
    EXPECT_EQ(pfn.value_or(Pfn{3}), Pfn{3});
    pfn = Pfn{0};
    EXPECT_TRUE(pfn);
    EXPECT_EQ(*pfn, Pfn{0});
    EXPECT_EQ(pfn->value, 0u);
    EXPECT_EQ(pfn.value_or(Pfn{3}), Pfn{0});
    pfn.reset();
    EXPECT_FALSE(pfn.has_value());
}

TEST(Maybe, GoesToAndComesFromOptionals) {
    const std::optional<Migratetype> none = Maybe<Migratetype>();
    EXPECT_EQ(none, std::nullopt);
    const std::optional<Migratetype> some = Maybe<Migratetype>(Migratetype::movable);
    EXPECT_EQ(some, Migratetype::movable);
    EXPECT_EQ(Maybe<Migratetype>(none), std::nullopt);
    EXPECT_EQ(Maybe<Migratetype>(some), Migratetype::movable);
}

TEST(ByBranch, IsTheValue) {
    for (const Migratetype type :
         {Migratetype::unmovable, Migratetype::movable, Migratetype::reclaimable}) {
        const Migratetype same =
            by_branch<Migratetype::unmovable, Migratetype::movable, Migratetype::reclaimable>(type);
        EXPECT_EQ(same, type);
    }
}

TEST(Arena, MeasuresWhatItLaterCarves) {
    const auto carve = [](Arena& arena) {
        arena.array<std::uint8_t>(3);
        arena.array<std::uint64_t>(5);
        return arena.array<Counted>(2, 9);
    };
    Arena measuring;
    EXPECT_EQ(carve(measuring), nullptr);
    test::ZeroedMemory memory(measuring.used());
    Arena real(memory.get());
    const Counted* objects = carve(real);
    EXPECT_EQ(real.used(), measuring.used());
    EXPECT_EQ(objects[0].value + objects[1].value, 18);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(objects) % cache_line, 0u);
}

TEST(Arena, LeavesPlainMemoryUntouched) {
    test::ZeroedMemory memory(256);
    std::memset(memory.get(), 0x5a, 256);
    Arena arena(memory.get());
    const auto* bytes = arena.array<std::uint8_t>(64);
    EXPECT_EQ(bytes[63], 0x5a);
}

}  // namespace
}  // namespace anypage
