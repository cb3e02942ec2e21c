// A driver's ring of received words: its interrupt handler puts them in, and so does a thread that
// injects some for a test; a thread on another CPU takes them out, without a lock. Checked twice
// with a bug, then without. Ends with 0 if both bugs are found and the fixed ring holds.
#include <anypage/check_kernel.hpp>

using namespace anypage::check;
using namespace anypage::check::kernel;

namespace {

enum class Bug { handler_spins, early_publish, none };

struct Ring {
    static constexpr u32 size = 2;

    explicit Ring(Bug which) : bug(which) {}

    void put(u32 word) {
        const u32 at = head;
        if (at - READ_ONCE(tail) == size) return;  // full: dropped
        slot[at % size] = word;
        if (bug == Bug::early_publish) {
            WRITE_ONCE(head, at + 1);
        } else {
            smp_store_release(&head, at + 1);
        }
    }
    bool take(u32& word) {
        const u32 at = tail;
        if (smp_load_acquire(&head) == at) return false;
        word = slot[at % size];
        smp_store_release(&tail, at + 1);
        return true;
    }

    void interrupt() {  // irqreturn_t ring_interrupt(int irq, void *data)
        spin_lock(&lock);
        put(7);
        spin_unlock(&lock);
    }
    void inject() {
        unsigned long flags = 0;
        if (bug == Bug::handler_spins) {
            spin_lock(&lock);
        } else {
            spin_lock_irqsave(&lock, flags);
        }
        put(9);
        if (bug == Bug::handler_spins) {
            spin_unlock(&lock);
        } else {
            spin_unlock_irqrestore(&lock, flags);
        }
    }

    const Bug bug;
    DEFINE_SPINLOCK(lock);
    shared<u32> slot[size];
    shared<u32> head{0, "head"};
    shared<u32> tail{0, "tail"};
};

Scenario ring_with(Bug bug) {
    return [bug](Setup& setup) {
        Ring& ring = setup.make<Ring>(bug);
        setup.name(ring.slot, "slot[]", sizeof ring.slot[0]);
        setup.thread("injector", 0, [&ring] { ring.inject(); });
        setup.handler("handler", ContextKind::hardirq, 0, [&ring] { ring.interrupt(); });
        setup.thread("consumer", 1, [&ring] {
            u32 word = 0;
            while (ring.take(word)) {
                require(word != 0, "a word is there when it is announced", "An empty slot.");
            }
        });
    };
}

int check(const char* title, Bug bug, Preemption preemption) {
    std::printf("== %s\n", title);
    const int status =
        run({.execution = {.model = Model::lkmm, .preemption = preemption}}, ring_with(bug));
    std::puts("");
    return status;
}

}  // namespace

int main() {
    bool right = true;
    right &= check("spin_lock, and a handler that takes it too", Bug::handler_spins,
                   Preemption::full) == 1;
    right &= check("the same on PREEMPT_RT", Bug::handler_spins, Preemption::rt) == 0;
    right &= check("head is written before the slot, for all the consumer knows",
                   Bug::early_publish, Preemption::full) == 1;
    right &= check("fixed", Bug::none, Preemption::full) == 0;
    right &= check("fixed, on PREEMPT_RT", Bug::none, Preemption::rt) == 0;
    return right ? 0 : 1;
}
