// Text: puts together the messages that people read. Only for messages: it is not fast.
#pragma once

#include <sstream>
#include <string>

namespace anypage::check::litmus {

/// All parts, one after the other, as they print.
template <class... Parts>
std::string concat(const Parts&... parts) {
    std::ostringstream out;
    (out << ... << parts);
    return std::move(out).str();
}

}  // namespace anypage::check::litmus
