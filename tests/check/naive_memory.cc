// The three memory models for the naive explorer, one rule of the text a line.
#include "naive_memory.hpp"

#include <algorithm>

namespace anypage::naive {

namespace {

bool acquires(Order order) {
    return order == Order::acquire || order == Order::acq_rel || order == Order::seq_cst;
}
bool releases(Order order) {
    return order == Order::release || order == Order::acq_rel || order == Order::seq_cst;
}
bool updates(Act act) { return act == Act::add || act == Act::exchange || act == Act::compare; }

int replaced(const Step& step, int value) {
    return step.act == Act::add ? value + step.value : step.value;
}

}  // namespace

Mails::Mails(const Program& program) : model_(program.model) {
    for (int word = 0; word < words_max; ++word) {
        mails_[static_cast<std::size_t>(word)].word = static_cast<std::int8_t>(word);
        lengths_[static_cast<std::size_t>(word)] = 1;
    }
    count_ = words_max;
}

int Mails::at(int word, int rank) const {
    for (int i = 0; i < count_; ++i) {
        if (mail(i).word == word && mail(i).rank == rank) return i;
    }
    return -1;
}

int Mails::newest(int word) const { return mail(at(word, length(word) - 1)).value; }

int Mails::rank(const Known& known, int word) const {
    return mail(known.mail[static_cast<std::size_t>(word)]).rank;
}

void Mails::learn(Known& one, const Known& other) const {
    for (const std::int8_t number : other.mail) learn_mail(one, number);
}

void Mails::learn_mail(Known& known, int number) const {
    std::int8_t& best = known.mail[static_cast<std::size_t>(mail(number).word)];
    if (mail(best).rank < mail(number).rank) best = static_cast<std::int8_t>(number);
}

Mails::Choice Mails::readable(int who, const Step& step, int later_than) const {
    const Mind& m = mind(who);
    const int word = step.place;
    Choice choice;
    for (int r = 0; r < length(word); ++r) {
        const int number = at(word, r);
        if (later_than >= 0 && r <= mail(later_than).rank) continue;
        const bool fails = step.act == Act::compare && mail(number).value != step.expected;
        const bool writes = updates(step.act) && !fails;
        const bool last = r == length(word) - 1;
        if (model_ == Model::sc && !last) continue;
        if (r < rank(m.sees, word)) continue;
        if (step.order == Order::seq_cst && model_ == Model::rc11) {
            if (r < rank(total_, word)) continue;
        }
        // A full barrier comes first, unless nothing is written.
        if (step.order == Order::seq_cst && model_ == Model::lkmm && !fails) {
            if (r < rank(m.heard, word) || r < rank(m.wrote, word) || r < rank(total_, word)) {
                continue;
            }
        }
        if (writes) {
            if (model_ == Model::lkmm && r < rank(m.heard, word)) continue;
            if (!last && mail(at(word, r + 1)).follows) continue;
        }
        choice.mail[static_cast<std::size_t>(choice.count++)] = static_cast<std::int8_t>(number);
    }
    return choice;
}

Mails::Choice Mails::slots(int who, const Step& step) const {
    const Mind& m = mind(who);
    const int word = step.place;
    Choice choice;
    for (int slot = 1; slot <= length(word); ++slot) {
        const bool last = slot == length(word);
        if (model_ == Model::sc && !last) continue;
        if (slot <= rank(m.sees, word)) continue;
        if (model_ == Model::lkmm && slot <= rank(m.heard, word)) continue;
        if (!last && mail(at(word, slot)).follows) continue;
        choice.mail[static_cast<std::size_t>(choice.count++)] = static_cast<std::int8_t>(slot);
    }
    return choice;
}

int Mails::read(int who, const Step& step, int number) {
    const int value = mail(number).value;
    const bool fails = step.act == Act::compare && value != step.expected;
    if (fails) {
        const bool ordered = model_ == Model::rc11 && step.order == Order::seq_cst;
        take(who, number, ordered ? Order::seq_cst : Order::relaxed);
        return value;
    }
    const bool full = model_ == Model::lkmm && step.order == Order::seq_cst;
    if (full) barrier(who);
    take(who, number, step.order);
    if (updates(step.act)) {
        put(who, step, replaced(step, value), mail(number).rank + 1, number);
    }
    return value;
}

void Mails::store(int who, const Step& step, int slot) { put(who, step, step.value, slot, -1); }

void Mails::take(int who, int number, Order order) {
    if (model_ == Model::sc) return;
    Mind& m = mind(who);
    const Mail& it = mail(number);
    learn_mail(m.sees, number);
    learn_mail(m.heard, number);
    const bool foreign = model_ == Model::rc11 || (it.writer >= 0 && it.writer != who);
    if (foreign) {
        learn(m.heard, it.brings);
        if (acquires(order)) learn(m.sees, it.brings);
        if (model_ == Model::lkmm) {
            learn(m.strong, it.strong);
            learn(m.heard, it.strong);
            if (acquires(order)) learn(m.sees, it.strong);
        }
    }
    if (model_ == Model::rc11 && order == Order::seq_cst) learn_mail(total_, number);
}

void Mails::put(int who, const Step& step, int value, int slot, int updated) {
    for (int i = 0; i < count_; ++i) {
        Mail& each = mails_[static_cast<std::size_t>(i)];
        if (each.word == step.place && each.rank >= slot) ++each.rank;
    }
    ++lengths_[static_cast<std::size_t>(step.place)];
    const int number = count_++;
    Mail& fresh = mails_[static_cast<std::size_t>(number)];
    fresh.word = static_cast<std::int8_t>(step.place);
    fresh.value = static_cast<std::int8_t>(value);
    fresh.writer = static_cast<std::int8_t>(who);
    fresh.rank = static_cast<std::int8_t>(slot);
    fresh.follows = updated >= 0;
    if (model_ == Model::sc) return;
    Mind& m = mind(who);
    fresh.brings = m.every;
    if (releases(step.order)) {
        learn(fresh.brings, m.sees);
        if (model_ == Model::lkmm) {
            learn(fresh.brings, m.heard);
            learn(fresh.brings, m.wrote);
        }
    }
    if (updated >= 0) learn(fresh.brings, mail(updated).brings);
    learn_mail(fresh.brings, number);
    learn_mail(m.sees, number);
    if (model_ == Model::lkmm) {
        fresh.strong = m.strong;
        if (updated >= 0) learn(fresh.strong, mail(updated).strong);
        learn(m.wrote, fresh.brings);
    } else {
        learn_mail(m.heard, number);
        if (step.order == Order::seq_cst) learn_mail(total_, number);
    }
}

void Mails::barrier(int who) {
    if (model_ == Model::sc) return;
    Mind& m = mind(who);
    learn(m.sees, m.heard);
    if (model_ == Model::lkmm) learn(m.sees, m.wrote);
    learn(m.sees, total_);
    total_ = m.sees;
    learn(m.every, m.sees);
    if (model_ == Model::lkmm) {
        learn(m.strong, m.sees);
    } else {
        learn(m.heard, m.sees);
    }
}

void Mails::fence(int who, Fence fence) {
    if (model_ == Model::sc) return;
    Mind& m = mind(who);
    switch (fence) {
        case Fence::wmb:  // rc11: a release fence
            learn(m.every, model_ == Model::lkmm ? m.wrote : m.sees);
            return;
        case Fence::rmb:
            learn(m.sees, m.heard);
            return;
        case Fence::mb:
        case Fence::seq_cst:
            barrier(who);
            return;
    }
}

void Mails::lock(int who, int lock) {
    if (model_ == Model::sc) return;
    Mind& m = mind(who);
    const Lock& it = locks_[static_cast<std::size_t>(lock)];
    learn(m.sees, it.brings);
    learn(m.heard, it.brings);
    if (model_ != Model::lkmm) return;
    learn(m.wrote, it.brings);  // taking it is a write that continues the release sequence
    learn(m.every, it.wrote);
    learn(m.strong, it.strong);
    learn(m.sees, it.strong);
    learn(m.sees, m.left);
    learn(m.every, m.left_wrote);
}

void Mails::unlock(int who, int lock) {
    if (model_ == Model::sc) return;
    Mind& m = mind(who);
    Lock& it = locks_[static_cast<std::size_t>(lock)];
    it.brings = m.sees;
    if (model_ != Model::lkmm) return;
    learn(it.brings, m.heard);
    learn(it.brings, m.wrote);
    it.wrote = m.wrote;
    it.strong = m.strong;
    m.left = it.brings;
    m.left_wrote = m.wrote;
    learn(m.wrote, it.brings);  // giving it back is a write, too
}

}  // namespace anypage::naive
