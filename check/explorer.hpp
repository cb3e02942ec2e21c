// Explorer: one process's search: executions from the start, each along a path that is known to
// where it is new, and then on along the cheapest ways; what was not taken waits in the frontier.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "explore.hpp"
#include "frontier.hpp"
#include "state_set.hpp"

namespace anypage::check {

class Explorer {
public:
    Explorer(const ExploreConfig& config, const Scenario& scenario);

    /// Until all is explored, a limit is hit, what is a choice point has changed, or `enough` says
    /// so after an execution.
    void run(const std::function<bool()>& enough);
    /// Another location or lock has turned up: nothing so far counts.
    bool needs_restart() const { return execution_.needs_restart(); }
    void restart();
    bool is_over() const;
    Result result();

    std::uint64_t states() const { return states_.size(); }
    std::uint64_t waiting() const { return frontier_.waiting(); }

    // For several processes (split.cc): they share the states, and each has a part of the frontier.

    /// Room for what they reach until they come together again.
    void share_states(std::uint64_t room) { states_.share(room); }
    bool has_room(std::uint64_t states) const { return states_.has_room(states); }
    /// In one of them: its part, and nothing of what was found before.
    void begin_part(unsigned part, unsigned of);
    void forget_frontier();
    void give_up(const std::string& limit) { sums_.limit = limit; }
    void report_progress() const;

    /// What is left to do and what was found so far, without the states.
    void write(ByteWriter& out) const;
    /// What another one has written comes to what is here.
    void join(ByteReader& in);
    // The states, for a file.
    void write_states(ByteWriter& out) const;
    void read_states(ByteReader& in);

    /// What a file must be of to be of this exploration: the configuration and the contexts.
    std::string identity() const;
    /// Was it cut off where it can go on?
    bool was_cut_off() const;
    /// Goes on with what was read from a file.
    void take_up();

private:
    /// What violates a property, and how one gets there.
    struct Reached {
        Violation violation;
        std::vector<Transition> schedule;
        unsigned cost = 0;
    };
    /// What counts from execution to execution.
    struct Sums {
        std::vector<Reached> found;
        std::vector<Reached> load_buffering;  // one at the most
        std::string limit;
        std::uint64_t executions = 0;
        std::uint64_t steps = 0;
        unsigned longest = 0;
    };

    double seconds() const { return std::chrono::duration<double>(Clock::now() - since_).count(); }
    void check_limits();
    void run_from(std::uint32_t node, unsigned cost);
    bool retrace(std::uint32_t node);
    void retrace_last();
    std::optional<std::uint32_t> expand(std::uint32_t node, unsigned cost);
    std::optional<std::uint32_t> branch(std::uint32_t node, unsigned cost, std::uint8_t left);
    std::uint8_t still_asleep(std::uint8_t asleep, unsigned stepping) const;
    void report_other_path();
    /// Of each property, the cheapest.
    static void add(std::vector<Reached>& to, Reached reached);
    static void write(const std::vector<Reached>& all, ByteWriter& out);
    static void join(std::vector<Reached>& to, ByteReader& in);
    Found shown(const Reached& reached);

    using Clock = std::chrono::steady_clock;

    const ExploreConfig& config_;
    Execution execution_;
    StateSet states_;
    Frontier frontier_;
    std::vector<std::uint32_t> path_;
    Sums sums_;
    std::uint32_t last_ = Frontier::root;  ///< where the last execution ended
    bool is_part_ = false;
    Clock::time_point since_ = Clock::now();
};

}  // namespace anypage::check
