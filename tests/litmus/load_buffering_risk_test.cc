// LoadBufferingRisk: told from the text.
#include "check/litmus/load_buffering_risk.hpp"

#include "tests/litmus/explored.hpp"

namespace anypage::check::litmus {
namespace {

/// Of LB, with this between the read and the write of both processes.
LoadBufferingRisk risk_of(std::string_view between, std::string_view write = "WRITE_ONCE(*y, 1);") {
    const std::string text = R"(C LB
{}
P0(int *x, int *y, int *z, spinlock_t *l) { int r; int s; r = READ_ONCE(*x); @ }
P1(int *x, int *y, int *z, spinlock_t *l) { int r; r = smp_load_acquire(y); WRITE_ONCE(*x, 1); }
exists (0:r=1 /\ 1:r=1))";
    return load_buffering_risk(read(with(text, std::string(between) + std::string(write))));
}

TEST(LitmusLoadBufferingRisk, IsNoneWhereTheTextOrdersEachReadBeforeEachWrite) {
    EXPECT_EQ(risk_of("smp_mb();"), LoadBufferingRisk::none);
    EXPECT_EQ(risk_of("s = xchg(z, 1);"), LoadBufferingRisk::none);
    EXPECT_EQ(risk_of("", "smp_store_release(y, 1);"), LoadBufferingRisk::none);
    EXPECT_EQ(risk_of("", "WRITE_ONCE(*y, r);"), LoadBufferingRisk::none);
    EXPECT_EQ(risk_of("", "WRITE_ONCE(*(y + r - r), 1);"), LoadBufferingRisk::none);
    EXPECT_EQ(risk_of("if (r)", "WRITE_ONCE(*y, 1);"), LoadBufferingRisk::none);
    EXPECT_EQ(risk_of("if (r) { smp_mb(); ", "WRITE_ONCE(*y, 1); }"), LoadBufferingRisk::none);
    EXPECT_EQ(risk_of("smp_rmb(); s = READ_ONCE(*z);", "WRITE_ONCE(*y, s);"),
              LoadBufferingRisk::none);
    EXPECT_EQ(risk_of("WRITE_ONCE(*z, r); smp_wmb();"), LoadBufferingRisk::none);
    EXPECT_EQ(risk_of("spin_lock(l); spin_unlock(l); spin_lock(l);",
                      "WRITE_ONCE(*y, 1); spin_unlock(l);"),
              LoadBufferingRisk::none);
}

TEST(LitmusLoadBufferingRisk, IsNoneWithoutAReadBeforeAWriteOfWhatIsShared) {
    EXPECT_EQ(load_buffering_risk(read(R"(C IRIW
{}
P0(int *x) { WRITE_ONCE(*x, 1); }
P1(int *x, int *y) { int r; int s; r = READ_ONCE(*x); if (r) smp_mb(); s = READ_ONCE(*y); }
P2(int *x, int *y) { int r; int s; r = READ_ONCE(*y); s = READ_ONCE(*x); }
P3(int *y) { WRITE_ONCE(*y, 1); }
exists (1:r=1))")),
              LoadBufferingRisk::none);
    EXPECT_EQ(risk_of("", "WRITE_ONCE(*z, 1);"), LoadBufferingRisk::none);
}

TEST(LitmusLoadBufferingRisk, IsSoughtWhereEachProcessDoesTheSameInAnyCase) {
    EXPECT_EQ(risk_of(""), LoadBufferingRisk::sought);
    EXPECT_EQ(risk_of("smp_wmb();"), LoadBufferingRisk::sought);
    EXPECT_EQ(risk_of("s = xchg_relaxed(z, 1);"), LoadBufferingRisk::sought);
    EXPECT_EQ(risk_of("atomic_inc(z); smp_mb__after_atomic();"), LoadBufferingRisk::sought);
    EXPECT_EQ(risk_of("spin_lock(l); smp_mb__after_spinlock(); spin_unlock(l);"),
              LoadBufferingRisk::sought);
}

TEST(LitmusLoadBufferingRisk, StaysWhereWhatIsReadDecidesWhatIsDone) {
    EXPECT_EQ(risk_of("if (r) smp_mb();"), LoadBufferingRisk::stays);
    EXPECT_EQ(risk_of("if (r) r = 2;", "WRITE_ONCE(*y, r);"), LoadBufferingRisk::stays);
    EXPECT_EQ(risk_of("if (r == 0) { smp_mb(); } else { s = 1; }"), LoadBufferingRisk::stays);
    EXPECT_EQ(risk_of("s = cmpxchg(z, 0, 1);"), LoadBufferingRisk::stays);
    EXPECT_EQ(risk_of("s = READ_ONCE(*(z + r));"), LoadBufferingRisk::stays);
    EXPECT_EQ(risk_of("s = READ_ONCE(*(z + (r ^ r)));"), LoadBufferingRisk::sought);
    EXPECT_EQ(risk_of("s = spin_trylock(l);"), LoadBufferingRisk::stays);
    EXPECT_EQ(risk_of("atomic_inc(z); s = READ_ONCE(*z); smp_mb__after_atomic();"),
              LoadBufferingRisk::stays);
}

}  // namespace
}  // namespace anypage::check::litmus
