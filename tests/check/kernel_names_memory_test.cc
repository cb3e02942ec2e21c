// The kernel's names that order: barriers, acquire and release, atomics, sequence counters.
#include <gtest/gtest.h>
#include <anypage/check_kernel.hpp>

namespace anypage::check {
namespace {

using namespace kernel;

std::string verdict(const Scenario& scenario, Preemption preemption = Preemption::full,
                    Model model = Model::lkmm) {
    ExploreConfig config;
    config.execution.model = model;
    config.execution.preemption = preemption;
    const Result result = explore(config, scenario);
    if (!result.found.empty()) return result.found.front().violation.property;
    return result.limit;
}

struct Words {
    shared<int> x{0, "x"};
    shared<int> y{0, "y"};
    shared<int> first{0, "first"};
    shared<int> second{0, "second"};
    shared<int*> pointer{nullptr, "pointer"};
    atomic_t count{0, "count"};
};
using Step = void (*)(Words&);

/// x then y are written; who sees y sees x.
Scenario publication(Step write, int (*read_flag)(Words&), int (*read_data)(Words&)) {
    return [=](check::Setup& setup) {
        Words& words = setup.make<Words>();
        setup.thread("writer", 0, [&words, write] { write(words); });
        setup.thread("reader", 1, [&words, read_flag, read_data] {
            if (read_flag(words) == 0) return;
            require(read_data(words) == 1, "x before y", "y without x");
        });
    };
}
int once_x(Words& words) { return READ_ONCE(words.x); }
int once_y(Words& words) { return READ_ONCE(words.y); }
int plain_x(Words& words) { return words.x; }
int acquire_y(Words& words) { return smp_load_acquire(&words.y); }
int once_y_rmb(Words& words) {
    const int y = READ_ONCE(words.y);
    smp_rmb();
    return y;
}
void once_once(Words& words) {
    WRITE_ONCE(words.x, 1);
    WRITE_ONCE(words.y, 1);
}
void once_wmb_once(Words& words) {
    WRITE_ONCE(words.x, 1);
    smp_wmb();
    WRITE_ONCE(words.y, 1);
}
void plain_release(Words& words) {
    words.x = 1;
    smp_store_release(&words.y, 1);
}
void plain_once(Words& words) {
    words.x = 1;
    WRITE_ONCE(words.y, 1);
}

TEST(KernelNames, PublicationNeedsBothSides) {
    EXPECT_EQ(verdict(publication(once_once, once_y_rmb, once_x)), "x before y");
    EXPECT_EQ(verdict(publication(once_wmb_once, once_y, once_x)), "x before y");
    EXPECT_EQ(verdict(publication(once_wmb_once, once_y_rmb, once_x)), "");
    EXPECT_EQ(verdict(publication(once_wmb_once, acquire_y, once_x)), "");
    EXPECT_EQ(verdict(publication(plain_release, acquire_y, once_x)), "");
    EXPECT_EQ(verdict(publication(once_once, once_y, once_x), Preemption::full, Model::sc), "");
}

TEST(KernelNames, PlainDataAreOrderedOrRace) {
    EXPECT_EQ(verdict(publication(plain_release, acquire_y, plain_x)), "");
    EXPECT_EQ(verdict(publication(plain_release, once_y_rmb, plain_x)), "");
    EXPECT_EQ(verdict(publication(plain_release, once_y, plain_x)), "no data race");
    EXPECT_EQ(verdict(publication(plain_once, acquire_y, plain_x)), "no data race");
    EXPECT_EQ(verdict(publication(plain_once, acquire_y, once_x)), "no data race");
}

/// Each writes one word and reads the other: one of them must see the other.
Scenario store_buffering(Step between) {
    return [=](check::Setup& setup) {
        Words& words = setup.make<Words>();
        setup.thread("one", 0, [&words, between] {
            WRITE_ONCE(words.x, 1);
            between(words);
            WRITE_ONCE(words.first, 1 + READ_ONCE(words.y));
        });
        setup.thread("other", 1, [&words, between] {
            WRITE_ONCE(words.y, 1);
            between(words);
            WRITE_ONCE(words.second, 1 + READ_ONCE(words.x));
        });
        setup.after([&words] {
            require(words.first == 2 || words.second == 2, "one sees the other", "neither did");
        });
    };
}

TEST(KernelNames, FullBarriersAreFull) {
    EXPECT_EQ(verdict(store_buffering([](Words&) {})), "one sees the other");
    EXPECT_EQ(verdict(store_buffering([](Words&) { smp_wmb(); })), "one sees the other");
    EXPECT_EQ(verdict(store_buffering([](Words&) { smp_mb(); })), "");
    EXPECT_EQ(verdict(store_buffering([](Words& w) { atomic_inc(&w.count); })),
              "one sees the other");
    EXPECT_EQ(verdict(store_buffering([](Words& w) {
                  atomic_inc(&w.count);
                  smp_mb__after_atomic();
              })),
              "");
    EXPECT_EQ(verdict(store_buffering([](Words& w) { atomic_inc_return_relaxed(&w.count); })),
              "one sees the other");
    EXPECT_EQ(verdict(store_buffering([](Words& w) { atomic_inc_return(&w.count); })), "");
    EXPECT_EQ(verdict(store_buffering([](Words& w) { atomic_xchg(&w.count, 1); })), "");
    EXPECT_EQ(verdict(store_buffering([](Words& w) { xchg(&w.pointer, nullptr); })), "");
    // A compare-exchange that fails orders nothing.
    EXPECT_EQ(verdict(store_buffering([](Words& w) { cmpxchg(&w.pointer, nullptr, nullptr); })),
              "");
    EXPECT_EQ(verdict(store_buffering([](Words& w) { atomic_cmpxchg(&w.count, 7, 8); })),
              "one sees the other");
}

TEST(KernelNames, AtomicsCount) {
    EXPECT_EQ(verdict([](check::Setup& setup) {
                  Words& words = setup.make<Words>();
                  const auto run = [&words] {
                      atomic_inc(&words.count);
                      atomic_add(3, &words.count);
                      atomic_sub(1, &words.count);
                      BUG_ON(atomic_fetch_add(2, &words.count) < 3);
                      BUG_ON(atomic_dec_return(&words.count) < 4);
                      int seen = atomic_read(&words.count);
                      while (!atomic_try_cmpxchg(&words.count, &seen, seen + 10)) {
                      }
                  };
                  setup.thread("one", 0, run);
                  setup.thread("other", 1, run);
                  setup.after([&words] {
                      require(atomic_read(&words.count) == 28, "the sum is right", "it is not");
                  });
              }),
              "");
    EXPECT_EQ(verdict([](check::Setup& setup) {
                  Words& words = setup.make<Words>();
                  const auto run = [&words] { words.x += 1; };
                  setup.thread("one", 0, run);
                  setup.thread("other", 1, run);
              }),
              "no data race");
}

/// The last of two puts frees, and nobody uses what is freed.
TEST(KernelNames, ReferencesCount) {
    EXPECT_EQ(verdict([](check::Setup& setup) {
                  Words& words = setup.make<Words>();
                  atomic_set(&words.count, 1);
                  setup.thread("user", 0, [&words] {
                      if (!atomic_inc_not_zero(&words.count)) return;
                      require(READ_ONCE(words.x) == 0, "no use after free", "it was freed");
                      if (atomic_dec_and_test(&words.count)) WRITE_ONCE(words.x, 1);
                  });
                  setup.thread("owner", 1, [&words] {
                      if (atomic_dec_and_test(&words.count)) WRITE_ONCE(words.x, 1);
                  });
                  setup.after(
                      [&words] { require(words.x == 1, "nothing is leaked", "nobody freed it"); });
              }),
              "");
}

struct Clock {
    DEFINE_SEQLOCK(lock);
    DEFINE_SEQCOUNT(count);
    shared<u32> low{0, "low"};
    shared<u32> high{0, "high"};

