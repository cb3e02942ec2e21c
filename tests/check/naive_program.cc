// Programs as text.
#include "naive_program.hpp"

#include <algorithm>

namespace anypage::naive {

namespace {

const char* name_of(Order order) {
    constexpr const char* names[] = {"relaxed", "acquire", "release", "acq_rel", "seq_cst"};
    return names[static_cast<unsigned>(order)];
}

std::string word(int place) { return std::string(1, static_cast<char>('x' + place)); }
std::string lock(int place) { return std::string(1, static_cast<char>('A' + place)); }

std::string text_of(const Step& step) {
    const std::string at = word(step.place);
    const std::string order = name_of(step.order);
    const std::string value = std::to_string(step.value);
    switch (step.act) {
        case Act::load:
            return "load " + at + " " + order;
        case Act::store:
            return "store " + at + "=" + value + " " + order;
        case Act::add:
            return "add " + at + "+=" + value + " " + order;
        case Act::exchange:
            return "exchange " + at + "=" + value + " " + order;
        case Act::compare:
            return "compare " + at + " " + std::to_string(step.expected) + "->" + value + " " +
                   order;
        case Act::fence: {
            constexpr const char* names[] = {"wmb", "rmb", "mb", "fence seq_cst"};
            return names[static_cast<unsigned>(step.fence)];
        }
        case Act::lock:
            return "lock " + lock(step.place);
        case Act::unlock:
            return "unlock " + lock(step.place);
        case Act::irq_save:
            return "irq_save";
        case Act::irq_restore:
            return "irq_restore";
        case Act::spin:
            return "while " + at + "==" + value + " " + order;
    }
    return "";
}

}  // namespace

bool has_handlers(const Program& program) {
    return std::any_of(program.actors.begin(), program.actors.end(), [](const Actor& actor) {
        return actor.role != Role::thread && actor.role != Role::fifo;
    });
}

bool is_shared(const Program& program) {
    if (!has_handlers(program)) return true;
    std::array<int, words_max> users{};
    std::array<bool, words_max> written{};
    for (const Actor& actor : program.actors) {
        std::array<bool, words_max> uses{};
        for (const Step& step : actor.steps) {
            const bool is_access = step.act <= Act::compare || step.act == Act::spin;
            if (!is_access) continue;
            const auto word = static_cast<std::size_t>(step.place);
            uses[word] = true;
            if (step.act != Act::load && step.act != Act::spin) written[word] = true;
        }
        for (std::size_t i = 0; i < uses.size(); ++i) users[i] += uses[i] ? 1 : 0;
    }
    for (std::size_t i = 0; i < users.size(); ++i) {
        if (users[i] == 1 || (users[i] > 1 && !written[i])) return false;
    }
    return true;
}

std::string text(const Program& program) {
    constexpr const char* models[] = {"sc", "rc11", "lkmm"};
    constexpr const char* kernels[] = {"none", "full", "rt"};
    constexpr const char* roles[] = {"thread", "fifo", "hardirq", "nmi", "signal"};
    std::string text = std::string(models[static_cast<unsigned>(program.model)]) + ", preemption " +
                       kernels[static_cast<unsigned>(program.kernel)] + ", locks:";
    for (int i = 0; i < locks_max; ++i) {
        text +=
            " " + lock(i) + (program.sleeps[static_cast<std::size_t>(i)] ? " sleeps" : " spins");
    }
    text += "\n";
    for (std::size_t i = 0; i < program.actors.size(); ++i) {
        const Actor& actor = program.actors[i];
        text += "  " + std::to_string(i) + ": " + roles[static_cast<unsigned>(actor.role)];
        if (actor.role == Role::fifo) text += " " + std::to_string(actor.priority);
        if (actor.role == Role::signal) text += " to " + std::to_string(actor.target);
        text += " on CPU" + std::to_string(actor.cpu) + ":";
        for (const Step& step : actor.steps) text += " " + text_of(step) + ";";
        text += "\n";
    }
    return text;
}

std::string text(const Outcome& outcome, const Program& program) {
    std::string text;
    for (std::size_t i = 0; i < program.actors.size(); ++i) {
        text += std::to_string(i) + ":";
        for (std::size_t step = 0; step < program.actors[i].steps.size(); ++step) {
            const int result = outcome.results[result_of(i, step)];
            text += result < 0 ? " -" : " " + std::to_string(result);
        }
        text += "; ";
    }
    for (int i = 0; i < program.words; ++i) {
        text += word(i) + "=" + std::to_string(outcome.words[static_cast<std::size_t>(i)]) + " ";
    }
    return text;
}

}  // namespace anypage::naive
