// Scene: what the scenarios share: the World that they run on, ways to lay out state in a Setup,
// and kinds of handlers. Each exploration calls a scenario once; its state lies in the Setup.
#pragma once

#include <anypage/core/base/arena.hpp>
#include <anypage/core/zone/allowance.hpp>
#include <string>
#include <utility>
#include <vector>

#include "check/model_world.hpp"
#include "tests/scenario/catalogue.hpp"

namespace anypage {

/// A frame at a time.
template <>
inline constexpr std::uint64_t allowance_min<check::ModelWorld> = 1;

}  // namespace anypage

namespace anypage::scenario {

using W = check::ModelWorld;
using check::ContextKind;
using check::ContextSpec;
using check::require;
using check::Setup;

constexpr Order order(unsigned value) { return Order{static_cast<std::uint8_t>(value)}; }

inline Entry entry(std::string name, std::string property, check::Scenario scenario) {
    Entry made;
    made.part = name.substr(0, name.find('.'));
    made.name = std::move(name);
    made.property = std::move(property);
    made.scenario = std::move(scenario);
    return made;
}
inline Entry deep(Entry made) {
    made.deep = true;
    return made;
}
/// rc11 is soon done, lkmm is not.
inline void make_lkmm_deep(Entry& made) {
    made.models = {check::Model::rc11};
    made.deep_models = {check::Model::lkmm};
}

/// The same on a machine without restartable sections, and where every context finds every second
/// of its sections refused, from the first or the second on.
inline std::vector<Entry> with_and_without_rseq(const Entry& made) {
    std::vector<Entry> all{made};
    const auto add = [&](const char* suffix, bool has_rseq, std::uint64_t refused) {
        all.push_back(made);
        all.back().name += suffix;
        all.back().scenario = [=, inner = made.scenario](Setup& setup) {
            setup.has_rseq = has_rseq;
            inner(setup);
            for (ContextSpec& each : setup.contexts) each.refused_sections = refused;
        };
    };
    add("_without_rseq", false, 0);
    add("_first_section_refused", true, 0x5555'5555'5555'5555);
    add("_second_section_refused", true, 0xaaaa'aaaa'aaaa'aaaa);
    return all;
}

/// Memory for something that carves itself out of an arena: once to measure, once for good.
template <class Carve>
void lay_out(Setup& setup, const Carve& carve) {
    Arena measuring;
    carve(measuring);
    Arena arena(static_cast<std::byte*>(setup.bytes(measuring.used(), cache_line)));
    carve(arena);
}

/// Who may come in between any two steps of a thread.
inline const std::vector<std::pair<std::string, ContextKind>>& intruders() {
    static const std::vector<std::pair<std::string, ContextKind>> kinds{
        {"hardirq", ContextKind::hardirq},
        {"nmi", ContextKind::nmi},
        {"signal", ContextKind::signal},
    };
    return kinds;
}
/// A handler of this kind on top of the thread that was named first, which runs on CPU 0.
inline ContextSpec& handler(Setup& setup, ContextKind kind, std::function<void()> run) {
    if (kind == ContextKind::signal) return setup.signal("signal handler", 0, std::move(run));
    return setup.handler(kind == ContextKind::nmi ? "NMI" : "handler", kind, 0, std::move(run));
}

/// Steps that the running context has taken so far.
inline unsigned own_steps() { return check::Execution::current()->steps(); }

}  // namespace anypage::scenario
