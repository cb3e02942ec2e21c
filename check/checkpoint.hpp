// Checkpoint: an exploration in a file, to go on with it later. The file is this program's, of the
// same version, with the same scenario and configuration; anything else is refused.
#pragma once

#include <stdexcept>
#include <string>

#include "explorer.hpp"

namespace anypage::check {

/// The file cannot be read or written, or is of something else. what() names it and the remedy.
struct CheckpointError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Takes up what the file holds, if there is one.
void read_checkpoint(Explorer& explorer, const std::string& path);
/// Keeps it there: all of it or nothing.
void write_checkpoint(const Explorer& explorer, const std::string& path);

}  // namespace anypage::check
