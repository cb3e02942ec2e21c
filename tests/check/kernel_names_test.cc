// The kernel's names do what they say: each in a scenario that needs it, and in one without it.
#include <gtest/gtest.h>
#include <anypage/check_kernel.hpp>

namespace anypage::check {
namespace {

using namespace kernel;

constexpr auto all_preemptions = {Preemption::none, Preemption::voluntary, Preemption::full,
                                  Preemption::rt};

Result explored(const Scenario& scenario, Preemption preemption = Preemption::full,
                Model model = Model::lkmm) {
    ExploreConfig config;
    config.execution.model = model;
    config.execution.preemption = preemption;
    return explore(config, scenario);
}
/// "" if it holds; else what is violated, or by what it is bounded.
std::string verdict(const Scenario& scenario, Preemption preemption = Preemption::full,
                    Model model = Model::lkmm) {
    const Result result = explored(scenario, preemption, model);
    if (!result.found.empty()) return result.found.front().violation.property;
    return result.limit;
}

constexpr const char* misuse = "every context may do what it does";

/// Two words that are written together.
struct Pair {
    shared<int> a{0, "a"};
    shared<int> b{0, "b"};
    DEFINE_SPINLOCK(lock);
    DEFINE_RAW_SPINLOCK(raw_lock);
    DEFINE_LOCAL_LOCK(local);
    DEFINE_SEQLOCK(seq);

