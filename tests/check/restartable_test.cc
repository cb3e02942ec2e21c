// Restartable sections and membarrier: what they make right, and what is wrong without them.
#include <optional>

#include "planted.hpp"

namespace anypage::check {
namespace {

// A counter of a CPU ------------------------------------------------------------------------------

struct Counter {
    W::Atomic<int> count{0};
    W::Ghost<int> additions{0};

    void add() { count.store_relaxed(count.load_relaxed() + 1); }
    void add_in_section() {
        W::restartable([this] { add(); });
    }
};

constexpr const char* all_count = "every addition counts";

template <class Add>
void count(Stage& setup, bool by_signal, Add add) {
    Counter& counter = setup.make<Counter>();
    const auto adds = [&counter, add] {
        (counter.*add)();
        counter.additions.fetch_add_relaxed(1);
    };
    setup.thread("one", 0, adds);
    if (by_signal) {
        setup.signal("handler", 0, adds);
    } else {
        setup.thread("other", 0, adds);
    }
    setup.after([&counter] {
        require(counter.count.load_relaxed() == counter.additions.load_relaxed(), all_count,
                "one is lost");
    });
}

TEST(Restartable, ACounterOfACpuLosesNothing) {
    for (const Model model : {Model::sc, Model::rc11, Model::lkmm}) {
        for (const bool by_signal : {false, true}) {
            expect_found(
                run({model}, [&](Stage& setup) { count(setup, by_signal, &Counter::add); }),
                all_count);
            expect_holds(run(
                {model}, [&](Stage& setup) { count(setup, by_signal, &Counter::add_in_section); }));
        }
    }
}

TEST(Restartable, AnInterruptHandlersSectionRestartsTheOneThatItInterrupts) {
    for (const ContextKind kind : {ContextKind::hardirq, ContextKind::nmi}) {
        const auto counts = [kind](auto add) {
            return [=](Stage& setup) {
                Counter& counter = setup.make<Counter>();
                const auto adds = [&counter, add] { (counter.*add)(); };
                setup.thread("thread", 0, adds);
                setup.handler("handler", kind, 0, [&counter, adds] {
                    adds();
                    counter.additions.fetch_add_relaxed(1);
                });
                setup.after([&counter] {
                    require(counter.count.load_relaxed() == 1 + counter.additions.load_relaxed(),
                            all_count, "one is lost");
                });
            };
        };
        expect_found(run({Model::rc11}, counts(&Counter::add)), all_count);
        expect_holds(run({Model::rc11}, counts(&Counter::add_in_section)));
    }
}

// What only one context uses is changed without a step: a commit that has not come is undone.
TEST(Restartable, AnAdditionThatNobodyElseSeesIsDoneOnce) {
    struct Scene {
        Counter one;
        Counter other;
    };
    expect_holds(run({Model::rc11}, [](Stage& setup) {
        Scene& scene = setup.make<Scene>();
        setup.thread("one", 0, [&scene] { scene.one.add_in_section(); });
        setup.thread("other", 0, [&scene] { scene.other.add_in_section(); });
        setup.after([&scene] {
            require(scene.one.count.load_relaxed() == 1 && scene.other.count.load_relaxed() == 1,
                    all_count, "one is counted twice, or not");
        });
    }));
}

TEST(Restartable, AnotherCpuDoesNotRestartIt) {
    expect_found(run({Model::sc},
                     [](Stage& setup) {
                         Counter& counter = setup.make<Counter>();
                         for (unsigned cpu = 0; cpu < 2; ++cpu) {
                             setup.thread("thread", cpu, [&counter] { counter.add_in_section(); });
                         }
                         setup.after([&counter] {
                             require(counter.count.load_relaxed() == 2, all_count, "one is lost");
                         });
                     }),
                 all_count);
}

// A stack of a CPU --------------------------------------------------------------------------------

struct Stack {
    W::Atomic<int> top{2};
    W::Atomic<int> slots[2]{W::Atomic<int>{1}, W::Atomic<int>{2}};

