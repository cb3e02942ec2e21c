// What load buffering might add is seen on each way that leads to it. Litmus tests have their own
// (tests/litmus/load_buffering_test.cc).
#include "check/load_buffering.hpp"

#include <gtest/gtest.h>

#include "check/explore.hpp"
#include "check/model_world.hpp"

namespace anypage::check {
namespace {

using W = ModelWorld;

struct Words {
    W::Atomic<int> x{0};
    W::Atomic<int> y{0};
    W::Atomic<int> v{0};
    W::Ghost<int> turns{0};
};

/// Two writes of one value, and a reader for whom only one of them has a read in front that may
/// come late. In memory all is the same, whichever of the two is the newer one.
void equal_writes(Setup& setup) {
    Words& words = setup.make<Words>();
    setup.thread("early", 0, [&words] {
        words.y.load_relaxed();
        words.x.store_relaxed(1);
        W::fence_seq_cst();
        words.turns.store_relaxed(1);
    });
    setup.thread("middle", 1, [&words] {
        if (words.turns.load_relaxed() != 1) return;
        words.x.store_relaxed(1);
        W::fence_seq_cst();
        words.v.store_relaxed(1);
        words.turns.store_relaxed(2);
    });
    setup.thread("late", 2, [&words] {
        if (words.turns.load_relaxed() != 2) return;
        W::fence_seq_cst();
        words.v.load_relaxed();
        words.x.load_relaxed();
        words.y.store_relaxed(1);
    });
}

TEST(LoadBufferingWatch, MessagesOfOneValueAreToldApart) {
    for (const Model model : {Model::rc11, Model::lkmm}) {
        ExploreConfig config;
        config.execution.model = model;
        config.execution.load_buffering = true;
        const Result result = explore(config, equal_writes);
        EXPECT_TRUE(result.load_buffering) << name_of(model);
        EXPECT_EQ(result.verdict, Verdict::bounded) << name_of(model);
    }
}

}  // namespace
}  // namespace anypage::check
