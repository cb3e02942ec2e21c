// AccessSet: see access_set.hpp.
#include "access_set.hpp"

namespace anypage::check {

void AccessSet::add(unsigned context, unsigned access) {
    if (of_.size() <= context) of_.resize(context + 1);
    Words& words = of_[context];
    const unsigned word = access / word_bits;
    if (words.size() <= word) words.resize(word + 1);
    words[word] |= std::uint64_t{1} << (access % word_bits);
}

bool AccessSet::has(unsigned context, unsigned access) const {
    const unsigned word = access / word_bits;
    if (context >= of_.size() || word >= of_[context].size()) return false;
    return (of_[context][word] >> (access % word_bits) & 1) != 0;
}

AccessSet& AccessSet::operator|=(const AccessSet& other) {
    if (of_.size() < other.of_.size()) of_.resize(other.of_.size());
    for (std::size_t c = 0; c < other.of_.size(); ++c) {
        if (of_[c].size() < other.of_[c].size()) of_[c].resize(other.of_[c].size());
        for (std::size_t w = 0; w < other.of_[c].size(); ++w) of_[c][w] |= other.of_[c][w];
    }
    return *this;
}

void AccessSet::add_to(Hash& hash) const {
    for (const Words& words : of_) {
        hash.add(words.size());
        for (const std::uint64_t word : words) hash.add(word);
    }
    hash.add(of_.size());
}

}  // namespace anypage::check
