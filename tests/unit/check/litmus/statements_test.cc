// Statements and expressions of litmus tests.
#include "tests/unit/check/litmus/program_text.hpp"

namespace anypage::check::litmus {
namespace {

using test::body_of;
using test::refused;
using test::with_body;

TEST(LitmusStatements, AccessesHaveTheirOrders) {
    EXPECT_EQ(body_of("int r1 = READ_ONCE(*x);"), "r1 = load.once(x)->old");
    EXPECT_EQ(body_of("WRITE_ONCE(*x, 2);"), "store.once(x 2)");
    EXPECT_EQ(body_of("int r1; r1 = smp_load_acquire(x);"), "r1 = load.acquire(x)->old");
    EXPECT_EQ(body_of("smp_store_release(x, 3);"), "store.release(x 3)");
    EXPECT_EQ(body_of("r1 = rcu_dereference(*y);"), "r1 = load.once(y)->old");
    EXPECT_EQ(body_of("rcu_assign_pointer(*y, x);"), "store.release(y x)");
    EXPECT_EQ(body_of("smp_store_mb(*x, 1);"), "store.once(x 1); mb");
}

TEST(LitmusStatements, PlainAccessesAreOperationsToo) {
    EXPECT_EQ(body_of("*x = 1;"), "store.plain(x 1)");
    EXPECT_EQ(body_of("int r1 = *x;"), "r1 = load.plain(x)->old");
    EXPECT_EQ(body_of("**y = 1;"), "$3 = load.plain(y)->old; store.plain($3 1)");
    EXPECT_EQ(body_of("*x = *x + 1;"), "$3 = load.plain(x)->old; store.plain(x ($3 + 1))");
    EXPECT_EQ(body_of("if (*x == 1) WRITE_ONCE(*x, 2);"),
              "$3 = load.plain(x)->old; if ($3 == 1) {store.once(x 2)}");
}

TEST(LitmusStatements, FencesAreTold) {
    EXPECT_EQ(body_of("smp_mb(); smp_rmb(); smp_wmb(); barrier();"), "mb; rmb; wmb; compiler");
    EXPECT_EQ(body_of("smp_mb__before_atomic(); smp_mb__after_atomic();"),
              "before_atomic; after_atomic");
    EXPECT_EQ(body_of("smp_mb__after_spinlock(); smp_mb__after_unlock_lock();"),
              "after_spinlock; after_unlock_lock");
    EXPECT_EQ(body_of("smp_read_barrier_depends();"), "read_depends");
}

TEST(LitmusStatements, LocksAreOperations) {
    EXPECT_EQ(body_of("spin_lock(s); spin_unlock(s);"), "lock.acquire(s); unlock.release(s)");
    EXPECT_EQ(body_of("int r1 = spin_trylock(s);"), "r1 = trylock.acquire(s)->success");
    EXPECT_EQ(body_of("int r1 = spin_is_locked(s);"), "r1 = islocked.once(s)->success");
    EXPECT_EQ(body_of("spin_unlock_wait(s);"), "lock.acquire(s); unlock.release(s)");
}

TEST(LitmusStatements, AtomicsReturnOldNewOrNothing) {
    EXPECT_EQ(body_of("atomic_add(2, x);"), "fetch.once(x + 2)");
    EXPECT_EQ(body_of("atomic_dec(x);"), "fetch.once(x + -1)");
    EXPECT_EQ(body_of("atomic_andnot(6, x);"), "fetch.once(x &~ 6)");
    EXPECT_EQ(body_of("int r1 = atomic_inc_return(x);"), "r1 = fetch.full(x + 1)->new");
    EXPECT_EQ(body_of("int r1 = atomic_sub_return_release(2, x);"),
              "r1 = fetch.release(x - 2)->new");
    EXPECT_EQ(body_of("int r1 = atomic_fetch_or_acquire(4, x);"), "r1 = fetch.acquire(x | 4)->old");
    EXPECT_EQ(body_of("atomic_fetch_inc_relaxed(x);"), "fetch.once(x + 1)->old");
    EXPECT_EQ(body_of("int r1 = atomic_long_read(x); atomic64_inc(x);"),
              "r1 = load.once(x)->old; fetch.once(x + 1)");
    EXPECT_EQ(body_of("int r1 = atomic_add_negative_relaxed(1, x);"),
              "$4 = fetch.once(x + 1)->new; r1 = ($4 < 0)");
    EXPECT_EQ(body_of("int r1 = atomic_read(x); atomic_set_release(x, 1);"),
              "r1 = load.once(x)->old; store.release(x 1)");
}

TEST(LitmusStatements, ExchangesTakeOperandsInTheKernelsOrder) {
    EXPECT_EQ(body_of("int r1 = xchg(x, 1);"), "r1 = exchange.full(x 1)->old");
    EXPECT_EQ(body_of("int r1 = atomic_xchg_release(x, 1);"), "r1 = exchange.release(x 1)->old");
    EXPECT_EQ(body_of("int r1 = cmpxchg_acquire(x, 0, 1);"), "r1 = compare.acquire(x 1 if 0)->old");
    EXPECT_EQ(body_of("int r1 = atomic_add_unless(x, 1, 5);"),
              "r1 = unless.full(x 1 if 5)->success");
    EXPECT_EQ(body_of("int r1 = atomic_inc_not_zero(x);"), "r1 = unless.full(x 1 if 0)->success");
}

TEST(LitmusStatements, TestsOfAtomicsAreComputed) {
    EXPECT_EQ(body_of("int r1 = atomic_dec_and_test(x);"),
              "$4 = fetch.full(x + -1)->new; r1 = ($4 == 0)");
    EXPECT_EQ(body_of("if (atomic_add_negative(1, x)) smp_mb();"),
              "$3 = fetch.full(x + 1)->new; if ($3 < 0) {mb}");
}

TEST(LitmusStatements, TryCompareExchangeSetsItsRegister) {
    EXPECT_EQ(body_of("int r1 = 0; int r2; r2 = atomic_try_cmpxchg(x, &r1, 7);"),
              "r1 = 0; $5 = compare.full(x 7 if r1)->old; $6 = ($5 == r1); r1 = $5; r2 = $6");
}

TEST(LitmusStatements, CallsNest) {
    EXPECT_EQ(body_of("WRITE_ONCE(*x, READ_ONCE(*x) + 1);"),
              "$3 = load.once(x)->old; store.once(x ($3 + 1))");
    EXPECT_EQ(body_of("if (cmpxchg(x, 0, 1) == 0) smp_mb();"),
              "$3 = compare.full(x 1 if 0)->old; if ($3 == 0) {mb}");
    EXPECT_EQ(body_of("int r1 = READ_ONCE(*READ_ONCE(*y));"),
              "$4 = load.once(y)->old; r1 = load.once($4)->old");
}

TEST(LitmusStatements, WhatIsNotWantedHasNoDestination) {
    EXPECT_EQ(body_of("xchg(x, 1);"), "exchange.full(x 1)->old");
    EXPECT_EQ(body_of("(void)xchg(x, 1);"), "exchange.full(x 1)->old");
    EXPECT_EQ(body_of("atomic_dec_and_test(x);"), "$3 = fetch.full(x + -1)->new");
}

TEST(LitmusStatements, OperatorsBindAsInC) {
    EXPECT_EQ(body_of("int a = 1 + 2 * 3 - 4;"), "a = ((1 + (2 * 3)) - 4)");
    EXPECT_EQ(body_of("int a = 1 | 2 ^ 3 & 4 == 5;"), "a = (1 | (2 ^ (3 & (4 == 5))))");
    EXPECT_EQ(body_of("int a = 1 < 2 == !0;"), "a = ((1 < 2) == !0)");
    EXPECT_EQ(body_of("int a = -1 - -2 << 3;"), "a = ((-1 - -2) << 3)");
    EXPECT_EQ(body_of("int a = ~(1 % 2) && 3 || 4;"), "a = ((~(1 % 2) && 3) || 4)");
    EXPECT_EQ(body_of("int a = 0x10UL;"), "a = 16");
}

TEST(LitmusStatements, CastsChangeNothing) {
    EXPECT_EQ(body_of("int **a = (int **)READ_ONCE(*y);"), "a = load.once(y)->old");
    EXPECT_EQ(body_of("int a = *(unsigned long *)x;"), "a = load.plain(x)->old");
    EXPECT_EQ(body_of("int a = (int)rcu_dereference(*(int **)x); WRITE_ONCE(*(int *)a, -1+2);"),
              "a = load.once(x)->old; store.once(a (-1 + 2))");
}

TEST(LitmusStatements, AnIndexIsAPlace) {
    EXPECT_EQ(body_of("int a = READ_ONCE(x[1]); x[a] = 2;"),
              "a = load.once((x + 1))->old; store.plain((x + a) 2)");
    EXPECT_EQ(body_of("int *a = &x[1];"), "a = (x + 1)");
}

TEST(LitmusStatements, TheRightSideOfAndRunsOnlyIfAsked) {
    EXPECT_EQ(body_of("int a = 1 && READ_ONCE(*x);"),
              "$5 = (1 != 0); if $5 {$4 = load.once(x)->old; $5 = ($4 != 0)}; a = $5");
    EXPECT_EQ(body_of("int b = 0; if (b || *x) smp_mb();"),
              "b = 0; $5 = (b != 0); if $5 {} else {$4 = load.plain(x)->old; $5 = ($4 != 0)}; "
              "if $5 {mb}");
}

TEST(LitmusStatements, ElseBelongsToTheNearestIf) {
    EXPECT_EQ(body_of("int a = 0; if (a) if (a > 1) smp_mb(); else smp_wmb(); smp_rmb();"),
              "a = 0; if a {if (a > 1) {mb} else {wmb}}; rmb");
    EXPECT_EQ(body_of("int a = 0; if (a) { smp_mb(); } else { ; { smp_wmb(); } }"),
              "a = 0; if a {mb} else {wmb}");
}

TEST(LitmusStatements, DeclarationsTakeAnyType) {
    EXPECT_EQ(body_of("int a, *b; volatile unsigned long c = 1; intptr_t d; foo_t *e = x;"),
              "c = 1; e = x");
}

TEST(LitmusStatements, CommentsAreSkipped) {
    EXPECT_EQ(body_of("/* a */ smp_mb(); // b\n smp_wmb(/* (* */);"), "mb; wmb");
}

// -- What is refused.

LitmusError refused_body(std::string_view statements) { return refused(with_body(statements)); }

TEST(LitmusStatements, RcuIsRefusedWithItsLine) {
    const LitmusError error = refused_body("int r1;\nrcu_read_lock();");
    EXPECT_TRUE(error.unsupported());
    EXPECT_EQ(error.text(),
              "test.litmus:5:1: \"rcu_read_lock\": RCU and SRCU are not modelled; "
              "leave this test out");
    EXPECT_TRUE(refused_body("synchronize_rcu();").unsupported());
    EXPECT_TRUE(refused_body("int i = srcu_read_lock(x);").unsupported());
    EXPECT_TRUE(refused("C a\n{}\nP0(struct srcu_struct *s) {}\nexists (s=1)").unsupported());
}

TEST(LitmusStatements, UnsupportedSaysWhatToDo) {
    EXPECT_TRUE(refused_body("while (1) smp_mb();").unsupported());
    EXPECT_TRUE(refused_body("int r1 = x ? 1 : 2;").unsupported());
    EXPECT_TRUE(refused_body("int a[2];").unsupported());
    EXPECT_TRUE(refused_body("int r1 = x->next;").unsupported());
    EXPECT_TRUE(refused_body("int r1 = 0; r1 += 1;").unsupported());
    EXPECT_TRUE(refused_body("foo(x);").unsupported());
    EXPECT_NE(
        refused_body("atomic_store_explicit(x, 1, memory_order_relaxed);").message.find("C11"),
        std::string::npos);
}

TEST(LitmusStatements, MalformedSaysWhere) {
    const LitmusError error = refused_body("smp_mb()\nsmp_wmb();");
    EXPECT_FALSE(error.unsupported());
    EXPECT_EQ(error.at.line, 5u);
    EXPECT_EQ(error.at.column, 1u);
    EXPECT_EQ(error.message, "\"smp_wmb\" stands where \";\" behind a statement is expected");
}

TEST(LitmusStatements, AParameterIsReadAsThePointerThatItIs) {
    for (const char* const body : {"smp_store_mb(x, 1);", "spin_lock(&s);", "atomic_inc(&x);"}) {
        const Program program = test::read(with_body(body));
        EXPECT_EQ(program.warnings.size(), 1u) << body;
    }
    EXPECT_EQ(body_of("r1 = READ_ONCE(x);"), "r1 = load.once(x)->old");
    EXPECT_EQ(body_of("r1 = smp_load_acquire(&x);"), "r1 = load.acquire(x)->old");
}

TEST(LitmusStatements, TruthHasAName) {
    EXPECT_EQ(body_of("if (true) r1 = false;"), "if 1 {r1 = 0}");
}

TEST(LitmusStatements, MalformedStatementsAreRefused) {
    for (const char* bad : {"READ_ONCE(r1);",
                            "WRITE_ONCE(*x);",
                            "WRITE_ONCE(*x, 1, 2);",
                            "smp_mb(1);",
                            "r1 = smp_mb();",
                            "1 = 2;",
                            "x + 1;",
                            "r1;",
                            "5;",
                            "int;",
                            "if 1 smp_mb();",
                            "r1 = ;",
                            "r1 = (1;",
                            "r1 = 08x;",
                            "r1 = 99999999999999999999;",
                            "xchg(x, 1) = 2;",
                            "r1 = atomic_read(&r1);",
                            "else smp_mb();",
                            "r1 = @;",
                            "{ smp_mb();",
                            "smp_mb(); }"}) {
        EXPECT_FALSE(refused_body(bad).message.empty()) << bad;
    }
}

TEST(LitmusStatements, NestingIsBounded) {
    const std::string deep(5000, '(');
    EXPECT_NE(refused_body("r1 = " + deep).message.find("deep"), std::string::npos);
    EXPECT_NE(refused_body("r1 = " + std::string(5000, '*') + "x;").message.find("deep"),
              std::string::npos);
    EXPECT_NE(refused_body(std::string(5000, '{')).message.find("deep"), std::string::npos);
    std::string sum = "r1 = 1";
    for (int i = 0; i < 5000; ++i) sum += "+1";
    EXPECT_NE(refused_body(sum + ";").message.find("long"), std::string::npos);
}

}  // namespace
}  // namespace anypage::check::litmus
