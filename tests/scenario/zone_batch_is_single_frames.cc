// A batch is single frames in all but cost: beside single requests and frees no frame has two
// owners, none is lost, and what a batch's owner wrote is ordered before the next owner's accesses.
#include "tests/scenario/zone_scene.hpp"

namespace anypage::scenario {

namespace {

struct Batch {
    std::array<Pfn, 3> pages{};
    std::size_t count = 0;
};

void take_batch(ZoneScene& scene, Batch& batch) {
    batch.count = scene.zone.allocate_batch(batch.pages, Migratetype::movable, W::cpu());
}
void give_batch(ZoneScene& scene, Batch& batch) {
    const std::size_t given = scene.zone.free_batch({batch.pages.data(), batch.count}, W::cpu());
    require(given == batch.count, "a free never fails", "A correct batch is said to be wrong.");
    batch.count = 0;
}
/// What a batch still has is given back one by one, when all have ended.
void give_rest(ZoneScene& scene, Batch& batch) {
    for (std::size_t i = 0; i < batch.count; ++i) scene.free(batch.pages[i], order(0));
}

check::Scenario batch_and_frame(std::uint64_t frames) {
    return [frames](Setup& setup) {
        ZoneScene& scene = make_zone(setup, frames);
        auto& batch = setup.make<Batch>();
        setup.thread("batch", 0, [&] { take_batch(scene, batch); });
        setup.thread("frame", 1, [&] { scene.take(1, order(0)); });
        setup.after([&scene, &batch, frames] {
            require(batch.count + scene.holders() == frames, "no page is lost",
                    "Not all frames were handed out, or one was twice.");
            give_rest(scene, batch);
            scene.check();
        });
    };
}

/// A claim of two words is refused the second one by a batch.
check::Scenario batch_or_two_words() {
    return [](Setup& setup) {
        ZoneScene& scene = make_zone(setup, 128);
        auto& batch = setup.make<Batch>();
        setup.thread("batch", 0, [&] { take_batch(scene, batch); });
        setup.thread("two words", 1, [&] { scene.take(1, order(7)); });
        setup.after([&scene, &batch] {
            require(batch.count == 0 || !scene.held[1], "no page with two owners",
                    "A batch has a frame of a run that is held.");
            give_rest(scene, batch);
            scene.check();
        });
    };
}

check::Scenario two_batches() {
    return [](Setup& setup) {
        ZoneScene& scene = make_zone(setup, 3);
        auto& batches = setup.make<std::array<Batch, 2>>();
        for (unsigned user = 0; user < 2; ++user) {
            setup.thread("batch " + std::to_string(user), user, [&scene, &batches, user] {
                take_batch(scene, batches[user]);
                give_batch(scene, batches[user]);
            });
        }
        setup.after([&scene] { scene.check(); });
    };
}

check::Scenario batch_comes_back(unsigned asked) {
    return [asked](Setup& setup) {
        ZoneScene& scene = make_zone(setup, 2);
        auto& batch = setup.make<Batch>();
        take_batch(scene, batch);
        setup.thread("batch", 0, [&scene, &batch] {
            scene.content(Pfn{0}).store_relaxed(1);
            give_batch(scene, batch);
            require(scene.take(0, order(0)).has_value() || !scene.is_free(Pfn{0}) ||
                        !scene.is_free(Pfn{1}),
                    "no spurious failure", "A frame was free throughout.");
        });
        setup.thread("request", 1, [&scene, asked] {
            const auto page = scene.take(1, order(asked));
            if (!page || *page != Pfn{0}) return;
            require(scene.content(Pfn{0}).load_relaxed() == 1, "a page's contents are ordered",
                    "The next owner reads what was there before the batch's owner wrote.");
        });
        setup.after([&scene] { scene.check(); });
    };
}

/// What the last owner wrote is there for the owner of a batch.
check::Scenario batch_is_the_next_owner() {
    return [](Setup& setup) {
        ZoneScene& scene = make_zone(setup, 2);
        auto& batch = setup.make<Batch>();
        scene.take(0, order(0));
        setup.thread("first owner", 0, [&scene] {
            scene.content(Pfn{0}).store_relaxed(1);
            scene.give(0);
        });
        setup.thread("batch", 1, [&scene, &batch] {
            take_batch(scene, batch);
            for (std::size_t i = 0; i < batch.count; ++i) {
                if (batch.pages[i] != Pfn{0}) continue;
                require(scene.content(Pfn{0}).load_relaxed() == 1, "a page's contents are ordered",
                        "The batch's owner reads what was there before the last owner wrote.");
            }
        });
        setup.after([&scene, &batch] {
            give_rest(scene, batch);
            scene.check();
        });
    };
}

}  // namespace

void add_zone_batch_is_single_frames(Catalogue& catalogue) {
    const auto add = [&](const std::string& name, const check::Scenario& scenario) {
        catalogue.push_back(entry(
            "zone." + name, "A batch takes and gives frames as single requests would.", scenario));
    };
    add("batch_and_frame_share_two", batch_and_frame(2));
    add("batch_and_frame_share_four", batch_and_frame(4));
    add("batch_or_two_words", batch_or_two_words());
    add("two_batches_come_and_go", two_batches());
    add("contents_are_handed_over_to_a_batch", batch_is_the_next_owner());
    add("batch_comes_back_beside_a_frame", batch_comes_back(0));
    add("batch_comes_back_beside_a_pair", batch_comes_back(1));
}

}  // namespace anypage::scenario
