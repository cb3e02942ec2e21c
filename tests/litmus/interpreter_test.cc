// What an access, a dependency, a lock of a litmus test means to the engine; what cannot be run.
#include "tests/litmus/explored.hpp"

namespace anypage::check::litmus {
namespace {

TEST(LitmusInterpreter, AddressAndDataDependenciesOrderReads) {
    // A pointer that is read orders what it points to; through a cell of one's own, too.
    EXPECT_EQ(verdict(R"(C addr
{ int x = 0; int *p = &y; }
P0(int *x, int **p) { WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*p, x); }
P1(int **p) { int *q; int r; q = READ_ONCE(*p); r = READ_ONCE(*q); }
exists (1:q=x /\ 1:r=0))"),
              "Never");
    EXPECT_EQ(verdict(R"(C data
{ int x = 0; int *p = &y; int *mine = &y; }
P0(int *x, int **p) { WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*p, x); }
P1(int **p, int **mine) {
    int *q; int *s; int r;
    q = READ_ONCE(*p); WRITE_ONCE(*mine, q); s = READ_ONCE(*mine); r = READ_ONCE(*s);
}
exists (1:q=x /\ 1:r=0))"),
              "Never");
}

TEST(LitmusInterpreter, AnAddressDependencyOrdersNothingBehindIt) {
    EXPECT_EQ(verdict(R"(C addr-po
{ int *p = &y; }
P0(int *x, int *z, int **p) { WRITE_ONCE(*z, 1); smp_wmb(); WRITE_ONCE(*p, x); }
P1(int *z, int **p) {
    int *q; int r; int s;
    q = READ_ONCE(*p); r = READ_ONCE(*q); s = READ_ONCE(*z);
}
exists (1:q=x /\ 1:s=0))"),
              "Sometimes");
}

TEST(LitmusInterpreter, WhatIsAddedToIsADependency) {
    const std::string text = R"(C update
{ atomic_t i = 0; int a[2] = {0, 0}; }
P0(int *a, atomic_t *i) { WRITE_ONCE(a[1], 1); smp_wmb(); atomic_set(i, 1); }
P1(int *a, atomic_t *i) { int t; int r; int s;
    @ r = atomic_read(i); s = READ_ONCE(*(a + (r & 1))); }
exists (1:t=1 /\ 1:r=3 /\ 1:s=0))";
    EXPECT_EQ(verdict(with(text, "t = atomic_fetch_add_relaxed(2, i);")), "Never");
    EXPECT_EQ(verdict(with(text, "t = atomic_xchg_relaxed(i, 3);")), "Sometimes");
}

TEST(LitmusInterpreter, AFailedCompareExchangeOrdersNothing) {
    const std::string text = R"(C cmpxchg
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); }
P1(int *x, int *y) { int r; int s; r = READ_ONCE(*y); s = cmpxchg(x, @, 2); }
exists (1:r=1 /\ 1:s=0))";
    EXPECT_EQ(verdict(with(text, "0")), "Never");
    EXPECT_EQ(verdict(with(text, "5")), "Sometimes");
}

TEST(LitmusInterpreter, AddUnlessOrdersOnlyIfItAdds) {
    const std::string text = R"(C add_unless
{}
P0(int *x, int *y, atomic_t *a) { int r; int d;
    WRITE_ONCE(*x, 1); d = atomic_add_unless(a, 1, @); r = READ_ONCE(*y); }
P1(int *x, int *y) { int r; WRITE_ONCE(*y, 1); smp_mb(); r = READ_ONCE(*x); }
locations [0:d; a;]
exists (0:r=0 /\ 1:r=0))";
    EXPECT_EQ(verdict(with(text, "5")), "Never");
    const Observation failed = explored(with(text, "0"));
    EXPECT_EQ(failed.verdict(), Verdict::sometimes);
    for (const std::string& state : failed.states) {
        EXPECT_NE(state.find("0:d=0;"), state.npos) << state;
        EXPECT_NE(state.find("[a]=0;"), state.npos) << state;
    }
}

TEST(LitmusInterpreter, ReadBarriersDoNotOrderAtomicsThatReturnNothing) {
    const std::string text = R"(C noreturn
{}
P0(int *x, atomic_t *y) { int s; WRITE_ONCE(*x, 1); s = xchg_release(y, 5); }
P1(int *x, atomic_t *y) { int t; int r; @ smp_rmb(); r = READ_ONCE(*x); }
exists (y=6 /\ 1:r=0))";
    EXPECT_EQ(verdict(with(text, "atomic_inc(y);")), "Sometimes");
    EXPECT_EQ(verdict(with(text, "t = atomic_inc_return_relaxed(y);")), "Never");
}

