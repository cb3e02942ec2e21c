// replace/full:P: random replacement while P % of what requests may have is in use. (For ours that
// is what lies above the low mark: below it a request is meant to be slow.)
#include "replace.hpp"

#include "workloads.hpp"

namespace anypage::bench {

void register_replacements() {
    constexpr std::pair<const char*, unsigned> shares[] = {{"50", 500}, {"80", 800}, {"99.9", 999}};
    EverySubject::for_each([&]<class S>() {
        if constexpr (Zoned<S>) {
            for (const auto& [percent, per_mille] : shares) {
                add<S>(std::string("replace/full:") + percent,
                       [per_mille = per_mille](benchmark::State& state) {
                           S subject;
                           std::vector<Pfn> pages = fill(subject, per_mille);
                           replace(state, subject, pages);
                       });
            }
        }
    });
}

}  // namespace anypage::bench
