// No frame is lost: claims of several words that fail and give back, frees that meet claims, frees
// that complete a larger run together.
#include "tests/scenario/zone_scene.hpp"

namespace anypage::scenario {

namespace {

/// What a thread does: takes a run and keeps it, takes one and gives it back, or gives back one
/// that it had from the start.
enum class Act { take, take_and_give, give };

struct Part {
    Act act;
    unsigned order;
};

void play(ZoneScene& scene, unsigned user, Part part) {
    if (part.act != Act::give && !scene.take(user, order(part.order))) return;
    if (part.act != Act::take) scene.give(user);
}

/// A zone of `frames`, of which `kept` were taken one by one before the parts that give: so the
/// first of these has the lowest run. Then hints are lowered as a request of `lowered` lowers them.
check::Scenario play_together(std::uint64_t frames, std::vector<Part> parts,
                              std::optional<unsigned> lowered = std::nullopt,
                              Hints hints = Hints::settled) {
    return [=](Setup& setup) {
        ZoneScene& scene = make_zone(setup, frames, hints);
        for (unsigned user = 0; user < parts.size(); ++user) {
            if (parts[user].act == Act::give) scene.take(user, order(parts[user].order));
        }
        if (lowered) lower_hints(scene, order(*lowered));
        for (unsigned user = 0; user < parts.size(); ++user) {
            const Part part = parts[user];
            setup.thread(
                std::string(part.act == Act::give ? "free " : "allocate ") + std::to_string(user),
                user, [&scene, user, part] { play(scene, user, part); });
        }
        setup.after([&scene] { scene.check(); });
    };
}

/// A claim of two words loses its second one to a frame, and gives the first one back while whoever
/// took the frame looks for a word, finds none, and lowers the hints.
check::Scenario undone_beside_lowering() {
    return [](Setup& setup) {
        ZoneScene& scene = make_zone(setup, 128);
        setup.thread("allocate two words", 0, [&scene] { scene.take(0, order(7)); });
        setup.thread("allocate frame, word", 1, [&scene] {
            scene.take(1, order(0));
            scene.take(2, order(6));
        });
        setup.after([&scene] { scene.check(); });
    };
}

}  // namespace

void add_zone_loses_no_frame(Catalogue& catalogue) {
    using enum Act;
    const auto add = [&](const std::string& name, const check::Scenario& scenario) -> Entry& {
        catalogue.push_back(entry("zone." + name,
                                  "When all have ended, each frame is held or free, hints deny "
                                  "nothing that is free, and all of it is found.",
                                  scenario));
        return catalogue.back();
    };
    add("free_meets_allocate", play_together(1, {{give, 0}, {take, 0}}));
    add("free_meets_two_allocates", play_together(1, {{give, 0}, {take, 0}, {take, 0}})).deep =
        true;
    const auto fresh = Hints::fresh;
    add("free_meets_allocate_with_fresh_hints",
        play_together(1, {{give, 0}, {take, 0}}, std::nullopt, fresh));
    add("free_of_word_meets_allocate_with_fresh_hints",
        play_together(64, {{give, 6}, {take, 6}}, std::nullopt, fresh));
    add("claim_of_two_words_is_undone_beside_lowering", undone_beside_lowering());
    add("frames_complete_a_pair", play_together(2, {{give, 0}, {give, 0}}, 0));
    add("frames_complete_a_pair_beside_a_request",
        play_together(2, {{give, 0}, {give, 0}, {take, 1}}))
        .deep = true;
    add("words_complete_a_pair", play_together(128, {{give, 6}, {give, 6}}, 0));
    add("words_complete_a_pair_beside_a_request",
        play_together(128, {{give, 6}, {give, 6}, {take, 7}}))
        .deep = true;
    add("pairs_of_words_complete_four", play_together(256, {{give, 7}, {give, 7}}, 0));
    add("rows_complete_the_largest", play_together(1024, {{give, 9}, {give, 9}}, 0));
    add("frame_and_word_complete_two", play_together(128, {{give, 6}, {give, 0}}, 7));
    add("claim_of_two_words_is_undone", play_together(128, {{take, 7}, {take_and_give, 0}}));
    add("claim_of_two_words_meets_free", play_together(128, {{take, 7}, {give, 0}}));
    add("claim_of_two_words_meets_free_of_word", play_together(128, {{take, 7}, {give, 6}}));
    make_lkmm_deep(
        add("two_words_come_and_go", play_together(128, {{take_and_give, 7}, {take_and_give, 7}})));
    make_lkmm_deep(add("two_words_and_a_word_come_and_go",
                       play_together(128, {{take_and_give, 7}, {take_and_give, 6}})));
    add("free_of_two_words_meets_claim", play_together(128, {{give, 7}, {take, 7}}));
    add("free_of_two_words_meets_claims_of_frames", play_together(128, {{give, 7}, {take, 0}}));
    add("free_of_four_words_meets_claim_of_two", play_together(256, {{give, 8}, {take, 7}}));
    add("claims_of_four_words_and_two_come_and_go",
        play_together(256, {{take_and_give, 8}, {take_and_give, 7}}))
        .deep = true;
    make_lkmm_deep(add("free_of_row_meets_claim", play_together(512, {{give, 9}, {take, 9}})));
    add("free_of_largest_meets_claim", play_together(1024, {{give, 10}, {take, 10}})).deep = true;
}

}  // namespace anypage::scenario
