// Paths that wait, and how they go to another process and back: see frontier.hpp.
#include "frontier.hpp"

#include <algorithm>
#include <unordered_map>

namespace anypage::check {

void Frontier::clear() {
    nodes_.assign(1, Node{});
    waiting_.clear();
    waiting_count_ = 0;
}

void Frontier::begin() {
    clear();
    wait(root, 0);
}

std::uint32_t Frontier::add(const Node& node) {
    nodes_.push_back(node);
    return static_cast<std::uint32_t>(nodes_.size() - 1);
}

void Frontier::wait(std::uint32_t node, unsigned cost) {
    waiting_[cost].push_back(node);
    ++waiting_count_;
}

std::optional<Frontier::Waiting> Frontier::take() {
    if (waiting_.empty()) return std::nullopt;
    const auto cheapest = waiting_.begin();
    const Waiting taken{cheapest->second.front(), cheapest->first};
    cheapest->second.pop_front();
    if (cheapest->second.empty()) waiting_.erase(cheapest);
    --waiting_count_;
    return taken;
}

void Frontier::path_to(std::uint32_t node, std::vector<std::uint32_t>& path) const {
    path.clear();
    for (std::uint32_t at = node; at != root; at = nodes_[at].before) path.push_back(at);
}

std::vector<Transition> Frontier::schedule_to(std::uint32_t node) const {
    std::vector<Transition> schedule;
    for (std::uint32_t at = node; at != root; at = nodes_[at].before) {
        schedule.push_back({nodes_[at].context, nodes_[at].way, 0});
    }
    std::reverse(schedule.begin(), schedule.end());
    return schedule;
}

void Frontier::keep(unsigned share, unsigned of) {
    std::map<unsigned, std::deque<std::uint32_t>> all;
    all.swap(waiting_);
    waiting_count_ = 0;
    unsigned number = 0;
    for (const auto& [cost, nodes] : all) {
        for (const std::uint32_t node : nodes) {
            if (number++ % of == share) wait(node, cost);
        }
    }
}

void Frontier::write(ByteWriter& out) const {
    // Nodes come after the ones before them, in the vector and in what is written.
    std::vector<std::uint32_t> written(nodes_.size(), 0);
    for (const auto& [cost, nodes] : waiting_) {
        for (std::uint32_t at : nodes) {
            for (; at != root && written[at] == 0; at = nodes_[at].before) written[at] = 1;
        }
    }
    std::uint32_t count = 0;
    for (std::uint32_t& each : written) {
        if (each != 0) each = ++count;
    }
    out.put<std::uint64_t>(count);
    for (std::uint32_t i = 1; i < nodes_.size(); ++i) {
        if (written[i] == 0) continue;
        const Node& node = nodes_[i];
        out.put(written[node.before]);
        out.put(node.context);
        out.put(node.way);
        out.put(node.sleeping);
        out.put(node.print);
    }
    out.put<std::uint64_t>(waiting_.size());
    for (const auto& [cost, nodes] : waiting_) {
        out.put(cost);
        out.put<std::uint64_t>(nodes.size());
        for (const std::uint32_t node : nodes) out.put(written[node]);
    }
}

namespace {

/// What tells a node from the others with the same one before it.
std::uint64_t step_of(const Frontier::Node& node) {
    return std::uint64_t{node.before} << 16 | std::uint64_t{node.context} << 8 | node.way;
}

}  // namespace

void Frontier::join(ByteReader& in) {
    // Paths that were parted come together again where they begin alike.
    std::unordered_map<std::uint64_t, std::uint32_t> known;
    known.reserve(nodes_.size());
    for (std::uint32_t i = 1; i < nodes_.size(); ++i) known.emplace(step_of(nodes_[i]), i);
    std::vector<std::uint32_t> here{root};
    for (std::uint64_t left = in.count(sizeof(Node)); left > 0; --left) {
        const auto before = in.get<std::uint32_t>();
        if (before >= here.size()) return in.fail();
        Node node;
        node.before = here[before];
        node.context = in.get<std::uint8_t>();
        node.way = in.get<std::uint8_t>();
        node.sleeping = in.get<std::uint8_t>();
        node.print = in.get<std::uint8_t>();
        const auto [entry, fresh] = known.emplace(step_of(node), 0);
        if (fresh) entry->second = add(node);
        here.push_back(entry->second);
    }
    for (std::uint64_t costs = in.count(1); costs > 0; --costs) {
        const auto cost = in.get<unsigned>();
        for (std::uint64_t left = in.count(sizeof(std::uint32_t)); left > 0; --left) {
            const auto node = in.get<std::uint32_t>();
            if (node >= here.size()) return in.fail();
            wait(here[node], cost);
        }
    }
}

}  // namespace anypage::check
