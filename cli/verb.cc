// Verb: see verb.hpp.
#include "cli/verb.hpp"

#include <cstdio>

namespace anypage::cli {

int complain(const failure& why) {
    std::fprintf(stderr, "anypage: %s\n", why.message.c_str());
    return why.code == error::no_memory ? exit_limit : exit_wrong_use;
}

}  // namespace anypage::cli
