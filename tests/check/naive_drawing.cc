// Random programs: some from nothing; some of three priorities and a lock, or of a handler;
// the others one of the classic shapes with other orders, fences, updates and CPUs, for memory
// models, where chance alone hardly ever makes the few accesses that matter.
#include <algorithm>

#include "naive_reader.hpp"

namespace anypage::naive {

namespace {

constexpr int drawn_max = 4;  // steps of an actor that is made up

std::size_t at(int index) { return static_cast<std::size_t>(index); }

bool is_thread(Role role) { return role == Role::thread || role == Role::fifo; }

class Drawing {
public:
    Drawing(Random& random, const Taste& taste) : random_(random), taste_(taste) {}

    Program from_nothing() {
        begin();
        program_.words = below(3) == 0 ? 3 : 2;
        has_locks_ = below(2) == 0;
        const int actors = below(3) == 0 ? 2 : 3;
        for (int i = 0; i < actors; ++i) program_.actors.push_back(actor(i));
        std::vector<int> sizes(program_.actors.size(), 1);
        for (int left = taste_.steps - actors; left > 0; --left) {
            int& size = sizes[at(below(actors))];
            size = std::min(size + 1, drawn_max);
        }
        for (std::size_t i = 0; i < program_.actors.size(); ++i) fill(program_.actors[i], sizes[i]);
        return std::move(program_);
    }

    Program near_shape() {
        constexpr const char* shapes[] = {
            "x=1 y=1 | y? x?",
            "x=1 y? | y=1 x?",
            "x? y=1 | y? x=1",
            "x=2 y=1 | y? x=1",
            "x=1 y=1 | y=2 x?",
            "x=1 y=2 | y=1 x=2",
            "x=1 | x? y=1 | y? x?",
            "x=1 y=1 | y? z=1 | z? x?",
            "x=2 | x? y=1 | y? x=1",
            "x=1 y=1 | y? z? | z=1 x?",
            "x=1 y=1 | y=2 z=1 | z? x?",
            "x=1 y=1 | y=2 z? | z=1 x?",
            "x=1 y=1 | y+1 | y? x?",
            "x=1 y=1 | y!2 z=1 | z? x?",
            "x=1 | x? x? | x=2",
            "x=1 | y=1 x? | x? y?",
            "x=1 y=1 y=2 | y? x?",
            "x=1 y=1 | y? x? y?",
            "x=1 mb y=1 | y+1 | y? rmb z? | z=1 mb x?",
            "x=1 | y=1 | x? y? | y? x?",
            "+A x=1 -A | +A x? y=1 -A | y? x?",
            "+A x=1 -A | +A x? -A y=1 | y? x?",
            "+A x=1 -A | +A wmb y=1 -A | y? x?",
            "x=1 +A y=1 -A | +A y? -A z=1 | z? x?",
            "x=1 mb +A y=1 -A | +A y? z? -A | z=1 mb x?",
            "+A x=1 -A y=1 | +A x? -A y? | y=2 x?",
            "+A x=1 y? -A | y=1 mb x?",
            "x=1 | +A x? -A | +A -A wmb y=1 | y? rmb x?",
            "x=1 | +A x? -A wmb y=1 | y? rmb x?",
            "x=1 wmb y=1 | +A y? -A +B x? -B",
            "x=1 mb y=1 | y+1 | y? z=1 | z? rmb x?",

            "+A x=1 -A +B y=1 -B | y? mb x?",

        };
        begin();
        const Program shape = read_program(shapes[below(static_cast<int>(std::size(shapes)))]);
        program_.words = shape.words;
        program_.actors = shape.actors;
        int left = taste_.steps + 1;
        for (const Actor& each : shape.actors) left -= static_cast<int>(each.steps.size());
        for (Actor& each : program_.actors) each.steps = decorated(each.steps, left);
        const int last = static_cast<int>(program_.actors.size()) - 1;
        if (below(6) == 0) program_.actors[at(last)].cpu = below(last);
        if (below(12) == 0) program_.actors[at(last)].role = Role::hardirq;
        return std::move(program_);
    }

