// Bugs of shared memory that the checker is for, planted, and the same code without them: the first
// is found under the property that it breaks, the second holds.
#include "planted.hpp"

namespace anypage::check {
namespace {

// Message passing --------------------------------------------------------------------------------

void pass_message(Stage& setup, bool write_barrier, bool read_barrier) {
    struct Scene {
        W::Atomic<int> payload;
        W::Atomic<int> ready;
    };
    Scene& s = setup.make<Scene>();
    setup.thread("writer", 0, [&s, write_barrier] {
        s.payload.store_relaxed(7);
        if (write_barrier) W::smp_wmb();
        s.ready.store_relaxed(1);
    });
    setup.thread("reader", 1, [&s, read_barrier] {
        if (s.ready.load_relaxed() == 0) return;
        if (read_barrier) W::smp_rmb();
        require(s.payload.load_relaxed() == 7, "no stale payload", "it was not there yet");
    });
}

TEST(PlantedBugs, AMissingBarrierIsFound) {
    for (const Model model : {Model::rc11, Model::lkmm}) {
        for (int barriers = 0; barriers < 3; ++barriers) {
            expect_found(
                run({model},
                    [&](Stage& setup) { pass_message(setup, barriers == 1, barriers == 2); }),
                "no stale payload");
        }
        expect_holds(run({model}, [](Stage& setup) { pass_message(setup, true, true); }));
    }
    expect_holds(run({Model::sc}, [](Stage& setup) { pass_message(setup, false, false); }));
}

// Waiting and waking -----------------------------------------------------------------------------

enum class Wake { looks_before_it_says_so, without_barriers, right };

void wake(Stage& setup, Wake how) {
    struct Scene {
        W::Atomic<int> condition;
        W::Atomic<int> sleeping;
        W::Atomic<int> woken;
    };
    Scene& s = setup.make<Scene>();
    setup.thread("waiter", 0, [&s, how] {
        if (how == Wake::looks_before_it_says_so) {
            if (s.condition.load_relaxed() != 0) return;
            s.sleeping.store_relaxed(1);
        } else {
            s.sleeping.store_relaxed(1);
            if (how == Wake::right) W::fence(FenceKind::smp_mb);
            if (s.condition.load_relaxed() != 0) return;
        }
        while (s.woken.load_relaxed() == 0) W::cpu_relax();
    });
    setup.thread("waker", 1, [&s, how] {
        s.condition.store_relaxed(1);
        if (how != Wake::without_barriers) W::fence(FenceKind::smp_mb);
        if (s.sleeping.load_relaxed() != 0) s.woken.store_relaxed(1);
    });
}

// States may repeat, for what the rounds wrote is written over: that is no end.
TEST(PlantedBugs, WaitingForEverByWritingNeverHolds) {
    for (const Model model : {Model::sc, Model::rc11, Model::lkmm}) {
        const Result result = run({model, Preemption::full, 100}, [](Stage& setup) {
            auto& taken = setup.make<W::Atomic<int>>(1);
            setup.thread("who holds it", 1, [&taken] { taken.exchange_acq_rel(1); });
            for (const char* name : {"one", "other"}) {
                setup.thread(name, 0, [&taken] {
                    W::Loop loop;
                    do loop.round();
                    while (taken.exchange_acq_rel(1) != 0);
                });
            }
        });
        EXPECT_EQ(result.verdict, Verdict::bounded) << name_of(model);
    }
}

TEST(PlantedBugs, ALostWakeupIsFound) {
    for (const Model model : {Model::sc, Model::rc11, Model::lkmm}) {
        expect_found(run({model}, [](Stage& setup) { wake(setup, Wake::looks_before_it_says_so); }),
                     "no livelock");
        expect_holds(run({model}, [](Stage& setup) { wake(setup, Wake::right); }));
    }
    for (const Model model : {Model::rc11, Model::lkmm}) {
        expect_found(run({model}, [](Stage& setup) { wake(setup, Wake::without_barriers); }),
                     "no livelock");
    }
}

// Lock-free structures ---------------------------------------------------------------------------

/// A stack of nodes 1 to 3 by index; the upper half of the head may count its changes.
struct Stack {
    explicit Stack(bool counts) : head(1), step(counts ? 0x100 : 0) {
        next[1].store_relaxed(2);
        next[2].store_relaxed(3);
    }

    unsigned pop() {
        for (;;) {
            unsigned seen = head.load_acquire();
            const unsigned node = seen & 0xff;
            if (node == 0) return 0;
            const unsigned rest = next[node].load_relaxed();
            if (head.cas_acq_rel(seen, ((seen & ~0xffu) + step) | rest)) return node;
            W::cpu_relax();
        }
    }
    void push(unsigned node) {
        for (;;) {
            unsigned seen = head.load_relaxed();
            next[node].store_relaxed(seen & 0xff);
            if (head.cas_acq_rel(seen, ((seen & ~0xffu) + step) | node)) return;
            W::cpu_relax();
        }
    }

