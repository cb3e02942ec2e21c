// The restartable sections of x86-64 and aarch64, compiled by g++ and by clang, in an emulated CPU:
// each does what rseq.hpp says, and is ended or overtaken at each of its instructions.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

#include "tests/emulated/sections/machine.hpp"

namespace anypage::test {
namespace {

/// Where the thread runs, and what the sections' words are.
struct State {
    std::uint32_t cpu = 0;
    SectionWords words;
};
constexpr std::uint32_t unregistered = ~std::uint32_t{0};

/// What a call returned, and left.
struct Outcome {
    bool done = false;
    std::uint64_t result = 0;
    std::vector<std::uint64_t> values{};

    friend bool operator==(const Outcome&, const Outcome&) = default;
};
Outcome outcome(const Call& call) {
    if (!call.done) return {};
    Outcome all{true, call.result};
    if (call.operation == Operation::pop_many) {
        all.values.assign(call.values, call.values + call.result);
    }
    return all;
}
bool is_of_stack(const Call& call) { return call.operation >= Operation::pop; }

/// Places above the stack's count hold what nobody reads.
SectionWords what_matters(const SectionWords& all) {
    SectionWords words = all;
    for (auto i = (words.stack[0] & 0xff) + 1; i <= stack_capacity; ++i) words.stack[i] = 0;
    return words;
}

/// The operations as rseq.hpp has them, on one thread.
Outcome expect(const Call& call, State& state) {
    SectionWords& words = state.words;
    const bool counts_here = state.cpu < call.cpus;
    const bool stack_here = state.cpu == call.cpu && (words.gate & 1) != 0;
    const std::uint64_t count = words.stack[0] & 0xff;
    switch (call.operation) {
        case Operation::count_named:
            if (!counts_here) return {};
            ++words.counts[state.cpu][words.named & 7];
            return {true, words.named};
        case Operation::count:
            if (counts_here) ++words.counts[state.cpu][call.index];
            return {counts_here, 0};
        case Operation::add:
            if (state.cpu == call.cpu) words.sum += call.value;
            return {state.cpu == call.cpu, 0};
        case Operation::pop:
            if (!stack_here || count == 0) return {};
            return {true, words.stack[words.stack[0]-- & 0xff]};
        case Operation::push:
            if (!stack_here || count >= (words.stack[0] >> 8 & 0xff)) return {};
            words.stack[++words.stack[0] & 0xff] = call.value;
            return {true, 0};
        case Operation::pop_many: {
            Outcome popped;
            if (!stack_here || count == 0 || call.many == 0) return popped;
            while (popped.result < call.many && (words.stack[0] & 0xff) != 0) {
                popped.values.push_back(words.stack[words.stack[0]-- & 0xff]);
                ++popped.result;
            }
            popped.done = true;
            return popped;
        }
        case Operation::push_many: {
            if (!stack_here || count >= call.limit || call.many == 0) return {};
            const auto many = std::min(call.many, call.limit - count);
            for (std::uint64_t i = 0; i < many; ++i) {
                words.stack[++words.stack[0] & 0xff] = call.values[i];
            }
            words.stack[0] = (words.stack[0] & ~std::uint64_t{0xff00}) | call.limit << 8;
            return {true, many};
        }
    }
    return {};
}

State start(std::uint64_t pushed = 2, std::uint64_t gate = 0xabc1) {
    State state{.cpu = 0, .words = {}};
    state.words.named = 0x1234'5678'9abc'def5;
    state.words.sum = ~std::uint64_t{0} - 100;
    state.words.gate = gate;
    state.words.stack[0] = 0x56'0000 + (stack_capacity << 8) + pushed;
    for (std::uint64_t i = 1; i <= pushed; ++i) state.words.stack[i] = i << 40;
    return state;
}

std::vector<Call> calls() {
    return {{.operation = Operation::count_named},
            {.operation = Operation::count, .index = 5},
            {.operation = Operation::add, .value = 7},
            {.operation = Operation::pop},
            {.operation = Operation::push, .value = 0xfeed'beef'0000'0007},
            {.operation = Operation::pop_many, .many = 2},
            {.operation = Operation::push_many,
             .many = 2,
             .limit = 3,
             .values = {0xfeed'beef'0000'0008, 9}}};
}
/// The same with other numbers, where these are what matters.
std::vector<Call> calls_of_many() {
    std::vector<Call> all;
    for (const std::uint64_t many : {0u, 1u, 3u, 4u}) {
        all.push_back({.operation = Operation::pop_many, .many = many});
        for (const std::uint64_t limit : {0u, 1u, 2u, 3u}) {
            all.push_back({.operation = Operation::push_many,
                           .many = many,
                           .limit = limit,
                           .values = {1, ~std::uint64_t{0}, 3, 4}});
        }
    }
    return all;
}

class Sections : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        const std::filesystem::path image = std::filesystem::path(ANYPAGE_IMAGES) / GetParam();
        if (!exists(image)) GTEST_SKIP() << "no compiler for this machine was found";
        machine_ = std::make_unique<Machine>(image);
    }
    Machine& machine() { return *machine_; }
    SharedMemory& memory() { return machine_->memory(); }
    State state() { return {memory().area.cpu_id, memory().words}; }

    void begin(const State& state, const Call& call) {
        memory() = {};
        memory().area.cpu_id = state.cpu;
        memory().words = state.words;
        memory().calls[0] = call;
        machine().begin(0);
    }
    Outcome finish() {
        machine().finish();
        return outcome(memory().calls[0]);
    }
    void matches(const State& before, const Call& call) {
        State after = before;
        const Outcome expected = expect(call, after);
        begin(before, call);
        EXPECT_EQ(finish(), expected);
        EXPECT_EQ(what_matters(memory().words), what_matters(after.words));
    }

    /// Runs the call again and again, and `here` before each of its instructions and at its end.
    void at_each_instruction(const State& state, const Call& call,
                             const std::function<void()>& here) {
        begin(state, call);
        do {
            const auto registers = machine().save();
            const SharedMemory then = memory();
            here();
            memory() = then;
            machine().restore(registers);
        } while (machine().step());
    }
    /// As a signal handler does, with registers of its own.
    Outcome overtake(const Call& call) {
        const auto registers = machine().save();
        memory().calls[1] = call;
        machine().begin(1);
        machine().finish();
        machine().restore(registers);
        return outcome(memory().calls[1]);
    }

private:
    std::unique_ptr<Machine> machine_;
};

TEST_P(Sections, DoWhatTheyShould) {
    for (const std::uint64_t pushed : {0u, 1u, 2u, 3u}) {
        for (const std::uint64_t gate : {0u, 1u, 2u, 0xabc1u}) {
            for (const std::uint32_t cpu : {0u, 1u, 2u, unregistered}) {
                for (Call call : calls()) {
                    State state = start(pushed, gate);
                    state.cpu = cpu;
                    SCOPED_TRACE(testing::Message()
                                 << "operation " << static_cast<int>(call.operation) << ", CPU "
                                 << cpu << ", " << pushed << " pushed, gate " << gate);
                    matches(state, call);
                    call.cpu = call.cpus = 1;
                    matches(state, call);
                }
            }
        }
    }
}

TEST_P(Sections, MoveAsManyAsThereAreAndMayBe) {
    for (const std::uint64_t pushed : {0u, 1u, 2u, 3u}) {
        for (const Call& call : calls_of_many()) {
            SCOPED_TRACE(testing::Message()
                         << "operation " << static_cast<int>(call.operation) << " of " << call.many
                         << ", limit " << call.limit << ", " << pushed << " pushed");
            matches(start(pushed), call);
        }
    }
}

/// A stack's own limit, not its places.
TEST_P(Sections, PushUpToTheLimit) {
    const Call push{.operation = Operation::push, .value = 7};
    for (const std::uint64_t limit : {0u, 1u, 2u}) {
        for (std::uint64_t pushed = 0; pushed <= limit; ++pushed) {
            State state = start(pushed);
            state.words.stack[0] = limit << 8 | pushed;
            matches(state, push);
        }
    }
}

TEST_P(Sections, EndWithNothingDoneUpToTheCommit) {
    for (const Call& call : calls()) {
        SCOPED_TRACE(static_cast<int>(call.operation));
        const State before = start();
        State after = before;
        const Outcome expected = expect(call, after);
        unsigned ended = 0;
        at_each_instruction(before, call, [&] {
            const bool is_ended = machine().interrupt();
            ended += is_ended;
            EXPECT_EQ(finish(), is_ended ? Outcome{} : expected);
            EXPECT_EQ(what_matters(memory().words),
                      what_matters((is_ended ? before : after).words));
        });
        EXPECT_GT(ended, 2u);
    }
}

/// What a thread does to another CPU's stack: it closes the gate, and after a membarrier nothing
/// changes any more.
TEST_P(Sections, ChangeNothingBehindAGateThatWasClosed) {
    for (const Call& call : calls()) {
        if (!is_of_stack(call)) continue;
        SCOPED_TRACE(static_cast<int>(call.operation));
        at_each_instruction(start(), call, [&] {
            memory().words.gate = 2;
            machine().interrupt();
            const SectionWords sealed = memory().words;
            finish();
            EXPECT_EQ(memory().words, sealed);
        });
    }
}

TEST_P(Sections, AreOfTheCpuThatTheyCommitOn) {
    for (const Call& call : calls()) {
        SCOPED_TRACE(static_cast<int>(call.operation));
        at_each_instruction(start(), call, [&] {
            State moved = state();
            const bool is_ended = machine().interrupt();
            memory().area.cpu_id = moved.cpu = 1;
            finish();
            // Of the other CPU's words nothing has changed but by a section that ran there.
            const bool is_count = call.operation <= Operation::count;
            const bool had_committed = what_matters(moved.words) != what_matters(start().words);
            if (!is_ended && !had_committed && is_count) expect(call, moved);
            EXPECT_EQ(what_matters(memory().words), what_matters(moved.words));
        });
    }
}

/// A call, and one that overtakes it at an instruction: in which order were they done?
struct Sequence {
    bool one_after_the_other = false;
    bool first_was_refused = false;
};
Sequence sequence(const State& before, const State& after, std::pair<Call, Call> calls,
                  std::pair<Outcome, Outcome> seen) {
    const auto fits = [&](const State& state, Outcome first, Outcome second) {
        return std::pair(first, second) == seen &&
               what_matters(state.words) == what_matters(after.words);
    };
    State state = before;
    const Outcome first = expect(calls.first, state);
    const Outcome second = expect(calls.second, state);
    const bool in_turn = fits(state, first, second);
    state = before;
    const Outcome alone = expect(calls.second, state);
    const bool refused = fits(state, {}, alone);
    const Outcome later = expect(calls.first, state);
    return {in_turn || fits(state, later, alone), refused};
}

TEST_P(Sections, LoseNothingToOneThatComesBetween) {
    for (const std::uint64_t pushed : {1u, 2u}) {
        for (const Call& call : calls()) {
            for (const Call& between : calls()) {
                at_each_instruction(start(pushed), call, [&] {
                    const bool is_ended = machine().interrupt();
                    const Outcome second = overtake(between);
                    const Outcome first = finish();
                    const Sequence found =
                        sequence(start(pushed), state(), {call, between}, {first, second});
                    EXPECT_TRUE(is_ended ? found.first_was_refused : found.one_after_the_other)
                        << static_cast<int>(call.operation) << " with "
                        << static_cast<int>(between.operation) << ", " << pushed << " pushed";
                });
            }
        }
    }
}

/// The test sees it, if the kernel does not end a section.
TEST_P(Sections, LoseWorkWithoutTheKernel) {
    for (const Call& call : calls()) {
        if (!is_of_stack(call)) continue;
        unsigned lost = 0;
        at_each_instruction(start(1), call, [&] {
            const Outcome second = overtake(call);
            const Outcome first = finish();
            const Sequence found = sequence(start(1), state(), {call, call}, {first, second});
            lost += !found.one_after_the_other && !found.first_was_refused;
        });
        EXPECT_GT(lost, 0u);
    }
}

INSTANTIATE_TEST_SUITE_P(Images, Sections,
                         testing::Values("x86_64-gcc", "x86_64-clang", "aarch64-gcc",
                                         "aarch64-clang"),
                         [](const auto& parameter) {
                             std::string name = parameter.param;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

}  // namespace
}  // namespace anypage::test