    void change() {
        WRITE_ONCE(low, READ_ONCE(low) + 1);
        WRITE_ONCE(high, READ_ONCE(high) + 1);
    }
    void read() {
        unsigned start;
        u32 seen_low;
        u32 seen_high;
        do {
            start = read_seqbegin(&lock);
            seen_low = READ_ONCE(low);
            seen_high = READ_ONCE(high);
        } while (read_seqretry(&lock, start));
        require(seen_low == seen_high, "no torn time", "low and high are of two times");
    }
};

Scenario clock_read_by(void (*add_reader)(Setup&, Clock&), void (*write)(Clock&)) {
    return [=](check::Setup& setup) {
        Clock& clock = setup.make<Clock>();
        setup.thread("writer", 0, [&clock, write] { write(clock); });
        add_reader(setup, clock);
    };
}
void locked(Clock& clock) {
    write_seqlock(&clock.lock);
    clock.change();
    write_sequnlock(&clock.lock);
}
void locked_irqsave(Clock& clock) {
    unsigned long flags;
    write_seqlock_irqsave(&clock.lock, flags);
    clock.change();
    write_sequnlock_irqrestore(&clock.lock, flags);
}
void unlocked(Clock& clock) { clock.change(); }
void on_another_cpu(Setup& setup, Clock& clock) {
    setup.thread("reader", 1, [&clock] { clock.read(); });
}
void on_its_cpu(Setup& setup, Clock& clock) {
    setup.handler("handler", ContextKind::hardirq, 0, [&clock] { clock.read(); });
}

TEST(KernelNames, SeqlockReadersAreNeverTorn) {
    for (const Preemption preemption : {Preemption::none, Preemption::full, Preemption::rt}) {
        EXPECT_EQ(verdict(clock_read_by(on_another_cpu, locked), preemption), "");
        EXPECT_EQ(verdict(clock_read_by(on_another_cpu, locked_irqsave), preemption), "");
        EXPECT_EQ(verdict(clock_read_by(on_another_cpu, unlocked), preemption), "no torn time");
    }
}

TEST(KernelNames, AHandlerWaitsForTheSeqlockThatItInterrupts) {
    EXPECT_EQ(verdict(clock_read_by(on_its_cpu, locked)), "no livelock");
    EXPECT_EQ(verdict(clock_read_by(on_its_cpu, locked_irqsave)), "");
    // A thread there: it takes the writer's lock, and lends it its priority.
    EXPECT_EQ(verdict(clock_read_by(on_its_cpu, locked), Preemption::rt), "");
}

TEST(KernelNames, ABareSeqcountOnRtNeedsPreemptionOff) {
    const auto scenario = [](bool disables) {
        return [disables](check::Setup& setup) {
            Clock& clock = setup.make<Clock>();
            setup.thread("writer", 0, [&clock, disables] {
                if (disables) preempt_disable();
                write_seqcount_begin(&clock.count);
                clock.change();
                write_seqcount_end(&clock.count);
                if (disables) preempt_enable();
            });
            setup.fifo("FIFO reader", 0, 10, [&clock] { read_seqcount_begin(&clock.count); });
        };
    };
    EXPECT_EQ(verdict(scenario(false), Preemption::rt), "no livelock");
    EXPECT_EQ(verdict(scenario(true), Preemption::rt), "");
    EXPECT_EQ(verdict(scenario(false), Preemption::none), "");
}

TEST(KernelNames, RawSeqcountsDoNotWait) {
    EXPECT_EQ(verdict([](check::Setup& setup) {
                  Clock& clock = setup.make<Clock>();
                  setup.thread("writer", 0, [&clock] { locked(clock); });
                  setup.handler("handler", ContextKind::hardirq, 0, [&clock] {
                      const unsigned start = raw_seqcount_begin(&clock.lock.seqcount);
                      const u32 low = READ_ONCE(clock.low);
                      const u32 high = READ_ONCE(clock.high);
                      if (read_seqcount_retry(&clock.lock.seqcount, start)) return;
                      require(low == high, "no torn time", "low and high are of two times");
                  });
              }),
              "");
}

}  // namespace
}  // namespace anypage::check
