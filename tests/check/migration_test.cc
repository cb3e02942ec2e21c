// Threads that are moved to other CPUs: what that breaks, and what keeps it right.
#include "planted.hpp"

namespace anypage::check {
namespace {

struct Counters {
    W::Atomic<int> of_cpu[2]{};
    W::Ghost<int> additions{0};

    void add(unsigned cpu) {
        of_cpu[cpu].store_relaxed(of_cpu[cpu].load_relaxed() + 1);
        additions.fetch_add_relaxed(1);
    }
    void require_all() const {
        require(of_cpu[0].load_relaxed() + of_cpu[1].load_relaxed() == additions.load_relaxed(),
                "every addition counts", "one is lost");
    }
};

void add_where_it_was(Counters& counters) {
    const unsigned cpu = W::cpu().value;
    W::preempt_disable();
    counters.add(cpu);
    W::preempt_enable();
}
void add_where_it_is(Counters& counters) {
    W::preempt_disable();
    counters.add(W::cpu().value);
    W::preempt_enable();
}
void add_where_it_stays(Counters& counters) {
    W::migrate_disable();
    const unsigned cpu = W::cpu().value;
    W::preempt_disable();
    counters.add(cpu);
    W::preempt_enable();
    W::migrate_enable();
}
void add_in_section(Counters& counters) {
    W::restartable([&] {
        auto& own = counters.of_cpu[W::cpu().value];
        own.store_relaxed(own.load_relaxed() + 1);
    });
    counters.additions.fetch_add_relaxed(1);
}
void add_in_section_of_where_it_was(Counters& counters) {
    auto& own = counters.of_cpu[W::cpu().value];
    W::restartable([&] { own.store_relaxed(own.load_relaxed() + 1); });
    counters.additions.fetch_add_relaxed(1);
}

/// One thread on each CPU, and each may be moved to the other's.
Scenario counting(void (*add)(Counters&), bool movable = true) {
    return [=](Stage& setup) {
        Counters& counters = setup.make<Counters>();
        for (unsigned cpu = 0; cpu < 2; ++cpu) {
            setup.thread("thread", cpu, [&counters, add] { add(counters); }).may_move_to =
                movable ? 3 : 0;
        }
        setup.after([&counters] { counters.require_all(); });
    };
}

class MigrationUnder : public ::testing::TestWithParam<Model> {};

// Not so in C++, to which threads of one CPU are threads like any others.
TEST(Migration, ACounterOfTheCpuThatItWasOnLosesOne) {
    for (const Model model : {Model::sc, Model::lkmm}) {
        expect_found(run({model}, counting(add_where_it_was)), "every addition counts");
        expect_holds(run({model}, counting(add_where_it_was, false)));
        expect_holds(run({model}, counting(add_where_it_is)));
        expect_holds(run({model}, counting(add_where_it_stays)));
    }
}

TEST_P(MigrationUnder, ARestartableSectionBeginsAgainOnTheNewCpu) {
    expect_found(run({GetParam()}, counting(add_in_section_of_where_it_was)),
                 "every addition counts");
    expect_holds(run({GetParam()}, counting(add_in_section)));
}

// What a thread did before it was moved, it finds done afterwards.
TEST_P(MigrationUnder, AThreadKeepsWhatItHasDoneAndSeen) {
    expect_holds(run({GetParam()}, [](Stage& setup) {
        struct Scene {
            W::Atomic<int> own{0};
            W::Atomic<int> data{0};
            W::Atomic<int> flag{0};
        };
        Scene& s = setup.make<Scene>();
        setup
            .thread("moved", 0,
                    [&s] {
                        s.own.store_relaxed(1);
                        const bool seen = s.flag.load_acquire() == 1;
                        require(s.own.load_relaxed() == 1, "a thread sees what it wrote", "no");
                        require(!seen || s.data.load_relaxed() == 1, "acquired is acquired", "no");
                    })
            .may_move_to = 7;
        setup.thread("writer", 1, [&s] {
            s.data.store_relaxed(1);
            s.flag.store_release(1);
        });
        setup.thread("other", 2, [&s] { s.own.load_relaxed(); });
    }));
}

// A thread that another one keeps from its CPU goes to one that is free.
TEST(Migration, LetsAThreadGetAwayFromOneThatSpins) {
    const auto waiting = [](unsigned may_move_to) {
        return [=](Stage& setup) {
            auto& flag = setup.make<W::Atomic<int>>(0);
            setup.thread("worker", 0, [&flag] { flag.store_relaxed(1); }).may_move_to = may_move_to;
            setup.fifo("spins", 0, 1, [&flag] {
                while (flag.load_relaxed() == 0) W::cpu_relax();
            });
            setup.thread("elsewhere", 1, [&flag] { flag.load_relaxed(); });
        };
    };
    expect_found(run({Model::lkmm}, waiting(0)), "no livelock");
    expect_holds(run({Model::lkmm}, waiting(3)));
}

TEST(Migration, NobodyIsMovedWhoHoldsALockThatSpins) {
    expect_holds(run({Model::lkmm}, [](Stage& setup) {
        struct Scene {
            W::Lock lock{LockKind::raw, false, "waits for the lock"};
            Counters counters;
        };
        Scene& s = setup.make<Scene>();
        for (unsigned cpu = 0; cpu < 2; ++cpu) {
            setup
                .thread("thread", cpu,
                        [&s] {
                            s.lock.lock();
                            const unsigned before = W::cpu().value;
                            s.counters.add(0);
                            require(W::cpu().value == before, "it stays on its CPU", "it moved");
                            s.lock.unlock();
                        })
                .may_move_to = 3;
        }
        setup.after([&s] { s.counters.require_all(); });
    }));
}

INSTANTIATE_TEST_SUITE_P(Models, MigrationUnder,
                         ::testing::Values(Model::sc, Model::rc11, Model::lkmm),
                         [](const auto& model) { return name_of(model.param); });

}  // namespace
}  // namespace anypage::check
