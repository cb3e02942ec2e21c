// Misuse: puts a wrong free into words, with what was said and what is so. Works in a signal
// handler: no allocation, no locale.
#pragma once

#include "../zone/release.hpp"

namespace anypage {

struct MisuseText {
    char text[160];
};

MisuseText describe_misuse(Pfn pfn, Order order, const FreeOutcome& outcome);

/// Prints the text to stderr and aborts.
[[noreturn]] void die_of_misuse(const char* text);

}  // namespace anypage
