// Text of perf script and tracefs: the forms that users have, and the messages about what is wrong.
#include "cli/replay/perf_script.hpp"

#include <gtest/gtest.h>

#include <string>

#include "cli/replay/trace_line.hpp"

namespace anypage {
namespace {

const std::string alloc_fields =
    "page=0x102a73 pfn=0x102a73 order=1 migratetype=2 gfp_flags=GFP_KERNEL|__GFP_ZERO\n";
const std::string alloc_line =
    "  ls  4543 [001]  1129.579386:   kmem:mm_page_alloc: " + alloc_fields;
const std::string free_line =
    "  ls  4543 [001]  1129.579390:    kmem:mm_page_free: page=0x102a73 pfn=0x102a73 order=1\n";

raw_recording read(const std::string& text) {
    auto raw = read_perf_script(text, "x");
    EXPECT_TRUE(raw) << raw.error().message;
    return raw ? *std::move(raw) : raw_recording{};
}

/// The one event of a text with one line.
raw_event read_one(const std::string& line) {
    const raw_recording raw = read(line);
    EXPECT_EQ(raw.events.size(), 1u) << line;
    return raw.events.empty() ? raw_event{} : raw.events[0];
}

std::string message_of(const std::string& text) {
    const auto raw = read_perf_script(text, "x");
    return raw ? "no failure" : raw.error().message;
}

/// The message about a bad line, which is the second of its file.
void expect_failure(const std::string& line, const std::string& what) {
    EXPECT_EQ(message_of(alloc_line + line + "\n"),
              "x:2: " + what + " in \"" + line +
                  "\"; print it again with: perf script -F comm,tid,cpu,time,event,trace > FILE");
}

TEST(PerfScript, ReadsTheDefaultForm) {
    const raw_recording raw = read(alloc_line + free_line);
    ASSERT_EQ(raw.events.size(), 2u);
    const raw_event allocation{.timestamp_ns = 1129579386000,
                               .pfn = 0x102a73,
                               .gfp = gfp::KERNEL | gfp::ZERO,
                               .cpu = 1,
                               .op = raw_op::allocate,
                               .order = {1},
                               .migratetype = 2};
    const raw_event free{
        .timestamp_ns = 1129579390000, .pfn = 0x102a73, .cpu = 1, .op = raw_op::free, .order = {1}};
    EXPECT_EQ(raw.events[0], allocation);
    EXPECT_EQ(raw.events[1], free);
    EXPECT_EQ(raw.skipped, skipped_counts{});
    EXPECT_TRUE(raw.warnings.empty());
}

TEST(PerfScript, ReadsOtherFieldsAndTimes) {
    const std::uint64_t micro = 1129579386000;
    const std::uint64_t nano = 1129579386125;
    for (const auto& [start, time] :
         {std::pair{" 4543/4543  [001]  1129.579386125:   kmem:mm_page_alloc: ", nano},
          std::pair{"4543 [001] 1129.579386: mm_page_alloc: ", micro},
          std::pair{"[001] 1129.579386: kmem:mm_page_alloc: ", micro},
          std::pair{"ls 4543 [001] 1129.579386:      1    kmem:mm_page_alloc:  ", micro},
          std::pair{"\tls\t4543\t[001]\t1129.579386:\tkmem:mm_page_alloc:\t", micro}}) {
        const raw_event event = read_one(start + alloc_fields);
        EXPECT_EQ(event.timestamp_ns, time) << start;
        EXPECT_EQ(event.cpu, 1u) << start;
        EXPECT_EQ(event.pfn, 0x102a73u) << start;
        EXPECT_FALSE(event.context.known());
    }
}

TEST(PerfScript, CommandNamesMayHoldAnything) {
    for (const char* comm : {"Web Content", "tmux: server", "kworker/0:1-ev", "[007]", "a [7] b",
                             "1.5:", "12.5: x", ":-1", "LOST", "mm_page_alloc:", "(sd-pam)"}) {
        const raw_event event =
            read_one(std::string(comm) + " 12 [003] 7.000001: kmem:mm_page_alloc: " + alloc_fields);
        EXPECT_EQ(event.cpu, 3u) << comm;
        EXPECT_EQ(event.timestamp_ns, 7000001000u) << comm;
    }
}

TEST(PerfScript, ReadsTracefsWithItsContextFlags) {
    const auto context = [](const std::string& flags) {
        return read_one("  <idle>-0   [002] " + flags +
                        "  11.475037: mm_page_alloc: " + alloc_fields)
            .context;
    };
    EXPECT_EQ(context("...."), event_context{0});
    EXPECT_EQ(context("....."), event_context{0});
    EXPECT_EQ(context("d..1."), event_context{1 | 8});
    EXPECT_EQ(context("D.h1"), event_context{1 | 2 | 8});
    EXPECT_EQ(context("..s1."), event_context{4 | 8});
    EXPECT_EQ(context("dNH2."), event_context{1 | 2 | 4 | 8});
    EXPECT_EQ(read_one("sh-1 [002] d..1. 11.475037: mm_page_alloc: " + alloc_fields).cpu, 2u);
}

TEST(PerfScript, ReadsThePagesOfOldKernels) {
    const std::string start = "ls 1 [000] 1.000000: kmem:mm_page_alloc: ";
    EXPECT_EQ(
        read_one(start + "page=0xffffea0004 pfn=123 order=0 migratetype=0 gfp_flags=GFP_USER").pfn,
        123u);
    const raw_event unparsed =
        read_one(start + "[FAILED TO PARSE] pfn=0x7b order=2 gfp_flags=3264 migratetype=1");
    EXPECT_EQ(unparsed.pfn, 123u);
    EXPECT_EQ(unparsed.gfp, gfp::KERNEL);
    EXPECT_EQ(unparsed.migratetype, 1u);
    EXPECT_EQ(
        read_one(start + "page=(nil) pfn=5 order=0 migratetype=-1 gfp_flags=0xcc0").migratetype,
        migratetype_unknown);
}

TEST(PerfScript, FailedAllocationsAreSkippedAndCounted) {
    const std::string start = "ls 1 [000] 1.000000: kmem:mm_page_alloc: ";
    const std::string rest = " order=3 migratetype=0 gfp_flags=GFP_ATOMIC\n";
    const raw_recording raw =
        read(start + "page=(nil) pfn=0x0" + rest + start + "page=0 pfn=0" + rest + start +
             "[FAILED TO PARSE] pfn=0xffffffffffffffff" + rest + alloc_line + free_line);
    EXPECT_EQ(raw.skipped.failed_allocations, 3u);
    EXPECT_EQ(raw.events.size(), 2u);
}

TEST(PerfScript, EverythingElseIsSkippedAndCounted) {
    const raw_recording raw = read(
        "# captured on: today\r\n"
        "#\r\n" +
        alloc_line.substr(0, alloc_line.size() - 1) +
        "\r\n"
        "\tffffffff813 get_page_from_freelist+0x1 ([kernel.kallsyms])\n"
        "\tffffffff812 __alloc_pages+0x123 ([kernel.kallsyms])\n"
        "\n"
        "ls 1 [000] 1130.000000: sched:sched_process_exit: comm=ls pid=4543 prio=120\n"
        "ls 1 [000] 1130.000001: kmem:mm_page_free_batched: page=0x1 pfn=0x1 order=0\n"
        "ls 1 [000] 1130.000002: kmem:mm_page_alloc_zone_locked: page=0x1 pfn=0x1 order=0\n"
        "ls 1 [000] 1130.000003:   10101 cycles:  ffffffff81 native_write_msr+0x4\n" +
        free_line);
    EXPECT_EQ(raw.events.size(), 2u);
    EXPECT_EQ(raw.skipped.process_exits, 1u);
    EXPECT_EQ(raw.skipped.batched_frees, 1u);
    EXPECT_EQ(raw.skipped.unknown_events, 2u);
    EXPECT_EQ(raw.skipped.other_lines, 3u);
    EXPECT_EQ(raw.events[0].gfp, gfp::KERNEL | gfp::ZERO)
        << "the carriage return belongs to no flag";
}

TEST(PerfScript, TheLastLineNeedsNoEnd) {
    EXPECT_EQ(read(alloc_line.substr(0, alloc_line.size() - 1)).events.size(), 1u);
}

TEST(PerfScript, EventsAreSortedByTimeAndStayAsRecordedWhereItIsEqual) {
    const auto at = [](const std::string& time, const std::string& pfn) {
        return "ls 1 [000] " + time + ": mm_page_alloc: pfn=" + pfn + " order=0 gfp_flags=none\n";
    };
    const raw_recording raw =
        read(at("2.0", "1") + at("1.5", "2") + at("2.0", "3") + at("1.5", "4"));
    ASSERT_EQ(raw.events.size(), 4u);
    for (const auto& [index, pfn] : {std::pair{0, 2}, {1, 4}, {2, 1}, {3, 3}}) {
        EXPECT_EQ(raw.events[static_cast<std::size_t>(index)].pfn, static_cast<unsigned>(pfn));
    }
    EXPECT_EQ(raw.skipped.out_of_order, 2u);
}

TEST(PerfScript, LostEventsAreCountedAndWarnedOf) {
    const raw_recording raw = read(alloc_line + free_line +
                                   "ls 1 [000] 1130.0: PERF_RECORD_LOST lost 24\n"
                                   "CPU:1 [LOST 100 EVENTS]\n"
                                   "ls 1 [000] 1130.0: PERF_RECORD_LOST_SAMPLES lost 1\n");
    EXPECT_EQ(raw.skipped.lost_events, 125u);
    EXPECT_EQ(raw.skipped.other_lines, 0u);
    ASSERT_EQ(raw.warnings.size(), 1u);
    EXPECT_EQ(raw.warnings[0],
              "x: the recorder lost 125 events, 3 times; record again with larger buffers (perf "
              "record -m 16M)");
}

TEST(PerfScript, ARecordingWithoutFreesIsWarnedOf) {
    const raw_recording raw = read(alloc_line);
    ASSERT_EQ(raw.warnings.size(), 1u);
    EXPECT_EQ(raw.warnings[0],
              "x: no mm_page_free event, so that blocks only end when their pages are handed out "
              "again; record with: perf record -e kmem:mm_page_alloc,kmem:mm_page_free -a -- sleep "
              "10; perf script > FILE");
}

TEST(PerfScript, AFileWithoutAllocationsFailsAndSaysHowToRecord) {
    const std::string how =
        "; record with: perf record -e kmem:mm_page_alloc,kmem:mm_page_free -a -- sleep 10; perf "
        "script > FILE";
    EXPECT_EQ(message_of(""), "x: no mm_page_alloc event in 0 lines" + how);
    EXPECT_EQ(message_of("hello\nworld"), "x: no mm_page_alloc event in 2 lines" + how);
    EXPECT_EQ(message_of(free_line), "x: no mm_page_alloc event in 1 lines" + how);
    EXPECT_EQ(message_of("ls 1 [000] 1.0: mm_page_alloc: page=(nil) pfn=0 order=0"),
              "x: no mm_page_alloc event but 1 failed ones in 1 lines" + how);
}

TEST(PerfScript, LinesOfKnownEventsThatAreWrongFailWithTheirPlace) {
    const std::string alloc = "ls 1 [000] 1.0: kmem:mm_page_alloc: ";
    const std::string free = "ls 1 [000] 1.0: kmem:mm_page_free: ";
    expect_failure(alloc + "pfn=0x1 order=11 gfp_flags=none", "no order= from 0 to 10");
    expect_failure(alloc + "pfn=0x1 gfp_flags=none", "no order= from 0 to 10");
    expect_failure(alloc + "pfn=0x1 order=-1 gfp_flags=none", "no order= from 0 to 10");
    expect_failure(alloc + "order=1 gfp_flags=none", "no pfn=, as a number,");
    expect_failure(alloc + "pfn=abc order=1 gfp_flags=none", "no pfn=, as a number,");
    expect_failure(free + "page=0x1 order=1", "no pfn=, as a number,");
    expect_failure(free + "pfn=0x0 order=1", "a pfn= that is not 1 to 0xffffffffff");
    expect_failure(alloc + "pfn=0xffffffffff order=1 gfp_flags=none",
                   "a pfn= that is not 1 to 0xffffffffff");
    expect_failure(alloc + "pfn=0x1 order=0 migratetype=6 gfp_flags=none",
                   "a migratetype= that is not -1 to 5");
    expect_failure(alloc + "pfn=0x1 order=0 migratetype=0 gfp_flags=GFP_KERNOL",
                   "gfp_flags=: unknown gfp flag \"GFP_KERNOL\"; the nearest known is "
                   "\"GFP_KERNEL\"");
    expect_failure(alloc + "pfn=0x1 order=0",
                   "gfp_flags=: empty gfp flag; name flags as GFP_KERNEL|__GFP_ZERO, or \"none\"");
    expect_failure("ls 1 1.0: kmem:mm_page_alloc: pfn=0x1 order=0",
                   "no [cpu] from 0 to 65535 before the time");
    expect_failure("ls 1 [65536] 1.0: kmem:mm_page_free: pfn=0x1 order=0",
                   "no [cpu] from 0 to 65535 before the time");
    expect_failure("ls 1 [000] kmem:mm_page_alloc: pfn=0x1 order=0", "no time before the event");
    expect_failure("ls 1 [000] 123456: mm_page_free: pfn=0x1 order=0", "no time before the event");
}

TEST(PerfScript, LongAndUnprintableLinesAreShownInPart) {
    const std::string line = "ls 1 [000] 1.0: mm_page_free: \x01\x02" + std::string(5000, 'x');
    const std::string message = message_of(line);
    EXPECT_LT(message.size(), 500u);
    EXPECT_NE(message.find("mm_page_free: ??xxx"), std::string::npos);
    EXPECT_NE(message.find("xxx...\"; print"), std::string::npos);
}

TEST(TraceLine, TimesHaveUpToNineDigitsOfAFraction) {
    const auto time = [](const std::string& text) -> std::int64_t {
        const auto line = split_trace_line("ls [000] " + text + " mm_page_free: x");
        return line ? static_cast<std::int64_t>(line->timestamp_ns) : -1;
    };
    EXPECT_EQ(time("0.0:"), 0);
    EXPECT_EQ(time("1.5:"), 1'500'000'000);
    EXPECT_EQ(time("1.000000001:"), 1'000'000'001);
    EXPECT_EQ(time("4294967296.000001:"), 4'294'967'296'000'001'000);
    EXPECT_EQ(time("1.0000000001:"), -1);
    EXPECT_EQ(time("10000000000.0:"), -1) << "eleven digits: ages, or no time in seconds";
    EXPECT_EQ(time("1.:"), -1);
    EXPECT_EQ(time(".5:"), -1);
    EXPECT_EQ(time("1.5"), -1);
    EXPECT_EQ(time("-1.5:"), -1);
    EXPECT_EQ(time("1.5.5:"), -1);
}

TEST(TraceLine, PartsAreThoseOfTheLine) {
    const auto line = split_trace_line("ls 1 [007] 1.5: sched:sched_switch: prev=a next=b");
    ASSERT_TRUE(line);
    EXPECT_EQ(line->event, "sched_switch");
    EXPECT_EQ(line->fields, " prev=a next=b");
    EXPECT_EQ(line->cpu, 7u);
    EXPECT_FALSE(split_trace_line(""));
    EXPECT_FALSE(split_trace_line("ls 1 [007] 1.5:"));
    EXPECT_FALSE(split_trace_line("ls 1 [007] 1.5: :"));
}

}  // namespace
}  // namespace anypage
