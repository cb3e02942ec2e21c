// What tells two states apart beyond what Memory tells of them: see load_buffering.hpp.
#include "load_buffering.hpp"

namespace anypage::check {

void LoadBuffering::Before::add_to(Hash& hash) const {
    for (const AccessSet* set :
         {&all, &of_reads, &of_writes, &reads, &returning, &writes, &unlocked}) {
        set->add_to(hash);
    }
    for (const AccessSet& set : of_location) set.add_to(hash);
}

void LoadBuffering::add_to(Hash& hash) const {
    if (model_ == Model::sc) return;
    for (const Context& c : contexts_) {
        for (const Clock* clock : {&c.in_front, &c.unfenced}) {
            for (const std::uint16_t each : *clock) hash.add(each);
        }
        hash.add(c.unfenced.size());
        c.before.add_to(hash);
        for (const bool waited : c.waited_for) hash.add(waited ? 1 : 0);
    }
    for (const Location& location : locations_) {
        hash.add(location.messages.size());
        std::uint64_t all = 0;  // in whichever order they came
        for (const Message& each : location.messages) {
            Hash one;
            one.add(each.context);
            for (const std::uint16_t count : each.in_front) one.add(count);
            each.ordered.add_to(one);
            each.data.add_to(one);
            all += one.a;
        }
        hash.add(all);
        all = 0;
        for (const Access& each : location.accesses) {
            Hash one;
            one.add(each.context * 65536u + each.number);
            all += one.a;
        }
        hash.add(all);
    }
    std::uint64_t fences = 0;
    for (const StrongFence& each : fences_) {
        Hash one;
        one.add(each.context * 65536u + each.number);
        each.ordered.add_to(one);
        fences += one.a;
    }
    hash.add(fences);
    for (const std::uint16_t count : fenced_) hash.add(count);
    for (const auto* queues : {&locks_, &groups_}) {
        for (const Queue& each : *queues) {
            for (const std::uint16_t count : each.in_front) hash.add(count);
            each.ordered.add_to(hash);
        }
    }
}

}  // namespace anypage::check
