// Litmus tests as a whole: head, initial state, parameters, registers.
#include "tests/unit/check/litmus/program_text.hpp"

namespace anypage::check::litmus {
namespace {

using test::read;
using test::refused;

/// A test with this initial state, and one process that does nothing with x.
std::string with_state(std::string_view state) {
    return "C state\n{" + std::string(state) + "}\nP0(int *x) { int r0; }\nexists (x=0)\n";
}

const Location* location(const Program& program, std::string_view name) {
    for (const Location& one : program.locations) {
        if (one.name == name) return &one;
    }
    return nullptr;
}

std::string initial(const Program& program, std::string_view name, std::size_t element = 0) {
    const Location* found = location(program, name);
    return found == nullptr ? "none" : program.text_of(found->initial.at(element));
}

TEST(LitmusProgram, TheHeadIsReadUpToTheBrace) {
    const Program program = read(
        "C some/name+a-b\n\"A doc\"\nHash=12\n(* a { (* nested *) *)\n// {\n{}\n"
        "(* one *) P0(int *x) {}\n(* two *)\nvoid P1(void) {}\nexists (x=0) (* three *)\n");
    EXPECT_EQ(program.name, "some/name+a-b");
    EXPECT_EQ(program.processes.size(), 2u);
}

TEST(LitmusProgram, WhatIsOnlyForACompilerIsSkipped) {
    const Program program = read(
        "C a\n{ int *0:r1; }\n{\n#include \"api.h\"\nenum { one };\n}\n"
        "P0(int *x) { *x = 1; }\n{ int behind@; }\nP1(int *x) {}\nexists (x=0)");
    EXPECT_EQ(program.processes.size(), 2u);
    EXPECT_EQ(test::Text(program, 0).all(), "store.plain(x 1)");
    EXPECT_EQ(refused("C a\n{}\n{ {}\nP0(int *x) {}\nexists (x=0)").at.line, 3u);
}

TEST(LitmusProgram, AnEmptyStateIsAllZero) {
    const Program program = read(with_state(""));
    EXPECT_EQ(initial(program, "x"), "0");
    EXPECT_EQ(program.cells(), 1u);
}

TEST(LitmusProgram, TheStateHasManyForms) {
    const Program program = read(
        with_state("x; y=-2; int z = 3; int *p = &x; int *q=x; volatile int *v = z;; atomic_t a = "
                   "ATOMIC_INIT(4); spinlock_t l; [w]=5; int [u]=6; h=0x1f; n = NULL; (* c *) // "
                   "d\n /* e */"));
    EXPECT_EQ(initial(program, "y"), "-2");
    EXPECT_EQ(initial(program, "z"), "3");
    EXPECT_EQ(initial(program, "p"), "x");
    EXPECT_EQ(initial(program, "q"), "x");
    EXPECT_EQ(initial(program, "v"), "z");
    EXPECT_EQ(initial(program, "a"), "4");
    EXPECT_EQ(initial(program, "l"), "0");
    EXPECT_EQ(initial(program, "w"), "5");
    EXPECT_EQ(initial(program, "u"), "6");
    EXPECT_EQ(initial(program, "h"), "31");
    EXPECT_EQ(initial(program, "n"), "0");
}

TEST(LitmusProgram, ArraysHaveCells) {
    const Program program = read(with_state("int a[3] = {1, &a[2], x}; int b[2]; int *p = &b[1];"));
    EXPECT_EQ(initial(program, "a", 0), "1");
    EXPECT_EQ(initial(program, "a", 1), "a[2]");
    EXPECT_EQ(initial(program, "a", 2), "x");
    EXPECT_EQ(initial(program, "p"), "b[1]");
    EXPECT_EQ(program.cells(), 7u);
    const auto cell = program.cell_at(location(program, "p")->initial[0]);
    ASSERT_TRUE(cell);
    EXPECT_EQ(program.cell_name(*cell), "b[1]");
    EXPECT_EQ(program.initial_of(1), location(program, "a")->initial[1]);
}

TEST(LitmusProgram, AnAddressMayBeWrittenAtLength) {
    const Program program = read(with_state("int a[2] = {*(&x), 1}; int *p = *(&a[1]);"));
    EXPECT_EQ(initial(program, "a", 0), "x");
    EXPECT_EQ(initial(program, "p"), "a[1]");
}

TEST(LitmusProgram, AddressesAreToldFromNumbers) {
    const Program program = read(with_state("int a[2];"));
    EXPECT_EQ(program.cell_at(Program::address_of(0, 1)), 1u);
    EXPECT_EQ(program.cell_at(Program::address_of(0, 2)), std::nullopt);
    EXPECT_EQ(program.cell_at(Program::address_of(9)), std::nullopt);
    EXPECT_EQ(program.cell_at(0), std::nullopt);
    EXPECT_EQ(program.cell_at(-1), std::nullopt);
    EXPECT_EQ(program.cell_at(Program::address_of(0) - 1), std::nullopt);
}

TEST(LitmusProgram, ParametersAreRegistersWithAddresses) {
    const Program program = read(
        "C parameters\n{ 0:r1 = y; P1:r2 = 7; int 1:r3 = 1; }\nP0(int *x, volatile int **y) {\n"
        "WRITE_ONCE(*y, r1); }\nP1(intptr_t *y, int z[]) { WRITE_ONCE(*y, r2 + r3); }\n"
        "exists (y=0)\n");
    const auto& registers = program.processes[0].registers;
    ASSERT_EQ(registers.size(), 3u);
    EXPECT_EQ(registers[0].name, "r1");
    EXPECT_EQ(program.text_of(registers[0].initial), "y");
    EXPECT_EQ(registers[1].name, "x");
    EXPECT_EQ(program.text_of(registers[1].initial), "x");
    EXPECT_EQ(program.processes[1].registers[0].initial, 7);
    EXPECT_NE(location(program, "z"), nullptr);
}

TEST(LitmusProgram, ProcessesMayComeInAnyOrder) {
    const Program program =
        read("C order\n{}\nP1(int *x) { smp_mb(); }\nP0(int *x) { smp_wmb(); }\nexists (x=0)");
    EXPECT_EQ(test::Text(program, 0).all(), "wmb");
    EXPECT_EQ(test::Text(program, 1).all(), "mb");
}

TEST(LitmusProgram, ARegisterThatIsNeverSetIsToldOf) {
    const Program program = read("C a\n{}\nP0(int *x) { *x = r1; }\nexists (x=0)");
    ASSERT_EQ(program.warnings.size(), 1u);
    EXPECT_EQ(program.warnings[0].at.line, 3u);
    EXPECT_EQ(program.warnings[0].at.column, 19u);
    EXPECT_EQ(program.warnings[0].message, "\"r1\" is never set in P0: it is 0");
    const Program local = read("C a\n{}\nP0(int *x) { *y = 1; }\nP1(int *y) {}\nexists (x=0)");
    ASSERT_EQ(local.warnings.size(), 1u);
    EXPECT_EQ(local.warnings[0].message,
              "\"y\" is never set in P0: it is 0; for the location add it to the parameters");
    read("C a\n{}\nP0(int *x) { int r1; *x = r1; }\nexists (x=0)");
    read("C a\n{}\nP0(int *x) { if (*x) r1 = 1; *x = r1; }\nexists (x=0)");
}

TEST(LitmusProgram, OtherKindsOfTestsAreRefusedByName) {
    EXPECT_TRUE(refused("PPC x\n{}\n").unsupported());
    EXPECT_TRUE(refused("LISA x\n{}\n").unsupported());
    EXPECT_TRUE(refused(with_state("struct srcu_struct ss;")).unsupported());
}

TEST(LitmusProgram, MalformedFilesAreRefused) {
    for (const char* bad : {"",
                            "C",
                            "C x",
                            "C x {",
                            "C x {}",
                            "C x {} exists (x=1)",
                            "C x (* {}",
                            "hello world",
                            "C x {} P0(int *x) {",
                            "C x {} P0(int x) {}",
                            "C x {} P0(int *x {}",
                            "C x {} P0(*x) {}",
                            "C x {} P0() {} P0() {}",
                            "C x {} P1() {}",
                            "C x {} thread(int *x) {}",
                            "C x {} P0() /* ",
                            "C x {} P99999999999999999999() {}",
                            "C x {} P0() {} junk",
                            "C x {} P0() {}\x01",
                            "C x {int a[0];} P0() {}",
                            "C x {int a[2]={1};} P0() {}",
                            "C x {a=1;a=2;} P0() {}",
                            "C x {a=1 b=2} P0() {}",
                            "C x {int a[99999999];} P0() {}",
                            "C x {7:r1=0;} P0() {}",
                            "C x {0:r1=0; 0:r1=1;} P0() {}",
                            "C x {=} P0() {}",
                            "C x {a=$} P0() {}"}) {
        EXPECT_FALSE(refused(bad).message.empty()) << bad;
    }
}

TEST(LitmusProgram, NoPrefixOfATestIsACrash) {
    const std::string text =
        "C a\n(* c *)\n{ int a[2] = {1, &b}; 0:r1 = -1; }\nP0(int *x, spinlock_t *s)\n{\n"
        "  int r2 = READ_ONCE(*x); if (r2 && *x == 1) { spin_lock(s); } else x[1] = ~r1;\n}\n"
        "locations [x; 0:r2 int;]\nfilter (x=1)\nforall (0:r1=-1 /\\ (x=&a \\/ not (x=[b])))\n";
    for (std::size_t size = 0; size < text.size(); ++size) {
        const auto program = read_litmus("cut", std::string_view(text).substr(0, size));
        EXPECT_TRUE(program || !program.error().message.empty());
    }
    EXPECT_TRUE(read_litmus("whole", text));
}

}  // namespace
}  // namespace anypage::check::litmus
