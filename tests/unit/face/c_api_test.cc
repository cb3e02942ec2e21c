// The C face: what it does well, and what it says to every wrong argument. tests/unit/face/c_link.c
// calls it from C.
#include <anypage/anypage.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/zeroed_memory.hpp"

extern "C" int c_link_round_trip(void);

namespace {

struct Destroy {
    void operator()(anypage_t* pages) const { anypage_destroy(pages); }
};
using Pages = std::unique_ptr<anypage_t, Destroy>;

constexpr const char* machine = "node:2(memory=268435456) pu:1";
constexpr std::uint64_t section = 32768;
constexpr std::uint64_t node1_movable = 98304;

anypage_config numbers() {
    anypage_config config = ANYPAGE_CONFIG_INIT;
    config.topology = machine;
    config.backing = ANYPAGE_BACKING_NUMBERS;
    config.online_bytes = 0;
    return config;
}

Pages make(const anypage_config& config) {
    anypage_t* made = nullptr;
    char error[256] = "";
    EXPECT_EQ(anypage_create(&made, &config, error, sizeof error), 0) << error;
    return Pages(made);
}

std::int64_t free_frames(const anypage_t* pages) {
    std::int64_t frames = 0;
    anypage_zone_stats stats;
    stats.size = sizeof stats;
    for (std::size_t i = 0; anypage_get_stats(pages, i, &stats) == 0; ++i) frames += stats.free;
    return frames;
}

/// What creation says to a config, and what it returns.
std::pair<int, std::string> refusal(const anypage_config& config) {
    anypage_t* made = reinterpret_cast<anypage_t*>(&made);
    char error[256] = "no fault";
    const int code = anypage_create(&made, &config, error, sizeof error);
    EXPECT_EQ(made, nullptr);
    anypage_destroy(made);
    return {code, error};
}

void expect_refusal(const anypage_config& config, int code, const char* words) {
    const auto [got, text] = refusal(config);
    EXPECT_EQ(got, code) << text;
    EXPECT_NE(text.find(words), std::string::npos) << text;
}

TEST(CApi, WorksFromC) { EXPECT_EQ(c_link_round_trip(), 0); }

TEST(CApiCreate, TellsWhatIsWrongWithAConfig) {
    anypage_config config = numbers();
    config.topology = "no/such/file";
    EXPECT_EQ(refusal(config).first, -ENOENT);
    EXPECT_NE(refusal(config).second.find("no/such/file"), std::string::npos);

    config = numbers();
    config.size = 8;
    expect_refusal(config, -EINVAL, "ANYPAGE_CONFIG_INIT");
    config = numbers();
    config.backing = 2;
    expect_refusal(config, -EINVAL, "config.backing");
    config = numbers();
    config.binding = -1;
    expect_refusal(config, -EINVAL, "config.binding");
    config = numbers();
    config.watermark_scale_factor = 0;
    expect_refusal(config, -EINVAL, "watermark_scale_factor");
    EXPECT_EQ(anypage_create(nullptr, &config, nullptr, 0), -EINVAL);
}

TEST(CApiCreate, CutsItsTextToTheBuffer) {
    anypage_config config = numbers();
    config.size = 0;
    anypage_t* made = nullptr;
    char error[8] = "xxxxxxx";
    EXPECT_EQ(anypage_create(&made, &config, error, 5), -EINVAL);
    EXPECT_STREQ(error, "conf");
    EXPECT_EQ(error[5], 'x');
    EXPECT_EQ(anypage_create(&made, &config, nullptr, 5), -EINVAL);
    EXPECT_EQ(anypage_create(&made, &config, error, 0), -EINVAL);
}

TEST(CApiCreate, TakesAConfigOfTheFutureIfItsNewFieldsAreZero) {
    struct {
        anypage_config config;
        std::uint64_t more;
    } future{numbers(), 0};
    future.config.size = sizeof future;
    make(future.config);
    future.more = 1;
    expect_refusal(future.config, -E2BIG, "newer library");
}

TEST(CApiCreate, WithoutStocksOnlyWhatWasAskedForLeavesTheZones) {
    anypage_config config = numbers();
    config.no_stocks = 1;
    const Pages pages = make(config);
    const std::int64_t before = free_frames(pages.get());
    const auto pfn = anypage_alloc(pages.get(), ANYPAGE_GFP_KERNEL, 0, -1, nullptr);
    EXPECT_EQ(free_frames(pages.get()), before - 1);
    anypage_free(pages.get(), static_cast<std::uint64_t>(pfn), 0);
    EXPECT_EQ(free_frames(pages.get()), before);
}

TEST(CApiCreate, StrictBindingNamesTheMissingNode) {
    anypage_config config = numbers();
    config.topology = "node:1024(memory=268435456) pu:1";
    config.backing = ANYPAGE_BACKING_HOST;
    const auto [code, text] = refusal(config);
    EXPECT_EQ(code, -ENOENT);
    EXPECT_NE(text.find("node"), std::string::npos) << text;
}

TEST(CApiRequest, GivesRunsOnceAndTakesThemBack) {
    const Pages pages = make(numbers());
    for (unsigned order = 0; order <= ANYPAGE_ORDER_MAX; ++order) {
        const auto pfn = anypage_alloc(pages.get(), ANYPAGE_GFP_KERNEL, order, 1, nullptr);
        ASSERT_GE(pfn, 65536);
        EXPECT_EQ(pfn % (1 << order), 0);
        anypage_free(pages.get(), static_cast<std::uint64_t>(pfn), order);
    }
}

TEST(CApiRequest, RefusesWrongArguments) {
    const Pages pages = make(numbers());
    anypage_t* const p = pages.get();
    EXPECT_EQ(anypage_alloc(nullptr, ANYPAGE_GFP_KERNEL, 0, 0, nullptr), -EINVAL);
    for (const unsigned order : {11u, 255u, 256u, ~0u}) {
        EXPECT_EQ(anypage_alloc(p, ANYPAGE_GFP_KERNEL, order, 0, nullptr), -EINVAL) << order;
    }
    for (const int node : {2, 1023, 1024, 65535, 65536, -2}) {
        EXPECT_EQ(anypage_alloc(p, ANYPAGE_GFP_KERNEL, 0, node, nullptr), -EINVAL) << node;
    }
    EXPECT_EQ(anypage_alloc(p, ANYPAGE_GFP_DMA | ANYPAGE_GFP_DMA32, 0, 0, nullptr), -EINVAL);
    std::uint64_t pfn = 0;
    EXPECT_EQ(anypage_alloc_bulk(nullptr, ANYPAGE_GFP_KERNEL, 0, nullptr, &pfn, 1), 0u);
    EXPECT_EQ(anypage_alloc_bulk(p, ANYPAGE_GFP_KERNEL, 0, nullptr, nullptr, 1), 0u);
    EXPECT_EQ(anypage_alloc_bulk(p, ANYPAGE_GFP_KERNEL, 7, nullptr, &pfn, 1), 0u);
    EXPECT_EQ(anypage_alloc_bulk(p, ANYPAGE_GFP_KERNEL, 0, nullptr, &pfn, 0), 0u);
    anypage_free(nullptr, 0, 0);
    anypage_free_bulk(nullptr, &pfn, 1);
    anypage_free_bulk(p, nullptr, 1);
}

TEST(CApiRequest, KeepsToTheNodesThatAreAllowed) {
    const Pages pages = make(numbers());
    anypage_nodemask_t only1{};
    only1.words[0] = 2;
    const auto there = anypage_alloc(pages.get(), ANYPAGE_GFP_KERNEL, 0, 0, &only1);
    EXPECT_GE(there, 65536);
    const anypage_nodemask_t none{};
    EXPECT_EQ(anypage_alloc(pages.get(), ANYPAGE_GFP_KERNEL, 0, 0, &none), -ENOMEM);
    anypage_free(pages.get(), static_cast<std::uint64_t>(there), 0);
}

TEST(CApiRequest, BulkIsMoreThanOnePart) {
    const Pages pages = make(numbers());
    std::vector<std::uint64_t> pfns(1000);
    const std::size_t got = anypage_alloc_bulk(pages.get(), ANYPAGE_GFP_KERNEL, ANYPAGE_NODE_LOCAL,
                                               nullptr, pfns.data(), 1000);
    ASSERT_EQ(got, 1000u);
    std::sort(pfns.begin(), pfns.end());
    EXPECT_EQ(std::adjacent_find(pfns.begin(), pfns.end()), pfns.end());
    anypage_free_bulk(pages.get(), pfns.data(), got);
}

TEST(CApiRequest, MisuseIsTold) {
    std::string heard;
    anypage_config config = numbers();
    config.misuse_context = &heard;
    config.on_misuse = [](void* context, const char* what) {
        *static_cast<std::string*>(context) += what;
    };
    const Pages pages = make(config);
    anypage_free(pages.get(), 0x7777777, 1);
    EXPECT_NE(heard.find("frame 0x7777777, order 1"), std::string::npos) << heard;
    heard.clear();
    anypage_free(pages.get(), 65536, 256);  // not taken for order 0
    EXPECT_NE(heard.find("order 255"), std::string::npos) << heard;
}

TEST(CApiMemory, AddressAndFrameAreInverse) {
    anypage_config config = numbers();
    config.backing = ANYPAGE_BACKING_HOST;
    config.binding = ANYPAGE_BINDING_NONE;
    config.online_bytes = 1;
    const Pages pages = make(config);
    const auto pfn =
        anypage_alloc(pages.get(), ANYPAGE_GFP_KERNEL | ANYPAGE_GFP_ZERO, 1, 0, nullptr);
    ASSERT_GE(pfn, 0);
    auto* memory =
        static_cast<char*>(anypage_address(pages.get(), static_cast<std::uint64_t>(pfn)));
    ASSERT_NE(memory, nullptr);
    std::memset(memory, 1, 2 * ANYPAGE_FRAME_BYTES);
    EXPECT_EQ(anypage_frame(pages.get(), memory + ANYPAGE_FRAME_BYTES), pfn + 1);
    EXPECT_EQ(anypage_frame(pages.get(), &pfn), -ENOENT);
    EXPECT_EQ(anypage_frame(nullptr, memory), -EINVAL);
    EXPECT_EQ(anypage_address(nullptr, 0), nullptr);
    EXPECT_EQ(anypage_address(pages.get(), ~std::uint64_t{0}), nullptr);
    anypage_free(pages.get(), static_cast<std::uint64_t>(pfn), 1);
}

TEST(CApiMemory, LivesInRangesAndMetadataOfTheCaller) {
    const anypage_range ranges[] = {{1, ANYPAGE_ZONE_NORMAL, section, section, nullptr}};
    anypage_config config = numbers();
    config.ranges = ranges;
    config.range_count = 1;
    char error[256] = "";
    const auto bytes = anypage_metadata_size(&config, error, sizeof error);
    ASSERT_GT(bytes, 0) << error;
    const anypage::test::ZeroedMemory metadata(static_cast<std::size_t>(bytes));
    config.metadata = metadata.get();
    config.metadata_bytes = static_cast<std::size_t>(bytes) - 1;
    expect_refusal(config, -EINVAL, "metadata must be");
    config.metadata_bytes = static_cast<std::size_t>(bytes);
    const Pages pages = make(config);
    EXPECT_EQ(anypage_zone_count(pages.get()), 1u);

    anypage_range wrong = ranges[0];
    config.ranges = &wrong;
    wrong.node = 1024;
    expect_refusal(config, -EINVAL, "a range has a node");
    wrong = {1, 5, section, section, nullptr};
    expect_refusal(config, -EINVAL, "unknown zone");
    wrong = {1, ANYPAGE_ZONE_NORMAL, 17, section, nullptr};
    EXPECT_EQ(anypage_metadata_size(&config, error, sizeof error), -EINVAL);
    EXPECT_NE(std::string(error).find("whole sections"), std::string::npos) << error;
    wrong = {7, ANYPAGE_ZONE_NORMAL, section, section, nullptr};
    EXPECT_EQ(anypage_metadata_size(&config, error, sizeof error), -ENOENT);
    config.ranges = nullptr;
    EXPECT_EQ(anypage_metadata_size(&config, error, sizeof error), -EINVAL);
    EXPECT_NE(std::string(error).find("no ranges"), std::string::npos) << error;
}

TEST(CApiHotplug, TakesANodeOfflineAndBack) {
    const Pages pages = make(numbers());
    anypage_offline_report report{};
    report.size = sizeof report;
    ASSERT_EQ(anypage_offline_node(pages.get(), 1, 0, &report), 0);
    EXPECT_EQ(report.offlined, 2 * section);
    EXPECT_EQ(report.left, 0u);
    EXPECT_EQ(report.size, sizeof report);
    EXPECT_EQ(anypage_online(pages.get(), node1_movable, section, 0), 0);
    EXPECT_EQ(anypage_section_frames(pages.get()), section);
}

TEST(CApiHotplug, NamesWhatStays) {
    const Pages pages = make(numbers());
    const auto pfn = anypage_alloc(pages.get(), ANYPAGE_GFP_HIGHUSER_MOVABLE, 3, 1, nullptr);
    ASSERT_GE(pfn, static_cast<std::int64_t>(node1_movable));
    anypage_offline_report report{};
    report.size = sizeof report;
    EXPECT_EQ(anypage_offline(pages.get(), node1_movable, section, 0, &report), -EBUSY);
    EXPECT_EQ(report.left, section);
    ASSERT_EQ(report.blocker_count, 1u);
    EXPECT_EQ(report.blockers[0].pfn, static_cast<std::uint64_t>(pfn));
    EXPECT_EQ(report.blockers[0].order, 3u);
    EXPECT_EQ(anypage_offline(pages.get(), node1_movable, section, 0, nullptr), -EBUSY);
    anypage_free(pages.get(), static_cast<std::uint64_t>(pfn), 3);
    EXPECT_EQ(anypage_offline(pages.get(), node1_movable, section, 0, nullptr), 0);
}

TEST(CApiHotplug, RefusesWrongArguments) {
    const Pages pages = make(numbers());
    anypage_offline_report small{};
    small.size = 8;
    EXPECT_EQ(anypage_offline(pages.get(), node1_movable, section, 0, &small), -EINVAL);
    EXPECT_EQ(anypage_offline_node(pages.get(), 1, 0, &small), -EINVAL);
    EXPECT_EQ(anypage_offline(pages.get(), 17, section, 0, nullptr), -EINVAL);
    EXPECT_EQ(anypage_offline(nullptr, node1_movable, section, 0, nullptr), -EINVAL);
    EXPECT_EQ(anypage_offline_node(pages.get(), 2, 0, nullptr), -ENOENT);
    EXPECT_EQ(anypage_offline_node(pages.get(), 1024, 0, nullptr), -EINVAL);
    EXPECT_EQ(anypage_online(pages.get(), node1_movable, section, 0), -EINVAL);
    EXPECT_EQ(anypage_online(nullptr, node1_movable, section, 0), -EINVAL);
    EXPECT_EQ(anypage_section_frames(nullptr), 0u);
}

struct Witness {
    std::vector<std::uint32_t> events;
    int answer = 0;

