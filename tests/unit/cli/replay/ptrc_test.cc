// PTRC1: what a right recording gives, and the message for each way in which one can be wrong.
#include "cli/replay/ptrc.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "ptrc_builder.hpp"

namespace anypage {
namespace {

constexpr std::string_view remedy =
    "; copy the file again, or make it again with tools/recording/convert.py";

const std::vector<ptrc_row> two_events = {
    {.dt_ns = 5, .pfn = 0x40, .tid = 1, .op = 0, .order = 2, .mt = 1, .cpu = 3, .gfp = 1, .ctx = 9},
    {.dt_ns = 7, .pfn = 0x40, .tid = 0, .op = 1, .order = 2, .mt = 0, .cpu = 1, .gfp = 0}};

std::string message_of(const std::string& data) {
    const auto raw = read_ptrc(bytes_of(data), "x");
    return raw ? "no failure" : raw.error().message;
}

void expect_failure(const std::string& data, const std::string& text) {
    EXPECT_EQ(message_of(data), "x: " + text + std::string(remedy));
}

/// Two events, of which the second is `row`.
void expect_bad_event(const ptrc_row& row, const std::string& text) {
    expect_failure(ptrc_builder({two_events[0], row}).build(), text);
}

/// Where a column has its value of event 1, in a recording of two events.
std::string byte_of(std::size_t column_offset) {
    const ptrc_builder builder(two_events);
    return std::to_string(16 + builder.header.dump().size() + column_offset);
}

TEST(Ptrc, ReadsEveryColumn) {
    const auto raw = read_ptrc(bytes_of(ptrc_builder(two_events).build()), "x");
    ASSERT_TRUE(raw) << raw.error().message;
    ASSERT_EQ(raw->events.size(), 2u);
    const raw_event allocation{.timestamp_ns = 1005,
                               .pfn = 0x40,
                               .gfp = gfp::HIGHUSER_MOVABLE | gfp::ZERO,
                               .cpu = 3,
                               .op = raw_op::allocate,
                               .order = {2},
                               .migratetype = 1,
                               .context = {9}};
    const raw_event free{
        .timestamp_ns = 1012, .pfn = 0x40, .cpu = 1, .op = raw_op::free, .order = {2}};
    EXPECT_EQ(raw->events[0], allocation);
    EXPECT_EQ(raw->events[1], free);
    EXPECT_EQ(raw->name, "x");
}

TEST(Ptrc, TheOrderOfColumnsIsThatOfTheHeader) {
    ptrc_builder builder({{.op = 0, .order = 7}});
    // One event: both columns are one byte, at places 10 and 11.
    std::swap(builder.header["columns"][3], builder.header["columns"][4]);
    std::swap(builder.columns[10], builder.columns[11]);
    const auto raw = read_ptrc(bytes_of(builder.build()), "x");
    ASSERT_TRUE(raw) << raw.error().message;
    EXPECT_EQ(raw->events[0].order.value, 7u);
}

TEST(Ptrc, LimitsAreAllowed) {
    const std::vector<ptrc_row> rows = {{.pfn = 0xfffffc00, .order = 10, .mt = 5, .ctx = 15},
                                        {.pfn = 0xffffffff, .mt = 255, .cpu = 255},
                                        {.pfn = 0, .op = 2, .gfp = 99},
                                        {.dt_ns = 0xffffffff, .pfn = 1, .op = 3}};
    EXPECT_EQ(message_of(ptrc_builder(rows).build()), "no failure");
}

TEST(Ptrc, RefusesWhatIsNoPtrc) {
    EXPECT_FALSE(is_ptrc(bytes_of("PTRC1")));
    EXPECT_TRUE(is_ptrc(bytes_of(ptrc_builder(two_events).build())));
    expect_failure("PTRC1", "byte 5: the file ends inside of its first 16 bytes");
    expect_failure("PTRC2" + std::string(20, '\0'), "byte 0: not a PTRC1 recording");
}

TEST(Ptrc, RefusesHeadersThatDoNotFit) {
    const std::string magic("PTRC1\0\0\0", 8);
    expect_failure(magic + std::string("\x09\0\0\0\0\0\0\0{}", 10),
                   "byte 8: a header of 9 bytes does not fit into a file of 18");
    expect_failure(magic + std::string(8, '\xff'),
                   "byte 8: a header of 18446744073709551615 bytes is above the limit of 4194304");
}

TEST(Ptrc, RefusesHeadersThatAreNotJson) {
    const ptrc_builder builder(two_events);
    expect_failure(builder.build("{\"events\": }"), "byte 28: the header is not JSON");
    expect_failure(builder.build("{\"a\": \"\xff\"}"), "byte 24: the header is not JSON");
    expect_failure(builder.build("[]"), "byte 16: the header is not a JSON object");
    expect_failure(builder.build("{\"events\": 1e999}"),
                   "byte 16: the header has a number that is too large");
    EXPECT_NE(message_of(builder.build(std::string(100000, '['))), "no failure");
}

TEST(Ptrc, RefusesHeadersWithoutWhatIsNeeded) {
    for (const auto& [key, text] :
         {std::pair{"events", "the header has no count \"events\""},
          std::pair{"base_ts_ns", "the header has no time \"base_ts_ns\" from 0 to 2^62"},
          std::pair{"tid", "the header has no table \"tid\""},
          std::pair{"gfp", "the header has no table \"gfp\""},
          std::pair{"columns", "the header has no list \"columns\""}}) {
        for (const auto& wrong : {nlohmann::json("2"), nlohmann::json(-2), nlohmann::json(1.5)}) {
            ptrc_builder builder(two_events);
            builder.header[key] = wrong;
            expect_failure(builder.build(), std::string("byte 16: ") + text);
            builder.header.erase(key);
            expect_failure(builder.build(), std::string("byte 16: ") + text);
        }
    }
    expect_failure(ptrc_builder({}).build(), "byte 16: a recording of 0 events");
}

TEST(Ptrc, RefusesTimesThatWouldOverflow) {
    ptrc_builder builder(two_events);
    builder.header["base_ts_ns"] = (std::uint64_t{1} << 62) + 1;
    expect_failure(builder.build(),
                   "byte 16: the header has no time \"base_ts_ns\" from 0 to 2^62");
}

TEST(Ptrc, RefusesGfpTablesWithUnknownNames) {
    ptrc_builder builder(two_events);
    builder.header["gfp"][1] = "GFP_KERNELL";
    expect_failure(builder.build(),
                   "byte 16: \"gfp\" entry 1: unknown gfp flag \"GFP_KERNELL\"; the nearest known "
                   "is \"GFP_KERNEL\"");
    builder.header["gfp"][1] = 7;
    expect_failure(builder.build(), "byte 16: \"gfp\" entry 1 is no text");
}

TEST(Ptrc, RefusesOtherColumns) {
    ptrc_builder builder(two_events);
    builder.header["columns"][5][0] = "migratetype";
    expect_failure(builder.build(),
                   "byte 16: column \"migratetype\" with its type and size is none of the format");
    builder.header["columns"][5] = {"mt", "b", 1};
    expect_failure(builder.build(),
                   "byte 16: column \"mt\" with its type and size is none of the format");
    builder.header["columns"][5] = {"mt", "B", 2};
    expect_failure(builder.build(),
                   "byte 16: column \"mt\" with its type and size is none of the format");
    builder.header["columns"][5] = 5;
    expect_failure(builder.build(),
                   "byte 16: column \"?\" with its type and size is none of the format");
    builder.header["columns"][5] = {"op", "B", 1};
    expect_failure(builder.build(), "byte 16: column \"op\" is there twice");
    builder.header["columns"].erase(5);
    expect_failure(builder.build(), "byte 16: there is no column \"mt\"");
}

TEST(Ptrc, RefusesFilesOfAnotherLengthThanTheirEvents) {
    const std::string whole = ptrc_builder(two_events).build();
    expect_failure(whole + "xyz",
                   "byte " + std::to_string(whole.size()) + ": 3 bytes follow the last column");
    expect_failure(whole.substr(0, whole.size() - 1),
                   "byte " + std::to_string(whole.size() - 1) +
                       ": the file ends in column \"ctx\" at event 1 of 2");
    ptrc_builder builder(two_events);
    builder.header["events"] = 0xffffffffffffffff;
    const std::string bomb = builder.build();
    expect_failure(bomb, "byte " + std::to_string(bomb.size()) +
                             ": the file ends in column \"dt_ns\" at event 8 of "
                             "18446744073709551615");
}

TEST(Ptrc, EveryTruncationIsAFailure) {
    const std::string whole = ptrc_builder(two_events).build();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_NE(message_of(whole.substr(0, length)), "no failure") << length;
    }
}

TEST(Ptrc, RefusesEventsOutOfRange) {
    expect_bad_event({.op = 4},
                     "column \"op\", event 1 (byte " + byte_of(21) + "): op 4 is not 0 to 3");
    expect_bad_event({.order = 11},
                     "column \"order\", event 1 (byte " + byte_of(23) + "): order 11 is above 10");
    expect_bad_event({.tid = 2}, "column \"tid\", event 1 (byte " + byte_of(18) +
                                     "): index 2 into a table of 2");
    expect_bad_event({.ctx = 16}, "column \"ctx\", event 1 (byte " + byte_of(31) +
                                      "): context 16 is not 0 to 15 or 255");
    expect_bad_event({.gfp = 2}, "column \"gfp\", event 1 (byte " + byte_of(29) +
                                     "): index 2 into a table of 2");
    expect_bad_event({.mt = 6}, "column \"mt\", event 1 (byte " + byte_of(25) +
                                    "): migratetype 6 is not 0 to 5 or 255");
    expect_bad_event({.pfn = 0}, "column \"pfn\", event 1 (byte " + byte_of(12) +
                                     "): a run of order 0 at page frame 0x0 cannot be");
    expect_bad_event({.pfn = 0xffffffff, .order = 1},
                     "column \"pfn\", event 1 (byte " + byte_of(12) +
                         "): a run of order 1 at page frame 0xffffffff cannot be");
}

TEST(Ptrc, RefusesColumnsThatDoNotMatchTheCountsOfTheHeader) {
    for (const auto& [key, op] :
         {std::pair{"allocs", 0}, std::pair{"frees", 1}, std::pair{"implied_frees", 3}}) {
        ptrc_builder builder(two_events);
        builder.header[key] = 9;
        const char* counted = op == 3 ? "0" : "1";
        expect_failure(builder.build(), "the header counts 9 events of op " + std::to_string(op) +
                                            ", the column has " + counted);
    }
}

RC_GTEST_PROP(Ptrc, NoChangedByteIsDangerous, (std::uint16_t at, char value)) {
    std::string data = ptrc_builder(two_events).build();
    data[at % data.size()] = value;
    const auto raw = read_ptrc(bytes_of(data), "x");
    if (raw) {
        RC_ASSERT(raw->events.size() <= 2u);
    } else {
        RC_ASSERT(raw.error().message.starts_with("x: "));
    }
}

}  // namespace
}  // namespace anypage
