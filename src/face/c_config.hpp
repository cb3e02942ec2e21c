// What a C program says, in the terms of the C++ face: its configuration, and errors on their way
// back to it.
#pragma once

#include <anypage/anypage.h>

#include <cstddef>
#include <vector>

#include <anypage/anypage.hpp>

namespace anypage {

int to_errno(error code);

/// An error on its way to a caller: a code, and where there is room for it a sentence.
struct Complaint {
    char* text;
    std::size_t bytes;

    int operator()(int code, const char* what) const;
    int operator()(const failure& why) const;
};

/// What a configuration says, in the terms of the C++ face.
struct CPlan {
    anypage_config given = ANYPAGE_CONFIG_INIT;
    topology machine;
    std::vector<range> ranges;
    config settings;
};

/// 0, or -errno with a complaint. `given` null: the defaults. Throws std::bad_alloc.
int read_plan(const anypage_config* given, CPlan& plan, const Complaint& complain);

}  // namespace anypage
