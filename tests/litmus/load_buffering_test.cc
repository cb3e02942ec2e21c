// Where load buffering could matter: never denied where it can, and not said of every test.
#include "tests/litmus/explored.hpp"

namespace anypage::check::litmus {
namespace {

/// Might load buffering add something to what was explored?
bool needs_more(std::string_view text) {
    const auto ran = run("test", read(text), {});
    EXPECT_TRUE(ran) << ran.error().text();
    return ran && !ran->load_buffering.empty();
}

/// LB, with this in the first process; the other one is ordered.
bool may(std::string_view body) {
    const std::string text = R"(C LB
{}
P0(int *x, int *y, spinlock_t *l) { int r; @ }
P1(int *x, int *y) { int r; r = smp_load_acquire(y); WRITE_ONCE(*x, 1); }
exists (0:r=1 /\ 1:r=1))";
    return needs_more(with(text, body));
}

TEST(LitmusLoadBuffering, IsPossibleWhereNothingOrders) {
    EXPECT_TRUE(may("r = READ_ONCE(*x); WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may("r = READ_ONCE(*x); smp_wmb(); WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may("r = READ_ONCE(*x); smp_rmb(); WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may("r = READ_ONCE(*x); if (r) smp_mb(); WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may("r = cmpxchg(x, 7, 8); WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may("r = READ_ONCE(*x); if (r) { smp_mb(); r = 2; } WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may("r = READ_ONCE(*x); spin_lock(l); spin_unlock(l); WRITE_ONCE(*y, 1);"));
}

TEST(LitmusLoadBuffering, IsNotWhereSomethingDoes) {
    EXPECT_FALSE(may("r = smp_load_acquire(x); WRITE_ONCE(*y, 1);"));
    EXPECT_FALSE(may("r = READ_ONCE(*x); smp_store_release(y, 1);"));
    EXPECT_FALSE(may("r = READ_ONCE(*x); smp_mb(); WRITE_ONCE(*y, 1);"));
    EXPECT_FALSE(may("r = READ_ONCE(*x); WRITE_ONCE(*y, r);"));
    EXPECT_FALSE(may("r = READ_ONCE(*x); if (r) WRITE_ONCE(*y, 1);"));
    EXPECT_FALSE(may("int s; r = READ_ONCE(*x); smp_rmb(); s = READ_ONCE(*l); WRITE_ONCE(*y, s);"));
    EXPECT_FALSE(may("r = xchg(x, 2); WRITE_ONCE(*y, 1);"));
    EXPECT_FALSE(
        may("spin_lock(l); r = READ_ONCE(*x); spin_unlock(l); spin_lock(l); "
            "WRITE_ONCE(*y, 1); spin_unlock(l);"));
    EXPECT_FALSE(may("WRITE_ONCE(*y, 1); r = READ_ONCE(*x);"));
}

TEST(LitmusLoadBuffering, IsPossibleWhereOnlyAPlainAccessHangsOnTheRead) {
    EXPECT_FALSE(may("int s; r = READ_ONCE(*x); s = READ_ONCE(*(y + r - r)); WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may("int s; r = READ_ONCE(*x); s = *(y + r - r); WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may("r = READ_ONCE(*x); if (r) *y = 2; WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may("int s; r = READ_ONCE(*x); s = *(l + (r ^ r)); WRITE_ONCE(*y, s ^ s ^ 1);"));
}

TEST(LitmusLoadBuffering, IsPossibleWhereWhatOrdersWouldNotBeThere) {
    // Had it read 1, it would have failed, or there would be no barrier.
    EXPECT_TRUE(may("r = cmpxchg(x, 0, 2); WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may("r = cmpxchg(x, 0, 2); if (r == 1) r = 1; WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may("r = cmpxchg_acquire(x, 0, 2); WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may("r = READ_ONCE(*x); if (!r) smp_mb(); WRITE_ONCE(*y, 1);"));
    EXPECT_FALSE(may("r = cmpxchg(x, 1, 2); if (r == 1) WRITE_ONCE(*y, 1);"));
    EXPECT_FALSE(may("r = READ_ONCE(*x); if (!r) { smp_mb(); } smp_mb(); WRITE_ONCE(*y, 1);"));
}

/// S, with this between the writes of the first process and in the second one.
bool may_in_s(std::string_view barrier, std::string_view body) {
    const std::string text = R"(C S
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 2); @ WRITE_ONCE(*y, 1); }
P1(int *x, int *y) { int r; @ }
exists (1:r=1 /\ x=2))";
    return needs_more(with(with(text, barrier), body));
}

TEST(LitmusLoadBuffering, IsNotWhatPutsAWriteBeforeAnother) {
    EXPECT_FALSE(may_in_s("", "r = READ_ONCE(*y); WRITE_ONCE(*x, 1);"));
    EXPECT_FALSE(may_in_s("", "r = READ_ONCE(*y); if (r) WRITE_ONCE(*x, 1);"));
    EXPECT_FALSE(may_in_s("smp_wmb();", "r = smp_load_acquire(y); WRITE_ONCE(*x, 1);"));
    // Here the write would have to come before the read in front of it.
    EXPECT_TRUE(may_in_s("smp_wmb();", "r = READ_ONCE(*y); WRITE_ONCE(*x, 1);"));
}

/// Two processes of these, and a third one that passes on what it is told, or does not wait for it.
bool may_in_three(std::string_view first, std::string_view third, std::string_view second) {
    const std::string text = R"(C three
{}
P0(int *x, int *y, int *z, int *w) { int r; @ }
P1(int *x, int *y, int *z, int *w) { int r; int s; @ }
P2(int *x, int *y, int *z, int *w) { int r; int s; @ }
exists (2:r=1 /\ 2:s=0))";
    return needs_more(with(with(with(text, first), third), second));
}

TEST(LitmusLoadBuffering, IsNotWhereFencesMayComeInEitherOrder) {
    const auto store_buffering = [](std::string_view barrier) {
        const std::string text = R"(C SB
{}
P0(int *x, int *y, int *z) { int r; WRITE_ONCE(*x, 1); @ r = READ_ONCE(*y); }
P1(int *x, int *y, int *z) { int r; WRITE_ONCE(*y, 1); smp_mb(); r = READ_ONCE(*x); }
exists (0:r=0 /\ 1:r=0))";
        return needs_more(with(text, barrier));
    };
    EXPECT_FALSE(store_buffering("smp_mb();"));
    EXPECT_FALSE(store_buffering("int s; s = xchg(z, 1);"));
    const char* const reads = "r = READ_ONCE(*x); smp_mb(); s = READ_ONCE(*y);";
    EXPECT_FALSE(may_in_three("WRITE_ONCE(*x, 1);", "WRITE_ONCE(*y, 1);", reads));
    EXPECT_FALSE(may_in_three("WRITE_ONCE(*x, 1); smp_mb(); WRITE_ONCE(*y, 1);", "", reads));
    EXPECT_FALSE(may_in_three("WRITE_ONCE(*x, 1); smp_mb(); r = READ_ONCE(*y);",
                              "WRITE_ONCE(*y, 1); smp_mb(); smp_store_release(z, 1);",
                              "r = smp_load_acquire(z); s = READ_ONCE(*x);"));
}

TEST(LitmusLoadBuffering, IsPossibleWhereOneFenceIsInFrontOfTheOtherByNoOrder) {
    const char* const first = "WRITE_ONCE(*x, 1); smp_mb(); WRITE_ONCE(*z, 1);";
    const char* const last = "r = READ_ONCE(*w); smp_mb(); s = READ_ONCE(*x);";
    EXPECT_TRUE(may_in_three(first, "r = READ_ONCE(*z); WRITE_ONCE(*w, 1);", last));
    EXPECT_FALSE(may_in_three(first, "r = READ_ONCE(*z); smp_store_release(w, 1);", last));
    // The barrier in front of an update is one step with it, and no order of its own.
    EXPECT_TRUE(may_in_three("r = xchg(y, 1); WRITE_ONCE(*y, 2);",
                             "r = READ_ONCE(*y); s = xchg_relaxed(x, 6);",
                             "r = atomic_fetch_add(1, x); s = READ_ONCE(*y);"));
}

TEST(LitmusLoadBuffering, IsPossibleWhereAnotherFenceIsBetweenThem) {
    // The second fence would have to come after the third one, and that after the first.
    EXPECT_TRUE(needs_more(R"(C ring
{}
P0(int *x, int *z) { WRITE_ONCE(*x, 1); smp_mb(); WRITE_ONCE(*z, 1); }
P1(int *z, int *u) { int r; r = READ_ONCE(*z); WRITE_ONCE(*u, 1); }
P2(int *u, int *v) { int r; int s; r = READ_ONCE(*u); smp_mb(); s = READ_ONCE(*v); }
P3(int *v, int *x) { int r; WRITE_ONCE(*v, 1); smp_mb(); r = READ_ONCE(*x); }
exists (1:r=1 /\ 2:r=1 /\ 2:s=0 /\ 3:r=0))"));
}

TEST(LitmusLoadBuffering, IsPossibleWhereFencesAloneArePutInOrder) {
    const std::string text = R"(C W
{}
P0(int *x, int *y, int *z) { int r; WRITE_ONCE(*x, 2); @ }
P1(int *x, int *y, int *z) { @ smp_mb(); WRITE_ONCE(*z, 1); }
P2(int *x, int *y, int *z) { int r; r = READ_ONCE(*z); @ }
exists (0:r=0 /\ 2:r=1 /\ x=2))";
    const auto may = [&](std::string_view first, std::string_view second, std::string_view third) {
        return needs_more(with(with(with(text, first), second), third));
    };
    const char* const reads = "smp_mb(); r = READ_ONCE(*y);";
    const char* const writes = "smp_mb(); WRITE_ONCE(*y, 1);";
    EXPECT_TRUE(may(reads, "WRITE_ONCE(*y, 1);", "WRITE_ONCE(*x, 1);"));
    EXPECT_TRUE(may(reads, "WRITE_ONCE(*y, 1);", "xchg_relaxed(x, 1);"));
    EXPECT_TRUE(may(writes, "WRITE_ONCE(*y, 2);", "WRITE_ONCE(*x, 1);"));
    EXPECT_TRUE(may("if (r == 0) smp_mb(); WRITE_ONCE(*y, 1);", "WRITE_ONCE(*y, 2);",
                    "WRITE_ONCE(*x, 1);"));
    EXPECT_FALSE(may(reads, "WRITE_ONCE(*y, 1);", "smp_store_release(x, 1);"));
}

/// LB whose second process writes only if it is told to.
bool may_if_told(std::string_view body, std::string_view write = "WRITE_ONCE(*x, 1);") {
    const std::string text = R"(C told
{}
P0(int *x, int *y, int *v, spinlock_t *l) { int r; int s; int t; r = READ_ONCE(*x); @ }
P1(int *x, int *y, int *v, spinlock_t *l) { int r; r = READ_ONCE(*y); if (r) { @ } }
exists (0:r=1 /\ 1:r=1))";
    return needs_more(with(with(text, body), write));
}

TEST(LitmusLoadBuffering, IsPossibleWhereOnlyTheWayTakenOrders) {
    EXPECT_TRUE(may_if_told("if (r == 0) WRITE_ONCE(*y, 1); WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may_if_told("if (r == 0) smp_mb(); WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may_if_told("if (r == 0) s = xchg(v, 1); WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may_if_told("if (r == 0) smp_store_release(y, 1); WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may_if_told("if (r == 0) WRITE_ONCE(*v, 1); smp_wmb(); WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(
        may_if_told("s = 0; if (r == 0) s = READ_ONCE(*(v + (r ^ r))); "
                    "WRITE_ONCE(*y, s + 1);"));
    EXPECT_TRUE(
        may_if_told("if (r == 0) { spin_lock(l); spin_unlock(l); spin_lock(l); } "
                    "WRITE_ONCE(*y, 1); if (r == 0) spin_unlock(l);"));
    EXPECT_FALSE(may_if_told("if (r == 0) WRITE_ONCE(*y, 1);"));
    EXPECT_FALSE(may_if_told("if (r == 0) { smp_mb(); } smp_mb(); WRITE_ONCE(*y, 1);"));
}

TEST(LitmusLoadBuffering, IsPossibleWhereABranchThatIsOverDecidesWhatIsWritten) {
    EXPECT_TRUE(may_if_told("s = 0; if (r) s = 1; WRITE_ONCE(*y, s);"));
    EXPECT_TRUE(may_if_told("s = 0; if (r == 0) s = 1; if (s) smp_mb(); WRITE_ONCE(*y, 1);"));
    EXPECT_TRUE(may_if_told("t = cmpxchg(v, r, 1); WRITE_ONCE(*y, 1);"));
    EXPECT_FALSE(may_if_told("s = 0; if (r) s = 1; smp_mb(); WRITE_ONCE(*y, s);"));
    EXPECT_FALSE(may_if_told("s = cmpxchg_relaxed(y, r, r + 1);"));
    EXPECT_TRUE(needs_more(R"(C compared
{ z = 1; }
P0(int *x, int *z) { int r; int s; r = READ_ONCE(*x); s = cmpxchg_relaxed(z, r, 2); }
P1(int *x, int *z) { int r; r = READ_ONCE(*z); if (r == 2) { WRITE_ONCE(*x, 1); } }
exists (z=2))"));
}

TEST(LitmusLoadBuffering, IsPossibleWhereSomebodyLooksAtALock) {
    EXPECT_TRUE(may_if_told("s = spin_trylock(l); WRITE_ONCE(*y, 1);", "spin_lock(l);"));
    EXPECT_TRUE(needs_more(R"(C looks
{}
P0(int *y, spinlock_t *l, spinlock_t *m) {
    spin_lock(l); spin_unlock(l); spin_lock(m); WRITE_ONCE(*y, 1);
}
P1(int *y, spinlock_t *l) { int r; int s; r = smp_load_acquire(y); s = spin_is_locked(l); }
exists (1:r=1 /\ 1:s=1))"));
}

TEST(LitmusLoadBuffering, IsPossibleWhereAFenceHidesWhatMightBeRead) {
    EXPECT_TRUE(needs_more(R"(C hidden
{}
P0(int *y, int *z) { int r; r = READ_ONCE(*z); WRITE_ONCE(*y, 1); }
P1(int *y, int *w) { WRITE_ONCE(*y, 5); smp_store_release(w, 6); }
P2(int *x, int *y, int *w) {
    int r; int s; r = READ_ONCE(*w); WRITE_ONCE(*x, 4 + (r ^ r)); s = READ_ONCE(*y);
}
P3(int *x, int *z) { WRITE_ONCE(*x, 2); smp_mb(); WRITE_ONCE(*z, 3); }
exists (0:r=3 /\ 2:r=6 /\ 2:s=1 /\ x=2 /\ y=5))"));
}

TEST(LitmusLoadBuffering, IsNotWhereAFenceIsInTheBranchThatNeedsIt) {
    const std::string text = R"(C MP
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_mb(); WRITE_ONCE(*y, 1); }
P1(int *x, int *y) { int r; int s; r = READ_ONCE(*y); if (r) { @ s = READ_ONCE(*x); } }
exists (1:r=1 /\ 1:s=0))";
    EXPECT_FALSE(needs_more(with(text, "smp_mb();")));
    EXPECT_FALSE(needs_more(with(text, "smp_rmb();")));
}

TEST(LitmusLoadBuffering, NeedsSomebodyElse) {
    EXPECT_FALSE(needs_more(R"(C alone
{}
P0(int *x, int *y) { int r; r = READ_ONCE(*x); WRITE_ONCE(*y, 1); }
P1(int *x) { int r; r = READ_ONCE(*x); }
exists (0:r=1))"));
}

}  // namespace
}  // namespace anypage::check::litmus