TEST(LitmusInterpreter, BarriersBesideAtomicsNeedAnAtomic) {
    const std::string text = R"(C SB
{}
P0(int *x, int *y, atomic_t *a) { int r; WRITE_ONCE(*x, 1); @ r = READ_ONCE(*y); }
P1(int *x, int *y) { int r; WRITE_ONCE(*y, 1); smp_mb(); r = READ_ONCE(*x); }
exists (0:r=0 /\ 1:r=0))";
    EXPECT_EQ(verdict(with(text, "smp_mb__before_atomic(); atomic_inc(a);")), "Never");
    EXPECT_EQ(verdict(with(text, "atomic_inc(a); smp_mb__after_atomic();")), "Never");
    EXPECT_EQ(verdict(with(text, "smp_mb__before_atomic();")), "Sometimes");
    EXPECT_EQ(verdict(with(text, "smp_mb__after_atomic();")), "Sometimes");
    // It is an update also where it fails.
    EXPECT_EQ(verdict(with(text, "r = atomic_cmpxchg(a, 5, 6); smp_mb__after_atomic();")), "Never");
    EXPECT_EQ(verdict(with(text, "atomic_inc(a);")), "Sometimes");
}

TEST(LitmusInterpreter, LocksExcludeAndOrder) {
    const std::string text = R"(C locks
{}
P0(spinlock_t *l, int *x) { int r; spin_lock(l); r = READ_ONCE(*x); WRITE_ONCE(*x, r + 1);
    spin_unlock(l); }
P1(spinlock_t *l, int *x) { int r; spin_lock(l); r = READ_ONCE(*x); WRITE_ONCE(*x, r + 1);
    spin_unlock(l); }
forall (x=2))";
    for (const Model model : {Model::sc, Model::rc11, Model::lkmm}) {
        EXPECT_EQ(verdict(text, model), "Always");
    }
}

TEST(LitmusInterpreter, GivingALockBackIsAReleaseThatAWriteBarrierPassesOn) {
    const std::string text = R"(C unlock-wmb
{}
P0(int *x) { WRITE_ONCE(*x, 1); }
P1(int *x, int *y, spinlock_t *l) { int r; r = READ_ONCE(*x);
    @ smp_wmb(); WRITE_ONCE(*y, 1); }
P2(int *x, int *y) { int r; int s; r = READ_ONCE(*y); smp_rmb(); s = READ_ONCE(*x); }
exists (1:r=1 /\ 2:r=1 /\ 2:s=0))";
    EXPECT_EQ(verdict(with(text, "spin_lock(l); spin_unlock(l);")), "Never");
    EXPECT_EQ(verdict(with(text, "spin_lock(l);")), "Sometimes");
}

TEST(LitmusInterpreter, TryingForALockMayFailLate) {
    const std::string text = R"(C trylock
{}
P0(spinlock_t *l, int *x) { spin_lock(l); spin_unlock(l); WRITE_ONCE(*x, 1); }
P1(spinlock_t *l, int *x) { int r; int s; r = smp_load_acquire(x); s = spin_trylock(l);
    if (s) spin_unlock(l); }
exists (1:r=1 /\ 1:s=0))";
    EXPECT_EQ(verdict(text), "Sometimes");
    EXPECT_EQ(verdict(text, Model::sc), "Never");
}

TEST(LitmusInterpreter, WhoeverWaitsForEverHasNoFinalState) {
    const Program program = read(R"(C deadlock
{}
P0(spinlock_t *l) { spin_lock(l); spin_lock(l); }
exists (l=0))");
    const auto ran = run("test", program, {});
    ASSERT_TRUE(ran);
    EXPECT_TRUE(ran->deadlocks);
    EXPECT_TRUE(ran->finals.empty());
}

TEST(LitmusInterpreter, FinalStatesOutsideOfTheFilterDoNotCount) {
    const Observation seen = explored(R"(C filter
{}
P0(int *x) { WRITE_ONCE(*x, 1); }
P1(int *x) { int r; r = READ_ONCE(*x); }
filter (1:r=1)
exists (1:r=1))");
    EXPECT_EQ(seen.verdict(), Verdict::always);
    EXPECT_EQ(seen.states, std::vector<std::string>{"1:r=1;"});
}