    void write() {
        a = a + 1;
        b = b + 1;
    }
    void check_same() { require(a == b, "no half", "a without b"); }
    void write_marked() {
        WRITE_ONCE(a, READ_ONCE(a) + 1);
        WRITE_ONCE(b, READ_ONCE(b) + 1);
    }
};

/// Writes and looks, each between `enter` and `leave`, in two threads, on two CPUs or on one.
template <class Enter, class Leave>
Scenario pair_in_threads(unsigned second_cpu, Enter enter, Leave leave) {
    return [=](check::Setup& setup) {
        Pair& pair = setup.make<Pair>();
        setup.thread("writer", 0, [&pair, enter, leave] {
            enter(pair);
            pair.write();
            leave(pair);
        });
        setup.thread("reader", second_cpu, [&pair, enter, leave] {
            enter(pair);
            pair.check_same();
            leave(pair);
        });
    };
}
/// The same, the reader being a handler on the writer's CPU.
template <class Enter, class Leave>
Scenario pair_in_handler(ContextKind kind, Enter enter, Leave leave) {
    return [=](check::Setup& setup) {
        Pair& pair = setup.make<Pair>();
        setup.thread("writer", 0, [&pair, enter, leave] {
            enter(pair);
            pair.write();
            leave(pair);
        });
        setup.handler("handler", kind, 0, [&pair] { pair.check_same(); });
    };
}
const auto nothing = [](Pair&) {};

TEST(KernelNames, PlainAccessesOfTwoCpusRace) {
    EXPECT_EQ(verdict(pair_in_threads(1, nothing, nothing)), "no data race");
    EXPECT_EQ(verdict(pair_in_threads(1, nothing, nothing), Preemption::full, Model::sc),
              "no data race");
    // On one CPU that only lets go where a thread sleeps there is nobody to race with.
    EXPECT_EQ(verdict(pair_in_threads(0, nothing, nothing), Preemption::none), "");
    EXPECT_EQ(verdict(pair_in_threads(0, nothing, nothing)), "no data race");
}

TEST(KernelNames, MarkedAndIntendedAccessesDoNotRace) {
    const auto scenario = [](bool marked) {
        return [marked](check::Setup& setup) {
            Pair& pair = setup.make<Pair>();
            setup.thread("writer", 0, [&pair] { pair.a++; });
            setup.thread("reader", 1, [&pair, marked] {
                if (marked) {
                    READ_ONCE(pair.a);
                } else {
                    data_race(READ_ONCE(pair.a));
                    data_race(pair.a + 1);
                }
            });
        };
    };
    EXPECT_EQ(verdict(scenario(true)), "no data race");
    EXPECT_EQ(verdict(scenario(false)), "");
    EXPECT_EQ(verdict([](check::Setup& setup) {
                  Pair& pair = setup.make<Pair>();
                  setup.thread("one", 0, [&pair] { pair.write_marked(); });
                  setup.thread("other", 1, [&pair] { pair.write_marked(); });
              }),
              "");
}

TEST(KernelNames, SpinlocksExclude) {
    const auto scenario = pair_in_threads(
        1, [](Pair& pair) { spin_lock(&pair.lock); }, [](Pair& pair) { spin_unlock(&pair.lock); });
    const auto raw = pair_in_threads(
        1, [](Pair& pair) { raw_spin_lock(&pair.raw_lock); },
        [](Pair& pair) { raw_spin_unlock(&pair.raw_lock); });
    for (const Preemption preemption : all_preemptions) {
        EXPECT_EQ(verdict(scenario, preemption), "");
        EXPECT_EQ(verdict(raw, preemption), "");
    }
}

TEST(KernelNames, ATriedSpinlockExcludesWhoeverGetsIt) {
    EXPECT_EQ(verdict([](check::Setup& setup) {
                  Pair& pair = setup.make<Pair>();
                  for (const unsigned cpu : {0u, 1u}) {
                      setup.thread("thread", cpu, [&pair] {
                          if (!spin_trylock(&pair.lock)) return;
                          pair.write();
                          pair.check_same();
                          spin_unlock(&pair.lock);
                      });
                  }
              }),
              "");
}

TEST(KernelNames, ALocalStaticLockIsOne) {
    EXPECT_EQ(verdict([](check::Setup& setup) {
                  Pair& pair = setup.make<Pair>();
                  const auto run = [&pair] {
                      static DEFINE_SPINLOCK(lock);
                      spin_lock(&lock);
                      pair.write();
                      pair.check_same();
                      spin_unlock(&lock);
                  };
                  setup.thread("one", 0, run);
                  setup.thread("other", 1, run);
              }),
              "");
}

TEST(KernelNames, IrqsaveKeepsHandlersAwayButNotOnRt) {
    const auto spin = pair_in_handler(
        ContextKind::hardirq,
        [](Pair& pair) {
            unsigned long flags;
            spin_lock_irqsave(&pair.lock, flags);
        },
        [](Pair& pair) { spin_unlock_irqrestore(&pair.lock, 0); });
    const auto raw = pair_in_handler(
        ContextKind::hardirq,
        [](Pair& pair) {
            unsigned long flags;
            raw_spin_lock_irqsave(&pair.raw_lock, flags);
        },
        [](Pair& pair) { raw_spin_unlock_irqrestore(&pair.raw_lock, 0); });
    const auto local = pair_in_handler(
        ContextKind::hardirq,
        [](Pair&) {
            unsigned long flags;
            local_irq_save(flags);
        },
        [](Pair&) { local_irq_restore(0); });
    for (const Preemption preemption : all_preemptions) {
        const bool rt = preemption == Preemption::rt;
        EXPECT_EQ(verdict(spin, preemption), rt ? "no data race" : "");
        EXPECT_EQ(verdict(raw, preemption), "");
        EXPECT_EQ(verdict(local, preemption), "");
        EXPECT_EQ(verdict(pair_in_handler(
                              ContextKind::nmi, [](Pair&) { local_irq_disable(); },
                              [](Pair&) { local_irq_enable(); }),
                          preemption),
                  "no data race");
    }
}

TEST(KernelNames, IrqFlagsNest) {
    EXPECT_EQ(verdict(pair_in_handler(
                  ContextKind::hardirq,
                  [](Pair&) {
                      unsigned long outer;
                      unsigned long inner;
                      local_irq_save(outer);
                      local_irq_save(inner);
                      BUG_ON(outer != 0 || inner != 1 || !irqs_disabled());
                      local_irq_restore(inner);
                  },
                  [](Pair&) { local_irq_enable(); })),
              "");
}

TEST(KernelNames, BhDisableKeepsSoftirqsAway) {
    const auto enter = [](Pair& pair) { spin_lock_bh(&pair.lock); };
    const auto leave = [](Pair& pair) { spin_unlock_bh(&pair.lock); };
    for (const Preemption preemption : all_preemptions) {
        EXPECT_EQ(verdict(pair_in_handler(ContextKind::softirq, enter, leave), preemption), "");
        EXPECT_EQ(verdict(pair_in_handler(ContextKind::softirq, nothing, nothing), preemption),
                  "no data race");
        EXPECT_EQ(verdict(pair_in_handler(ContextKind::hardirq, enter, leave), preemption),
                  "no data race");
    }
}

TEST(KernelNames, LocalLockExcludesOnItsCpu) {
    const auto enter = [](Pair& pair) { local_lock(&pair.local); };
    const auto leave = [](Pair& pair) { local_unlock(&pair.local); };
    const auto enter_irq = [](Pair& pair) {
        unsigned long flags;
        local_lock_irqsave(&pair.local, flags);
    };
    const auto leave_irq = [](Pair& pair) { local_unlock_irqrestore(&pair.local, 0); };
    for (const Preemption preemption : all_preemptions) {
        const bool rt = preemption == Preemption::rt;
        EXPECT_EQ(verdict(pair_in_threads(0, enter, leave), preemption), "");
        EXPECT_EQ(verdict(pair_in_threads(1, enter, leave), preemption), "no data race");
        EXPECT_EQ(verdict(pair_in_handler(ContextKind::hardirq, enter_irq, leave_irq), preemption),
                  rt ? "no data race" : "");
    }
}

TEST(KernelNames, PreemptDisableKeepsThreadsAway) {
    const auto enter = [](Pair&) { preempt_disable(); };
    const auto leave = [](Pair&) { preempt_enable(); };
    for (const Preemption preemption : all_preemptions) {
        EXPECT_EQ(verdict(pair_in_threads(0, enter, leave), preemption), "");
    }
    EXPECT_EQ(verdict(pair_in_threads(
                  0, [](Pair&) { migrate_disable(); }, [](Pair&) { migrate_enable(); })),
              "no data race");
}

TEST(KernelNames, SleepingWhereItIsNotAllowedIsFound) {
    const auto in_atomic = [](void (*sleeps)(Pair&)) {
        return [sleeps](check::Setup& setup) {
            Pair& pair = setup.make<Pair>();
            setup.thread("thread", 0, [&pair, sleeps] {
                raw_spin_lock(&pair.raw_lock);
                sleeps(pair);
                raw_spin_unlock(&pair.raw_lock);
            });
        };
    };
    const auto takes_spinlock = in_atomic([](Pair& pair) {
        spin_lock(&pair.lock);
        spin_unlock(&pair.lock);
    });
    for (const Preemption preemption : all_preemptions) {
        EXPECT_EQ(verdict(takes_spinlock, preemption), preemption == Preemption::rt ? misuse : "");
        EXPECT_EQ(verdict(in_atomic([](Pair&) { might_sleep(); }), preemption), misuse);
        EXPECT_EQ(verdict(in_atomic([](Pair&) { cond_resched(); }), preemption), misuse);
        EXPECT_EQ(verdict(in_atomic([](Pair&) { msleep(1); }), preemption), misuse);
    }
    // A handler that is no thread on PREEMPT_RT may not take it, whether or not it is held.
    const auto handler = [](ContextKind kind) {
        return [kind](check::Setup& setup) {
            Pair& pair = setup.make<Pair>();
            setup.thread("thread", 0, [&pair] { READ_ONCE(pair.a); });
            setup.handler("handler", kind, 0, [&pair] {
                spin_lock(&pair.lock);
                spin_unlock(&pair.lock);
            });
        };
    };
    EXPECT_EQ(verdict(handler(ContextKind::hardirq_no_thread), Preemption::rt), misuse);
    EXPECT_EQ(verdict(handler(ContextKind::hardirq), Preemption::rt), "");
    EXPECT_EQ(verdict(handler(ContextKind::hardirq_no_thread), Preemption::full), "");
}

TEST(KernelNames, AHandlerThatTakesTheLockOfItsThreadHangs) {
    const auto scenario = [](check::Setup& setup) {
        Pair& pair = setup.make<Pair>();
        setup.thread("thread", 0, [&pair] {
            spin_lock(&pair.lock);
            WRITE_ONCE(pair.a, 1);
            spin_unlock(&pair.lock);
        });
        setup.handler("handler", ContextKind::hardirq, 0, [&pair] {
            spin_lock(&pair.lock);
            WRITE_ONCE(pair.a, 2);
            spin_unlock(&pair.lock);
        });
    };
    EXPECT_EQ(verdict(scenario), "no deadlock");
    EXPECT_EQ(verdict(scenario, Preemption::none), "no deadlock");
    EXPECT_EQ(verdict(scenario, Preemption::rt), "");
}

TEST(KernelNames, PredicatesSayWhereOneIs) {
    const auto scenario = [](bool rt) {
        return [rt](check::Setup& setup) {
            Pair& pair = setup.make<Pair>();
            setup.thread("thread", 0, [&pair] {
                BUG_ON(!in_task() || in_interrupt() || irqs_disabled());
                BUG_ON(smp_processor_id() != 0);
                BUG_ON(!preemptible());
                raw_spin_lock_irq(&pair.raw_lock);
                WRITE_ONCE(pair.a, 1);
                BUG_ON(preemptible() || !irqs_disabled());
                raw_spin_unlock_irq(&pair.raw_lock);
            });
            setup.handler("hardirq", ContextKind::hardirq, 0, [&pair, rt] {
                WRITE_ONCE(pair.a, 2);
                BUG_ON(in_hardirq() == rt || in_nmi() || irqs_disabled() == rt);
                BUG_ON(IS_ENABLED(CONFIG_PREEMPT_RT) != rt);
            });
            setup.handler("softirq", ContextKind::softirq, 0, [&pair] {
                WRITE_ONCE(pair.a, 2);
                BUG_ON(!in_serving_softirq() || in_hardirq() || !in_interrupt());
            });
        };
    };
    EXPECT_EQ(verdict(scenario(false), Preemption::full), "");
    EXPECT_EQ(verdict(scenario(true), Preemption::rt), "");
    EXPECT_EQ(verdict([](check::Setup& setup) { setup.thread("thread", 0, [] { BUG_ON(true); }); }),
              "no BUG_ON");
}

TEST(KernelNames, CondReschedLetsOthersRun) {
    const auto scenario = [](bool yields) {
        return [yields](check::Setup& setup) {
            Pair& pair = setup.make<Pair>();
            setup.thread("waiter", 0, [&pair, yields] {
                while (READ_ONCE(pair.a) == 0) {
                    if (yields) cond_resched();
                    cpu_relax();
                }
            });
            setup.thread("other", 0, [&pair] { WRITE_ONCE(pair.a, 1); });
        };
    };
    EXPECT_EQ(verdict(scenario(false), Preemption::none), "no livelock");
    EXPECT_EQ(verdict(scenario(false), Preemption::full), "");
    EXPECT_EQ(verdict(scenario(true), Preemption::none), "");
}

TEST(KernelNames, PrintkTakesThePortUnlessDeferred) {
    const auto scenario = [](bool defers) {
        return [defers](check::Setup& setup) {
            auto& port = setup.make<ModelWorld::Lock>(LockKind::spin, false, "port->lock");
            ModelWorld::attach_console(&port);
            setup.thread("printer", 0, [&port, defers] {
                port.lock();
                if (defers) printk_deferred_enter();
                pr_info("%d", 1);
                if (defers) printk_deferred_exit();
                port.unlock();
            });
        };
    };
    EXPECT_EQ(verdict(scenario(false)), "no deadlock");
    EXPECT_EQ(verdict(scenario(true)), "");
    ModelWorld::attach_console(nullptr);
}

}  // namespace
}  // namespace anypage::check
