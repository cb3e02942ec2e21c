// Load buffering: a write that others see before a read that precedes it in its process has its
// value. The kernel's model allows it where nothing orders the two; the engine never shows it.
// This says of a test, from its text alone, whether it could matter there.
#pragma once

#include "program.hpp"

namespace anypage::check::litmus {

/// Is there a read with a later write to elsewhere that nothing surely orders, where others write
/// what is read and use what is written? If not, no final state is missing for this reason.
bool may_need_load_buffering(const Program& program);

}  // namespace anypage::check::litmus
