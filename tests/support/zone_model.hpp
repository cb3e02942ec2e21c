// ZoneModel: what a zone is, told naively: a state for each frame. The oracle of the tests; nothing
// in it is fast or concurrent.
#pragma once

#include <cstdint>
#include <vector>

#include "zone/release.hpp"

namespace anypage::test {

class ZoneModel {
public:
    explicit ZoneModel(PfnRange span) : span_(span), states_(span.frames, offline_) {}

    PfnRange span() const { return span_; }
    std::uint64_t free_count() const { return free_; }
    std::uint64_t online_count() const { return online_; }

    void online(PfnRange range) {
        for (std::uint64_t i = 0; i < range.frames; ++i) at(range.first + i) = free_state_;
        free_ += range.frames;
        online_ += range.frames;
    }
    bool is_idle(PfnRange range) const { return every(range, free_state_); }
    bool is_offline(PfnRange range) const { return every(range, offline_); }
    /// Only what is_idle.
    void offline(PfnRange range) {
        for (std::uint64_t i = 0; i < range.frames; ++i) at(range.first + i) = offline_;
        free_ -= range.frames;
        online_ -= range.frames;
    }

    bool is_free(Pfn pfn, Order order = {}) const {
        const PfnRange run{pfn, order.frames()};
        return pfn.value % order.frames() == 0 && span_.contains(run) && every(run, free_state_);
    }
    bool has_run(Order order) const {
        const std::uint64_t step = order.frames();
        const std::uint64_t first = (span_.first.value + step - 1) / step * step;
        for (std::uint64_t pfn = first; pfn + step <= span_.end().value; pfn += step) {
            if (is_free(Pfn{pfn}, order)) return true;
        }
        return false;
    }
    /// How many runs of an order fit into what is free.
    std::uint64_t runs(Order order) const {
        std::uint64_t count = 0;
        const std::uint64_t step = order.frames();
        const std::uint64_t first = (span_.first.value + step - 1) / step * step;
        for (std::uint64_t pfn = first; pfn + step <= span_.end().value; pfn += step) {
            count += is_free(Pfn{pfn}, order);
        }
        return count;
    }

    /// False if the run is not wholly free: somebody was given what he must not have.
    bool take(Pfn pfn, Order order) {
        if (!is_free(pfn, order)) return false;
        for (std::uint64_t i = 0; i < order.frames(); ++i) at(pfn + i) = interior_;
        at(pfn) = order.value;
        free_ -= order.frames();
        return true;
    }
    void give(Pfn pfn, Order order) {
        for (std::uint64_t i = 0; i < order.frames(); ++i) at(pfn + i) = free_state_;
        free_ += order.frames();
    }

    /// What free(pfn, order) must say.
    FreeOutcome verdict(Pfn pfn, Order order) const {
        if (pfn < span_.first || pfn >= span_.end() ||
            order.frames() > span_.end().value - pfn.value) {
            return {FreeFault::foreign, {}};
        }
        if (pfn.value % order.frames() != 0) return {FreeFault::unaligned, {}};
        const std::uint8_t state = at(pfn);
        if (state == offline_) return {FreeFault::foreign, {}};
        if (state == free_state_) return {FreeFault::double_free, {}};
        if (state == interior_) {
            Pfn start = pfn;
            while (at(start) == interior_) start = start - 1;
            return {FreeFault::interior, Order{at(start)}};
        }
        if (state != order.value) return {FreeFault::wrong_order, Order{state}};
        return {};
    }

private:
    // A state is the order of the run that starts at the frame, or one of these.
    static constexpr std::uint8_t interior_ = 0xfd;
    static constexpr std::uint8_t free_state_ = 0xfe;
    static constexpr std::uint8_t offline_ = 0xff;

    std::uint8_t& at(Pfn pfn) { return states_[pfn - span_.first]; }
    std::uint8_t at(Pfn pfn) const { return states_[pfn - span_.first]; }
    bool every(PfnRange range, std::uint8_t state) const {
        for (std::uint64_t i = 0; i < range.frames; ++i) {
            if (at(range.first + i) != state) return false;
        }
        return true;
    }

    PfnRange span_;
    std::vector<std::uint8_t> states_;
    std::uint64_t free_ = 0;
    std::uint64_t online_ = 0;
};

}  // namespace anypage::test
