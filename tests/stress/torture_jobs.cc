// The jobs of the torture test. All but the one that moves the others, and the one that begins the
// young ones, are interrupted by their handler at any of their steps.
#include "tests/stress/torture_jobs.hpp"

#include <sched.h>

#include <chrono>
#include <thread>

#include "tests/support/signal_timer.hpp"

namespace anypage::torture {
namespace {

using test::Numbers;
using test::SignalTimer;

Order some_order(Numbers& numbers) {
    constexpr std::uint8_t orders[] = {0, 1, 2, 3, 4, 9};
    const bool large = numbers.below(16) == 0;
    return Order{large ? orders[numbers.below(std::size(orders))]
                       : static_cast<std::uint8_t>(numbers.below(2))};
}

Request<W> some_request(Numbers& numbers) {
    constexpr gfp_t flags[] = {gfp::NOWAIT, gfp::ATOMIC | gfp::NOWARN, gfp::KERNEL | gfp::NOWARN,
                               gfp::HIGHUSER_MOVABLE | gfp::NOWARN, gfp::NOWAIT | gfp::RECLAIMABLE};
    Request<W> request;
    request.flags = flags[numbers.below(std::size(flags))];
    request.order = some_order(numbers);
    if (numbers.below(2) == 0) request.node = NodeId{node_ids[numbers.below(3)]};
    return request;
}

/// A thread's runs: few, so that sections become free, and what stays is never short.
class Holder {
public:
    Holder(Scene& scene, unsigned seed) : scene_(scene), numbers_(seed) { held_.reserve(held_max); }
    ~Holder() {
        while (!held_.empty()) give();
    }
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;

    void step() {
        if (held_.size() < held_max && numbers_.below(2) == 0) {
            take();
        } else if (!held_.empty()) {
            give();
        }
    }

private:
    static constexpr std::size_t held_max = 48;
    static constexpr std::uint64_t frames_max = 1000;

    void take() {
        const Request<W> request = some_request(numbers_);
        if (frames_ + request.order.frames() > frames_max) return;
        const auto run = scene_.allocate_anywhere(request);
        if (!run) return;
        held_.push_back(*run);
        frames_ += run->order.frames();
    }
    void give() {
        Run& run = held_[numbers_.below(static_cast<std::uint32_t>(held_.size()))];
        frames_ -= run.order.frames();
        scene_.give(run, numbers_.next());
        run = held_.back();
        held_.pop_back();
    }

