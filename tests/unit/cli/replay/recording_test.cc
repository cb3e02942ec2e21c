// The recording itself: counts and the text of the summary; loading: formats told apart, and every
// way in which a file can be none.
#include "cli/replay/recording.hpp"

#include <gtest/gtest.h>
#include <lzma.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/replay/load_recording.hpp"
#include "cli/replay/unpack_xz.hpp"
#include "ptrc_builder.hpp"

namespace anypage {
namespace {

namespace fs = std::filesystem;

std::string packed(const std::string& text) {
    std::string out(text.size() + 1024, '\0');
    std::size_t used = 0;
    const lzma_ret code = lzma_easy_buffer_encode(
        6, LZMA_CHECK_CRC32, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
        text.size(), reinterpret_cast<std::uint8_t*>(out.data()), &used, out.size());
    EXPECT_EQ(code, LZMA_OK);
    out.resize(used);
    return out;
}

std::string failure_of(const std::string& data) {
    const auto loaded = read_recording(bytes_of(data), "x");
    return loaded ? "no failure" : loaded.error().message;
}

const std::string one_line =
    "ls 4543 [001] 1.000001: kmem:mm_page_alloc: page=0x7 pfn=0x7 order=1 migratetype=0 "
    "gfp_flags=GFP_KERNEL\n";

// A folder of its own for each test.
class LoadRecording : public testing::Test {
protected:
    LoadRecording() {
        std::string pattern = (fs::temp_directory_path() / "anypage-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~LoadRecording() override { fs::remove_all(folder_); }

    std::string file(const std::string& name, const std::string& data) const {
        const std::string path = (folder_ / name).string();
        std::ofstream(path, std::ios::binary) << data;
        return path;
    }
    static std::string message(const std::string& path) {
        const auto loaded = load_recording(path);
        return loaded ? "no failure" : loaded.error().message;
    }

    fs::path folder_;
};

TEST(Recording, SummaryCountsEventsAsTheyWillBeReplayed) {
    const std::vector<recorded_event> events = {
        {10, 0, gfp::KERNEL, 0, event_kind::allocate, {3}, 0, {}},
        {11, 1, gfp::NOWAIT, 1, event_kind::allocate, {0}, 0, {}},
        {12, 0, {}, 0, event_kind::free, {3}, 0, {}},
        {20, 2, gfp::NOWAIT, 0, event_kind::allocate, {1}, 0, {}},
    };
    const recording_summary summary = summarize(events);
    EXPECT_EQ(summary.events, 4u);
    EXPECT_EQ(summary.allocations, 3u);
    EXPECT_EQ(summary.frees, 1u);
    EXPECT_EQ(summary.allocations_by_order[0], 1u);
    EXPECT_EQ(summary.allocations_by_order[1], 1u);
    EXPECT_EQ(summary.allocations_by_order[3], 1u);
    const std::vector<gfp_count> by_gfp = {{gfp::NOWAIT, 2}, {gfp::KERNEL, 1}};
    EXPECT_EQ(summary.allocations_by_gfp, by_gfp);
    EXPECT_EQ(summary.span_ns, 10u);
    EXPECT_EQ(summary.live_frames_max, 9u);
    EXPECT_EQ(summary.live_at_end, 2u);
    EXPECT_EQ(summary.live_frames_at_end, 3u);
}

TEST(Recording, SummaryOfNothingIsZero) {
    const recording_summary summary = summarize({});
    EXPECT_EQ(summary.events, 0u);
    EXPECT_EQ(summary.span_ns, 0u);
    EXPECT_EQ(summary.live_frames_max, 0u);
}

TEST(Recording, ContextBitsAreOnlyToldWhereKnown) {
    constexpr event_context unknown{};
    EXPECT_FALSE(unknown.known() || unknown.irqs_off() || unknown.hardirq());
    EXPECT_FALSE(unknown.softirq() || unknown.preempt_off());
    EXPECT_TRUE(event_context{1}.irqs_off());
    EXPECT_TRUE(event_context{2}.hardirq());
    EXPECT_TRUE(event_context{4}.softirq());
    EXPECT_TRUE(event_context{8}.preempt_off());
    EXPECT_TRUE(event_context{0}.known());
}

TEST(Recording, DescribeNamesEverythingThatIsNotAsRecorded) {
    recording::parts parts{"redis",
                           {{10, 0, gfp::KERNEL, 0, event_kind::allocate, {2}, 0, {}}},
                           {CpuId{3}},
                           {1, 2, 3},
                           {4, 5, 6, 7, 8, 9, 10},
                           {}};
    EXPECT_EQ(describe(recording(std::move(parts))),
              "redis: 1 allocations and 0 frees on 1 CPUs in 0.000 s\n"
              "  at most 4 frames live; 1 blocks (4 frames) live at the end\n"
              "orders:\n"
              "           1  2\n"
              "gfp flags:\n"
              "           1  GFP_KERNEL\n"
              "not as recorded:\n"
              "           1  frees of pages allocated earlier (skipped)\n"
              "           2  frees implied by a page that was handed out again (added)\n"
              "           3  frees of parts of a block (the last part frees it)\n"
              "           5  failed allocations (skipped)\n"
              "           6  mm_page_free_batched (skipped: mm_page_free tells of the same pages)\n"
              "           4  process exits (skipped)\n"
              "           7  events of other kinds (skipped)\n"
              "           8  lines that are not events (skipped)\n"
              "          10  events out of order in time (sorted)\n"
              "           9  events lost by the recorder\n");
}

TEST(ReadRecording, TellsFormatsByTheirFirstBytes) {
    const std::string ptrc = ptrc_builder({ptrc_row{}}).build();
    for (const std::string& data : {ptrc, packed(ptrc), one_line, packed(one_line)}) {
        const auto loaded = read_recording(bytes_of(data), "x");
        ASSERT_TRUE(loaded) << loaded.error().message;
        EXPECT_EQ(loaded->blocks(), 1u);
        EXPECT_EQ(loaded->name(), "x");
    }
}

TEST(ReadRecording, ReadsConcatenatedXzStreams) {
    const auto loaded = read_recording(bytes_of(packed(one_line) + packed(one_line)), "x");
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->blocks(), 2u);
}

TEST(ReadRecording, RefusesOtherFormatsWithTheCommandThatHelps) {
    EXPECT_EQ(failure_of(""), "x: is empty; docs/recordings.md tells how to make a recording");
    EXPECT_EQ(failure_of("PERFILE2..."),
              "x: is the binary file of perf record; turn it into text: perf script -i x > FILE");
    EXPECT_EQ(failure_of("\x1f\x8b\x08"), "x: is packed with gzip; unpack it: gunzip x");
    EXPECT_EQ(failure_of("\x28\xb5\x2f\xfd"), "x: is packed with zstd; unpack it: unzstd x");
    EXPECT_EQ(failure_of("BZh9"), "x: is packed with bzip2; unpack it: bunzip2 x");
    EXPECT_EQ(failure_of(std::string("\x7f"
                                     "ELF\0\0",
                                     6)),
              "x: is neither text of perf script nor a PTRC1 recording; docs/recordings.md tells "
              "how to make one");
}

TEST(ReadRecording, RefusesTruncatedAndCorruptXz) {
    const std::string whole = packed(ptrc_builder({ptrc_row{}}).build());
    for (std::size_t length = 6; length < whole.size(); ++length) {
        EXPECT_EQ(failure_of(whole.substr(0, length)),
                  "x: byte " + std::to_string(length) +
                      ": xz data is truncated; copy or pack the file again (xz --test checks it)");
    }
    std::string corrupt = whole;
    corrupt[corrupt.size() / 2] ^= 0x40;
    EXPECT_NE(failure_of(corrupt).find("xz data is corrupt; copy or pack"), std::string::npos)
        << failure_of(corrupt);
    EXPECT_NE(failure_of(whole + "rubbish!").find("xz data is "), std::string::npos);
}

TEST(UnpackXz, StopsAtItsLimitAndNotBefore) {
    const std::string bomb = packed(std::string(4 << 20, '\0'));
    ASSERT_LT(bomb.size(), 4096u);
    EXPECT_TRUE(unpack_xz(bytes_of(bomb), "x", 4 << 20));
    const auto unpacked = unpack_xz(bytes_of(bomb), "x", (4 << 20) - 1);
    ASSERT_FALSE(unpacked);
    EXPECT_EQ(unpacked.error().code, error::unsupported);
    EXPECT_EQ(unpacked.error().message, "x: unpacks to more than 3 MiB; record for a shorter time");
}

TEST_F(LoadRecording, LoadsAFile) {
    const auto loaded = load_recording(file("one.txt", one_line));
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->blocks(), 1u);
    EXPECT_EQ(loaded->name(), (folder_ / "one.txt").string());
}

TEST_F(LoadRecording, RefusesWhatIsNoFile) {
    EXPECT_EQ(message("-"),
              "-: a recording is not read from standard input; give a file, or <(COMMAND)");
    const std::string folder = folder_.string();
    EXPECT_EQ(message(folder), folder + ": is a directory; give one recording in it");
    const std::string missing = (folder_ / "missing").string();
    EXPECT_EQ(message(missing), missing +
                                    ": No such file or directory; give a recording, such as "
                                    "data/recordings/redis.ptrc.xz");
    EXPECT_EQ(load_recording(missing).error().code, error::not_found);
    const std::string below_a_file = file("file", "x") + "/below";
    EXPECT_EQ(message(below_a_file),
              below_a_file + ": Not a directory; give a file that can be read");
    const std::string empty = file("empty", "");
    EXPECT_EQ(message(empty),
              empty + ": is empty; docs/recordings.md tells how to make a recording");
}

TEST_F(LoadRecording, ReadsFromAPipe) {
    const std::string pipe = (folder_ / "pipe").string();
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const pid_t writer = ::fork();
    if (writer == 0) {
        std::ofstream(pipe) << one_line;
        ::_exit(0);
    }
    const auto loaded = load_recording(pipe);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->blocks(), 1u);
}

/// The counts in the header of a PTRC1 file, which its writer made in another way than we do.
nlohmann::json header_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string data{std::istreambuf_iterator<char>(file), {}};
    const auto unpacked = unpack_xz(bytes_of(data), path.string());
    if (!unpacked) return {};
    const auto* text = reinterpret_cast<const char*>(unpacked->data());
    std::uint64_t length = 0;
    for (unsigned i = 0; i < 8; ++i) {
        length |= std::to_integer<std::uint64_t>((*unpacked)[8 + i]) << (8 * i);
    }
    return nlohmann::json::parse(text + 16, text + 16 + length);
}

