// The kernel's names on ModelWorld, so that a hunk of kernel C compiles nearly as it is. What can
// be pasted, what has to change, what each name does: docs/CHECKER.md, "The kernel's names".
#pragma once

#include "names/atomic.hpp"
#include "names/context.hpp"
#include "names/locks.hpp"
#include "names/seqlock.hpp"
#include "names/shared.hpp"
