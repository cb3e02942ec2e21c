// Workers: runs independent jobs in processes of their own, so many at a time. A job's answer is a
// string of bytes. A job that dies says so instead of taking the others with it.
#pragma once

#include <functional>
#include <string>

namespace anypage::check {

struct Workers {
    unsigned at_once = 1;
    /// In a child process: does job `index`, says what came out of it.
    std::function<std::string(std::size_t index)> work;
    /// In this process: job `index` is done. Empty: its process died.
    std::function<void(std::size_t index, const std::string& answer)> done;
};

/// How many at once when `asked` for: 0 is one a CPU.
unsigned processes_for(unsigned asked);

/// Does jobs 0 to count - 1, in that order as far as there is room.
void run_jobs(std::size_t count, const Workers& workers);

}  // namespace anypage::check
