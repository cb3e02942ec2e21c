// PublishedScene: published versions of which only a few slots are in play; the others are pinned
// for ever, as by readers that never run again.
#pragma once

#include <anypage/core/sync/published.hpp>
#include <array>

#include "tests/scenario/scene.hpp"

namespace anypage::scenario {

struct PublishedScene {
    static constexpr unsigned slots = Published<W>::slot_count;

    /// Fills a free slot with the next generation and publishes it; false if there is none.
    bool publish() {
        const auto slot = published.free_slot();
        if (slot) publish_in(*slot);
        return slot.has_value();
    }
    void publish_in(unsigned slot) {
        contents[slot].store_relaxed(published.peek().generation() + 1);
        published.publish(slot);
    }
    void require_content(Version version, const char* cause) const {
        require(contents[version.slot()].load_relaxed() == version.generation(),
                "retired versions are never read", cause);
    }
    /// When all have ended nobody holds what is not current: every other slot in play is free.
    void check() {
        if (!published.settle()) return;
        unsigned free = 0;
        for (unsigned slot = 0; slot < slots; ++slot) free += published.in_use(slot) ? 0 : 1;
        require(free == in_play - 1, "no slot is lost", "A slot that nobody reads is in use.");
    }

    Published<W> published;
    std::array<W::Atomic<std::uint64_t>, slots> contents{};
    unsigned in_play = slots;
};

/// With so many slots in play, the first ones; current is slot 0. On so many CPUs.
inline PublishedScene& make_published(Setup& setup, unsigned in_play, unsigned cpus = 2) {
    setup.cpus = cpus;
    auto& scene = setup.make<PublishedScene>();
    lay_out(setup, [&](Arena& arena) { scene.published.carve(arena); });
    scene.in_play = in_play;
    for (unsigned slot = in_play; slot < PublishedScene::slots; ++slot) {
        scene.publish_in(slot);
        scene.published.pin();  // for good
    }
    scene.publish_in(0);
    setup.name(&scene.published, "current");
    setup.name(scene.contents.data(), "content[]", sizeof scene.contents[0]);
    return scene;
}

}  // namespace anypage::scenario
