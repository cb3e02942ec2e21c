// The baselines of the allocator benchmarks against a naive model: a competitor that hands a frame
// out twice, or loses one, would be no competitor.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "bench/allocator/baseline/bit_map.hpp"
#include "bench/allocator/baseline/pcp_buddy.hpp"
#include "bench/allocator/baseline/rseq_array.hpp"
#include "bench/allocator/baseline/spin_buddy.hpp"
#include "bench/allocator/baseline/thread_array.hpp"

namespace anypage::bench {
namespace {

constexpr PfnRange span{Pfn{8192}, 16384};

struct Run {
    Pfn pfn;
    Order order;
};

/// Who has each frame: nobody, or somebody.
class Owners {
public:
    bool take(Run run) { return set(run, false, true); }
    bool give(Run run) { return set(run, true, false); }

private:
    bool set(Run run, bool from, bool to) {
        if (!span.contains(PfnRange{run.pfn, run.order.frames()})) return false;
        bool good = run.pfn.value % run.order.frames() == 0;
        for (std::uint64_t i = 0; i < run.order.frames(); ++i) {
            good &= owned_[run.pfn - span.first + i].exchange(to) == from;
        }
        return good;
    }

    std::vector<std::atomic<bool>> owned_ = std::vector<std::atomic<bool>>(span.frames);
};

/// A baseline with what it can do, so that one test serves all.
struct Spin : SpinBuddy {
    static constexpr Order orders[] = {{0}, {1}, {2}, {3}, {4}, {9}, {10}};
    Spin() : SpinBuddy(span) {}
    void drain() {}
};
struct Pcp : PcpBuddy {
    static constexpr auto& orders = Spin::orders;
    Pcp() : PcpBuddy(span, 2) {}
};
struct Bits : BitMap {
    static constexpr Order orders[] = {{0}, {1}, {2}, {3}, {4}, {5}, {6}};
    Bits() : BitMap(span) {}
    Pfn allocate(Order order, Migratetype) { return BitMap::allocate(order); }
    void drain() {}
};
struct Thread : ThreadArray {
    static constexpr Order orders[] = {{0}};
    Thread() : ThreadArray(span) {}
    Pfn allocate(Order, Migratetype) { return ThreadArray::allocate(); }
    void free(Pfn pfn, Order) { ThreadArray::free(pfn); }
    void drain() {}
};
struct Rseq : RseqArray {
    static constexpr auto& orders = Thread::orders;
    Rseq() : RseqArray(span, std::thread::hardware_concurrency()) {}
    Pfn allocate(Order, Migratetype) { return RseqArray::allocate(); }
    void free(Pfn pfn, Order) { RseqArray::free(pfn); }
    void drain() {}
};

template <class Baseline>
class OneThread {
public:
    OneThread(Baseline& baseline, Owners& owners, unsigned seed)
        : baseline_(baseline), owners_(owners), random_(seed) {}

    void churn(unsigned steps) {
        for (unsigned i = 0; i < steps; ++i) {
            // Now nearly full, now nearly empty.
            const unsigned bias = i / 4096 % 2 == 0 ? 70 : 30;
            if (random_() % 100 < bias) {
                allocate();
            } else {
                free();
            }
        }
    }
    void free_all() {
        while (!held_.empty()) free();
    }
    bool good() const { return good_; }

private:
    void allocate() {
        const Order order = Baseline::orders[random_() % std::size(Baseline::orders)];
        const auto type = static_cast<Migratetype>(random_() % migratetype_count);
        const Pfn pfn = baseline_.allocate(order, type);
        if (pfn == no_page) return;
        good_ &= owners_.take({pfn, order});
        held_.push_back({pfn, order});
    }
    void free() {
        if (held_.empty()) return;
        std::swap(held_[random_() % held_.size()], held_.back());
        good_ &= owners_.give(held_.back());
        baseline_.free(held_.back().pfn, held_.back().order);
        held_.pop_back();
    }

    Baseline& baseline_;
    Owners& owners_;
    std::mt19937 random_;
    std::vector<Run> held_;
    bool good_ = true;
};

/// Single frames until there are no more; how many.
template <class Baseline>
std::uint64_t take_all(Baseline& baseline, Owners& owners) {
    std::uint64_t count = 0;
    for (;; ++count) {
        const Pfn pfn = baseline.allocate(Order{0}, Migratetype::unmovable);
        if (pfn == no_page) return count;
        EXPECT_TRUE(owners.take({pfn, Order{0}}));
    }
}

template <class Baseline>
class BaselineTest : public testing::Test {
protected:
    static bool is_here() { return !std::is_same_v<Baseline, Rseq> || RseqArray::is_available(); }
    /// An rseq array gives only what lies in the array of the CPU.
    static constexpr bool gives_all = !std::is_same_v<Baseline, Rseq>;

