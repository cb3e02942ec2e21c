// Who waits for whom: reads where the threads of a hung replay are, and says it in a sentence or
// two.
#include <algorithm>
#include <string_view>
#include <vector>

#include "cli/replay/watch.hpp"
#include "host/text.hpp"

namespace anypage {
namespace {

constexpr std::string_view in_section = "is inside of the write section";
constexpr std::string_view in_handler = "is in its timer handler";
constexpr std::string_view in_depot = "is in the stack depot, which allocates";
constexpr std::string_view at_begin =
    "waits in zonelist_iter_begin for an even zonelist_update_seq";
constexpr std::string_view at_port = "waits for port->lock";
constexpr std::string_view has_port = "holds port->lock";

struct Waiter {
    std::string name;
    thread_role role;
    std::vector<std::string_view> places;  // outermost first

    bool is_at(std::string_view place) const {
        return std::find(places.begin(), places.end(), place) != places.end();
    }
};

std::string name_of(const thread_report& thread) {
    switch (thread.role) {
        case thread_role::replay:
            return concat("thread ", thread.index);
        case thread_role::hotplug:
            return "the hotplug thread";
        case thread_role::fifo:
            return "the FIFO thread";
        case thread_role::pty:
            return "the pty writer";
    }
    return {};
}

std::vector<Waiter> read_places(const replay_report& report) {
    std::vector<Waiter> all;
    for (std::uint32_t i = 0; i < report.thread_count; ++i) {
        const thread_report& thread = report.threads[i];
        Waiter waiter{name_of(thread), thread.role, {}};
        const std::uint32_t depth =
            std::min(thread.places.depth.load_acquire(), native::PlaceStack::depth_max);
        // String literals lie at the same address in the process that this one was forked from.
        for (std::uint32_t at = 0; at < depth; ++at) {
            waiter.places.emplace_back(thread.places.words[at].load_relaxed());
        }
        all.push_back(std::move(waiter));
    }
    return all;
}

/// The sentence for the hangs that the protocols are known for; empty if it is none of them.
std::string name_cause(const std::vector<Waiter>& all) {
    const auto writer = std::find_if(all.begin(), all.end(),
                                     [](const Waiter& each) { return each.is_at(in_section); });
    if (writer == all.end()) return {};
    if (writer->is_at(in_handler) && writer->is_at(at_begin)) {
        return "The timer handler waits for the rebuild that it interrupted; the rebuild goes on "
               "only when the handler returns.";
    }
    if (writer->is_at(in_depot) && writer->is_at(at_begin)) {
        return "The write section allocates (a sanitizer's stack depot) and waits for its own end.";
    }
    const auto find = [&](auto accept) { return std::find_if(all.begin(), all.end(), accept); };
    const auto holder = find([](const Waiter& each) { return each.is_at(has_port); });
    if (writer->is_at(at_port) && holder != all.end() && holder->is_at(at_begin)) {
        return "The pty writer holds port->lock and waits for the rebuild to end; the rebuild "
               "prints and waits for port->lock.";
    }
    const auto fifo = find([](const Waiter& each) { return each.role == thread_role::fifo; });
    if (fifo != all.end() && fifo->is_at(at_begin)) {
        return "The FIFO thread waits for the rebuild that it preempted; on its CPU the rebuild "
               "never runs again.";
    }
    return {};
}

std::string describe(const Waiter& waiter) {
    std::string text = waiter.name;
    for (std::size_t i = 0; i < waiter.places.size(); ++i) {
        text += concat(i == 0 ? " " : ", and there ", waiter.places[i]);
    }
    return text;
}

std::string describe_all(const std::vector<Waiter>& all) {
    constexpr std::size_t shown_max = 4;
    std::string text;
    std::size_t shown = 0;
    for (const Waiter& waiter : all) {
        if (waiter.places.empty()) continue;
        if (shown++ == shown_max) return text + "; ...";
        text += (text.empty() ? "" : "; ") + describe(waiter);
    }
    return text;
}

}  // namespace

std::string explain_hang(const replay_report& report) {
    const std::vector<Waiter> all = read_places(report);
    const std::string cause = name_cause(all);
    const std::string places = describe_all(all);
    if (places.empty()) return "No thread moves, and none says that it waits.";
    return cause.empty() ? concat("None of the known hangs: ", places, ".")
                         : concat(cause, " (", places, ")");
}

}  // namespace anypage
