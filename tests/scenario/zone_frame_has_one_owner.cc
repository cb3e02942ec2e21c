// No frame has two owners, and a claim that could have succeeded does: requests for the same runs
// at once, of one word and of several.
#include "tests/scenario/zone_scene.hpp"

namespace anypage::scenario {

namespace {

struct Contest {
    std::uint64_t frames;
    std::vector<unsigned> orders;  ///< what each thread asks for
    unsigned least;                ///< how many must be served
    unsigned most;
};

check::Scenario contest(Contest contest) {
    return [contest](Setup& setup) {
        ZoneScene& scene = make_zone(setup, contest.frames);
        for (unsigned user = 0; user < contest.orders.size(); ++user) {
            const Order wanted = order(contest.orders[user]);
            setup.thread("allocate " + std::to_string(user), user,
                         [&scene, user, wanted] { scene.take(user, wanted); });
        }
        setup.after([&scene, contest] {
            require(scene.holders() >= contest.least, "no spurious failure",
                    "A request failed although a run was free throughout.");
            require(scene.holders() <= contest.most, "no page with two owners",
                    "More runs are held than exist.");
            scene.check();
        });
    };
}

/// Each takes a page, writes to it, finds what it wrote, and gives it back, twice.
void use_and_give(ZoneScene& scene, unsigned user, unsigned times) {
    for (unsigned i = 0; i < times; ++i) {
        const auto page = scene.take(user, order(0));
        require(page.has_value(), "no spurious failure", "A frame was free throughout.");
        scene.content(*page).store_relaxed(user + 1);
        require(scene.content(*page).load_relaxed() == user + 1, "no page with two owners",
                "Somebody else has written to the page.");
        scene.give(user);
    }
}

check::Scenario round_trips(unsigned times) {
    return [times](Setup& setup) {
        ZoneScene& scene = make_zone(setup, 2);
        for (unsigned user = 0; user < 2; ++user) {
            setup.thread("user " + std::to_string(user), user,
                         [&scene, user, times] { use_and_give(scene, user, times); });
        }
        setup.after([&scene] { scene.check(); });
    };
}

}  // namespace

void add_zone_frame_has_one_owner(Catalogue& catalogue) {
    const auto add = [&](const std::string& name, const Contest& each) {
        catalogue.push_back(entry("zone." + name,
                                  "Runs asked for at once go to one owner each, and none is "
                                  "refused that is free throughout.",
                                  contest(each)));
    };
    add("last_frame_goes_to_one", {1, {0, 0}, 1, 1});
    add("two_frames_serve_two", {2, {0, 0}, 2, 2});
    add("two_frames_serve_two_of_three", {2, {0, 0, 0}, 2, 2});
    add("pair_goes_to_one", {2, {1, 1}, 1, 1});
    add("pair_or_frame", {2, {1, 0}, 1, 1});
    add("word_goes_to_one", {64, {6, 6}, 1, 1});
    add("two_words_go_to_one", {128, {7, 7}, 1, 1});
    add("two_words_or_frame", {128, {7, 0}, 1, 1});
    add("two_words_or_word", {128, {7, 6}, 1, 1});
    add("four_words_or_two", {256, {8, 7}, 1, 1});
    add("row_goes_to_one", {512, {9, 9}, 1, 1});
    add("largest_run_goes_to_one", {1024, {10, 10}, 1, 1});
    add("largest_run_or_row", {1024, {10, 9}, 1, 1});
    add("row_or_word", {512, {9, 6}, 1, 1});
    add("two_words_or_two_frames", {128, {7, 0, 0}, 1, 2});
    catalogue.back().deep = true;
    catalogue.push_back(entry("zone.two_frames_never_fail_two_users",
                              "With as many frames as users, no request fails, and each page is "
                              "one user's alone.",
                              round_trips(1)));
    catalogue.push_back(entry("zone.two_frames_never_fail_two_users_twice",
                              "With as many frames as users, no request fails, and each page is "
                              "one user's alone.",
                              round_trips(2)));
}

}  // namespace anypage::scenario
