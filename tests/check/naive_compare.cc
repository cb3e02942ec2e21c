// Random programs on the naive explorer and on the engine, and the smallest on which they differ.
#include "naive_compare.hpp"

#include <algorithm>

#include "naive_engine.hpp"
#include "naive_explorer.hpp"

namespace anypage::naive {

namespace {

std::string missing(const char* who, const std::set<Outcome>& has, const std::set<Outcome>& lacks,
                    const Program& program) {
    std::string text;
    for (const Outcome& each : has) {
        if (lacks.count(each) == 0)
            text += "  only " + std::string(who) + ": " + naive::text(each, program) + "\n";
    }
    return text;
}

std::string compare(const Behaviour& naive, const Behaviour& engine, const Program& program,
                    const Reductions& reductions) {
    std::string text;
    if (naive.stuck != engine.stuck) {
        text += naive.stuck ? "  only naive: stuck\n" : "  only engine: stuck\n";
    }
    // What is stuck at once, but for a handler that may come, ends before that one does.
    const bool handlers = !reductions.all_shared && has_handlers(program);
    if (engine.sleeps && !naive.sleeps) text += "  only engine: sleeps\n";
    if (!handlers || !engine.stuck) {
        if (naive.sleeps && !engine.sleeps) text += "  only naive: sleeps\n";
        text += missing("naive", naive.outcomes, engine.outcomes, program);
    }
    text += missing("engine", engine.outcomes, naive.outcomes, program);
    return text;
}

bool is_balanced(const Actor& actor) {
    std::vector<Step> open;
    for (const Step& step : actor.steps) {
        if (step.act == Act::lock || step.act == Act::irq_save) open.push_back(step);
        if (step.act != Act::unlock && step.act != Act::irq_restore) continue;
        const Act opens = step.act == Act::unlock ? Act::lock : Act::irq_save;
        if (open.empty() || open.back().act != opens || open.back().place != step.place)
            return false;
        open.pop_back();
    }
    return open.empty();
}

/// The program without this step and, if it opens or closes something, without that one.
bool drop(Program& program, std::size_t actor, std::size_t first, std::size_t second) {
    auto& steps = program.actors[actor].steps;
    if (second != first) steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(second));
    steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(first));
    return is_balanced(program.actors[actor]);
}

bool differs(const Program& program) {
    bool skipped = false;
    return !difference(program, 1'000'000, skipped).empty();
}

/// Something simpler that still differs, if there is such a thing.
bool simplify(Program& program) {
    const auto accept = [&](const Program& simpler) {
        if (!differs(simpler)) return false;
        program = simpler;
        return true;
    };
    for (std::size_t a = 0; a < program.actors.size(); ++a) {
        bool is_target = false;
        for (const Actor& each : program.actors) is_target |= each.role == Role::signal;
        if (program.actors.size() > 1 && !is_target) {
            Program simpler = program;
            simpler.actors.erase(simpler.actors.begin() + static_cast<std::ptrdiff_t>(a));
            if (accept(simpler)) return true;
        }
        const std::size_t size = program.actors[a].steps.size();
        for (std::size_t first = 0; first < size; ++first) {
            for (std::size_t second = first; second < size; ++second) {
                if (size <= (second != first ? 2u : 1u)) continue;
                Program simpler = program;
                if (drop(simpler, a, first, second) && accept(simpler)) return true;
            }
            if (program.actors[a].steps[first].order != Order::relaxed) {
                Program simpler = program;
                simpler.actors[a].steps[first].order = Order::relaxed;
                if (accept(simpler)) return true;
            }
        }
        if (program.actors[a].role == Role::fifo) {
            Program simpler = program;
            simpler.actors[a].role = Role::thread;
            if (accept(simpler)) return true;
        }
    }
    return false;
}

}  // namespace

std::string difference(const Program& program, std::uint64_t executions_max, bool& skipped,
                       Tally* tally) {
    const Explored naive = explore(program, executions_max);
    skipped = !naive.complete;
    if (skipped) return {};
    if (tally != nullptr) {
        tally->executions += naive.executions;
        tally->outcomes += naive.behaviour.outcomes.size();
        tally->stuck += naive.behaviour.stuck ? 1 : 0;
        tally->sleeps += naive.behaviour.sleeps ? 1 : 0;
    }
    for (const Reductions reductions :
         {Reductions{true, true, true}, Reductions{true, true, false},
          Reductions{true, false, true}, Reductions{false, true, true},
          Reductions{false, false, true}}) {
        if (!reductions.all_shared && !is_shared(program)) continue;
        // Every execution, one after the other from the start: only where there are few.
        if (!reductions.deduplicate && !reductions.sleep_sets && naive.executions > 300) continue;
        const OnEngine engine = run_on_engine(program, reductions);
        if (tally != nullptr && reductions.deduplicate && reductions.sleep_sets &&
            reductions.all_shared) {
            tally->states += engine.states;
        }
        std::string text = engine.complete ? "" : "  the engine hit a limit\n";
        text += compare(naive.behaviour, engine.behaviour, program, reductions);
        if (!text.empty()) {
            return std::string(reductions.deduplicate ? "" : "  not deduplicated\n") +
                   (reductions.sleep_sets ? "" : "  without sleep sets\n") +
                   (reductions.all_shared ? "" : "  private words are no steps\n") + text;
        }
    }
    return {};
}

Tally run(const Campaign& campaign) {
    Tally tally;
    Random random(campaign.seed);
    for (std::uint64_t i = 0; i < campaign.programs; ++i) {
        Taste taste;
        taste.model = static_cast<Model>(i % 3);
        taste.kernel = static_cast<Kernel>(i / 3 % 3);
        const bool sc = taste.model == Model::sc;
        taste.steps = campaign.steps + (sc ? 1 : 0) - static_cast<int>(random() % 4);
        Program program = draw(random, taste);
        bool skipped = false;
        ++tally.programs;
        std::string text = difference(program, campaign.executions_max, skipped, &tally);
        tally.skipped += skipped ? 1 : 0;
        if (text.empty()) continue;
        while (simplify(program)) {
        }
        text = difference(program, 1'000'000, skipped);
        tally.differences.push_back("program " + std::to_string(i) + ": " + naive::text(program) +
                                    text);
        if (tally.differences.size() == campaign.differences_max) break;
    }
    return tally;
}

}  // namespace anypage::naive
