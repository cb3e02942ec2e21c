// Setup: what a scenario says of itself, once: its state, its contexts, what must hold in the end.
#pragma once

#include <deque>
#include <new>
#include <string>
#include <utility>

#include "kernel.hpp"
#include "region.hpp"

namespace anypage::check {

class Setup {
public:
    explicit Setup(Region& region) : region_(region) {}

    /// Shared state of the scenario, in the region. Never destroyed; see region.hpp.
    template <class T, class... Args>
    T& make(Args&&... args) {
        return *new (region_.allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
    }
    /// Zeroed bytes in the region, for state that lays itself out.
    void* bytes(std::size_t size, std::size_t alignment) {
        return region_.allocate(size, alignment);
    }

    /// Contexts. `name` is what counterexamples call it.
    ContextSpec& thread(std::string name, unsigned cpu, std::function<void()> run) {
        return add(std::move(name), ContextKind::other, cpu, std::move(run));
    }
    ContextSpec& fifo(std::string name, unsigned cpu, unsigned priority,
                      std::function<void()> run) {
        ContextSpec& spec = add(std::move(name), ContextKind::fifo, cpu, std::move(run));
        spec.priority = priority;
        return spec;
    }
    /// A handler that may come once, at any instant, or never.
    ContextSpec& handler(std::string name, ContextKind kind, unsigned cpu,
                         std::function<void()> run) {
        ContextSpec& spec = add(std::move(name), kind, cpu, std::move(run));
        spec.starts_by_itself = false;
        return spec;
    }
    /// A signal handler on top of the thread that was named as the `target`-th context.
    ContextSpec& signal(std::string name, unsigned target, std::function<void()> run) {
        ContextSpec& spec =
            handler(std::move(name), ContextKind::signal, contexts.at(target).cpu, std::move(run));
        spec.target = target;
        return spec;
    }
    /// Runs when every context has ended, alone; reads what they left.
    void after(std::function<void()> run) { after_run = std::move(run); }

    /// What a location is called in counterexamples. With a stride, the first element of an array;
    /// "[]" in its name becomes the index.
    void name(const void* address, std::string name, std::size_t stride = 0) {
        names.push_back({region_.offset(address), stride, std::move(name)});
    }

    /// CPUs that contexts run on are below it; say so before making state with a word a CPU.
    unsigned cpus = cpus_max;
    bool has_rseq = true;              ///< restartable sections work on this machine
    bool membarrier_may_fail = false;  ///< each may, with nothing done

    std::vector<ContextSpec> contexts;
    std::function<void()> after_run;
    struct Name {
        std::size_t offset;
        std::size_t stride;
        std::string text;
    };
    std::vector<Name> names;

private:
    ContextSpec& add(std::string name, ContextKind kind, unsigned cpu, std::function<void()> run) {
        ContextSpec spec;
        spec.name = std::move(name);
        spec.kind = kind;
        spec.cpu = cpu;
        spec.run = std::move(run);
        contexts.push_back(std::move(spec));
        return contexts.back();
    }

    Region& region_;
};

/// A scenario: called once an exploration.
using Scenario = std::function<void(Setup&)>;

}  // namespace anypage::check