void expect_counts_of_header(const fs::path& path) {
    const auto loaded = load_recording(path.string());
    ASSERT_TRUE(loaded) << loaded.error().message;
    const nlohmann::json header = header_of(path);
    const recording_summary& summary = loaded->summary();
    EXPECT_EQ(summary.allocations, header["allocs"]) << path;
    EXPECT_EQ(summary.frees - summary.prepared.implied_frees, header["frees_matched_exact"]);
    EXPECT_EQ(summary.prepared.partial_frees, header["frees_matched_part"]);
    EXPECT_EQ(summary.prepared.unmatched_frees, header["frees_unmatched"]);
    EXPECT_EQ(summary.prepared.implied_frees, header["implied_frees"]);
    EXPECT_EQ(summary.live_frames_at_end, header["live_at_end_pages"]);
    EXPECT_EQ(summary.events + summary.prepared.unmatched_frees + summary.skipped.process_exits,
              header["events"]);
    for (unsigned order = 0; order < order_count; ++order) {
        EXPECT_EQ(summary.allocations_by_order[order],
                  header["orders"].value(std::to_string(order), 0u));
    }
}

TEST(RecordingsOfTheTree, HaveTheCountsOfTheirHeaders) {
    const fs::path folder = fs::path(ANYPAGE_SOURCE_DIR) / "data" / "recordings";
    for (const char* name : {"redis.ptrc.xz", "vm_sort.ptrc.xz"}) {
        expect_counts_of_header(folder / name);
    }
}

