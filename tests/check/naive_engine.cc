// The same small programs on the checker's engine: a scenario that interprets them.
#include "naive_engine.hpp"

#include "check/explore.hpp"
#include "check/model_world.hpp"

namespace anypage::naive {

namespace {

using check::MemoryOrder;
using check::ModelWorld;

struct Scene {
    std::array<ModelWorld::Atomic<int>, words_max> words;
    std::array<ModelWorld::Lock*, locks_max> locks;
    Outcome outcome;
};

check::Model model_of(Model model) {
    constexpr check::Model models[] = {check::Model::sc, check::Model::rc11, check::Model::lkmm};
    return models[static_cast<unsigned>(model)];
}

check::Preemption preemption_of(Kernel kernel) {
    constexpr check::Preemption all[] = {check::Preemption::none, check::Preemption::full,
                                         check::Preemption::rt};
    return all[static_cast<unsigned>(kernel)];
}

MemoryOrder order_of(Order order) {
    constexpr MemoryOrder orders[] = {MemoryOrder::relaxed, MemoryOrder::acquire,
                                      MemoryOrder::release, MemoryOrder::acq_rel,
                                      MemoryOrder::seq_cst};
    return orders[static_cast<unsigned>(order)];
}

check::FenceKind fence_of(Fence fence) {
    constexpr check::FenceKind fences[] = {check::FenceKind::smp_wmb, check::FenceKind::smp_rmb,
                                           check::FenceKind::smp_mb, check::FenceKind::seq_cst};
    return fences[static_cast<unsigned>(fence)];
}

int perform(Scene& scene, const Step& step) {
    auto& word = scene.words[static_cast<std::size_t>(step.place)];
    const MemoryOrder order = order_of(step.order);
    switch (step.act) {
        case Act::load:
            return word.load(order);
        case Act::store:
            word.store(step.value, order);
            return -1;
        case Act::add:
            return word.update(check::OpKind::fetch_add, step.value, order);
        case Act::exchange:
            return word.update(check::OpKind::exchange, step.value, order);
        case Act::compare: {
            int found = step.expected;
            word.cas(found, step.value, order,
                     order == MemoryOrder::seq_cst ? order : MemoryOrder::relaxed);
            return found;
        }
        case Act::fence:
            ModelWorld::fence(fence_of(step.fence));
            return -1;
        case Act::lock:
            scene.locks[static_cast<std::size_t>(step.place)]->lock();
            return -1;
        case Act::unlock:
            scene.locks[static_cast<std::size_t>(step.place)]->unlock();
            return -1;
        case Act::irq_save:
            ModelWorld::irq_save();
            return -1;
        case Act::irq_restore:
            ModelWorld::irq_restore({});
            return -1;
        case Act::spin:
            for (;;) {
                const int value = word.load(order);
                if (value != step.value) return value;
                ModelWorld::cpu_relax();
            }
    }
    return -1;
}

void add_context(check::Setup& setup, const Actor& actor, std::function<void()> run) {
    const auto cpu = static_cast<unsigned>(actor.cpu);
    switch (actor.role) {
        case Role::thread:
            setup.thread("thread", cpu, std::move(run));
            return;
        case Role::fifo:
            setup.fifo("FIFO", cpu, static_cast<unsigned>(actor.priority), std::move(run));
            return;
        case Role::hardirq:
            setup.handler("handler", check::ContextKind::hardirq, cpu, std::move(run));
            return;
        case Role::nmi:
            setup.handler("NMI", check::ContextKind::nmi, cpu, std::move(run));
            return;
        case Role::signal:
            setup.signal("signal", static_cast<unsigned>(actor.target), std::move(run));
            return;
    }
}

Scene& set_up(check::Setup& setup, const Program& program) {
    Scene& scene = setup.make<Scene>();
    scene.outcome.results.fill(-1);
    scene.outcome.words.fill(-1);
    constexpr const char* names[] = {"A", "B"};
    for (std::size_t i = 0; i < scene.locks.size(); ++i) {
        scene.locks[i] = &setup.make<ModelWorld::Lock>(LockKind::spin, program.sleeps[i], names[i]);
    }
    for (std::size_t i = 0; i < program.actors.size(); ++i) {
        const Actor& actor = program.actors[i];
        add_context(setup, actor, [&scene, &actor, i] {
            for (std::size_t step = 0; step < actor.steps.size(); ++step) {
                const int result = perform(scene, actor.steps[step]);
                scene.outcome.results[result_of(i, step)] = static_cast<std::int8_t>(result);
            }
        });
    }
    setup.after([&scene, &program] {
        for (std::size_t i = 0; i < static_cast<std::size_t>(program.words); ++i) {
            scene.outcome.words[i] = static_cast<std::int8_t>(scene.words[i].load_relaxed());
        }
    });
    return scene;
}

}  // namespace

OnEngine run_on_engine(const Program& program, const Reductions& reductions) {
    OnEngine result;
    check::ExploreConfig config;
    config.execution.model = model_of(program.model);
    config.execution.preemption = preemption_of(program.kernel);
    config.deduplicate = reductions.deduplicate;
    config.sleep_sets = reductions.sleep_sets;
    config.first_only = false;
    config.execution.all_shared = reductions.all_shared;
    Scene* scene = nullptr;
    config.at_end = [&](const check::Execution&) {
        result.behaviour.outcomes.insert(scene->outcome);
    };
    const check::Result explored =
        check::explore(config, [&](check::Setup& setup) { scene = &set_up(setup, program); });
    for (const check::Found& found : explored.found) {
        const std::string& property = found.violation.property;
        if (property == "no deadlock" || property == "no livelock") {
            result.behaviour.stuck = true;
        } else {
            result.behaviour.sleeps = true;
        }
    }
    result.states = explored.states;
    result.complete = explored.limit.empty();
    return result;
}

}  // namespace anypage::naive
