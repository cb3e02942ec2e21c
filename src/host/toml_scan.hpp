// TOML scan: finds, before toml++ sees a text, a flaw that toml++ 3.3 does not survive: letters
// beyond ASCII outside of strings and comments, which lead it to what it calls unreachable. They
// are never TOML. Leaves every other error to the parser.
#pragma once

#include <optional>
#include <string_view>

namespace anypage {

/// The line of the first such letter, from 1 on.
std::optional<unsigned> line_of_stray_letter(std::string_view text);

}  // namespace anypage