TEST(RecordingsOfTheTree, TextHasTheCountsOfItsReadme) {
    const fs::path folder = fs::path(ANYPAGE_SOURCE_DIR) / "data" / "recordings";
    const auto loaded = load_recording((folder / "small.perf.txt").string());
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_TRUE(loaded->warnings().empty());
    std::ifstream file(folder / "README.md");
    const std::string readme{std::istreambuf_iterator<char>(file), {}};
    const recording_summary& summary = loaded->summary();
    for (const auto& [count, what] :
         {std::pair{summary.allocations, " allocations"}, std::pair{summary.frees, " frees"},
          std::pair{summary.prepared.implied_frees, " implied"},
          std::pair{summary.prepared.unmatched_frees, " unmatched"}}) {
        EXPECT_NE(readme.find(std::to_string(count) + what), std::string::npos) << count << what;
    }
}

TEST(RecordingsBesideTheTree, HaveTheCountsOfTheirHeaders) {
    const fs::path shared = fs::path(ANYPAGE_SOURCE_DIR).parent_path() / "shared";
    if (!fs::is_directory(shared / "traces")) {
        GTEST_SKIP() << "skipped: no ../" << shared.filename().string();
    }
    for (const char* name : {"gxx", "redis", "tarxz", "vm_gxx", "vm_sort"}) {
        expect_counts_of_header(shared / "traces" / (std::string(name) + ".ptrc.xz"));
    }
}

}  // namespace
}  // namespace anypage