    /// The commit is last: what is taken is read before.
    int pop() {
        return W::restartable([this] {
            const int at = top.load_relaxed();
            if (at == 0) return 0;
            const int taken = slots[at - 1].load_relaxed();
            top.store_relaxed(at - 1);
            return taken;
        });
    }
    int pop_that_commits_early() {
        return W::restartable([this] {
            const int at = top.load_relaxed();
            if (at == 0) return 0;
            top.store_relaxed(at - 1);
            return slots[at - 1].load_relaxed();
        });
    }
};

constexpr const char* taken_once = "each is taken, by one";

template <class Pop>
void pop_two(Stage& setup, Pop pop) {
    struct Scene {
        Stack stack;
        W::Ghost<int> sum{0};
    };
    Scene& s = setup.make<Scene>();
    const auto take = [&s, pop] { s.sum.fetch_add_relaxed((s.stack.*pop)()); };
    setup.thread("one", 0, take);
    setup.thread("other", 0, take);
    setup.after([&s] { require(s.sum.load_relaxed() == 3, taken_once, "it is not"); });
}

TEST(Restartable, ACommitThatIsNotLastIsDoneTwice) {
    expect_found(
        run({Model::rc11}, [](Stage& setup) { pop_two(setup, &Stack::pop_that_commits_early); }),
        taken_once);
    expect_holds(run({Model::rc11}, [](Stage& setup) { pop_two(setup, &Stack::pop); }));
}

// A barrier for everybody -------------------------------------------------------------------------

constexpr const char* one_sees = "one of them sees the other";

void look_at_each_other(Stage& setup, std::optional<FenceKind> fence) {
    struct Scene {
        W::Atomic<int> fast{0};
        W::Atomic<int> slow{0};
        W::Ghost<int> missed{0};
    };
    Scene& s = setup.make<Scene>();
    setup.thread("fast", 0, [&s] {
        s.fast.store_relaxed(1);
        if (s.slow.load_relaxed() == 0) s.missed.fetch_add_relaxed(1);
    });
    setup.thread("slow", 1, [&s, fence] {
        s.slow.store_relaxed(1);
        if (fence) W::fence(*fence);
        if (s.fast.load_relaxed() == 0) s.missed.fetch_add_relaxed(1);
    });
    setup.after([&s] { require(s.missed.load_relaxed() < 2, one_sees, "neither has"); });
}

TEST(Membarrier, IsOnBothSides) {
    for (const Model model : {Model::rc11, Model::lkmm}) {
        expect_found(run({model}, [](Stage& setup) { look_at_each_other(setup, {}); }), one_sees);
        expect_found(
            run({model}, [](Stage& setup) { look_at_each_other(setup, FenceKind::smp_mb); }),
            one_sees);
        expect_holds(
            run({model}, [](Stage& setup) { look_at_each_other(setup, FenceKind::membarrier); }));
    }
}

// A pin -------------------------------------------------------------------------------------------

constexpr const char* not_retired = "nobody uses what is retired";

/// A reader pins what is current by a count of its CPU; a writer retires what nobody has pinned.
void pin(Stage& setup, FenceKind fence) {
    struct Scene {
        W::Atomic<int> current{0};
        W::Atomic<int> pins[2]{};
        W::Ghost<int> retired{-1};
    };
    Scene& s = setup.make<Scene>();
    setup.thread("reader", 0, [&s] {
        const int slot = W::restartable([&s] {
            const int current = s.current.load_acquire();
            s.pins[current].store_relaxed(s.pins[current].load_relaxed() + 1);
            return current;
        });
        require(s.retired.load_relaxed() != slot, not_retired, "the reader does");
    });
    setup.thread("writer", 1, [&s, fence] {
        s.current.store_release(1);
        W::fence(fence);
        if (s.pins[0].load_acquire() == 0) s.retired.store_relaxed(0);
    });
}

TEST(Membarrier, APinNeedsOneThatRestartsSections) {
    for (const Model model : {Model::rc11, Model::lkmm}) {
        expect_found(run({model}, [](Stage& setup) { pin(setup, FenceKind::seq_cst); }),
                     not_retired);
        expect_found(run({model}, [](Stage& setup) { pin(setup, FenceKind::membarrier); }),
                     not_retired);
        expect_holds(run({model}, [](Stage& setup) { pin(setup, FenceKind::membarrier_rseq); }));
    }
}

}  // namespace
}  // namespace anypage::check
