// The classic shapes under each memory model: whether the outcome that each is known for may be,
// and in how many states the engine finds that out.
//
// The outcomes are those of the literature (RC11: Lahav et al., PLDI 2017, with the release
// sequences of C++20; LKMM: tools/memory-model) but for load buffering: what needs a read to be
// overtaken by a write after it is not explored (LB, S and ISA2 without dependencies in lkmm).
#include <gtest/gtest.h>

#include <algorithm>

#include "naive_engine.hpp"
#include "naive_explorer.hpp"
#include "naive_reader.hpp"

namespace anypage::naive {
namespace {

struct Shape {
    const char* name;
    const char* program;
    const char* outcome;
    const char* allowed;  ///< by sc, rc11, lkmm: + or -
    unsigned states[3];   ///< golden: they change with the reductions, not by accident
};

constexpr Shape shapes[] = {
    {"SB", "x=1 y? | y=1 x?", "00", "-++", {4, 8, 8}},
    {"SB+mbs", "x=1 mb y? | y=1 mb x?", "00", "---", {9, 12, 12}},
    {"SB+mb+po", "x=1 mb y? | y=1 x?", "00", "-++", {6, 10, 10}},
    {"SB+wmbs", "x=1 wmb y? | y=1 wmb x?", "00", "-++", {9, 13, 13}},
    {"SB+rel+acq", "x=1R y?A | y=1R x?A", "00", "-++", {4, 8, 8}},
    {"SB+scloads", "x=1 y?S | y=1 x?S", "00", "-+-", {4, 8, 4}},
    {"SB+rmws+po", "x!1S y? | y!1S x?", "0000", "-+-", {4, 8, 14}},
    {"SB+rmws+sc", "x!1S y?S | y!1S x?S", "0000", "---", {4, 4, 12}},
    {"SB+mb+scrmw", "x=1 mb y? | y!1S x?S", "000", "---", {6, 8, 12}},
    {"MP", "x=1 y=1 | y? x?", "10", "-++", {4, 7, 7}},
    {"MP+wmb+rmb", "x=1 wmb y=1 | y? rmb x?", "10", "---", {9, 11, 11}},
    {"MP+wmb+po", "x=1 wmb y=1 | y? x?", "10", "-++", {6, 9, 9}},
    {"MP+po+rmb", "x=1 y=1 | y? rmb x?", "10", "-++", {6, 9, 9}},
    {"MP+mb+po", "x=1 mb y=1 | y? x?", "10", "-++", {6, 9, 9}},
    {"MP+mb+rmb", "x=1 mb y=1 | y? rmb x?", "10", "---", {9, 11, 11}},
    {"MP+rel+acq", "x=1 y=1R | y?A x?", "10", "---", {4, 6, 6}},
    {"MP+rel+po", "x=1 y=1R | y? x?", "10", "-++", {4, 7, 7}},
    {"MP+po+acq", "x=1 y=1 | y?A x?", "10", "-++", {4, 7, 7}},
    {"MP+wmb+acq", "x=1 wmb y=1 | y?A x?", "10", "---", {6, 8, 8}},
    {"MP+rel+rmb", "x=1 y=1R | y? rmb x?", "10", "---", {6, 8, 8}},
    {"MP+wmb+mb", "x=1 wmb y=1 | y? mb x?", "10", "---", {9, 11, 11}},
    {"MP+xchg+xchg", "x=1 y!1B | y!2B x?", "010", "---", {4, 5, 5}},
    {"LB", "x? y=1 | y? x=1", "11", "---", {4, 6, 6}},
    {"LB+rel+acq", "x?A y=1R | y?A x=1R", "11", "---", {4, 6, 6}},
    {"S", "x=2 y=1 | y? x=1", "1 x=2", "-++", {4, 8, 8}},
    {"S+wmb+po", "x=2 wmb y=1 | y? x=1", "1 x=2", "-+-", {6, 10, 9}},
    {"S+wmb+rmb", "x=2 wmb y=1 | y? rmb x=1", "1 x=2", "---", {9, 12, 12}},
    {"S+rel+acq", "x=2 y=1R | y?A x=1", "1 x=2", "---", {4, 7, 7}},
    {"R", "x=1 y=1 | y=2 x?", "0 y=2", "-++", {4, 9, 9}},
    {"R+wmb+mb", "x=1 wmb y=1 | y=2 mb x?", "0 y=2", "-++", {9, 14, 14}},
    {"R+rel+mb", "x=1 y=1R | y=2 mb x?", "0 y=2", "-++", {6, 11, 11}},
    {"R+mbs", "x=1 mb y=1 | y=2 mb x?", "0 y=2", "---", {9, 13, 13}},
    {"TwoPlusTwoW", "x=1 y=2 | y=1 x=2", "x=1 y=1", "-++", {4, 10, 10}},
    {"TwoPlusTwoW+wmbs", "x=1 wmb y=2 | y=1 wmb x=2", "x=1 y=1", "-++", {9, 15, 15}},
    {"TwoPlusTwoW+rels", "x=1 y=2R | y=1 x=2R", "x=1 y=1", "-++", {4, 10, 10}},
    {"TwoPlusTwoW+mbs", "x=1 mb y=2 | y=1 mb x=2", "x=1 y=1", "---", {9, 14, 14}},
    {"WRC", "x=1 | x? y=1 | y? x?", "110", "-++", {15, 23, 23}},
    {"WRC+rel+acq", "x=1 | x? y=1R | y?A x?", "110", "---", {15, 22, 22}},
    {"WRC+po+rmb", "x=1 | x? y=1 | y? rmb x?", "110", "-++", {22, 30, 30}},
    {"WRC+wmb+rmb", "x=1 | x? wmb y=1 | y? rmb x?", "110", "--+", {32, 39, 40}},
    {"WRC+mb+rmb", "x=1 | x? mb y=1 | y? rmb x?", "110", "---", {32, 39, 39}},
    {"ISA2", "x=1 y=1 | y? z=1 | z? x?", "110", "-++", {26, 34, 34}},
    {"ISA2+rel+acqrel+acq", "x=1 y=1R | y?A z=1R | z?A x?", "110", "---", {26, 33, 33}},
    {"ISA2+wmb+po+rmb", "x=1 wmb y=1 | y? z=1 | z? rmb x?", "110", "-++", {52, 60, 60}},
    {"WWC", "x=2 | x? y=1 | y? x=1", "21 x=2", "-++", {16, 27, 27}},
    {"W+RWC+rel+acq+mb", "x=1 y=1R | y?A z? | z=1 mb x?", "100", "-++", {37, 47, 47}},
    {"W+RWC+mb+acq+mb", "x=1 mb y=1 | y?A z? | z=1 mb x?", "100", "---", {52, 71, 71}},
    {"Z6.2+rel+acqrel+acq", "x=1 y=1R | y?A z=1R | z?A x=2", "11 x=1", "---", {26, 35, 35}},
    {"IRIW", "x=1 | y=1 | x? y? | y? x?", "1010", "-++", {50, 74, 74}},
    {"IRIW+acqs", "x=1 | y=1 | x?A y?A | y?A x?A", "1010", "-++", {50, 74, 74}},
    {"IRIW+rmbs", "x=1 | y=1 | x? rmb y? | y? rmb x?", "1010", "-++", {103, 127, 127}},
    {"IRIW+mbs", "x=1 | y=1 | x? mb y? | y? mb x?", "1010", "---", {103, 132, 132}},
    {"IRIW+scloads", "x=1 | y=1 | x?S y?S | y?S x?S", "1010", "---", {50, 62, 68}},
    {"CoRR", "x=1 | x? x?", "10", "---", {2, 4, 4}},
    {"CoWR", "x=1 x? | x=2", "2 x=1", "---", {2, 5, 5}},
    {"CoRW1", "x? x=1", "1", "---", {0, 0, 0}},
    {"CoRW2", "x? x=1 | x=2", "2 x=2", "---", {2, 5, 5}},
    {"CoWW", "x=1 x=2", "x=1", "---", {0, 0, 0}},
    {"CoRR2", "x=1 | x=2 | x? x? | x? x?", "1221", "---", {95, 185, 185}},
    {"RelSeq+rmw", "x=1 y=1R | y+1 | y?A x?", "120", "---", {16, 24, 24}},
    {"RelSeq+wmb+rmw", "x=1 wmb y=1 | y+1 | y? rmb x?", "120", "---", {34, 42, 42}},
    {"RelSeq+store", "x=1 y=1R y=2 | y?A x?", "20", "-++", {7, 10, 10}},
    {"RMW+add+add", "x+1 | x+1", "00", "---", {1, 1, 1}},
    {"RMW+add+store", "x+1 | x=2", "0 x=1", "---", {1, 2, 2}},
    {"RMW+cas+cas", "x:01 | x:01", "00", "---", {1, 1, 1}},
    {"MP+rel+cas", "x=1 y=1R | y:10B x?", "10", "---", {4, 6, 6}},
    {"Failed+cas+full", "x=1 wmb y=1 | y:02S x?", "10", "--+", {6, 8, 12}},
    {"Locked+SB", "+A x=1 y? -A | +A y=1 x? -A", "00", "---", {1, 1, 1}},
    {"Unlock+lock+MP", "+A x=1 -A +A y=1 -A | y? rmb x?", "10", "-+-", {20, 23, 22}},
    {"Lock+read+wmb", "x=1 | +A x? -A wmb y=1 | y? rmb x?", "110", "---", {49, 56, 56}},
};

class Shapes : public testing::TestWithParam<Shape> {};

TEST_P(Shapes, AreAsInTheLiterature) {
    const Shape& shape = GetParam();
    for (unsigned model = 0; model < 3; ++model) {
        Program program = read_program(shape.program);
        program.model = static_cast<Model>(model);
        SCOPED_TRACE(text(program));
        const OnEngine engine = run_on_engine(program, {true, true, true});
        EXPECT_TRUE(engine.complete);
        EXPECT_FALSE(engine.behaviour.stuck);
        EXPECT_EQ(has_outcome(engine.behaviour, program, shape.outcome),
                  shape.allowed[model] == '+');
        EXPECT_EQ(engine.states, shape.states[model]);
        const Explored naive = explore(program, 2'000'000);
        EXPECT_TRUE(naive.complete);
        EXPECT_EQ(naive.behaviour, engine.behaviour);
    }
}

std::string name_of(const testing::TestParamInfo<Shape>& info) {
    std::string name = info.param.name;
    const auto plain = [](char c) { return c == '+' || c == '.'; };
    std::replace_if(name.begin(), name.end(), plain, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(All, Shapes, testing::ValuesIn(shapes), name_of);

}  // namespace
}  // namespace anypage::naive