    /// Three priorities and a lock: who waits for whom, and lends it what.
    Program contention() {
        begin();
        program_.sleeps = {below(4) != 0, below(2) == 0};
        for (int i = 0; i < 3; ++i) {
            Actor actor;
            actor.role = i == 0 || below(5) == 0 ? Role::thread : Role::fifo;
            actor.priority = i == 1 ? 10 : 60;
            actor.cpu = i == 2 ? below(2) : 0;
            const bool locks = i != 1 || below(4) == 0;
            std::vector<Step> open;
            if (below(2) == 0 || !locks) actor.steps.push_back(access());
            if (locks) open_with(actor, open, Act::lock, Act::unlock, below(4) == 0 ? 1 : 0);
            actor.steps.push_back(access());
            if (locks) actor.steps.push_back(open.back());
            program_.actors.push_back(actor);
        }
        return std::move(program_);
    }

    /// A thread that masks interrupts, or takes a lock, and a handler on its CPU.
    Program masking() {
        begin();
        Actor thread;
        std::vector<Step> open;
        if (below(3) != 0) open_with(thread, open, Act::irq_save, Act::irq_restore, 0);
        if (below(3) == 0) open_with(thread, open, Act::lock, Act::unlock, 0);
        for (int i = 0; i < 2; ++i) thread.steps.push_back(access());
        for (; !open.empty(); open.pop_back()) thread.steps.push_back(open.back());
        program_.actors.push_back(thread);
        Actor handler;
        constexpr Role roles[] = {Role::hardirq, Role::hardirq, Role::nmi, Role::signal};
        handler.role = roles[below(4)];
        if (below(3) == 0) open_with(handler, open, Act::lock, Act::unlock, 0);
        for (int i = 0; i < 2; ++i) handler.steps.push_back(access());
        for (; !open.empty(); open.pop_back()) handler.steps.push_back(open.back());
        program_.actors.push_back(handler);
        return std::move(program_);
    }

private:
    void begin() {
        program_.model = taste_.model;
        program_.kernel = taste_.kernel;
        for (bool& sleeps : program_.sleeps) sleeps = below(3) == 0;
    }

    int below(int bound) { return static_cast<int>(random_() % static_cast<std::uint64_t>(bound)); }

    Order pick(std::array<Order, 4> orders) { return orders[at(below(4))]; }

    // From nothing -------------------------------------------------------------------------------

    Actor actor(int index) {
        Actor actor;
        actor.cpu = below(2) == 0 ? index : below(index + 1);
        const int kind = below(10);
        if (kind < 2) {
            actor.role = Role::fifo;
            actor.priority = below(2) == 0 ? 10 : 60;
        } else if (kind == 2) {
            actor.role = Role::hardirq;
            actor.cpu = below(index + 1);
        } else if (kind == 3) {
            actor.role = below(2) == 0 ? Role::nmi : Role::signal;
            actor.cpu = below(index + 1);
        }
        if (actor.role == Role::signal) {
            actor.target = below(index + 1);
            if (actor.target < index && is_thread(program_.actors[at(actor.target)].role)) {
                actor.cpu = program_.actors[at(actor.target)].cpu;
            } else {
                actor.role = Role::thread;
            }
        }
        return actor;
    }

    // What is opened is closed, innermost first.
    void fill(Actor& actor, int size) {
        std::vector<Step> open;
        while (static_cast<int>(actor.steps.size()) < size) {
            const int left = size - static_cast<int>(actor.steps.size());
            if (!open.empty() && (static_cast<int>(open.size()) == left || below(4) == 0)) {
                actor.steps.push_back(open.back());
                open.pop_back();
                continue;
            }
            const bool may_open = left >= static_cast<int>(open.size()) + 2;
            if (may_open && has_locks_ && below(3) == 0) {
                open_with(actor, open, Act::lock, Act::unlock, below(locks_max));
            } else if (may_open && below(has_handlers(program_) ? 4 : 12) == 0) {
                open_with(actor, open, Act::irq_save, Act::irq_restore, 0);
            } else {
                actor.steps.push_back(access());
            }
        }
    }

