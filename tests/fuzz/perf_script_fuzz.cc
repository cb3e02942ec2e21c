// Any text as a recording: no crash in the reader, and what it accepts can be prepared.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "cli/replay/perf_script.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto raw = anypage::read_perf_script({reinterpret_cast<const char*>(data), size}, "fuzz");
    if (!raw) return 0;
    const anypage::recording recorded = anypage::prepare(*std::move(raw));
    if (recorded.blocks() == 0 || anypage::describe(recorded).empty()) std::abort();
    return 0;
}
