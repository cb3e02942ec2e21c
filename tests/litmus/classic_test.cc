// The classic shapes under each model: what the literature says of them. SB, MP, LB, IRIW, WRC,
// ISA2, 2+2W, S, R, CoRR: Alglave, Maranget, Tautschnig, "Herding cats" (2014); of C++: Lahav et
// al., "Repairing sequential consistency in C/C++11" (2017); of the kernel: Alglave et al.,
// "Frightening small children and disconcerting grown-ups" (2018).
#include "tests/litmus/explored.hpp"

namespace anypage::check::litmus {
namespace {

struct Shape {
    const char* name;
    const char* sc;
    const char* rc11;
    const char* lkmm;
    const char* text;
};

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << shape.name; }

constexpr const char* never = "Never";
constexpr const char* sometimes = "Sometimes";

const Shape shapes[] = {
    {"SB", never, sometimes, sometimes, R"(C SB
{}
P0(int *x, int *y) { int r; WRITE_ONCE(*x, 1); r = READ_ONCE(*y); }
P1(int *x, int *y) { int r; WRITE_ONCE(*y, 1); r = READ_ONCE(*x); }
exists (0:r=0 /\ 1:r=0))"},
    {"SB_mb", never, never, never, R"(C SB+mb+mb
{}
P0(int *x, int *y) { int r; WRITE_ONCE(*x, 1); smp_mb(); r = READ_ONCE(*y); }
P1(int *x, int *y) { int r; WRITE_ONCE(*y, 1); smp_mb(); r = READ_ONCE(*x); }
exists (0:r=0 /\ 1:r=0))"},
    {"SB_release_acquire", never, sometimes, sometimes, R"(C SB+rel-acq
{}
P0(int *x, int *y) { int r; smp_store_release(x, 1); r = smp_load_acquire(y); }
P1(int *x, int *y) { int r; smp_store_release(y, 1); r = smp_load_acquire(x); }
exists (0:r=0 /\ 1:r=0))"},
    {"SB_full_updates", never, sometimes, never, R"(C SB+xchg
{}
P0(int *x, int *y) { int r; int s; s = xchg(x, 1); r = READ_ONCE(*y); }
P1(int *x, int *y) { int r; int s; s = xchg(y, 1); r = READ_ONCE(*x); }
exists (0:r=0 /\ 1:r=0))"},
    // Who has seen what an update wrote may be ahead of the barrier behind it.
    {"WRC_full_update", never, never, sometimes, R"(C WRC+xchg
{}
P0(int *x) { int r; r = xchg(x, 1); }
P1(int *x, int *y) { int r; r = READ_ONCE(*x); WRITE_ONCE(*y, 1); }
P2(int *x, int *y) { int r; int s; r = READ_ONCE(*y); smp_mb(); s = READ_ONCE(*x); }
exists (1:r=1 /\ 2:r=1 /\ 2:s=0))"},
    {"MP", never, sometimes, sometimes, R"(C MP
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 1); }
P1(int *x, int *y) { int r; int s; r = READ_ONCE(*y); s = READ_ONCE(*x); }
exists (1:r=1 /\ 1:s=0))"},
    {"MP_release_acquire", never, never, never, R"(C MP+rel+acq
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_store_release(y, 1); }
P1(int *x, int *y) { int r; int s; r = smp_load_acquire(y); s = READ_ONCE(*x); }
exists (1:r=1 /\ 1:s=0))"},
    {"MP_wmb_rmb", never, never, never, R"(C MP+wmb+rmb
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); }
P1(int *x, int *y) { int r; int s; r = READ_ONCE(*y); smp_rmb(); s = READ_ONCE(*x); }
exists (1:r=1 /\ 1:s=0))"},
    {"MP_release_sequence", never, never, never, R"(C MP+rel-inc+acq
{}
P0(int *x, atomic_t *y) { WRITE_ONCE(*x, 1); smp_store_release(y, 1); }
P1(atomic_t *y) { atomic_inc(y); }
P2(int *x, atomic_t *y) { int r; int s; r = smp_load_acquire(y); s = READ_ONCE(*x); }
exists (2:r=2 /\ 2:s=0))"},
    {"LB_ordered", never, never, never, R"(C LB+acq+acq
{}
P0(int *x, int *y) { int r; r = smp_load_acquire(x); WRITE_ONCE(*y, 1); }
P1(int *x, int *y) { int r; r = smp_load_acquire(y); WRITE_ONCE(*x, 1); }
exists (0:r=1 /\ 1:r=1))"},
    {"IRIW_acquire", never, sometimes, sometimes, R"(C IRIW+acq
{}
P0(int *x) { WRITE_ONCE(*x, 1); }
P1(int *x, int *y) { int r; int s; r = smp_load_acquire(x); s = READ_ONCE(*y); }
P2(int *y) { WRITE_ONCE(*y, 1); }
P3(int *x, int *y) { int r; int s; r = smp_load_acquire(y); s = READ_ONCE(*x); }
exists (1:r=1 /\ 1:s=0 /\ 3:r=1 /\ 3:s=0))"},
    {"IRIW_mb", never, never, never, R"(C IRIW+mb
{}
P0(int *x) { WRITE_ONCE(*x, 1); }
P1(int *x, int *y) { int r; int s; r = READ_ONCE(*x); smp_mb(); s = READ_ONCE(*y); }
P2(int *y) { WRITE_ONCE(*y, 1); }
P3(int *x, int *y) { int r; int s; r = READ_ONCE(*y); smp_mb(); s = READ_ONCE(*x); }
exists (1:r=1 /\ 1:s=0 /\ 3:r=1 /\ 3:s=0))"},
    {"WRC_release_acquire", never, never, never, R"(C WRC+rel+acq
{}
P0(int *x) { WRITE_ONCE(*x, 1); }
P1(int *x, int *y) { int r; r = READ_ONCE(*x); smp_store_release(y, 1); }
P2(int *x, int *y) { int r; int s; r = smp_load_acquire(y); s = READ_ONCE(*x); }
exists (1:r=1 /\ 2:r=1 /\ 2:s=0))"},
    {"WRC_wmb", never, never, sometimes, R"(C WRC+wmb+rmb
{}
P0(int *x) { WRITE_ONCE(*x, 1); }
P1(int *x, int *y) { int r; r = READ_ONCE(*x); smp_wmb(); WRITE_ONCE(*y, 1); }
P2(int *x, int *y) { int r; int s; r = READ_ONCE(*y); smp_rmb(); s = READ_ONCE(*x); }
exists (1:r=1 /\ 2:r=1 /\ 2:s=0))"},
    {"ISA2_release_acquire", never, never, never, R"(C ISA2+rel+acq-rel+acq
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_store_release(y, 1); }
P1(int *y, int *z) { int r; r = smp_load_acquire(y); smp_store_release(z, 1); }
P2(int *x, int *z) { int r; int s; r = smp_load_acquire(z); s = READ_ONCE(*x); }
exists (1:r=1 /\ 2:r=1 /\ 2:s=0))"},
    {"TwoPlusTwoW", never, sometimes, sometimes, R"(C 2+2W
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 2); }
P1(int *x, int *y) { WRITE_ONCE(*y, 1); WRITE_ONCE(*x, 2); }
exists (x=1 /\ y=1))"},
    {"TwoPlusTwoW_release", never, sometimes, sometimes, R"(C 2+2W+rel
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_store_release(y, 2); }
P1(int *x, int *y) { WRITE_ONCE(*y, 1); smp_store_release(x, 2); }
exists (x=1 /\ y=1))"},
    {"S_acquire", never, never, never, R"(C S+wmb+acq
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 2); smp_store_release(y, 1); }
P1(int *x, int *y) { int r; r = smp_load_acquire(y); WRITE_ONCE(*x, 1); }
exists (1:r=1 /\ x=2))"},
    {"R_mb", never, never, never, R"(C R+mb+mb
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_mb(); WRITE_ONCE(*y, 1); }
P1(int *x, int *y) { int r; WRITE_ONCE(*y, 2); smp_mb(); r = READ_ONCE(*x); }
exists (y=2 /\ 1:r=0))"},
    {"R_wmb", never, sometimes, sometimes, R"(C R+wmb+mb
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); }
P1(int *x, int *y) { int r; WRITE_ONCE(*y, 2); smp_mb(); r = READ_ONCE(*x); }
exists (y=2 /\ 1:r=0))"},
    {"CoRR", never, never, never, R"(C CoRR
{}
P0(int *x) { WRITE_ONCE(*x, 1); }
P1(int *x) { int r; int s; r = READ_ONCE(*x); s = READ_ONCE(*x); }
exists (1:r=1 /\ 1:s=0))"},
    {"Atomicity", never, never, never, R"(C inc
{}
P0(atomic_t *x) { atomic_inc(x); }
P1(atomic_t *x) { atomic_inc(x); }
P2(atomic_t *x) { atomic_inc(x); }
exists (not (x=3)))"},
};

class Classic : public ::testing::TestWithParam<Shape> {};

TEST_P(Classic, UnderSequentialConsistency) {
    EXPECT_EQ(verdict(GetParam().text, Model::sc), GetParam().sc);
}
TEST_P(Classic, UnderRc11) { EXPECT_EQ(verdict(GetParam().text, Model::rc11), GetParam().rc11); }
TEST_P(Classic, UnderLkmm) { EXPECT_EQ(verdict(GetParam().text), GetParam().lkmm); }

INSTANTIATE_TEST_SUITE_P(All, Classic, ::testing::ValuesIn(shapes),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace anypage::check::litmus
