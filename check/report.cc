// Counterexamples as text: see report.hpp.
#include "report.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>

namespace anypage::check {

namespace {

std::string number(std::uint64_t value) {
    if (value < 100'000) return std::to_string(value);
    char text[24];
    const auto end = std::to_chars(text, text + sizeof text, value, 16).ptr;
    return "0x" + std::string(text, end);
}

/// How many columns a terminal gives to it.
std::size_t columns_of(const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

const char* fence_name(FenceKind kind) {
    constexpr const char* names[] = {
        "smp_wmb",       "smp_rmb",       "smp_mb",
        "acquire fence", "release fence", "seq_cst fence",
        "smp_mb",        "membarrier",    "membarrier, restarting sections"};
    return names[static_cast<unsigned>(kind)];
}

std::string update_text(const Op& op, const std::string& what) {
    switch (op.kind) {
        case OpKind::exchange:
            return what + " = " + number(op.a) + ", was " + number(op.result);
        case OpKind::fetch_add:
            return what + " += " + number(op.a) + ", was " + number(op.result);
        case OpKind::fetch_or:
            return what + " |= " + number(op.a) + ", was " + number(op.result);
        case OpKind::fetch_and:
            return what + " &= " + number(op.a) + ", was " + number(op.result);
        case OpKind::compare_exchange:
            if (!op.succeeded)
                return what + " is " + number(op.result) + ": compare-exchange fails";
            return what + " = " + number(op.a) + ", was " + number(op.result);
        default:
            return what + " changes, was " + number(op.result);
    }
}

std::string text_of(const Event& event) {
    const Op& op = event.op;
    const std::string& what = event.location;
    switch (op.kind) {
        case OpKind::load:
            return "reads " + what + ": " + number(op.result);
        case OpKind::store:
            return what + " = " + number(op.a);
        case OpKind::restart:
            return "restarts its section";
        case OpKind::fence:
            return fence_name(op.fence);
        case OpKind::lock:
            return "locks " + what;
        case OpKind::unlock:
            return "unlocks " + what;
        case OpKind::try_lock:
            return (op.succeeded ? "locks " : "cannot lock ") + what;
        case OpKind::pause:
            return "goes round again";
        case OpKind::resched:
            return "cond_resched";
        case OpKind::sleep:
            return "sleeps";
        case OpKind::irq_save:
            return "masks interrupts";
        case OpKind::irq_restore:
            return "unmasks interrupts";
        case OpKind::preempt_disable:
            return "disables preemption";
        case OpKind::migrate_disable:
            return "disables migration";
        case OpKind::choose:
            return (op.text != nullptr ? op.text : "goes on in way") + std::string(" ") +
                   number(op.result);
        case OpKind::which_cpu:
            return "sees that it is on CPU" + number(op.result);
        case OpKind::note:
            return what;
        default:
            return update_text(op, what);
    }
}

std::string source_of(const Event& event) {
    const char* file = event.op.at.file_name();
    if (const char* slash = std::strrchr(file, '/')) file = slash + 1;
    if (event.op.at.line() == 0) return "";
    return std::string(file) + ":" + std::to_string(event.op.at.line());
}

/// What must be seen to understand: what contexts learn of each other.
std::vector<bool> noticed(const std::vector<Event>& events) {
    std::vector<bool> keep(events.size(), false);
    std::map<std::uint32_t, std::size_t> writer_of;  // by serial
    std::map<unsigned, std::size_t> last_of;         // by context
    std::map<std::string, std::size_t> last_lock;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const Event& event = events[i];
        if (event.op.made != 0) writer_of[event.op.made] = i;
        const auto writer = writer_of.find(event.op.seen);
        if (event.op.reads() && writer != writer_of.end() &&
            events[writer->second].context != event.context) {
            keep[i] = keep[writer->second] = true;
        }
        if (event.stale > 0 || event.starts) keep[i] = true;
        if (event.op.kind == OpKind::choose && event.op.result != 0) keep[i] = true;
        if (event.op.kind == OpKind::lock) {
            const auto before = last_lock.find(event.location);
            if (before != last_lock.end() && events[before->second].context != event.context) {
                keep[i] = keep[before->second] = true;
            }
        }
        if (event.op.is_lock()) last_lock[event.location] = i;
        last_of[event.context] = i;
    }
    for (const auto& [context, last] : last_of) keep[last] = true;
    // Where one stops and another goes on.
    for (std::size_t i = 1; i < events.size(); ++i) {
        if (events[i].context != events[i - 1].context) keep[i - 1] = true;
    }
    return keep;
}

class Columns {
public:
    Columns(const Counterexample& counterexample) : contexts_(counterexample.contexts) {
        for (const Event& event : counterexample.events) {
            cpus_ = std::max(cpus_, event.cpu + 1);
        }
    }

    std::string line(unsigned cpu, const std::string& text, const std::string& source) const {
        const std::size_t width = cpus_ == 1 ? 72 : 50;
        std::string result;
        for (unsigned each = 0; each < cpus_; ++each) {
            std::string cell = each == cpu ? text : "";
            if (columns_of(cell) > width - 2) cell = cell.substr(0, width - 3) + "…";
            result += cell + std::string(width - columns_of(cell), ' ');
        }
        result += source;
        while (result.ends_with(' ')) result.pop_back();
        return result;
    }
    std::string heading() const {
        if (cpus_ == 1) return line(0, "CPU0", "");
        std::string result;
        for (unsigned each = 0; each < cpus_; ++each) {
            std::string cell = "CPU" + std::to_string(each);
            result += cell + std::string(50 - cell.size(), ' ');
        }
        while (result.ends_with(' ')) result.pop_back();
        return result;
    }
    std::string speaker(const Event& event, const Event* before) const {
        const bool same = before != nullptr && before->context == event.context;
        return same ? "  " : contexts_[event.context].name + ": ";
    }

private:
    const std::vector<ContextSpec>& contexts_;
    unsigned cpus_ = 1;
};

/// Which events to show so that they and the folds between them are at most `lines_max`.
std::vector<bool> chosen(const std::vector<Event>& events, unsigned lines_max) {
    if (lines_max == 0 || events.size() + 1 <= lines_max) {
        return std::vector<bool>(events.size(), true);
    }
    std::vector<bool> keep = noticed(events);
    const auto lines = [&] {
        unsigned count = 1;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const bool folds =
                !keep[i] && (i == 0 || keep[i - 1] || events[i - 1].context != events[i].context);
            count += keep[i] || folds ? 1 : 0;
        }
        return count;
    };
    // The beginning and the end say most.
    for (std::size_t drop = events.size() / 2, step = 0;
         lines() > lines_max && step < events.size(); ++step) {
        const std::size_t offset = (step + 1) / 2;
        const std::size_t at = step % 2 == 0 ? drop + offset : drop - offset;
        if (at < events.size()) keep[at] = false;
    }
    return keep;
}

}  // namespace

std::vector<std::string> counterexample_lines(const Counterexample& counterexample,
                                              unsigned lines_max) {
    const auto& events = counterexample.events;
    const Columns columns(counterexample);
    const std::vector<bool> keep = chosen(events, lines_max);
    std::vector<std::string> lines{columns.heading()};
    const Event* before = nullptr;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const Event& event = events[i];
        if (keep[i]) {
            std::string text = columns.speaker(event, before) + text_of(event);
            if (event.stale > 0) text += " (old: " + std::to_string(event.stale) + " newer)";
            if (event.ends) text += "; ends";
            lines.push_back(columns.line(event.cpu, text, source_of(event)));
            before = &event;
            continue;
        }
        std::size_t end = i;
        while (end < events.size() && !keep[end] && events[end].context == event.context) ++end;
        lines.push_back(columns.line(
            event.cpu, columns.speaker(event, before) + "… " + std::to_string(end - i) + " more",
            source_of(event)));
        before = &events[end - 1];
        i = end - 1;
    }
    return lines;
}

