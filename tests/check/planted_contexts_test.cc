// Bugs of contexts that the checker is for (locks, handlers, priorities, sleeping), planted, and
// the same code without them.
#include "planted.hpp"

namespace anypage::check {
namespace {

// Locks ------------------------------------------------------------------------------------------

void lock_in_handler(Stage& setup, LockKind kind, bool rt, bool masks, int before) {
    struct Scene {
        W::Atomic<int> count;
    };
    Scene& s = setup.make<Scene>();
    W::Lock& lock = setup.make<W::Lock>(kind, rt, "L");
    setup.thread("thread", 0, [&s, &lock, masks] {
        if (masks) W::irq_save();
        lock.lock();
        s.count.store_relaxed(s.count.load_relaxed() + 1);
        lock.unlock();
        if (masks) W::irq_restore({});
    });
    setup.handler("handler", ContextKind::hardirq, 0, [&s, &lock, before] {
        // The lock as its first step, and not.
        for (int i = 0; i < before; ++i) s.count.load_relaxed();
        lock.lock();
        lock.unlock();
    });
}

TEST(PlantedContexts, AHandlerThatTakesItsThreadsLockIsFound) {
    for (const Preemption preemption : {Preemption::none, Preemption::full}) {
        for (const int before : {0, 1}) {
            expect_found(run({Model::lkmm, preemption},
                             [&](Stage& setup) {
                                 lock_in_handler(setup, LockKind::spin, false, false, before);
                             }),
                         "no deadlock");
            expect_holds(run({Model::lkmm, preemption}, [&](Stage& setup) {
                lock_in_handler(setup, LockKind::spin, false, true, before);
            }));
        }
    }
    // On PREEMPT_RT the handler is a thread: it waits, and lends its priority.
    for (const LockKind kind : {LockKind::spin, LockKind::raw}) {
        expect_holds(run({Model::lkmm, Preemption::rt},
                         [&](Stage& setup) { lock_in_handler(setup, kind, true, false, 0); }));
    }
}

TEST(PlantedContexts, TwoLocksInTwoOrdersAreFound) {
    for (const Preemption preemption : {Preemption::none, Preemption::full, Preemption::rt}) {
        for (const bool ordered : {false, true}) {
            for (const unsigned cpu : {0u, 1u}) {
                const Result result = run({Model::lkmm, preemption}, [&](Stage& setup) {
                    const bool rt = preemption == Preemption::rt;
                    W::Lock& one = setup.make<W::Lock>(LockKind::spin, rt, "A");
                    W::Lock& other = setup.make<W::Lock>(LockKind::spin, rt, "B");
                    const auto body = [](W::Lock& outer, W::Lock& inner) {
                        return [&outer, &inner] {
                            outer.lock();
                            inner.lock();
                            inner.unlock();
                            outer.unlock();
                        };
                    };
                    setup.thread("first", 0, body(one, other));
                    setup.thread("second", cpu, ordered ? body(one, other) : body(other, one));
                });
                // Whoever holds a lock that spins is not preempted on its CPU.
                const bool alone = cpu == 0 && preemption != Preemption::rt;
                if (ordered || alone) {
                    expect_holds(result);
                } else {
                    expect_found(result, "no deadlock");
                }
            }
        }
    }
}

/// A lock of somebody's own, that nobody else knows to be one.
struct HomeMade {
    void lock() {
        int free = 0;
        while (!taken.cas(free, 1, MemoryOrder::acquire, MemoryOrder::relaxed)) {
            free = 0;
            W::cpu_relax();
        }
    }
    void unlock() { taken.store_release(0); }

