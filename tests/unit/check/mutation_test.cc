// Which weaker forms an operation has, and that a scenario notices them.
#include "check/mutation.hpp"

#include <gtest/gtest.h>

#include "check/explore.hpp"
#include "check/model_world.hpp"

namespace anypage::check {
namespace {

using W = ModelWorld;

struct Message {
    W::Atomic<int> data{0};
    W::Atomic<int> flag{0};
};

void passes_a_message(Setup& setup) {
    auto& message = setup.make<Message>();
    setup.thread("sender", 0, [&message] {
        message.data.store_relaxed(1);
        message.flag.store_release(1);
    });
    setup.thread("receiver", 1, [&message] {
        if (message.flag.load_acquire() == 0) return;
        require(message.data.load_relaxed() == 1, "a message comes whole", "it does not");
    });
}

std::set<Site> sites() {
    std::set<Site> found;
    ExploreConfig config;
    config.execution.model = Model::rc11;
    config.execution.sites = &found;
    EXPECT_EQ(explore(config, passes_a_message).verdict, Verdict::holds);
    return found;
}

TEST(Mutation, EverySiteIsFoundWithItsOrder) {
    std::multiset<MemoryOrder> orders;
    for (const Site& site : sites()) {
        EXPECT_EQ(site.file, "tests/unit/check/mutation_test.cc");
        orders.insert(site.order);
    }
    EXPECT_EQ(orders, (std::multiset<MemoryOrder>{MemoryOrder::relaxed, MemoryOrder::relaxed,
                                                  MemoryOrder::acquire, MemoryOrder::release}));
}

std::string file_of(std::source_location at) {
    Op op;
    op.at = at;
    return site_of(op).file;
}

TEST(Mutation, ASiteIsNamedWithinTheProjectWhereverItIsBuilt) {
    const auto here = std::source_location::current();
#line 1 "/src/tests/check/build/include/anypage/core/zone/claim.hpp"
    const auto header = std::source_location::current();
#line 1 "/usr/include/anypage/checker/model_world.hpp"
    const auto checker = std::source_location::current();
#line 1 "driver/src/ring.hpp"
    const auto elsewhere = std::source_location::current();
#line 1 "src/alloc/../node/../zone/claim.hpp"
    const auto by_another_way = std::source_location::current();
#line 67 "tests/unit/check/mutation_test.cc"
    EXPECT_EQ(file_of(here), "tests/unit/check/mutation_test.cc");
    EXPECT_EQ(file_of(header), "src/zone/claim.hpp");
    EXPECT_EQ(file_of(checker), "check/model_world.hpp");
    EXPECT_EQ(file_of(elsewhere), "driver/src/ring.hpp");
    EXPECT_EQ(file_of(by_another_way), "src/zone/claim.hpp");
}

TEST(Mutation, EachOrderThatIsNeededIsNoticedWhenItIsWeaker) {
    std::size_t mutants = 0;
    for (const Site& site : sites()) {
        for (const Mutation& mutation : weakenings(site)) {
            ExploreConfig config;
            config.execution.model = Model::rc11;
            config.execution.mutation = &mutation;
            EXPECT_EQ(explore(config, passes_a_message).verdict, Verdict::broken)
                << mutation.text();
            ++mutants;
        }
    }
    EXPECT_EQ(mutants, 2u);
}

/// Of the mutations that `forms` has of each site, those with which the scenario holds.
template <class Forms>
std::vector<Mutation> holding(ExploreConfig config, const Scenario& scenario,
                              const std::set<Site>& sites, const Forms& forms) {
    std::vector<Mutation> all;
    config.execution.sites = nullptr;
    for (const Site& site : sites) {
        for (const Mutation& mutation : forms(site)) {
            config.execution.mutation = &mutation;
            if (explore(config, scenario).verdict == Verdict::holds) all.push_back(mutation);
        }
    }
    return all;
}

/// What they do, without the place.
std::vector<std::string> texts(const std::vector<Mutation>& mutations) {
    std::vector<std::string> all;
    for (const Mutation& each : mutations) {
        const std::string text = each.text();
        all.push_back(text.substr(text.find(' ') + 1));
    }
    return all;
}

/// As passes_a_message, with a receiver that orders nothing.
void loses_a_message(Setup& setup) {
    auto& message = setup.make<Message>();
    setup.thread("sender", 0, [&message] {
        message.data.store_relaxed(1);
        message.flag.store_release(1);
    });
    setup.thread("receiver", 1, [&message] {
        if (message.flag.load_relaxed() == 0) return;
        require(message.data.load_relaxed() == 1, "a message comes whole", "it does not");
    });
}

TEST(Mutation, WhatIsMissingIsFoundByAddingIt) {
    std::set<Site> found;
    ExploreConfig config;
    config.execution.sites = &found;
    EXPECT_EQ(explore(config, loses_a_message).verdict, Verdict::broken);
    const auto mended = holding(config, loses_a_message, found,
                                [](const Site& site) { return strengthenings(site, 0); });
    // The acquire of the flag, or the barrier behind it.
    EXPECT_EQ(texts(mended), (std::vector<std::string>{"relaxed -> acquire", "smp_mb before"}));
}

/// As passes_a_message, with a release too many: either may go, not both.
void passes_a_message_twice_ordered(Setup& setup) {
    auto& message = setup.make<Message>();
    setup.thread("sender", 0, [&message] {
        message.data.store_relaxed(1);
        W::fence(FenceKind::release);
        message.flag.store_release(1);
    });
    setup.thread("receiver", 1, [&message] {
        if (message.flag.load_acquire() == 0) return;
        require(message.data.load_relaxed() == 1, "a message comes whole", "it does not");
    });
}

TEST(Mutation, TwoAtOnceShowWhatEachHides) {
    std::set<Site> found;
    ExploreConfig config;
    config.execution.model = Model::rc11;
    config.execution.sites = &found;
    EXPECT_EQ(explore(config, passes_a_message_twice_ordered).verdict, Verdict::holds);
    const auto survivors = holding(config, passes_a_message_twice_ordered, found, weakenings);
    config.execution.sites = nullptr;
    ASSERT_EQ(survivors.size(), 2u);  // the fence, and the store's release
    Mutation both = survivors[0];
    both.others.push_back(survivors[1]);
    EXPECT_NE(both.text().find(" and "), std::string::npos);
    config.execution.mutation = &both;
    EXPECT_EQ(explore(config, passes_a_message_twice_ordered).verdict, Verdict::broken);
}

/// A FIFO thread reads what a sleeping lock protects without taking it.
void looks_into_a_section(Setup& setup) {
    struct Section {
        W::Lock lock{LockKind::spin, true, "lock"};
        W::Atomic<int> open{0};
    };
    auto& section = setup.make<Section>();
    setup.thread("writer", 0, [&section] {
        section.lock.lock();
        section.open.store_relaxed(1);
        section.open.store_relaxed(0);
        section.lock.unlock();
    });
    setup.fifo("reader", 0, 10, [&section] {
        require(section.open.load_relaxed() == 0, "nobody looks into the section", "somebody did");
    });
}

TEST(Mutation, ALockThatIsMissingIsFoundByAddingIt) {
    std::set<Site> found;
    ExploreConfig config;
    config.execution.model = Model::sc;
    config.execution.preemption = Preemption::rt;
    config.execution.sites = &found;
    const Result result = explore(config, looks_into_a_section);
    EXPECT_EQ(result.verdict, Verdict::broken);
    EXPECT_EQ(result.locks, std::vector<std::string>{"lock"});
    const auto mended = holding(config, looks_into_a_section, found,
                                [](const Site& site) { return strengthenings(site, 1); });
    for (const Mutation& each : mended) EXPECT_EQ(each.site.kind, OpKind::load);
    // The reader waits for the writer, and lends it its priority meanwhile.
    EXPECT_EQ(texts(mended), std::vector<std::string>{"lock and unlock before"});
}

TEST(Mutation, WhatOrdersNothingHasNoWeakerForm) {
    Site site;
    site.kind = OpKind::store;
    site.order = MemoryOrder::relaxed;
    EXPECT_TRUE(weakenings(site).empty());
    site.kind = OpKind::fence;
    ASSERT_EQ(weakenings(site).size(), 1u);
    EXPECT_EQ(weakenings(site).front().what, Mutation::What::removed);
}

TEST(Mutation, AComparisonsFailureIsWeakenedByItself) {
    Site site;
    site.kind = OpKind::compare_exchange;
    site.order = MemoryOrder::seq_cst;
    site.failure = MemoryOrder::seq_cst;
    const auto weaker = weakenings(site);
    ASSERT_EQ(weaker.size(), 2u);
    EXPECT_EQ(weaker[0].order, MemoryOrder::acq_rel);
    EXPECT_EQ(weaker[1].order, MemoryOrder::seq_cst);
    EXPECT_EQ(weaker[1].failure, MemoryOrder::relaxed);
}

}  // namespace
}  // namespace anypage::check
