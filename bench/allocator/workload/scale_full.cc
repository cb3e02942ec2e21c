// scale_full/full:P: the hot pair while P % of what requests may have is in use and what is free
// lies scattered. Unlike replace/full:P the frame that is freed is the one that comes next, so this
// is what fullness costs a request that has found its place.
#include "fullness.hpp"
#include "hot_pair.hpp"
#include "workloads.hpp"

namespace anypage::bench {

void register_fullnesses() {
    constexpr std::pair<const char*, unsigned> shares[] = {
        {"0", 0}, {"50", 5000}, {"90", 9000}, {"99", 9900}, {"99.9", 9990}, {"99.99", 9999}};
    EverySubject::for_each([&]<class S>() {
        if constexpr (Zoned<S>) {
            for (const auto& [percent, share] : shares) {
                add<S>(std::string("scale_full/full:") + percent,
                       [share = share](benchmark::State& state) {
                           S subject;
                           const std::vector<Pfn> in_use = fill(subject, share);
                           hot_pair<S, 0>(state, subject);
                       });
            }
        }
    });
}

}  // namespace anypage::bench