    Scene& scene_;
    Numbers numbers_;
    std::vector<Run> held_;
    std::uint64_t frames_ = 0;
};

/// Does the pinned list have the zones of that edition, no others, the nearest first?
bool shows(Scene& scene, const P::Reader& reader, NodePos origin, bool this_node, unsigned zones) {
    const ZoneFilter filter{ZoneIndex::movable};
    Zoneref at = reader.first(filter);
    for (const std::uint16_t node : nearest_first[origin.value]) {
        if (this_node && node != origin.value) continue;
        for (const ZoneIndex kind : {ZoneIndex::movable, ZoneIndex::normal}) {
            const auto expected = scene.pages().machine().zone_of(NodePos{node}, kind);
            if (!expected || (zones >> expected->value & 1) == 0) continue;
            if (reader.zone(at) != expected) return false;
            at = reader.next(at, filter);
        }
    }
    return at == Zoneref::end();
}

/// Online if it is offline, else offline if nobody has any of it.
void toggle(Scene& scene, std::uint32_t zone, PfnRange section, unsigned wait_ticks) {
    if (scene.machine.hotplug.online(section, 0)) return;
    const auto report = scene.machine.hotplug.offline(section, wait_ticks);
    if (!report) return;
    if (report->offlined == 0) {
        ++scene.counts.refused;
        return;
    }
    ++scene.counts.offlined;
    // Nobody has it, and nobody is given it.
    scene.owners.take(section.first, pageblock_order);
    scene.owners.give(section.first, pageblock_order);
    if (zone == zone_stays && !scene.machine.hotplug.online(section, 0)) ++scene.counts.faults;
}

}  // namespace

void interrupt(Scene& scene) {
    Numbers numbers(scene.counts.signals.fetch_add(1, std::memory_order_relaxed));
    Request<W> request;
    request.nolock = numbers.below(4) == 0;
    request.flags = request.nolock ? gfp::NOLOCK : gfp::ATOMIC | gfp::NOWARN;
    request.caller.in_interrupt = true;
    request.order = some_order(numbers);
    if (numbers.below(2) == 0) request.node = NodeId{node_ids[numbers.below(3)]};
    if (const auto run = scene.allocate_anywhere(request)) scene.give(*run, numbers.next());
}

void churn(Scene& scene, unsigned seed) {
    const SignalTimer timer(SIGUSR1);
    Holder holder(scene, seed);
    while (scene.goes_on()) holder.step();
}

void churn_briefly(Scene& scene) {
    constexpr int steps = 500;
    for (unsigned seed = 1000; scene.goes_on(); ++seed) {
        std::thread young([&scene, seed] {
            const SignalTimer timer(SIGUSR1);
            Holder holder(scene, seed);
            for (int i = 0; i < steps; ++i) holder.step();
        });
        young.join();
        ++scene.counts.threads;
    }
}

void read(Scene& scene) {
    const SignalTimer timer(SIGUSR1);
    Numbers numbers(2000);
    do {
        const NodePos origin{static_cast<std::uint16_t>(numbers.below(3))};
        const bool this_node = numbers.below(4) == 0;
        const P::Reader reader(scene.pages().protocol(), scene.pages().machine(), origin,
                               this_node);
        const auto zones = scene.editions.find(reader.generation());
        for (int look = 0; zones && look < 3; ++look) {
            if (!shows(scene, reader, origin, this_node, *zones)) ++scene.counts.torn;
            // Now and then pinned for as long as many publications take.
            if (numbers.below(4096) == 0) std::this_thread::yield();
        }
        scene.counts.readings.fetch_add(1, std::memory_order_relaxed);
    } while (scene.goes_on());
}

void publish(Scene& scene) {
    const SignalTimer timer(SIGUSR1);
    Numbers numbers(3000);
    do {
        const std::uint32_t zone = numbers.below(std::size(zone_sections));
        const auto index = numbers.below(static_cast<std::uint32_t>(zone_sections[zone]));
        // Nothing is published while it waits for pages, but zones become empty. Its signals make
        // a tick 50 us.
        const unsigned wait_ticks = numbers.below(8) == 0 ? 40 : 0;
        toggle(scene, zone, scene.machine.section(zone, index), wait_ticks);
        for (int i = 0; i < 64; ++i) {
            if (!scene.machine.hotplug.rebuild_now(0)) ++scene.counts.busy;
        }
    } while (scene.goes_on());
    scene.counts.publications = scene.machine.hotplug.rebuilds();
}

void ebb_and_flow(Scene& scene) {
    const SignalTimer timer(SIGUSR1);
    Numbers numbers(4000);
    const ZoneId zone{zone_short};
    Request<W> request;
    request.flags = gfp::NOWAIT | gfp::THISNODE;
    request.node = NodeId{node_ids[2]};
    std::vector<Run> taken;
    while (scene.goes_on()) {
        while (const auto run = scene.allocate(request)) taken.push_back(*run);
        if (!scene.pages().stocks().is_open(zone)) ++scene.counts.shut;
        for (const Run run : taken) scene.free(run);
        taken.clear();
        if (const auto run = scene.allocate(request)) scene.free(*run);
        if (scene.pages().stocks().is_open(zone)) ++scene.counts.reopened;
        scene.pages().drain(ZoneId{numbers.below(std::size(zone_sections))});
    }
}

void move_about(Scene& scene, std::span<const CpuId> cpus, const std::vector<pthread_t>& threads) {
    for (std::size_t i = 0; scene.goes_on(); ++i) {
        for (std::size_t each = 0; each < threads.size(); ++each) {
            cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(cpus[(i + each) % cpus.size()].value, &one);
            pthread_setaffinity_np(threads[each], sizeof one, &one);
            ++scene.counts.moves;
        }
        // Who has slept is soon given a CPU.
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
}

}  // namespace anypage::torture
