// A reader never reads a slot that is being filled: what it has pinned stays as it was published,
// whoever the reader is, and however often the writer publishes meanwhile. A slot's content is its
// generation, once before and once after whatever the reader does.
#include <anypage/core/sync/published.hpp>

#include "tests/scenario/published_scene.hpp"

namespace anypage::scenario {

namespace {

struct Plan {
    unsigned slots;  ///< that are not held by somebody for ever
    unsigned publications;
    unsigned readings = 1;
};

void read(PublishedScene& scene) {
    const Version pinned = scene.published.pin();
    scene.require_content(pinned, "The reader sees a slot before it was filled.");
    scene.require_content(pinned, "The slot is filled again while it is read.");
    scene.published.unpin(pinned);
}

check::Scenario read_beside_writer(Plan plan, unsigned readers, bool stalls) {
    return [=](Setup& setup) {
        PublishedScene& scene = make_published(setup, plan.slots, 1 + readers);
        setup.thread("writer", 0, [&scene, plan] {
            // Perhaps there is no free slot: a reader that moves on may seem to hold two.
            for (unsigned i = 0; i < plan.publications; ++i) scene.publish();
        });
        for (unsigned i = 0; i < readers; ++i) {
            auto& reader = setup.thread("reader " + std::to_string(i), 1 + i, [&scene, plan] {
                for (unsigned n = 0; n < plan.readings; ++n) read(scene);
            });
            reader.may_stall = stalls;
        }
        setup.after([&scene] { scene.check(); });
    };
}

check::Scenario read_on_writer(ContextKind kind, Plan plan) {
    return [=](Setup& setup) {
        PublishedScene& scene = make_published(setup, plan.slots);
        setup.thread("writer", 0, [&scene, plan] {
            for (unsigned i = 0; i < plan.publications; ++i) scene.publish();
        });
        handler(setup, kind, [&scene] {
            const unsigned before = own_steps();
            read(scene);
            // Nobody publishes while a handler runs on the only writer: at most one repeat, since a
            // publication may have been under way.
            require(own_steps() - before <= 3 + 4 + 3, "bounded steps",
                    "A reader on the writer's CPU repeats although nobody publishes.");
        });
        setup.after([&scene] { scene.check(); });
    };
}

/// A reader interrupted by a reader, beside a writer elsewhere.
check::Scenario nested_readers(ContextKind kind, Plan plan) {
    return [=](Setup& setup) {
        PublishedScene& scene = make_published(setup, plan.slots);
        setup.thread("reader", 0, [&scene] { read(scene); });
        setup.thread("writer", 1, [&scene, plan] {
            for (unsigned i = 0; i < plan.publications; ++i) scene.publish();
        });
        handler(setup, kind, [&scene] { read(scene); });
        setup.after([&scene] { scene.check(); });
    };
}

}  // namespace

void add_published_slot_is_not_reused_while_pinned(Catalogue& catalogue) {
    const auto add = [&](const std::string& name, const check::Scenario& scenario,
                         bool deep = false) {
        Entry made = entry("published." + name,
                           "A reader never reads a slot that is being filled, and no slot is lost.",
                           scenario);
        made.deep = deep;
        for (const Entry& each : with_and_without_rseq(made)) catalogue.push_back(each);
    };
    add("reader_beside_two_publications_in_two_slots", read_beside_writer({2, 2}, 1, false));
    add("reader_beside_three_publications_in_two_slots", read_beside_writer({2, 3}, 1, false));
    add("reader_beside_three_publications_in_three_slots", read_beside_writer({3, 3}, 1, false));
    add("two_readings_beside_three_publications", read_beside_writer({2, 3, 2}, 1, false));
    add("two_readers_beside_two_publications", read_beside_writer({2, 2}, 2, false), true);
    add("two_readers_beside_three_publications", read_beside_writer({2, 3}, 2, false), true);
    add("reader_beside_a_membarrier_that_fails", [](Setup& setup) {
        setup.membarrier_may_fail = true;
        read_beside_writer({2, 2}, 1, false)(setup);
    });
    add("reader_that_stalls_beside_the_writer", read_beside_writer({3, 3}, 1, true));
    add("readers_that_stall_beside_the_writer", read_beside_writer({4, 2}, 2, true), true);
    for (const auto& [name, kind] : intruders()) {
        add("reader_is_a_" + name + "_on_the_writer", read_on_writer(kind, {2, 3}));
        add("reader_is_a_" + name + "_on_a_reader", nested_readers(kind, {2, 2}));
    }
}

}  // namespace anypage::scenario