    Baseline baseline;
    Owners owners;
};
using Baselines = testing::Types<Spin, Pcp, Bits, Thread, Rseq>;
TYPED_TEST_SUITE(BaselineTest, Baselines);

TYPED_TEST(BaselineTest, HandsNoFrameOutTwiceAndGetsAllBack) {
    if (!this->is_here()) GTEST_SKIP() << "no restartable sequences";
    OneThread<TypeParam> thread(this->baseline, this->owners, 1);
    thread.churn(50'000);
    thread.free_all();
    EXPECT_TRUE(thread.good());
    const std::uint64_t frames = take_all(this->baseline, this->owners);
    if (this->gives_all) {
        EXPECT_EQ(frames, span.frames);
    } else {
        EXPECT_GT(frames, 0u);
    }
}

TYPED_TEST(BaselineTest, ThreadsShareIt) {
    if (std::is_same_v<TypeParam, Thread>) GTEST_SKIP() << "one thread's alone";
    if (!this->is_here()) GTEST_SKIP() << "no restartable sequences";
    std::atomic<bool> good = true;
    std::vector<std::jthread> threads;
    for (unsigned seed = 0; seed < 4; ++seed) {
        threads.emplace_back([&, seed] {
            OneThread<TypeParam> thread(this->baseline, this->owners, seed);
            thread.churn(100'000);
            thread.free_all();
            if (!thread.good()) good = false;
        });
    }
    threads.clear();
    EXPECT_TRUE(good);
    if (this->gives_all) {
        this->baseline.drain();
        EXPECT_EQ(take_all(this->baseline, this->owners), span.frames);
    }
}

template <class Baseline>
class BuddyTest : public testing::Test {
protected:
    std::vector<Pfn> take(std::uint64_t count, Migratetype type) {
        std::vector<Pfn> frames;
        for (std::uint64_t i = 0; i < count; ++i) {
            frames.push_back(baseline.allocate(Order{0}, type));
        }
        return frames;
    }
    std::uint64_t count_of(Order order) {
        std::uint64_t count = 0;
        while (baseline.allocate(order, Migratetype::movable) != no_page) ++count;
        return count;
    }

    Baseline baseline;
};
using Buddies = testing::Types<Spin, Pcp>;
TYPED_TEST_SUITE(BuddyTest, Buddies);

TYPED_TEST(BuddyTest, MergesWhateverTheOrderOfFrees) {
    auto frames = this->take(span.frames, Migratetype::reclaimable);
    EXPECT_EQ(this->baseline.allocate(Order{0}, Migratetype::movable), no_page);
    std::shuffle(frames.begin(), frames.end(), std::mt19937{3});
    for (const Pfn pfn : frames) this->baseline.free(pfn, Order{0});
    this->baseline.drain();
    EXPECT_EQ(this->baseline.buddy().free_frames_in_blocks(), span.frames);
    EXPECT_EQ(this->count_of(order_max), span.frames / order_max.frames());
}

TYPED_TEST(BuddyTest, FindsAHugeRunWhereverOneIsFree) {
    auto frames = this->take(span.frames, Migratetype::unmovable);
    std::sort(frames.begin(), frames.end());
    constexpr std::uint64_t block = 13;
    for (std::uint64_t i = 0; i < pageblock_frames; ++i) {
        this->baseline.free(frames[block * pageblock_frames + i], Order{0});
    }
    const Pfn huge = this->baseline.allocate(pageblock_order, Migratetype::movable);
    EXPECT_EQ(huge, span.first + block * pageblock_frames);
}

TYPED_TEST(BuddyTest, MigratetypesKeepApartWhileThereIsRoom) {
    const auto movable = this->take(pageblock_frames, Migratetype::movable);
    const auto unmovable = this->take(pageblock_frames, Migratetype::unmovable);
    for (const Pfn pfn : movable) {
        for (const Pfn other : unmovable) {
            ASSERT_NE(pfn.value / pageblock_frames, other.value / pageblock_frames);
        }
    }
}

TEST(PageBuddyTest, AThiefTakesTheWholeBlockIfMostOfItIsFree) {
    Buddy buddy({Pfn{0}, order_max.frames()});
    PageDescriptor* page = buddy.allocate(Order{0}, Migratetype::movable);
    PageDescriptor* block = buddy.allocate(pageblock_order, Migratetype::movable);
    ASSERT_TRUE(page != nullptr && block != nullptr);
    EXPECT_EQ(buddy.block_type_of(*page), Migratetype::movable);
    PageDescriptor* thief = buddy.allocate(Order{0}, Migratetype::unmovable);
    ASSERT_NE(thief, nullptr);
    EXPECT_EQ(buddy.block_type_of(*page), Migratetype::unmovable);
    buddy.free(*thief, Order{0});
    buddy.free(*page, Order{0});
    buddy.free(*block, pageblock_order);
    EXPECT_EQ(buddy.free_frames_in_blocks(), order_max.frames());
}

}  // namespace
}  // namespace anypage::bench
