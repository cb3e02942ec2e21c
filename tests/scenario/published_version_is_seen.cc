// Everything that was published before is seen: whoever has been told of a version pins that one or
// a later one, and generations never go back for one reader.
#include "tests/scenario/published_scene.hpp"

namespace anypage::scenario {

namespace {

check::Scenario told_of_versions(unsigned publications) {
    return [publications](Setup& setup) {
        PublishedScene& scene = make_published(setup, 4);
        auto& told = setup.make<W::Atomic<std::uint64_t>>(std::uint64_t{0});
        setup.name(&told, "told");
        setup.thread("writer", 0, [&scene, &told, publications] {
            for (unsigned i = 0; i < publications; ++i) {
                scene.publish();
                told.store_release(scene.published.peek().generation());
            }
        });
        setup.thread("reader", 1, [&scene, &told] {
            const std::uint64_t least = told.load_acquire();
            const Version pinned = scene.published.pin();
            require(pinned.generation() >= least, "what was published is seen",
                    "A reader that was told of a version pins an older one.");
            scene.require_content(pinned, "The reader sees a slot before it was filled.");
            require(scene.published.peek().generation() >= pinned.generation(),
                    "what was published is seen", "A reader sees generations go back.");
            scene.published.unpin(pinned);
        });
        setup.after([&scene] { scene.check(); });
    };
}

/// The version is older than what its reader does next: two flags, one that the writer raises after
/// it has published, one that it raises before it looks for a free slot.
check::Scenario generations_ascend() {
    return [](Setup& setup) {
        PublishedScene& scene = make_published(setup, 4);
        setup.thread("writer", 0, [&scene] {
            scene.publish();
            scene.publish();
        });
        setup.thread("reader", 1, [&scene] {
            const Version first = scene.published.pin();
            const Version second = scene.published.pin();
            require(second.generation() >= first.generation(), "what was published is seen",
                    "A reader sees generations go back.");
            scene.published.unpin(first);
            scene.published.unpin(second);
        });
        setup.after([&scene] { scene.check(); });
    };
}

}  // namespace

void add_published_version_is_seen(Catalogue& catalogue) {
    catalogue.push_back(entry("published.reader_that_was_told_sees_the_version",
                              "A reader pins no version older than one that it was told of.",
                              told_of_versions(2)));
    catalogue.push_back(entry("published.generations_ascend",
                              "For one reader versions never go back.", generations_ascend()));
}

}  // namespace anypage::scenario
