// replace/full:P: random replacement while P % of what requests may have is in use. (For ours that
// is what lies above the low mark: below it a request is meant to be slow.)
#include "replace.hpp"

#include "workloads.hpp"

namespace anypage::bench {

void register_replacements() {
    constexpr std::pair<const char*, unsigned> shares[] = {
        {"50", 5000}, {"80", 8000}, {"99.9", 9990}};
    EverySubject::for_each([&]<class S>() {
        if constexpr (Zoned<S>) {
            for (const auto& [percent, share] : shares) {
                add<S>(std::string("replace/full:") + percent,
                       [share = share](benchmark::State& state) {
                           S subject;
                           std::vector<Pfn> pages = fill(subject, share);
                           replace(state, subject, pages);
                       });
            }
        }
    });
}

}  // namespace anypage::bench
