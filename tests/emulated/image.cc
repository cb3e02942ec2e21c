// The restartable sections of a machine as an image for an emulated CPU: no library, no start-up,
// one entry. sections/machine.hpp loads it.
#include "tests/emulated/call.hpp"
#include "world/native_rseq.hpp"

// glibc's, but here there is none. Weak: so that compilers do not count on the value.
[[gnu::weak]] extern const std::ptrdiff_t __rseq_offset;
const std::ptrdiff_t __rseq_offset = anypage::test::area_offset;

namespace anypage::test {
namespace {

using Rseq = native::Rseq;
using Word = Rseq::Word;

Word& atomic(std::uint64_t& word) { return reinterpret_cast<Word&>(word); }

void take(Call& call, std::uint64_t popped) {
    call.done = popped != CpuStack<Word>::nothing;
    call.result = popped;
}
void take(Call& call, const std::optional<std::uint64_t>& seen) {
    call.done = seen.has_value();
    if (seen) call.result = *seen;
}

std::optional<std::uint64_t> moved(std::size_t many) {
    return many == 0 ? std::nullopt : std::optional<std::uint64_t>(many);
}

}  // namespace

extern "C" void enter(Call* call, SectionWords* words) {
    const CpuCounts<Rseq::Count> counts{reinterpret_cast<Rseq::Count*>(words->counts), call->cpus};
    const CpuStack<Word> stack{CpuId{call->cpu}, &atomic(words->stack[0])};
    const Word& gate = atomic(words->gate);
    switch (call->operation) {
        case Operation::count_named:
            return take(*call, Rseq::count_named(atomic(words->named), counts));
        case Operation::count:
            call->done = Rseq::count(counts, static_cast<unsigned>(call->index));
            return;
        case Operation::add:
            call->done = Rseq::add(atomic(words->sum), CpuId{call->cpu}, call->value);
            return;
        case Operation::pop:
            return take(*call, Rseq::pop(gate, stack));
        case Operation::push:
            call->done = Rseq::push(gate, stack, call->value);
            return;
        case Operation::pop_many:
            return take(*call, moved(Rseq::pop_many(gate, stack, {call->values, call->many})));
        case Operation::push_many:
            return take(*call, moved(Rseq::push_many(gate, stack, {call->values, call->many},
                                                     static_cast<unsigned>(call->limit))));
    }
}

}  // namespace anypage::test
