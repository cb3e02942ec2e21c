// Our allocator beside memory that comes and goes: a thread takes the only section of another node
// offline and brings it back, 5,000 times a second, so that zonelists are rebuilt 10,000 times.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include "ours.hpp"

namespace anypage::bench {

class Storm {
public:
    explicit Storm(allocator& pages) : thread_([this, &pages] { rage(pages); }) {}
    ~Storm() {
        over_ = true;
        thread_.join();
    }
    Storm(const Storm&) = delete;
    Storm& operator=(const Storm&) = delete;

    /// How often the section went and came back by now.
    std::uint64_t rounds() const { return rounds_; }

private:
    void rage(allocator& pages) {
        using Clock = std::chrono::steady_clock;
        constexpr auto round = std::chrono::microseconds(200);
        for (auto next = Clock::now(); !over_; next = std::max(next + round, Clock::now())) {
            std::this_thread::sleep_until(next);
            const auto gone = pages.offline(far_section);
            if (gone && pages.online(far_section)) ++rounds_;
        }
    }

    std::atomic<bool> over_ = false;
    std::atomic<std::uint64_t> rounds_ = 0;
    std::thread thread_;
};

class OursInStorm : public Ours {
public:
    static constexpr const char* name = "ours_in_storm";

    OursInStorm() : Ours(two_nodes()), storm_(pages()) {}

private:
    Storm storm_;
};

}  // namespace anypage::bench
