// AccessSet: see access_set.hpp.
#include "access_set.hpp"

namespace anypage::check {

void AccessSet::add(unsigned context, unsigned access) {
    const unsigned index = access / word_bits;
    if (further_.size() < index) further_.resize(index);
    words(index)[context] |= std::uint64_t{1} << (access % word_bits);
}

bool AccessSet::has(unsigned context, unsigned access) const {
    const unsigned index = access / word_bits;
    if (further_.size() < index) return false;
    return (words(index)[context] >> (access % word_bits) & 1) != 0;
}

AccessSet& AccessSet::operator|=(const AccessSet& other) {
    if (further_.size() < other.further_.size()) further_.resize(other.further_.size());
    for (unsigned index = 0; index <= other.further_.size(); ++index) {
        Words& mine = words(index);
        const Words& theirs = other.words(index);
        for (unsigned c = 0; c < contexts_max; ++c) mine[c] |= theirs[c];
    }
    return *this;
}

void AccessSet::add_to(Hash& hash) const {
    for (unsigned index = 0; index <= further_.size(); ++index) {
        unsigned whose = index << contexts_max;
        for (unsigned c = 0; c < contexts_max; ++c) whose |= words(index)[c] != 0 ? 1u << c : 0;
        hash.add(whose);
        for (const std::uint64_t word : words(index)) {
            if (word != 0) hash.add(word);
        }
    }
}

}  // namespace anypage::check