unsigned stale_reads(const Counterexample& counterexample) {
    return static_cast<unsigned>(std::count_if(counterexample.events.begin(),
                                               counterexample.events.end(),
                                               [](const Event& event) { return event.stale > 0; }));
}

std::string to_string(const std::vector<Transition>& schedule) {
    std::string text;
    for (std::size_t i = 0; i < schedule.size();) {
        std::size_t end = i;
        while (end < schedule.size() && schedule[end] == schedule[i]) ++end;
        if (i != 0) text += '.';
        text += std::to_string(schedule[i].context);
        if (schedule[i].way != 0) text += ":" + std::to_string(schedule[i].way);
        if (end - i > 1) text += "*" + std::to_string(end - i);
        i = end;
    }
    return text;
}

std::optional<std::vector<Transition>> parse_schedule(const std::string& text) {
    std::vector<Transition> schedule;
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto read = [&](unsigned& value) {
        const auto [next, problem] = std::from_chars(at, end, value);
        if (problem != std::errc{}) return false;
        at = next;
        return true;
    };
    while (at != end) {
        unsigned context = 0;
        unsigned way = 0;
        unsigned count = 1;
        if (!read(context) || context >= contexts_max) return std::nullopt;
        if (at != end && *at == ':' && (++at, !read(way) || way > 255)) return std::nullopt;
        if (at != end && *at == '*' && (++at, !read(count) || count > 100'000)) return std::nullopt;
        const Transition step{static_cast<std::uint8_t>(context), static_cast<std::uint8_t>(way),
                              0};
        schedule.insert(schedule.end(), count, step);
        if (at == end) break;
        if (*at++ != '.' || at == end) return std::nullopt;
    }
    return schedule;
}

}  // namespace anypage::check
