// Explain hang: the sentence for each hang that the protocols are known for, from the places where
// threads are.
#include "tests/unit/cli/replay/replay_scene.hpp"

namespace anypage {
namespace {

constexpr const char* in_section = "is inside of the write section";
constexpr const char* in_handler = "is in its timer handler";
constexpr const char* in_depot = "is in the stack depot, which allocates";
constexpr const char* at_begin = "waits in zonelist_iter_begin for an even zonelist_update_seq";
constexpr const char* at_port = "waits for port->lock";
constexpr const char* has_port = "holds port->lock";

class ExplainHang : public testing::Test {
protected:
    void put(thread_role role, std::initializer_list<const char*> places, std::uint32_t index = 0) {
        thread_report& thread = test::add_thread(*report_, role, index);
        for (const char* place : places) {
            const std::uint32_t depth = thread.places.depth.load_relaxed();
            if (depth < native::PlaceStack::depth_max) {
                thread.places.words[depth].store_relaxed(place);
            }
            thread.places.depth.store_relaxed(depth + 1);
        }
    }
    std::string explained() const { return explain_hang(*report_); }

    shared_report report_ = test::empty_report();
};

TEST_F(ExplainHang, TheHandlerWaitsForTheRebuildThatItInterrupted) {
    put(thread_role::replay, {at_begin}, 3);
    put(thread_role::hotplug, {in_section, in_handler, at_begin});
    EXPECT_EQ(
        explained(),
        "The timer handler waits for the rebuild that it interrupted; the rebuild goes on only "
        "when the handler returns. (thread 3 waits in zonelist_iter_begin for an even "
        "zonelist_update_seq; the hotplug thread is inside of the write section, and there is "
        "in its timer handler, and there waits in zonelist_iter_begin for an even "
        "zonelist_update_seq)");
}

TEST_F(ExplainHang, TheWriteSectionAllocatesAndWaitsForItsOwnEnd) {
    put(thread_role::hotplug, {in_section, in_depot, at_begin});
    EXPECT_TRUE(
        explained().starts_with("The write section allocates (a sanitizer's stack depot) "
                                "and waits for its own end. (the hotplug thread is inside"))
        << explained();
    EXPECT_TRUE(explained().ends_with(")"));
}

TEST_F(ExplainHang, ThePtyWriterAndTheRebuildWaitForEachOther) {
    put(thread_role::hotplug, {in_section, at_port});
    put(thread_role::pty, {has_port, at_begin});
    EXPECT_TRUE(explained().starts_with(
        "The pty writer holds port->lock and waits for the rebuild to end; the rebuild prints and "
        "waits for port->lock. (the hotplug thread is inside of the write section, and there waits "
        "for port->lock; the pty writer holds port->lock, and there waits in zonelist_iter_begin"))
        << explained();
}

TEST_F(ExplainHang, TheFifoThreadWaitsForTheRebuildThatItPreempted) {
    put(thread_role::hotplug, {in_section});
    put(thread_role::fifo, {at_begin});
    EXPECT_TRUE(explained().starts_with(
        "The FIFO thread waits for the rebuild that it preempted; on its CPU the rebuild never "
        "runs again. (the hotplug thread is inside of the write section; the FIFO thread waits"))
        << explained();
}

TEST_F(ExplainHang, AHandlerOnTheFifoThreadIsTheFifoThreadsWait) {
    put(thread_role::hotplug, {in_section});
    put(thread_role::fifo, {in_handler, at_begin});
    EXPECT_TRUE(explained().starts_with("The FIFO thread waits for")) << explained();
}

TEST_F(ExplainHang, WithoutAWriterInItsSectionNoCauseIsClaimed) {
    put(thread_role::fifo, {at_begin});
    EXPECT_EQ(explained(),
              "None of the known hangs: the FIFO thread waits in zonelist_iter_begin for an even "
              "zonelist_update_seq.");
}

TEST_F(ExplainHang, AWriterInItsSectionAloneIsNoCause) {
    put(thread_role::hotplug, {in_section});
    put(thread_role::pty, {has_port});
    EXPECT_EQ(explained(),
              "None of the known hangs: the hotplug thread is inside of the write section; the pty "
              "writer holds port->lock.");
}

TEST_F(ExplainHang, ThreadsThatAreNowhereAreNotNamed) {
    EXPECT_EQ(explained(), "No thread moves, and none says that it waits.");
    put(thread_role::replay, {}, 0);
    put(thread_role::hotplug, {});
    EXPECT_EQ(explained(), "No thread moves, and none says that it waits.");
    put(thread_role::replay, {at_port}, 7);
    EXPECT_EQ(explained(), "None of the known hangs: thread 7 waits for port->lock.");
}

TEST_F(ExplainHang, FourThreadsAreNamedAndNoMore) {
    for (std::uint32_t i = 0; i < 4; ++i) put(thread_role::replay, {at_begin}, i);
    EXPECT_EQ(explained().find("..."), std::string::npos);
    put(thread_role::hotplug, {in_section, in_handler, at_begin});
    const std::string text = explained();
    EXPECT_TRUE(text.starts_with("The timer handler waits")) << text;
    EXPECT_NE(text.find("thread 3 waits"), std::string::npos);
    EXPECT_EQ(text.find("the hotplug thread"), std::string::npos);
    EXPECT_TRUE(text.ends_with("; ...)")) << text;
}

TEST_F(ExplainHang, AStackDeeperThanItsRoomIsReadAsFarAsItGoes) {
    put(thread_role::replay, {in_handler, in_handler, in_handler, in_handler, in_handler,
                              in_handler, in_handler, at_port, "is further than anybody looks"});
    const std::string text = explained();
    EXPECT_TRUE(text.ends_with("waits for port->lock.")) << text;
}

}  // namespace
}  // namespace anypage
