// Requests that do not look at a zone's watermarks, because their CPU may take so many unseen,
// leave more than the high mark, whatever other CPUs take meanwhile. Of those that ask at once on
// one CPU each may take its own on top of that.
//
// Under sc alone: where counts may be read late, as they may on weak memory, a look is only as good
// as what it saw, as are the kernel's per-CPU counters.
#include "tests/scenario/zone_scene.hpp"

namespace anypage::scenario {

namespace {

constexpr std::uint64_t high = 2;

void set_high_mark(ZoneScene& scene, std::uint64_t frames) {
    Watermarks marks;
    marks.mark[static_cast<unsigned>(Watermark::high)] = frames;
    scene.zone.set_watermarks(marks);
}

void look_from(ZoneScene& scene, CpuId cpu) {
    scene.zone.note_free(scene.zone.free_frames(), order(0), cpu);
}

/// Looks if it has to; takes only what it may take unseen.
void take_unseen(ZoneScene& scene, unsigned user) {
    const CpuId cpu = W::cpu();
    if (!scene.zone.is_ample_for(order(0), cpu)) {
        look_from(scene, cpu);
        if (!scene.zone.is_ample_for(order(0), cpu)) return;
    }
    scene.take(user, order(0));
}

/// `overshoot`: frames that may be taken beyond the mark.
ZoneScene& make_marked(Setup& setup, std::uint64_t frames, std::uint64_t overshoot) {
    ZoneScene& scene = make_zone(setup, frames, Hints::settled, 2);
    set_high_mark(scene, high);
    setup.after([&scene, frames, overshoot] {
        require(frames - scene.holders() + overshoot > high, "the mark is kept",
                "Requests that did not look have taken the zone down to its high mark.");
        scene.check();
    });
    return scene;
}

check::Scenario two_cpus(std::uint64_t frames) {
    return [frames](Setup& setup) {
        ZoneScene& scene = make_marked(setup, frames, 0);
        for (unsigned cpu = 0; cpu < 2; ++cpu) {
            setup.thread("cpu " + std::to_string(cpu), cpu, [&scene, cpu] {
                take_unseen(scene, 2 * cpu);
                take_unseen(scene, 2 * cpu + 1);
            });
        }
    };
}

check::Scenario handler_between(ContextKind kind) {
    return [kind](Setup& setup) {
        ZoneScene& scene = make_marked(setup, 5, 1);
        setup.thread("thread", 0, [&scene] {
            take_unseen(scene, 0);
            take_unseen(scene, 1);
        });
        handler(setup, kind, [&scene] { take_unseen(scene, 2); });
        setup.thread("other", 1, [&scene] { take_unseen(scene, 3); });
    };
}

/// Takes by the low mark, which is 0 here, and says what it has found.
void take_down(ZoneScene& scene, unsigned user) {
    const std::int64_t free = scene.zone.free_frames();
    scene.zone.note_free(free, order(0), W::cpu());
    if (free > 0) scene.take(user, order(0));
}

/// One is allowed a frame, before or while another takes the zone down and finds it near its mark:
/// in the end nobody is allowed anything.
check::Scenario taken_down(bool allowed_before) {
    return [allowed_before](Setup& setup) {
        ZoneScene& scene = make_zone(setup, 5, Hints::settled, 2);
        set_high_mark(scene, high);
        const auto look = [&scene] { look_from(scene, CpuId{0}); };
        if (allowed_before) look();
        setup.thread("look", 0, look);
        setup.thread("take down", 1, [&scene] {
            take_down(scene, 0);
            take_down(scene, 1);
        });
        setup.after([&scene] {
            require(!scene.zone.is_ample_for(order(0), CpuId{0}), "the mark is kept",
                    "A CPU may take unseen although another has found the zone near its mark.");
            scene.check();
        });
    };
}

/// A look on a CPU whose handler is granted a frame meanwhile, and takes it: what all may still
/// take is above the mark.
check::Scenario look_stalls(ContextKind kind) {
    return [kind](Setup& setup) {
        ZoneScene& scene = make_zone(setup, 5, Hints::settled, 2);
        set_high_mark(scene, high);
        look_from(scene, CpuId{1});  // is allowed one, and keeps it
        setup.thread("look", 0, [&scene] { look_from(scene, CpuId{0}); });
        handler(setup, kind, [&scene] { take_unseen(scene, 0); });
        setup.after([&scene] {
            std::uint64_t allowed = 0;
            for (const CpuId cpu : {CpuId{0}, CpuId{1}}) {
                if (scene.zone.is_ample_for(order(0), cpu)) ++allowed;
            }
            require(5 - scene.holders() - allowed > high, "the mark is kept",
                    "More is allowed than lies above the high mark.");
            scene.check();
        });
    };
}

/// Marks that rise are kept by all who look after that.
check::Scenario mark_rises() {
    return [](Setup& setup) {
        ZoneScene& scene = make_marked(setup, 5, 0);
        auto& risen = setup.make<W::Atomic<std::uint64_t>>(std::uint64_t{0});
        setup.name(&risen, "risen");
        look_from(scene, CpuId{0});  // allows one frame
        setup.thread("take", 0, [&scene, &risen] {
            if (risen.load_acquire() == 0) return;
            take_unseen(scene, 0);
            require(!scene.held[0], "the mark is kept",
                    "What was allowed before the mark rose was taken after it.");
        });
        setup.thread("rise", 0, [&scene, &risen] {
            set_high_mark(scene, 4);
            risen.store_release(1);
        });
    };
}

}  // namespace

void add_zone_stays_above_its_mark(Catalogue& catalogue) {
    const auto add = [&](const std::string& name, const check::Scenario& scenario) {
        Entry made = entry("zone." + name,
                           "Requests that do not look at the watermarks leave more than the high "
                           "mark.",
                           scenario);
        made.models = {check::Model::sc};
        catalogue.push_back(std::move(made));
    };
    add("two_cpus_that_do_not_look_keep_the_mark", two_cpus(5));
    add("two_cpus_that_look_each_time_keep_the_mark", two_cpus(6));
    for (const auto& [name, kind] : intruders()) {
        add("a_cpu_that_does_not_look_and_a_" + name + "_keep_the_mark", handler_between(kind));
        add("a_look_that_a_" + name + "_interrupts_adds_nothing", look_stalls(kind));
    }
    add("what_was_allowed_ends_when_the_mark_rises", mark_rises());
    add("what_was_allowed_ends_when_another_finds_less", taken_down(true));
    add("a_look_that_stalls_allows_nothing_after_another_has_found_less", taken_down(false));
}

}  // namespace anypage::scenario
