// Watchdog: who counts as hanging, and who only waits for somebody.
#include "cli/replay/watchdog.hpp"

#include "tests/unit/cli/replay/replay_scene.hpp"

namespace anypage {
namespace {

class Watchdog : public testing::Test {
protected:
    thread_report& add(thread_role role) {
        thread_report& thread = test::add_thread(*report_, role);
        thread.running.store_relaxed(1);
        return thread;
    }
    static void move(thread_report& thread) { tally::add(thread.own.progress); }
    /// A look so many seconds later.
    bool sees_hang_after(int seconds) {
        now_ += std::chrono::seconds(seconds);
        return dog_.sees_hang(*report_, now_);
    }

    shared_report report_ = test::empty_report();
    watchdog dog_{5.0};
    watchdog::clock::time_point now_{std::chrono::hours(1)};
};

TEST_F(Watchdog, SeesNothingInAnEmptyReport) {
    EXPECT_FALSE(sees_hang_after(0));
    EXPECT_FALSE(sees_hang_after(100));
}

TEST_F(Watchdog, AThreadThatDoesNotMoveForTooLongHangs) {
    for (const thread_role role :
         {thread_role::replay, thread_role::hotplug, thread_role::fifo, thread_role::pty}) {
        report_ = test::empty_report();
        thread_report& thread = add(role);
        dog_ = watchdog(5.0);
        EXPECT_FALSE(sees_hang_after(0));
        EXPECT_FALSE(sees_hang_after(4));
        move(thread);
        EXPECT_FALSE(sees_hang_after(4));
        EXPECT_FALSE(sees_hang_after(5));
        EXPECT_TRUE(sees_hang_after(1));
    }
}

TEST_F(Watchdog, AThreadThatHasEndedDoesNotHang) {
    thread_report& thread = add(thread_role::hotplug);
    EXPECT_FALSE(sees_hang_after(0));
    thread.running.store_relaxed(0);
    EXPECT_FALSE(sees_hang_after(100));
    EXPECT_FALSE(sees_hang_after(100));
}

TEST_F(Watchdog, ThreadsThatReplayHangOnlyTogether) {
    thread_report& one = add(thread_role::replay);
    add(thread_role::replay);
    EXPECT_FALSE(sees_hang_after(0));
    for (int i = 0; i < 5; ++i) {
        move(one);  // the other may be waiting for what it does
        EXPECT_FALSE(sees_hang_after(4));
    }
    EXPECT_FALSE(sees_hang_after(4));
    EXPECT_TRUE(sees_hang_after(4));
}

TEST_F(Watchdog, TheLastThreadThatReplaysMayHangAlone) {
    thread_report& one = add(thread_role::replay);
    add(thread_role::replay);
    EXPECT_FALSE(sees_hang_after(0));
    one.running.store_relaxed(0);
    EXPECT_TRUE(sees_hang_after(6));
}

TEST_F(Watchdog, TheOthersMoveForThemselvesAlone) {
    thread_report& replays = add(thread_role::replay);
    add(thread_role::hotplug);
    EXPECT_FALSE(sees_hang_after(0));
    move(replays);
    EXPECT_FALSE(sees_hang_after(4));
    move(replays);
    EXPECT_TRUE(sees_hang_after(4));
}

TEST_F(Watchdog, AHandlerThatMovesDoesNotMoveItsThread) {
    thread_report& thread = add(thread_role::hotplug);
    EXPECT_FALSE(sees_hang_after(0));
    tally::add(thread.handler.progress);
    EXPECT_TRUE(sees_hang_after(6));
}

}  // namespace
}  // namespace anypage