    W::Atomic<int> taken;
};

void invert_priorities(Stage& setup, bool home_made, bool disables) {
    struct Scene {
        HomeMade lock;
        W::Atomic<int> count;
    };
    Scene& s = setup.make<Scene>();
    W::Lock& lock = setup.make<W::Lock>(LockKind::spin, true, "L");
    const auto work = [&s, &lock, home_made, disables] {
        if (disables) W::preempt_disable();
        if (home_made) s.lock.lock();
        if (!home_made) lock.lock();
        s.count.store_relaxed(s.count.load_relaxed() + 1);
        if (!home_made) lock.unlock();
        if (home_made) s.lock.unlock();
        if (disables) W::preempt_enable();
    };
    setup.thread("low", 0, work);
    setup.fifo("high", 0, 60, work);
    setup.after([&s] { require(s.count.load_relaxed() == 2, "nothing is lost", "one is"); });
}

TEST(PlantedContexts, SpinningForWhomOnePreemptedIsFound) {
    for (const Preemption preemption : {Preemption::full, Preemption::rt}) {
        expect_found(run({Model::lkmm, preemption},
                         [](Stage& setup) { invert_priorities(setup, true, false); }),
                     "no livelock");
        expect_holds(run({Model::lkmm, preemption},
                         [](Stage& setup) { invert_priorities(setup, true, true); }));
        expect_holds(run({Model::lkmm, preemption},
                         [](Stage& setup) { invert_priorities(setup, false, false); }));
    }
    expect_holds(run({Model::lkmm, Preemption::none},
                     [](Stage& setup) { invert_priorities(setup, true, false); }));
}

// The classic one: high waits for low, and low for its CPU, which middle keeps until high is done.
void keep_cpu(Stage& setup, bool home_made) {
    struct Scene {
        HomeMade lock;
        W::Atomic<int> done;
    };
    Scene& s = setup.make<Scene>();
    W::Lock& lock = setup.make<W::Lock>(LockKind::spin, true, "L");
    const auto work = [&s, &lock, home_made](int done) {
        return [&s, &lock, home_made, done] {
            if (home_made) s.lock.lock();
            if (!home_made) lock.lock();
            if (done != 0) s.done.store_relaxed(done);
            if (!home_made) lock.unlock();
            if (home_made) s.lock.unlock();
        };
    };
    setup.thread("low", 0, work(0));
    setup.fifo("middle", 0, 10, [&s] {
        while (s.done.load_relaxed() == 0) W::cpu_relax();
    });
    setup.fifo("high", 1, 60, work(1));
}

TEST(PlantedContexts, APriorityThatIsNotLentIsFound) {
    expect_found(run({Model::lkmm, Preemption::rt}, [](Stage& setup) { keep_cpu(setup, true); }),
                 "no livelock");
    expect_holds(run({Model::lkmm, Preemption::rt}, [](Stage& setup) { keep_cpu(setup, false); }));
}

// Sleeping ---------------------------------------------------------------------------------------

enum class Atomic { no, masked, under_raw_lock, in_handler };

void sleep_somewhere(Stage& setup, Atomic where) {
    W::Lock& raw = setup.make<W::Lock>(LockKind::raw, true, "raw");
    W::Lock& sleeping = setup.make<W::Lock>(LockKind::spin, true, "sleeping");
    const auto body = [&raw, &sleeping, where] {
        if (where == Atomic::masked) W::irq_save();
        if (where == Atomic::under_raw_lock) raw.lock();
        sleeping.lock();
        sleeping.unlock();
        if (where == Atomic::under_raw_lock) raw.unlock();
        if (where == Atomic::masked) W::irq_restore({});
    };
    if (where == Atomic::in_handler) {
        setup.handler("handler", ContextKind::hardirq_no_thread, 0, body);
    } else {
        setup.thread("thread", 0, body);
    }
    setup.thread("other", 1, [&sleeping] {
        sleeping.lock();
        sleeping.unlock();
    });
}

TEST(PlantedContexts, SleepingWhereItIsNotAllowedIsFound) {
    for (const Atomic where : {Atomic::masked, Atomic::under_raw_lock, Atomic::in_handler}) {
        expect_found(run({Model::lkmm, Preemption::rt},
                         [&](Stage& setup) { sleep_somewhere(setup, where); }),
                     "every context may do what it does");
    }
    expect_holds(run({Model::lkmm, Preemption::rt},
                     [](Stage& setup) { sleep_somewhere(setup, Atomic::no); }));
}

// A sequence counter and its writer's handler ----------------------------------------------------

void read_sequence(Stage& setup, bool masks, ContextKind kind) {
    struct Scene {
        W::Atomic<unsigned> sequence;
        W::Atomic<int> one;
        W::Atomic<int> other;
    };
    Scene& s = setup.make<Scene>();
    setup.thread("writer", 0, [&s, masks] {
        if (masks) W::irq_save();
        s.sequence.store_relaxed(1);
        W::smp_wmb();
        s.one.store_relaxed(1);
        s.other.store_relaxed(1);
        W::smp_wmb();
        s.sequence.store_relaxed(2);
        if (masks) W::irq_restore({});
    });
    setup.handler("handler", kind, 0, [&s] {
        unsigned seen;
        int one;
        int other;
        do {
            while (((seen = s.sequence.load_relaxed()) & 1) != 0) W::cpu_relax();
            W::smp_rmb();
            one = s.one.load_relaxed();
            other = s.other.load_relaxed();
            W::smp_rmb();
        } while (s.sequence.load_relaxed() != seen);
        require(one == other, "no torn read", "half of it is new");
    });
}

TEST(PlantedContexts, WaitingForWhomOneInterruptedIsFound) {
    for (const Model model : {Model::sc, Model::lkmm}) {
        for (const Preemption preemption : {Preemption::none, Preemption::full}) {
            expect_found(
                run({model, preemption},
                    [](Stage& setup) { read_sequence(setup, false, ContextKind::hardirq); }),
                "no livelock");
            expect_holds(run({model, preemption}, [](Stage& setup) {
                read_sequence(setup, true, ContextKind::hardirq);
            }));
            // Nothing keeps an NMI away.
            expect_found(run({model, preemption},
                             [](Stage& setup) { read_sequence(setup, true, ContextKind::nmi); }),
                         "no livelock");
        }
    }
    // On PREEMPT_RT the handler is a thread that preempts the writer, and spins all the same.
    expect_found(run({Model::lkmm, Preemption::rt},
                     [](Stage& setup) { read_sequence(setup, false, ContextKind::hardirq); }),
                 "no livelock");
    expect_holds(run({Model::lkmm, Preemption::rt},
                     [](Stage& setup) { read_sequence(setup, true, ContextKind::hardirq); }));
}

// A signal handler does not care for irq_save, and nobody gets its CPU while interrupts are off:
// also not where nothing is done before they are on again.
TEST(PlantedContexts, WaitingInASignalHandlerWithInterruptsOffIsFound) {
    for (const bool off : {true, false}) {
        const Result result = run({Model::lkmm, Preemption::full}, [&](Stage& setup) {
            W::Atomic<int>& flag = setup.make<W::Atomic<int>>();
            setup.thread("setter", 0, [&flag] { flag.store_release(1); });
            setup.thread("thread", 0, [off] {
                if (!off) return;
                const auto irqs = W::irq_save();
                W::irq_restore(irqs);
            });
            setup.signal("handler", 1, [&flag] {
                while (flag.load_acquire() == 0) W::cpu_relax();
            });
        });
        if (off) {
            expect_found(result, "no livelock");
        } else {
            expect_holds(result);
        }
    }
}

TEST(PlantedContexts, WaitingForAHandlerThatMayNeverComeIsFound) {
    for (const bool waits : {true, false}) {
        const Result result = run({}, [&](Stage& setup) {
            W::Atomic<int>& flag = setup.make<W::Atomic<int>>();
            setup.thread("thread", 0, [&flag, waits] {
                while (flag.load_acquire() == 0 && waits) W::cpu_relax();
            });
            setup.handler("handler", ContextKind::hardirq, 0, [&flag] { flag.store_release(1); });
        });
        if (waits) {
            expect_found(result, "no livelock");
        } else {
            expect_holds(result);
        }
    }
}

}  // namespace
}  // namespace anypage::check