    static int hear(void* self, const anypage_notice* notice) {
        EXPECT_EQ(notice->size, sizeof *notice);
        EXPECT_EQ(notice->node, 1u);
        EXPECT_EQ(notice->zone, static_cast<std::uint32_t>(ANYPAGE_ZONE_MOVABLE));
        EXPECT_EQ(notice->first, node1_movable);
        EXPECT_EQ(notice->frames, section);
        auto& witness = *static_cast<Witness*>(self);
        witness.events.push_back(notice->event);
        return witness.answer;
    }
};

TEST(CApiHotplug, NotifiersHearAndMayVeto) {
    const Pages pages = make(numbers());
    Witness witness;
    anypage_notifier_t* notifier = nullptr;
    ASSERT_EQ(anypage_notifier_register(pages.get(), Witness::hear, &witness, &notifier), 0);
    EXPECT_EQ(anypage_offline(pages.get(), node1_movable, section, 0, nullptr), 0);
    EXPECT_EQ(anypage_online(pages.get(), node1_movable, section, 0), 0);
    witness.answer = 1;
    EXPECT_EQ(anypage_offline(pages.get(), node1_movable, section, 0, nullptr), -ECANCELED);
    const std::vector<std::uint32_t> expected{ANYPAGE_GOING_OFFLINE, ANYPAGE_OFFLINE,
                                              ANYPAGE_GOING_ONLINE,  ANYPAGE_ONLINE,
                                              ANYPAGE_GOING_OFFLINE, ANYPAGE_CANCEL_OFFLINE};
    EXPECT_EQ(witness.events, expected);
    anypage_notifier_unregister(pages.get(), notifier);
    EXPECT_EQ(anypage_offline(pages.get(), node1_movable, section, 0, nullptr), 0);
    EXPECT_EQ(witness.events, expected);
    EXPECT_EQ(anypage_notifier_register(pages.get(), nullptr, nullptr, &notifier), -EINVAL);
    EXPECT_EQ(anypage_notifier_register(pages.get(), Witness::hear, nullptr, nullptr), -EINVAL);
    anypage_notifier_unregister(pages.get(), nullptr);
}

TEST(CApiStats, TellOfEachZone) {
    const Pages pages = make(numbers());
    ASSERT_EQ(anypage_zone_count(pages.get()), 5u);
    struct {
        anypage_zone_stats stats;
        std::uint64_t more;
    } future{{}, 7};
    future.stats.size = sizeof future;
    ASSERT_EQ(anypage_get_stats(pages.get(), 4, &future.stats), 0);
    EXPECT_EQ(future.more, 0u) << "what the library does not know is zero";
    EXPECT_EQ(future.stats.size, sizeof future);
    EXPECT_EQ(future.stats.node, 1u);
    EXPECT_EQ(future.stats.zone, static_cast<std::uint32_t>(ANYPAGE_ZONE_MOVABLE));
    EXPECT_EQ(future.stats.first, node1_movable);
    EXPECT_EQ(future.stats.present, section);
    EXPECT_EQ(future.stats.free, static_cast<std::int64_t>(section));
    EXPECT_LE(future.stats.min, future.stats.low);
    EXPECT_EQ(future.stats.bound, 0u);

    EXPECT_EQ(anypage_get_stats(pages.get(), 5, &future.stats), -ENOENT);
    EXPECT_EQ(anypage_get_stats(pages.get(), 0, nullptr), -EINVAL);
    EXPECT_EQ(anypage_get_stats(nullptr, 0, &future.stats), -EINVAL);
    future.stats.size = sizeof future.stats - 1;
    EXPECT_EQ(anypage_get_stats(pages.get(), 0, &future.stats), -EINVAL);
    EXPECT_EQ(anypage_zone_count(nullptr), 0u);
}

}  // namespace
