// What litmus tests ask: conditions, locations, filters.
#include "check/litmus/observation.hpp"
#include "tests/unit/check/litmus/program_text.hpp"

namespace anypage::check::litmus {
namespace {

using test::read;
using test::refused;

std::string with_question(std::string_view question) {
    return "C question\n{ int a[2]; int *p = &x; }\nP0(int *x, int *y) { int r1; int r10; int r2; "
           "}\n"
           "P1(int *x) { int r1; }\n" +
           std::string(question);
}

/// The condition as it is printed.
std::string condition(std::string_view question) {
    const Program program = read(with_question(question));
    return text_of(program, program.condition);
}

std::vector<std::string> observed(std::string_view question) {
    const Program program = read(with_question(question));
    std::vector<std::string> names;
    for (std::size_t i = 0; i < program.observed.size(); ++i) {
        names.push_back(program.text_of(program.observed[i]) + (program.shown[i] ? "" : "?"));
    }
    return names;
}

TEST(LitmusQuestion, ConditionsPrintAsHerdPrintsThem) {
    EXPECT_EQ(condition("exists (0:r1=1 /\\ x=2)"), "exists (0:r1=1 /\\ [x]=2)");
    EXPECT_EQ(condition("~exists (0:r1=-1)"), "~exists (0:r1=-1)");
    EXPECT_EQ(condition("~ exists x=0x10"), "~exists ([x]=16)");
    EXPECT_EQ(condition("forall (x=1);"), "forall ([x]=1)");
    EXPECT_EQ(condition("final (true)"), "exists (true)");
    EXPECT_EQ(condition("exists (false)"), "exists (false)");
    EXPECT_EQ(condition(""), "forall (true)");
}

TEST(LitmusQuestion, NegationsAndComparisons) {
    EXPECT_EQ(condition("exists ~x=2"), "exists (not ([x]=2))");
    EXPECT_EQ(condition("exists (~x=2 /\\ y==1)"), "exists (not ([x]=2) /\\ [y]=1)");
    EXPECT_EQ(condition("exists (x!=2 \\/ y <> 1)"), "exists (not ([x]=2) \\/ not ([y]=1))");
    EXPECT_EQ(condition("exists not (x=1 \\/ y=1)"), "exists (not ([x]=1 \\/ [y]=1))");
}

TEST(LitmusQuestion, ParenthesesStayWhereTheyAreNeeded) {
    EXPECT_EQ(condition("exists ((x=1 \\/ y=1) /\\ 0:r1=0)"),
              "exists (([x]=1 \\/ [y]=1) /\\ 0:r1=0)");
    EXPECT_EQ(condition("exists ((x=1 /\\ y=1) \\/ 0:r1=0)"),
              "exists ([x]=1 /\\ [y]=1 \\/ 0:r1=0)");
    EXPECT_EQ(condition("exists ((x=1 /\\ y=1) /\\ 0:r1=0)"),
              "exists ([x]=1 /\\ [y]=1 /\\ 0:r1=0)");
    EXPECT_EQ(condition("forall (x=1 => y=1 /\\ 0:r1=0)"), "forall (([x]=1 => [y]=1) /\\ 0:r1=0)");
}

TEST(LitmusQuestion, BothSidesMayBePlaces) {
    EXPECT_EQ(condition("exists (0:r1=1:r1)"), "exists (0:r1=1:r1)");
    EXPECT_EQ(condition("exists (P0:r1=P1:r1)"), "exists (0:r1=1:r1)");
    EXPECT_EQ(condition("exists (0:r1=x)"), "exists (0:r1=x)");
    EXPECT_EQ(condition("exists (0:r1=&x)"), "exists (0:r1=x)");
    EXPECT_EQ(condition("exists (x=[y])"), "exists ([x]=[y])");
    EXPECT_EQ(condition("exists ([x]=*y)"), "exists ([x]=[y])");
    EXPECT_EQ(condition("exists (a[1]=1 /\\ p=a[1])"), "exists ([a[1]]=1 /\\ [p]=a[1])");
}

TEST(LitmusQuestion, PlacesComeInHerdsOrder) {
    EXPECT_EQ(observed("locations [y; 1:r1; 0:r2; x int*; 0:r10;]\nexists (0:r1=0)"),
              (std::vector<std::string>{"0:r1", "0:r10", "0:r2", "1:r1", "[x]", "[y]"}));
    EXPECT_EQ(observed("locations [a]\nexists (x=1)"),
              (std::vector<std::string>{"[a[0]]", "[a[1]]", "[x]"}));
    EXPECT_EQ(observed("locations []\nexists (x=1)"), (std::vector<std::string>{"[x]"}));
}

TEST(LitmusQuestion, AFilterIsNotShown) {
    EXPECT_EQ(observed("filter (0:r1=1 /\\ x=1)\nlocations [x]\nexists (y=1)"),
              (std::vector<std::string>{"0:r1?", "[x]", "[y]"}));
}

TEST(LitmusQuestion, MalformedQuestionsAreRefused) {
    for (const char* bad :
         {"exists", "exists (", "exists (x)", "exists (x=)", "exists (x=1", "exists (x=1))",
          "exists (x=1) /\\", "exists (7:r1=0)", "exists (999:r1=0)", "~forall (x=1)",
          "locations [", "locations [x", "locations x", "filter", "exists (a[2]=1)",
          "exists (x=1 y=2)", "exists (0:=1)", "exists (x=1) exists (x=2)", "exists (* x=1"}) {
        EXPECT_FALSE(refused(with_question(bad)).message.empty()) << bad;
    }
    EXPECT_TRUE(refused(with_question("exists (x=1) with sc: exists")).unsupported());
    EXPECT_NE(refused(with_question("exists " + std::string(3000, '~'))).message.find("deep"),
              std::string::npos);
}

}  // namespace
}  // namespace anypage::check::litmus