LitmusError refusal(std::string_view text) {
    const auto ran = run("test", read(text), {});
    EXPECT_FALSE(ran);
    return ran ? LitmusError{} : ran.error();
}

TEST(LitmusInterpreter, WhatGoesAstrayHasNoEndAndIsToldOf) {
    const Program program = read(
        "C wild\n{}\nP0(int **p) {\n  int r; int *q;\n"
        "  q = READ_ONCE(*p);\n  r = READ_ONCE(*q);\n}\n"
        "P1(int **p, int *x) { WRITE_ONCE(*p, x); }\n"
        "locations [0:q;] exists (0:r=0)");
    const auto ran = run("test", program, {});
    ASSERT_TRUE(ran);
    EXPECT_FALSE(ran->deadlocks);
    ASSERT_TRUE(ran->astray);
    EXPECT_EQ(ran->astray->at.line, 6u);
    EXPECT_NE(ran->astray->message.find("the address of nothing"), std::string::npos);
    EXPECT_EQ(observe(program, ran->finals).states, std::vector<std::string>{"0:q=x; 0:r=0;"});
}

TEST(LitmusInterpreter, NobodyGoesAstrayBehindABarrierThatForbidsIt) {
    const std::string text = R"(C guarded
{}
P0(int **p, int *x, int *f) { WRITE_ONCE(*p, x); @ WRITE_ONCE(*f, 1); }
P1(int **p, int *f) { int r; int *q; if (smp_load_acquire(f)) { q = READ_ONCE(*p); r = *q; } }
exists (1:r=0))";
    const auto strays = [&text](std::string_view barrier) {
        const auto ran = run("test", read(with(text, barrier)), {});
        return ran && ran->astray.has_value();
    };
    EXPECT_FALSE(strays("smp_wmb();"));
    EXPECT_TRUE(strays(""));
}

TEST(LitmusInterpreter, AForeignUnlockIsAnErrorWithItsPlace) {
    const LitmusError error =
        refusal("C unlock\n{}\nP0(spinlock_t *l) {\n  spin_unlock(l);\n}\nexists (l=0)");
    EXPECT_EQ(error.at.line, 4u);
    EXPECT_NE(error.message.find("does not hold"), std::string::npos) << error.message;
}

TEST(LitmusInterpreter, WhatIsTooLargeIsRefused) {
    std::string processes = "C many\n{}\n";
    for (int i = 0; i < 9; ++i) {
        processes += "P" + std::to_string(i) + "(int *x) { WRITE_ONCE(*x, 1); }\n";
    }
    EXPECT_TRUE(refusal(processes + "exists (x=1)").unsupported());
    EXPECT_TRUE(refusal("C cells\n{ int a[200]; }\nP0(int *a) { WRITE_ONCE(a[0], 1); }\n"
                        "exists (a[0]=1)")
                    .unsupported());
}

TEST(LitmusInterpreter, EightProcessesRun) {
    std::string text = "C eight\n{}\n";
    for (int i = 0; i < 8; ++i) {
        text += "P" + std::to_string(i) + "(atomic_t *x) { atomic_inc(x); }\n";
    }
    EXPECT_EQ(verdict(text + "forall (x=8)"), "Always");
}

TEST(LitmusInterpreter, ALimitIsSaid) {
    RunConfig config;
    config.states_max = 3;
    const auto ran = run("test", read(R"(C SB
{}
P0(int *x, int *y) { int r; WRITE_ONCE(*x, 1); r = READ_ONCE(*y); }
P1(int *x, int *y) { int r; WRITE_ONCE(*y, 1); r = READ_ONCE(*x); }
exists (0:r=0 /\ 1:r=0))"),
                         config);
    ASSERT_TRUE(ran);
    EXPECT_EQ(ran->limit, "states");
}

TEST(LitmusInterpreter, ANewValueDependsOnWhatWasAdded) {
    const std::string text = R"(C added
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); }
P1(int *x, int *y, int *v) {
    int r; int s; int t; r = READ_ONCE(*y); @ t = READ_ONCE(*(x + (s ^ s)));
}
exists (1:r=1 /\ 1:t=0))";
    EXPECT_EQ(verdict(with(text, "s = atomic_add_return_relaxed(r, v);")), "Never");
    EXPECT_EQ(verdict(with(text, "s = atomic_add_return_relaxed(1, v);")), "Sometimes");
}

}  // namespace
}  // namespace anypage::check::litmus
