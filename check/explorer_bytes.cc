// An exploration as bytes: for other processes that share it, and for a file.
#include "explorer.hpp"

#include <algorithm>

namespace anypage::check {

void Explorer::begin_part(unsigned part, unsigned of) {
    is_part_ = true;
    sums_ = {};
    frontier_.keep(part, of);
}

void Explorer::write(const std::vector<Reached>& all, ByteWriter& out) {
    out.put<std::uint64_t>(all.size());
    for (const Reached& each : all) {
        out.text(each.violation.property);
        out.text(each.violation.cause);
        out.put(each.cost);
        out.put<std::uint64_t>(each.schedule.size());
        for (const Transition& step : each.schedule) {
            out.put(step.context);
            out.put(step.way);
        }
    }
}

void Explorer::join(std::vector<Reached>& to, ByteReader& in) {
    for (std::uint64_t left = in.count(1); left > 0; --left) {
        Reached reached;
        reached.violation.property = in.text();
        reached.violation.cause = in.text();
        reached.cost = in.get<unsigned>();
        for (std::uint64_t steps = in.count(2); steps > 0; --steps) {
            Transition step;
            step.context = in.get<std::uint8_t>();
            step.way = in.get<std::uint8_t>();
            reached.schedule.push_back(step);
        }
        add(to, std::move(reached));
    }
}

void Explorer::write(ByteWriter& out) const {
    execution_.write_knowledge(out);
    frontier_.write(out);
    write(sums_.found, out);
    write(sums_.load_buffering, out);
    out.text(sums_.limit);
    out.put(sums_.executions);
    out.put(sums_.steps);
    out.put(sums_.longest);
}

void Explorer::join(ByteReader& in) {
    execution_.learn(in);
    frontier_.join(in);
    join(sums_.found, in);
    join(sums_.load_buffering, in);
    const std::string limit = in.text();
    if (sums_.limit.empty()) sums_.limit = limit;
    sums_.executions += in.get<std::uint64_t>();
    sums_.steps += in.get<std::uint64_t>();
    sums_.longest = std::max(sums_.longest, in.get<unsigned>());
}

void Explorer::write_states(ByteWriter& out) const {
    out.put(states_.size());
    states_.for_each([&](std::uint64_t first, std::uint64_t second) {
        out.put(first);
        out.put(second);
    });
}

void Explorer::read_states(ByteReader& in) {
    for (std::uint64_t left = in.count(16); left > 0; --left) {
        const auto first = in.get<std::uint64_t>();
        states_.restore(first, in.get<std::uint64_t>());
    }
}

std::string Explorer::identity() const {
    const ExecutionConfig& config = config_.execution;
    ByteWriter out;
    out.put(reinterpret_cast<std::uintptr_t>(execution_.memory()));
    out.put(static_cast<std::uint8_t>(config.model));
    out.put(static_cast<std::uint8_t>(config.preemption));
    out.put(config.throttling);
    out.put(config.steps_max);
    out.put(config.dependencies);
    out.put(config.load_buffering);
    out.put(config.all_shared);
    out.put(config_.deduplicate);
    out.put(config_.sleep_sets);
    out.put(config_.first_only);
    for (const ContextSpec& each : execution_.contexts()) {
        out.text(each.name);
        out.put(static_cast<std::uint8_t>(each.kind));
        out.put(each.cpu);
        out.put(each.may_move_to);
        out.put(each.priority);
    }
    return out.bytes();
}

void Explorer::take_up() {
    execution_.restart();  // with all locations shared that were
    if (was_cut_off()) sums_.limit.clear();
}

bool Explorer::was_cut_off() const {
    return sums_.limit == limit_states || sums_.limit == limit_seconds ||
           sums_.limit == limit_stopped;
}

}  // namespace anypage::check
