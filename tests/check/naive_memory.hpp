// What words may be read as, for the naive explorer: mails in the order in which they overwrite
// each other, and what each mind knows of them. Small enough to be copied at each branch.
#pragma once

#include "naive_program.hpp"

namespace anypage::naive {

/// For each word the mail of it that is known to have been, by number. Mails 0.. are those that
/// words begin with.
struct Known {
    std::array<std::int8_t, words_max> mail{0, 1, 2};
};

class Mails {
public:
    explicit Mails(const Program& program);

    /// The mails that a mind may read there; for an update also overwrite.
    struct Choice {
        std::array<std::int8_t, actors_max * steps_max + 1> mail;
        int count = 0;
    };
    Choice readable(int mind, const Step& step, int later_than) const;
    /// Where in a word's order a store may put its mail.
    Choice slots(int mind, const Step& step) const;

    /// What the step finds. An update (or a compare that succeeds) writes too.
    int read(int mind, const Step& step, int mail);
    void store(int mind, const Step& step, int slot);
    void fence(int mind, Fence fence);
    void lock(int mind, int lock);
    void unlock(int mind, int lock);
    void barrier(int mind);

    int newest(int word) const;

private:
    struct Mail {
        std::int8_t word = 0;
        std::int8_t value = 0;
        std::int8_t writer = -1;
        std::int8_t rank = 0;  ///< place in the order of its word
        bool follows = false;  ///< the next one after what it was computed from, for good
        Known brings;
        Known strong;  ///< lkmm: what full barriers have made known to everybody
    };
    struct Mind {
        Known sees;    ///< nothing older may be read
        Known heard;   ///< what its reads could make it see
        Known wrote;   ///< lkmm: what its own mails bring
        Known every;   ///< goes into each mail
        Known strong;  ///< lkmm
        Known left;    ///< lkmm: what its last unlock left behind
        Known left_wrote;
    };
    struct Lock {
        Known brings;
        Known wrote;
        Known strong;
    };

    const Mail& mail(int number) const { return mails_[static_cast<std::size_t>(number)]; }
    Mind& mind(int number) { return minds_[static_cast<std::size_t>(number)]; }
    const Mind& mind(int number) const { return minds_[static_cast<std::size_t>(number)]; }
    int rank(const Known& known, int word) const;
    int length(int word) const { return lengths_[static_cast<std::size_t>(word)]; }
    int at(int word, int rank) const;
    void learn(Known& one, const Known& other) const;
    void learn_mail(Known& known, int number) const;
    void take(int mind, int mail, Order order);
    void put(int mind, const Step& step, int value, int slot, int updated);

    Model model_;
    int count_ = 0;
    std::array<std::int8_t, words_max> lengths_{};
    std::array<Mail, words_max + actors_max * steps_max> mails_;
    std::array<Mind, actors_max> minds_;
    std::array<Lock, locks_max> locks_;
    Known total_;  ///< what seq_cst fences and full barriers have agreed on
};

}  // namespace anypage::naive
