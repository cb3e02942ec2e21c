// LoadBufferingRisk: may a litmus test have final states that need load buffering, which the
// machine does not explore? Told from the text, whatever values there are:
//
// A process takes part in load buffering by a read, of what another process writes, and a later
// write, of what another one accesses, that may come first. Where the model puts each such write
// behind each such read on every way through the process, nothing can be missing. Elsewhere the
// machine looks for it as it goes (../load_buffering.hpp); that is sound where each process does
// the same whatever it reads. Where it has branches, or updates that may write nothing, what the
// machine sees on the ways that it goes says too little of those that it cannot, and the risk
// stays.
#pragma once

#include <cstdint>

#include "program.hpp"

namespace anypage::check::litmus {

enum class LoadBufferingRisk : std::uint8_t {
    none,
    sought,  ///< the machine finds out
    stays,
};

LoadBufferingRisk load_buffering_risk(const Program& program);

}  // namespace anypage::check::litmus
