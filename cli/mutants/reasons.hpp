// Reasons: why a mutant may survive, written by people: a file of lines
//   FILE | SOURCE LINE | WEAKENING | REASON
// where SOURCE LINE is the line of code that the site is in, without the blanks round it.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "check/mutation.hpp"

namespace anypage::cli {

class Reasons {
public:
    /// Reads `root`/tests/scenario/survivors.txt. The sources are looked up below `root` too.
    static result<Reasons, failure> read(const std::string& root);

    /// The reason, or nothing.
    std::string of(const check::Mutation& mutation) const;
    /// The line of code of a site, without the blanks round it; empty if it cannot be read.
    std::string code_of(const check::Site& site) const;

private:
    struct Line {
        std::string file;
        std::string code;
        std::string weakening;
        std::string reason;
    };
    std::string root_;
    std::vector<Line> lines_;
};

/// "seq_cst -> acquire" or "removed".
std::string weakening_of(const check::Mutation& mutation);

}  // namespace anypage::cli
