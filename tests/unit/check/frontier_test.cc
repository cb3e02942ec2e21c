// What waits comes out cheapest first, and goes to other processes and back with the steps that
// lead to it.
#include "check/frontier.hpp"

#include <gtest/gtest.h>

#include <set>

namespace anypage::check {
namespace {

using Node = Frontier::Node;

/// Paths "0", "0 1", "0 2", "3", which cost 0 to 3.
Frontier some() {
    Frontier frontier;
    const auto first = frontier.add({Frontier::root, 0, 0, 0, 7});
    const auto second = frontier.add({first, 1, 0, 0, 8});
    const auto third = frontier.add({first, 2, 1, 4, 9});
    const auto fourth = frontier.add({Frontier::root, 3, 0, 0, 10});
    frontier.wait(fourth, 3);
    frontier.wait(third, 2);
    frontier.wait(second, 1);
    frontier.wait(first, 0);
    return frontier;
}

std::string text_of(const std::vector<Transition>& schedule) {
    std::string text;
    for (const Transition& each : schedule) {
        text += std::to_string(each.context) + (each.way != 0 ? "'" : "") + " ";
    }
    return text;
}

/// All that waits, with its cost; nothing is left.
std::multiset<std::pair<unsigned, std::string>> all_of(Frontier& frontier) {
    std::multiset<std::pair<unsigned, std::string>> all;
    while (const auto next = frontier.take()) {
        all.insert({next->cost, text_of(frontier.schedule_to(next->node))});
    }
    return all;
}

TEST(Frontier, TheCheapestComesFirst) {
    Frontier frontier = some();
    for (unsigned cost = 0; cost < 4; ++cost) EXPECT_EQ(frontier.take()->cost, cost);
    EXPECT_FALSE(frontier.take());
}

TEST(Frontier, OfOneCostTheOneThatWaitsLongest) {
    Frontier frontier;
    const auto one = frontier.add({Frontier::root, 1, 0, 0, 0});
    const auto two = frontier.add({Frontier::root, 2, 0, 0, 0});
    frontier.wait(two, 5);
    frontier.wait(one, 5);
    EXPECT_EQ(frontier.take()->node, two);
    EXPECT_EQ(frontier.take()->node, one);
}

TEST(Frontier, PartsAreTheWholeAndShareNothing) {
    const Frontier whole = some();
    std::multiset<std::pair<unsigned, std::string>> parts;
    for (unsigned part = 0; part < 3; ++part) {
        Frontier frontier = whole;
        frontier.keep(part, 3);
        parts.merge(all_of(frontier));
    }
    Frontier frontier = whole;
    EXPECT_EQ(parts, all_of(frontier));
}

TEST(Frontier, ComesBackFromBytes) {
    ByteWriter out;
    some().write(out);
    Frontier back;
    ByteReader in(out.bytes());
    back.join(in);
    EXPECT_FALSE(in.failed());
    EXPECT_TRUE(in.is_at_end());
    EXPECT_EQ(back.waiting(), 4u);
    const auto last = [&] {
        for (auto next = back.take();; next = back.take()) {
            if (next->cost == 2) return back.node(next->node);
        }
    }();
    EXPECT_EQ(last.sleeping, 4);
    EXPECT_EQ(last.print, 9);
    EXPECT_EQ(last.way, 1);
}

TEST(Frontier, PathsThatWerePartedShareTheirBeginningsAgain) {
    Frontier together;
    for (unsigned part = 0; part < 2; ++part) {
        Frontier frontier = some();
        frontier.keep(part, 2);
        ByteWriter out;
        frontier.write(out);
        ByteReader in(out.bytes());
        together.join(in);
    }
    Frontier whole = some();
    EXPECT_EQ(together.bytes(), whole.bytes());
    EXPECT_EQ(all_of(together), all_of(whole));
}

TEST(Frontier, BytesThatAreCutOffAreRefused) {
    ByteWriter out;
    some().write(out);
    for (std::size_t size = 0; size < out.bytes().size(); ++size) {
        Frontier frontier;
        ByteReader in(std::string_view(out.bytes()).substr(0, size));
        frontier.join(in);
        EXPECT_TRUE(in.failed()) << size;
    }
}

}  // namespace
}  // namespace anypage::check
