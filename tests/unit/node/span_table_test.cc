// The table of spans beside a search through all of them.
#include "node/span_table.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/support/zeroed_memory.hpp"

namespace anypage {
namespace {

using Zones = std::vector<MachineShape::ZoneOf>;

class Table {
public:
    explicit Table(const Zones& zones)
        : zones_(zones),
          memory_(test::carve_zeroed([&](Arena& arena) { table_.carve(arena, zones.size()); })) {
        MachineShape shape;
        shape.zones = zones_;
        table_.fill(shape);
    }

    Maybe<ZoneId> find(Pfn pfn) const { return table_.find(pfn); }
    Maybe<ZoneId> naive(Pfn pfn) const {
        for (std::uint32_t i = 0; i < zones_.size(); ++i) {
            if (zones_[i].span.contains(pfn)) return ZoneId{i};
        }
        return std::nullopt;
    }

private:
    Zones zones_;
    SpanTable table_;
    test::ZeroedMemory memory_;
};

void expect_same(const Zones& zones, std::mt19937_64& random) {
    const Table table(zones);
    const auto check = [&](Pfn pfn) { ASSERT_EQ(table.find(pfn), table.naive(pfn)) << pfn.value; };
    for (const auto& zone : zones) {
        check(zone.span.first);
        check(zone.span.first - 1);
        check(zone.span.end());
        check(zone.span.end() - 1);
        check(zone.span.first + random() % zone.span.frames);
    }
    check(Pfn{0});
    check(Pfn{~std::uint64_t{0}});
    for (unsigned i = 0; i < 100; ++i) check(Pfn{random() >> random() % 64});
}

TEST(SpanTable, FindsAsASearchThroughAllWould) {
    std::mt19937_64 random(7);
    for (unsigned round = 0; round < 300; ++round) {
        Zones zones(1 + random() % (round % 10 == 0 ? 3000 : 12));
        Pfn at{random() % 3 == 0 ? 0 : random() >> (24 + random() % 30)};
        for (auto& zone : zones) {
            zone.span = {at, 1 + (random() >> (34 + random() % 29))};
            at = zone.span.end() + (random() % 2 == 0 ? 0 : random() >> (30 + random() % 33));
        }
        std::shuffle(zones.begin(), zones.end(), random);
        expect_same(zones, random);
    }
}

TEST(SpanTable, FindsWhatLiesAtTheVeryEndOfAllFrameNumbers) {
    std::mt19937_64 random(7);
    const std::uint64_t top = ~std::uint64_t{0};
    Zones zones(2);
    zones[0].span = {Pfn{5}, 3};
    zones[1].span = {Pfn{top - 100}, 50};
    expect_same(zones, random);
}

TEST(SpanTable, FindsNothingWhereThereIsNoZone) { EXPECT_EQ(Table({}).find(Pfn{0}), std::nullopt); }

}  // namespace
}  // namespace anypage
