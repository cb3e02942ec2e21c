// Small programs, and what is asked of them, from text.
#include "naive_reader.hpp"

#include <sstream>

namespace anypage::naive {

namespace {

Order order_of(const std::string& word, std::size_t at) {
    if (word.size() <= at) return Order::relaxed;
    switch (word[at]) {
        case 'R':
            return Order::release;
        case 'A':
            return Order::acquire;
        case 'B':
            return Order::acq_rel;
        default:
            return Order::seq_cst;
    }
}

int digit(char letter) { return letter - '0'; }

Step read_step(const std::string& word) {
    constexpr const char* fences[] = {"wmb", "rmb", "mb", "sc"};
    Step step;
    for (unsigned i = 0; i < std::size(fences); ++i) {
        if (word != fences[i]) continue;
        step.act = Act::fence;
        step.fence = static_cast<Fence>(i);
        return step;
    }
    if (word[0] == '+' || word[0] == '-') {
        step.act = word[0] == '+' ? Act::lock : Act::unlock;
        step.place = word[1] - 'A';
        return step;
    }
    step.place = word[0] - 'x';
    step.order = order_of(word, word[1] == '?' ? 2 : word[1] == ':' ? 4 : 3);
    switch (word[1]) {
        case '?':
            step.act = Act::load;
            return step;
        case '=':
            step.act = Act::store;
            break;
        case '+':
            step.act = Act::add;
            break;
        case '!':
            step.act = Act::exchange;
            break;
        default:
            step.act = Act::compare;
            step.expected = digit(word[2]);
            step.value = digit(word[3]);
            return step;
    }
    step.value = digit(word[2]);
    return step;
}

}  // namespace

Program read_program(const std::string& text) {
    Program program;
    program.words = words_max;
    program.actors.emplace_back();
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (word == "|") {
            program.actors.emplace_back();
            program.actors.back().cpu = static_cast<int>(program.actors.size()) - 1;
        } else {
            program.actors.back().steps.push_back(read_step(word));
        }
    }
    return program;
}

bool has_outcome(const Behaviour& behaviour, const Program& program, const std::string& text) {
    for (const Outcome& outcome : behaviour.outcomes) {
        std::string reads;
        for (std::size_t i = 0; i < program.actors.size(); ++i) {
            for (std::size_t step = 0; step < program.actors[i].steps.size(); ++step) {
                const int result = outcome.results[result_of(i, step)];
                if (result >= 0) reads += std::to_string(result);
            }
        }
        bool holds = true;
        std::istringstream words(text);
        for (std::string word; words >> word;) {
            if (word.size() > 1 && word[1] == '=') {
                holds &= outcome.words[static_cast<std::size_t>(word[0] - 'x')] == digit(word[2]);
            } else {
                holds &= word == reads;
            }
        }
        if (holds) return true;
    }
    return false;
}

}  // namespace anypage::naive
