// The pure words of the zone: hints, row types, watermark numbers.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <vector>

#include "zone/hint.hpp"
#include "zone/row_types.hpp"
#include "zone/watermark.hpp"

namespace anypage {
namespace {

TEST(Hint, RaisingAnOrderSetsItAllBelowItAndDirty) {
    for (std::uint8_t order = 0; order < order_count; ++order) {
        const Hint raised{Hint::raised(Order{order})};
        for (std::uint8_t each = 0; each < order_count; ++each) {
            EXPECT_EQ(raised.may_have(Order{each}), each <= order);
        }
        EXPECT_TRUE(raised.is_dirty());
        EXPECT_EQ(raised.version(), 0u);
        EXPECT_EQ(raised.is_full(), order == order_max.value);
        EXPECT_EQ(raised.first_missing(), order + 1u);
        EXPECT_EQ(raised.lowering_begun().first_missing(), 0u);
        EXPECT_EQ(raised.lowered(Order{order}).first_missing(), order);
    }
}

TEST(Hint, LoweringAnOrderClearsItAndAllAboveItAndNothingElse) {
    for (std::uint64_t orders = 0; orders <= Hint::full; ++orders) {
        const Hint hint{orders | std::uint64_t{77} << Hint::version_shift};
        for (std::uint8_t order = 0; order < order_count; ++order) {
            const Hint lowered = hint.lowered(Order{order});
            for (std::uint8_t each = 0; each < order_count; ++each) {
                ASSERT_EQ(lowered.may_have(Order{each}),
                          each < order && hint.may_have(Order{each}));
            }
            ASSERT_EQ(lowered.is_dirty(), hint.is_dirty());
            ASSERT_EQ(lowered.version(), 77u);
        }
    }
}

TEST(Hint, BeginningToLowerClearsDirtyAndCountsTheVersion) {
    for (std::uint64_t orders = 0; orders <= Hint::full; ++orders) {
        const Hint hint{orders | std::uint64_t{5} << Hint::version_shift};
        const Hint begun = hint.lowering_begun();
        ASSERT_FALSE(begun.is_dirty());
        ASSERT_EQ(begun.version(), 6u);
        ASSERT_EQ(begun.bits & Hint::orders_mask, hint.bits & Hint::orders_mask);
    }
    // After the last version comes the first.
    const Hint last{~std::uint64_t{0}};
    EXPECT_EQ(last.lowering_begun().version(), 0u);
    EXPECT_EQ(last.lowering_begun().bits & Hint::orders_mask, Hint::orders_mask);
}

TEST(RowTypes, ARowChangesAloneAndZeroMeansOffline) {
    constexpr RowType types[] = {RowType::offline, RowType::unmovable, RowType::movable,
                                 RowType::reclaimable, RowType::isolate};
    RowTypes all{};
    for (unsigned row = 0; row < layout::tree_rows; ++row) {
        EXPECT_EQ(all.of(row), RowType::offline);
        all = all.with(row, types[row % 5]);
    }
    for (unsigned row = 0; row < layout::tree_rows; ++row) {
        for (const RowType type : types) {
            const RowTypes changed = all.with(row, type).next_version();
            for (unsigned other = 0; other < layout::tree_rows; ++other) {
                EXPECT_EQ(changed.of(other), other == row ? type : types[other % 5]);
            }
            EXPECT_NE(changed, all);
            EXPECT_EQ(changed.serves(row), type != RowType::offline && type != RowType::isolate);
        }
    }
}

TEST(RowTypes, RowsOfATypeAndThoseThatServeAreWhatEachRowSays) {
    EXPECT_TRUE(rc::check("", [](const std::array<std::uint8_t, layout::tree_rows>& drawn) {
        RowTypes types{~std::uint64_t{0} << RowTypes::version_shift};
        for (unsigned row = 0; row < layout::tree_rows; ++row) {
            types = types.with(row, static_cast<RowType>(drawn[row] % 5));
        }
        const auto rows_in = [](Rows rows) {
            std::vector<unsigned> all;
            for (; rows.any(); rows = rows.without_first()) all.push_back(rows.first());
            return all;
        };
        const auto rows_where = [](auto is_one) {
            std::vector<unsigned> all;
            for (unsigned row = 0; row < layout::tree_rows; ++row) {
                if (is_one(row)) all.push_back(row);
            }
            return all;
        };
        for (unsigned type = 0; type < 5; ++type) {
            const auto wanted = static_cast<RowType>(type);
            RC_ASSERT(rows_in(types.rows_of(wanted)) ==
                      rows_where([&](unsigned row) { return types.of(row) == wanted; }));
        }
        RC_ASSERT(rows_in(types.rows_that_serve()) ==
                  rows_where([&](unsigned row) { return types.serves(row); }));
    }));
}

TEST(RowTypes, TheVersionWrapsWithoutTouchingARow) {
    RowTypes types = RowTypes{}.with(15, RowType::isolate);
    types.bits |= std::uint64_t{0xffff} << RowTypes::version_shift;
    EXPECT_EQ(types.next_version().of(15), RowType::isolate);
    EXPECT_EQ(types.next_version().bits >> RowTypes::version_shift, 0u);
}

TEST(Watermark, TheSquareRootIsRoundedDown) {
    for (std::uint64_t root = 0; root < 3000; ++root) {
        EXPECT_EQ(watermark::isqrt(root * root), root);
        EXPECT_EQ(watermark::isqrt(root * root + root), root);
        EXPECT_EQ(watermark::isqrt((root + 1) * (root + 1) - 1), root);
    }
    EXPECT_EQ(watermark::isqrt(~std::uint64_t{0}), 0xffffffffu);
}

TEST(Watermark, MinFreeKbytesIsTheKernelsTable) {
    // The comment above calculate_min_free_kbytes: 16 MB: 512k, ... 16384 MB: 16384k.
    EXPECT_EQ(watermark::min_free_kbytes(16 << 10), 512u);
    EXPECT_EQ(watermark::min_free_kbytes(32 << 10), 724u);
    EXPECT_EQ(watermark::min_free_kbytes(64 << 10), 1024u);
    EXPECT_EQ(watermark::min_free_kbytes(128 << 10), 1448u);
    EXPECT_EQ(watermark::min_free_kbytes(1024 << 10), 4096u);
    EXPECT_EQ(watermark::min_free_kbytes(16384 << 10), 16384u);
    EXPECT_EQ(watermark::min_free_kbytes(0), 128u);
    EXPECT_EQ(watermark::min_free_kbytes(std::uint64_t{1} << 40), 262144u);
}

TEST(Watermark, MarksAreTheKernelsFormulae) {
    for (const std::uint64_t managed : {0ull, 100ull, 4096ull, 1000000ull, 200000000ull}) {
        const std::uint64_t lowmem = managed * 3 + 1000;
        const std::uint64_t pages_min = 16896;
        for (const std::uint64_t scale : {1ull, 10ull, 3000ull}) {
            const std::uint64_t share = pages_min * managed / lowmem;
            const std::uint64_t gap = std::max(share / 4, managed * scale / 10000);
            const auto normal =
                watermark::marks(ZoneIndex::normal, managed, lowmem, pages_min, scale);
            EXPECT_EQ(normal, (std::array{share, share + gap, share + 2 * gap, share + 3 * gap}));
            // A movable zone has its own small min, but the gap of its share.
            const std::uint64_t min = std::clamp<std::uint64_t>(managed / 1024, 32, 128);
            const auto movable =
                watermark::marks(ZoneIndex::movable, managed, lowmem, pages_min, scale);
            EXPECT_EQ(movable, (std::array{min, min + gap, min + 2 * gap, min + 3 * gap}));
        }
    }
    EXPECT_EQ(watermark::marks(ZoneIndex::movable, 1000, 0, 32, 10)[0], 32u);
}

TEST(Watermark, TheLowmemReserveIsTheSumAboveOverTheRatio) {
    const std::array<std::uint64_t, zone_index_count> managed{3976, 500000, 3000000, 800000, 0};
    using Reserve = std::array<std::uint64_t, zone_index_count>;
    EXPECT_EQ(watermark::lowmem_reserve(ZoneIndex::dma, managed),
              (Reserve{0, 500000 / 256, 3500000 / 256, 4300000 / 256, 4300000 / 256}));
    EXPECT_EQ(watermark::lowmem_reserve(ZoneIndex::dma32, managed),
              (Reserve{0, 0, 3000000 / 256, 3800000 / 256, 3800000 / 256}));
    EXPECT_EQ(watermark::lowmem_reserve(ZoneIndex::normal, managed),
              (Reserve{0, 0, 0, 800000 / 32, 800000 / 32}));
    EXPECT_EQ(watermark::lowmem_reserve(ZoneIndex::movable, managed), Reserve{});
    const std::array<std::uint64_t, zone_index_count> empty{0, 500000, 3000000, 0, 0};
    EXPECT_EQ(watermark::lowmem_reserve(ZoneIndex::dma, empty), Reserve{});
}

TEST(Watermark, WhoMayDipDipsAsTheKernelLetsHim) {
    using namespace alloc;
    EXPECT_EQ(watermark::lowered_mark(800, WMARK_MIN), 800);
    EXPECT_EQ(watermark::lowered_mark(800, MIN_RESERVE), 400);
    EXPECT_EQ(watermark::lowered_mark(800, MIN_RESERVE | NON_BLOCK), 300);  // GFP_ATOMIC: 3/8
    EXPECT_EQ(watermark::lowered_mark(800, NON_BLOCK), 800);                // GFP_NOWAIT: nothing
    EXPECT_EQ(watermark::lowered_mark(800, OOM), 400);
    EXPECT_EQ(watermark::lowered_mark(800, MIN_RESERVE | NON_BLOCK | OOM), 150);
    EXPECT_EQ(watermark::lowered_mark(800, HIGHATOMIC | KSWAPD), 800);
}

TEST(Watermark, ARequestMustLeaveMoreThanTheMarkAndTheReserve) {
    EXPECT_FALSE(watermark::leaves_enough(110, Order{0}, 100, 10, {}));
    EXPECT_TRUE(watermark::leaves_enough(111, Order{0}, 100, 10, {}));
    EXPECT_FALSE(watermark::leaves_enough(110 + 7, Order{3}, 100, 10, {}));
    EXPECT_TRUE(watermark::leaves_enough(111 + 7, Order{3}, 100, 10, {}));
    EXPECT_FALSE(watermark::leaves_enough(-5, Order{0}, 0, 0, {}));
    EXPECT_FALSE(watermark::leaves_enough(0, Order{0}, 0, 0, {}));
    EXPECT_TRUE(watermark::leaves_enough(1, Order{0}, 0, 0, {}));
}

}  // namespace
}  // namespace anypage