    W::Atomic<unsigned> head;
    W::Atomic<unsigned> next[4];
    const unsigned step;
};

void use_stack(Stage& setup, bool counts) {
    struct Scene {
        explicit Scene(bool with_count) : stack(with_count) {}
        Stack stack;
        W::Ghost<int> owners[4];
    };
    Scene& s = setup.make<Scene>(counts);
    const auto own = [&s](unsigned node) {
        if (node == 0) return;
        require(s.owners[node].update(OpKind::fetch_add, 1, MemoryOrder::relaxed) == 0,
                "no two owners", "a node was popped twice");
    };
    setup.thread("first", 0, [&s, own] { own(s.stack.pop()); });
    setup.thread("second", 1, [&s, own] {
        const unsigned one = s.stack.pop();
        own(one);
        own(s.stack.pop());
        if (one == 0) return;
        s.owners[one].store_relaxed(0);
        s.stack.push(one);
        own(s.stack.pop());
        own(s.stack.pop());
    });
}

TEST(PlantedBugs, AnAbaIsFound) {
    for (const Model model : {Model::sc, Model::rc11, Model::lkmm}) {
        expect_found(run({model}, [](Stage& setup) { use_stack(setup, false); }), "no two owners");
        expect_holds(run({model}, [](Stage& setup) { use_stack(setup, true); }));
    }
}

void claim(Stage& setup, bool at_once) {
    struct Scene {
        W::Atomic<int> taken;
        W::Ghost<int> owners;
    };
    Scene& s = setup.make<Scene>();
    const auto body = [&s, at_once] {
        int free = 0;
        if (at_once) {
            if (!s.taken.cas_relaxed(free, 1)) return;
        } else {
            if (s.taken.load_acquire() != 0) return;
            s.taken.store_release(1);
        }
        require(s.owners.update(OpKind::fetch_add, 1, MemoryOrder::relaxed) == 0, "no two owners",
                "both have it");
    };
    setup.thread("first", 0, body);
    setup.thread("second", 0, body);
    setup.handler("handler", ContextKind::nmi, 0, body);
}

TEST(PlantedBugs, TwoOwnersAreFound) {
    for (const Model model : {Model::sc, Model::rc11, Model::lkmm}) {
        for (const Preemption preemption : {Preemption::none, Preemption::full}) {
            expect_found(run({model, preemption}, [](Stage& setup) { claim(setup, false); }),
                         "no two owners");
            expect_holds(run({model, preemption}, [](Stage& setup) { claim(setup, true); }));
        }
    }
}

// Retiring ---------------------------------------------------------------------------------------

enum class Retire { at_once, without_barriers, right };

void retire(Stage& setup, Retire how) {
    struct Scene {
        W::Atomic<int> published{1};
        W::Atomic<int> reading;
        W::Ghost<int> retired;
    };
    Scene& s = setup.make<Scene>();
    setup.thread("reader", 0, [&s, how] {
        s.reading.store_relaxed(1);
        if (how == Retire::right) W::fence(FenceKind::smp_mb);
        if (s.published.load_relaxed() != 0) {
            require(s.retired.load_relaxed() == 0, "nothing retired is read", "it is gone");
        }
        s.reading.store_release(0);
    });
    setup.thread("writer", 1, [&s, how] {
        s.published.store_relaxed(0);
        if (how == Retire::right) W::fence(FenceKind::smp_mb);
        while (how != Retire::at_once && s.reading.load_acquire() != 0) W::cpu_relax();
        s.retired.store_relaxed(1);
    });
}

TEST(PlantedBugs, UseAfterRetireIsFound) {
    for (const Model model : {Model::sc, Model::rc11, Model::lkmm}) {
        expect_found(run({model}, [](Stage& setup) { retire(setup, Retire::at_once); }),
                     "nothing retired is read");
        expect_holds(run({model}, [](Stage& setup) { retire(setup, Retire::right); }));
    }
    for (const Model model : {Model::rc11, Model::lkmm}) {
        expect_found(run({model}, [](Stage& setup) { retire(setup, Retire::without_barriers); }),
                     "nothing retired is read");
    }
}

// Retrying ---------------------------------------------------------------------------------------

void give_way(Stage& setup, bool both) {
    struct Scene {
        W::Atomic<int> wants[2];
    };
    Scene& s = setup.make<Scene>();
    const auto body = [&s, both](std::size_t mine) {
        return [&s, both, mine] {
            s.wants[mine].store(1, MemoryOrder::relaxed);
            W::fence_seq_cst();
            while (s.wants[1 - mine].load_acquire() != 0) {
                if (mine == 1 || both) {
                    s.wants[mine].store_relaxed(0);
                    while (!both && s.wants[1 - mine].load_acquire() != 0) W::cpu_relax();
                    s.wants[mine].store_relaxed(1);
                    W::fence_seq_cst();
                }
                W::cpu_relax();
            }
            s.wants[mine].store_release(0);
        };
    };
    setup.thread("polite", 0, body(0));
    setup.thread("politer", 1, body(1));
}

TEST(PlantedBugs, RetryingForEverNeverHolds) {
    const Result result =
        run({Model::sc, Preemption::full, 60}, [](Stage& setup) { give_way(setup, true); });
    EXPECT_NE(result.verdict, Verdict::holds);
    expect_holds(run({Model::sc}, [](Stage& setup) { give_way(setup, false); }));
}

}  // namespace
}  // namespace anypage::check