    static void open_with(Actor& actor, std::vector<Step>& open, Act opens, Act closes, int place) {
        Step step;
        step.place = place;
        step.act = opens;
        actor.steps.push_back(step);
        step.act = closes;
        open.push_back(step);
    }

    Step access() {
        Step step;
        step.place = below(program_.words);
        step.value = 1 + below(2);
        const int kind = below(20);
        if (kind < 7) {
            step.act = Act::load;
            step.order = load_order();
        } else if (kind < 13) {
            step.act = Act::store;
            step.order = store_order();
        } else if (kind < 16) {
            step.act = below(3) == 0 ? Act::compare : below(2) == 0 ? Act::add : Act::exchange;
            if (step.act == Act::add) step.value = 1;
            step.expected = below(2);
            step.order = update_order();
        } else if (kind < 19) {
            step.act = Act::fence;
            step.fence = static_cast<Fence>(below(4));
        } else {
            step.act = Act::spin;
            step.value = below(2);
            step.order = below(3) == 0 ? Order::relaxed : Order::acquire;
        }
        return step;
    }

    Order load_order() {
        return pick({Order::relaxed, Order::relaxed, Order::acquire, Order::seq_cst});
    }
    Order store_order() {
        return pick({Order::relaxed, Order::relaxed, Order::release, Order::release});
    }
    Order update_order() {
        return pick({Order::relaxed, Order::relaxed, Order::acq_rel, Order::seq_cst});
    }

    // Near a shape -------------------------------------------------------------------------------

    std::vector<Step> decorated(const std::vector<Step>& steps, int& left) {
        std::vector<Step> out;
        for (std::size_t i = 0; i < steps.size(); ++i) {
            Step step = steps[i];
            if (step.act == Act::load) step.order = load_order();
            if (step.act == Act::store) step.order = store_order();
            if (step.act == Act::store && below(8) == 0) step.act = Act::exchange;
            if (step.act == Act::load && below(12) == 0) {
                step.act = Act::compare;
                step.expected = below(2);
                step.value = 2;
            }
            if (step.act >= Act::add && step.act <= Act::compare) step.order = update_order();
            out.push_back(step);
            if (i + 1 < steps.size()) separate(out, left);
        }
        return out;
    }

    /// A fence between two accesses, or a lock that is released and taken again.
    void separate(std::vector<Step>& out, int& left) {
        if (left > 0 && below(2) == 0) {
            Step step;
            step.act = Act::fence;
            step.fence = static_cast<Fence>(below(4));
            out.push_back(step);
            --left;
        } else if (left > 2 && out.size() == 1 && out[0].act <= Act::compare && below(3) == 0) {
            Step step;
            step.act = Act::lock;
            step.place = below(locks_max);
            out.insert(out.begin(), step);
            step.act = Act::unlock;
            out.push_back(step);
            left -= 2;
            if (left < 2 || below(2) == 0) return;
            step.act = Act::lock;
            out.push_back(step);
            step.act = Act::unlock;
            out.push_back(step);
            left -= 2;
        }
    }

    Random& random_;
    const Taste& taste_;
    Program program_;
    bool has_locks_ = false;
};

}  // namespace

Program draw(Random& random, const Taste& taste) {
    Drawing drawing(random, taste);
    if (random() % 8 == 0) return drawing.masking();
    if (taste.kernel != Kernel::none && random() % 6 == 0) return drawing.contention();
    const bool shape = taste.model != Model::sc && random() % 2 == 0;
    return shape ? drawing.near_shape() : drawing.from_nothing();
}

}  // namespace anypage::naive
